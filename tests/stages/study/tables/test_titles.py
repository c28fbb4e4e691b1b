"""Titles above the names of columns, and the command that writes a table without them."""

import pandas as pd
import pytest

from stages.study.errors import InputError
from stages.study.sections.data import Reading
from stages.study.tables.open_table import read_table

#: The names and two rows of a table.
TABLE = [["region", "größe", "since"], ["North", "1,5", "2020-01-02"], ["", "NA", "2020-01-03"]]

#: What stands above them in files of text, and between values.
ABOVE = {
    "a line": ("Sales of 2020\n", ";"),
    "a line and a gap": ("Sales of 2020\n\n", "\t"),
    "lines": ("Sales\nby hand\n", ";"),
    "a line with a separator": ("Sales; of 2020\n", ";"),
    "empty cells": ("Sales;;\n;;\n", ";"),
    "a quoted cell": ('"Sales, all"\n', ";"),
}


def check(path, where):
    """Run what the error names, and compare."""
    with pytest.raises(InputError) as caught:
        read_table(path, Reading(encoding="cp1252") if path.suffix == ".csv" else Reading())
    said = str(caught.value)
    assert where in said
    assert len(said.splitlines()) == 2
    code = said.rpartition("python -c '")[2].removesuffix("'")
    assert "'" not in code
    exec(compile(code, "", "exec"), {})
    found = read_table(path.with_name("t-untitled.csv"), Reading())
    assert [found.header, *found.rows.to_numpy().tolist()] == TABLE


@pytest.mark.parametrize("case", ABOVE)
def test_a_command_writes_a_file_without_its_title(tmp_path, case):
    above, separator = ABOVE[case]
    rows = "".join(separator.join(row) + "\n" for row in TABLE)
    path = tmp_path / "t.csv"
    path.write_text(above + rows, encoding="cp1252")
    check(path, "line ")


def test_a_command_writes_a_sheet_without_its_title(tmp_path):
    path = tmp_path / "t.xlsx"
    rows = pd.DataFrame(TABLE[1:], columns=TABLE[0])
    rows["since"] = pd.to_datetime(rows["since"])
    with pd.ExcelWriter(path) as book:
        rows.to_excel(book, sheet_name="of 2020", startrow=3, index=False)
        book.sheets["of 2020"]["A1"] = "Sales"
    check(path, "sheet 'of 2020', row 1: only one of 3 columns has a name, 'Sales'")


@pytest.mark.parametrize(
    "text", ["a\n1;2\n3;4\n", "a,b\n1,2\n1,2,3\n", "a,b\n1,2,x\n1,2,3\n", "a,b,c\n1,2\n3,4\n"]
)
def test_values_are_no_names_below_a_title(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_text(text)
    try:
        read_table(path, Reading())
    except InputError as error:
        assert "python -c" not in str(error)
