"""Numbers and gaps of a table as the report says them."""

import pandas as pd
import pytest

from stages import preprocess
from stages.reporting.words.table import of_table
from stages.study.counts import in_digits
from stages.study.sections.data import Data, Preprocess


@pytest.mark.parametrize(
    ("number", "said"),
    [(61195.0, "61195"), (1468990.0, "1468990"), (1468990.4, "1468990"), (-3.0, "-3")]
    + [(0.25, "0.25"), (3.845052, "3.845052"), (1e300, "1e+300"), (None, ""), (0, "0")],
)
def test_whole_numbers_have_no_decimals(number, said):
    assert in_digits(number) == said


@pytest.mark.parametrize(("kind", "gap"), [("csv", "an empty cell"), ("parquet", "null")])
def test_a_gap_is_called_what_it_is_in_the_file(tmp_path, kind, gap):
    path = tmp_path / f"t.{kind}"
    frame = pd.DataFrame({"a": [1.5, None, 3] * 4, "y": [0, 1, 1] * 4})
    frame.to_csv(path, index=False) if kind == "csv" else frame.to_parquet(path)
    data = Data(path=str(path), target="y", task="classification")
    said = of_table(preprocess.prepare(data, Preprocess()).profile)
    assert f"What stood for missing values: a: {gap} in 4 rows." in said
