"""Lines that stand above the names of the columns, as in tables made to be looked at."""

import csv
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stages.study.tables.cells import NUMBER
from stages.study.tables.headers import command
from stages.study.tables.text_format import SEPARATORS

#: So many rows are looked at.
ROWS = 1000

#: Names stand no deeper than this.
DEEPEST = 20


def names_below(rows: Sequence[tuple[int, Sequence[str]]]) -> int | None:
    """Return the place of the first row that names all columns, below others that do not.

    Parameters
    ----------
    rows : sequence of tuple of int and sequence of str
        Each with its place in the file.
    """
    width = len(rows[-1][1]) if rows else 0
    if width < 2:
        return None
    for number, (place, cells) in enumerate(rows[:DEEPEST]):
        own = [cell.strip() for cell in cells]
        if len(own) == width and all(own) and not any(map(NUMBER.fullmatch, own)):
            below = rows[number:]
            named = number and len(below) > 1 and all(len(row) == width for _, row in below)
            return place if named else None
    return None


def without_title(path: Path, begin: str, encoding: str) -> str:
    """Return a line with a command that writes a text file without its title; empty if none is.

    Parameters
    ----------
    path : Path
    begin : str
        How the file begins.
    encoding : str
    """
    lines = begin.lstrip("\ufeff").splitlines(keepends=True)[:ROWS]
    # The last one may be cut off.
    lines = lines if len(lines) == ROWS or begin.endswith("\n") else lines[:-1]
    for separator in SEPARATORS:
        reader = csv.reader(lines, delimiter=separator)
        try:
            rows = [(reader.line_num, row) for row in reader if row]
        except csv.Error:
            continue
        if place := names_below(rows):
            options = {"sep": separator, "encoding": encoding, "skiprows": place - 1}
            return _line(path, "read_csv", options | {"dtype": "str"})
    return ""


def sheet_without_title(path: Path, rows: Any, sheet: str) -> str:
    """Return the same for a sheet of a workbook, by its rows."""
    place = names_below([*itertools.islice(rows, ROWS)])
    if not place:
        return ""
    options = {"sheet_name": sheet, "skiprows": place - 1, "na_values": "", "engine": "calamine"}
    return _line(path, "read_excel", options)


def _line(path: Path, reader: str, options: dict[str, Any]) -> str:
    said = ", ".join(f"{key}={_quoted(value)}" for key, value in options.items())
    way = command(path, f"{said}, keep_default_na=False", reader=reader, name="untitled")
    return f"\nTo write it as CSV, without what stands above the names: {way}"


def _quoted(value: Any) -> str:
    # Single quotes are the shell's.
    return '"' + value.replace("\t", "\\t") + '"' if isinstance(value, str) else str(value)
