"""Files as older collections have them: values between blanks, and no line of names."""

import csv
import itertools
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from stages.study.errors import InputError
from stages.study.tables.cells import NUMBER

#: So many columns and rows are looked at.
COLUMNS, ROWS = 50, 1000

#: From this share of numbers on, a column is of numbers.
MOSTLY = 0.9

#: So many columns between blanks are no text in words, if this share of the words are numbers.
BLANKS, NUMBERS = 3, 0.25


def refuse_blanks(path: Path, begin: str, separator: str) -> None:
    """Check that values do not stand between blanks.

    Parameters
    ----------
    path : Path
    begin : str
        How the file begins.
    separator : str
        The one that was found.

    Raises
    ------
    InputError
        If all rows are more columns between blanks.
    """
    lines = [line.strip().replace("\t", " ") for line in begin.splitlines()[:ROWS]]
    lines = [*filter(None, lines[:-1] if len(lines) > 2 else lines)]
    try:
        rows = [*csv.reader(lines, delimiter=" ", skipinitialspace=True)]
    except csv.Error:
        return
    if len(rows) < 2 or len({*map(len, rows[1:])}) > 1:
        return
    first, second = rows[:2]
    width = begin.splitlines()[0].count(separator) + 1
    # R writes names of rows below no name.
    if len(first) not in (len(second), len(second) - 1) or len(second) < max(BLANKS, width + 1):
        return
    if sum(map(_is_number, second)) >= NUMBERS * len(second):
        named = not any(map(_is_number, first))
        raise InputError(
            f"{path}: values seem to be separated by blanks, of any number, which cannot be read\n"
            f"To write them with commas: {_rewrite(path, blanks=True, named=named)}"
        )


def nameless(header: Sequence[str], rows: pd.DataFrame, path: Path) -> str:
    """Say that the first line holds values, and how to write names above it; empty if not."""
    if not _are_values(header, rows):
        return ""
    shown = ", ".join(header[:5]) + (", ..." if len(header) > 5 else "")
    return (
        f"the first line looks like values, not like names of columns: {shown}; names c0, c1, ... "
        f"are written above it by: {_rewrite(path, blanks=False, named=False)}"
    )


def _are_values(header: Sequence[str], rows: pd.DataFrame) -> bool:
    """Return whether all numbers have numbers above them, and most text what stands in it too."""
    numbers, text = [], []
    for name in rows.columns[:COLUMNS]:
        cells = pd.unique(rows[name].iloc[:ROWS].to_numpy(object))
        cells = cells[cells != ""]
        if sum(map(_is_number, cells)) >= MOSTLY * len(cells):
            numbers.append(str(name))
        else:
            text.append(name in cells)
    if not all(map(_is_number, numbers)):
        return False
    # Names that are many times the same are left out of the rows.
    again = len(header) - len({*header})
    if not any(text) and not again and _are_steps(numbers):
        return False
    return len(numbers) + sum(text) + again > max(1, len(text) - sum(text))


def _are_steps(names: Sequence[str]) -> bool:
    """Return whether numbers are counted on, as years or pixels are."""
    if not all(name.isdigit() for name in names):
        return False
    values = [*map(int, names)]
    return len({after - before for before, after in itertools.pairwise(values)}) < 2


def _is_number(text: str) -> bool:
    return bool(NUMBER.fullmatch(text))


def _rewrite(path: Path, *, blanks: bool, named: bool) -> str:
    """Return a command that writes a file as CSV with names."""
    sep = 'sep=r"\\s+", ' if blanks else ""
    head, name = ("", "") if named else ("header=None, ", '.add_prefix("c")')
    return command(path, f"{sep}{head}dtype=str, keep_default_na=False", name)


def command(
    path: Path, options: str, then: str = "", *, reader: str = "read_csv", name: str = "named"
) -> str:
    """Return a command that writes a file as CSV, as pandas reads it.

    Parameters
    ----------
    path : Path
    options : str
        Of pandas' reader, as Python.
    then : str
        What is done with the table.
    reader : str
    name : str
        What is added to the name of the file.
    """
    new = path.with_name(f"{path.stem}-{name}.csv")
    read = f'pandas.{reader}("{path}", {options})'
    return f"python -c 'import pandas; {read}{then}.to_csv(\"{new}\", index=False)'"
