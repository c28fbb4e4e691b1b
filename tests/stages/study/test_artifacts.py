"""Tables that are written for people: what a program reads back is what was written."""

import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.study.artifacts import read_csv, write_csv

#: Text that begins as formulas do, or with what keeps them from being computed.
TEXT = st.text(st.sampled_from("'=+-@1.e a"), min_size=1, max_size=6)


def written(*cells):
    file = io.StringIO()
    write_csv(pd.DataFrame({"cell": cells}), file)
    return file.getvalue().splitlines()[1:]


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1"])
def test_no_spreadsheet_computes_a_text(text):
    """The characters that https://owasp.org/www-community/attacks/CSV_Injection names."""
    (line,) = written(text)
    assert line.removeprefix('"').startswith("'")


def test_numbers_and_other_texts_stay_as_they_are():
    assert written("-1e-3", -1.5, "+2", "a=b", "'quoted'", None, "+", "-") == [
        "-1e-3", "-1.5", "+2", "a=b", "'quoted'", '""', "+", "-",
    ]  # fmt: skip


@given(st.lists(TEXT.filter(lambda text: text.strip() == text), min_size=1, max_size=4))
def test_what_is_read_is_what_was_written(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    # A column that holds one text holds texts.
    cells = [*texts, "text"]
    write_csv(pd.DataFrame({"cell": cells}), path)
    assert read_csv(path)["cell"].tolist() == cells
