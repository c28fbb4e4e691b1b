"""How a table's file has to be read, found by trying."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from stages.study.counts import listed
from stages.study.errors import InputError
from stages.study.sections.data import Reading
from stages.study.suggest.params_file import Entry
from stages.study.tables.cells import COMMA, NUMBER
from stages.study.tables.open_table import open_table, read_table
from stages.study.tables.table import RawTable
from stages.study.tables.text_table import TextTable
from stages.study.tables.thousands import grouped, mark_of, may_be_decimals
from stages.study.yaml_sections import in_words

#: Encodings that are tried where a file is no UTF-8; the second reads any bytes.
ENCODINGS = ("cp1252", "latin-1")

#: So many cells of a column say how its numbers are written.
SAMPLE = 1000

#: So many rows are named.
SHOWN = 10

#: What may be a thousand with a mark, or a decimal with three digits.
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")

#: A decimal comma behind thousands with points.
POINTS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+,\d+")


def read(
    path: Path, said: Reading | None, told: Mapping[str, Any]
) -> tuple[RawTable, Reading, dict[str, Entry]]:
    """Return a table, how it was read, and what of that has to be said.

    Parameters
    ----------
    path : Path
    said : Reading or None
        What is known already; nothing else is tried then.
    told : mapping of str to object
        What is told now, by the names of :class:`Reading`; it counts before all else.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    entries = {key: Entry(value) for key, value in told.items()}
    _check(said, told)
    if said is not None:
        known = said.model_copy(update=dict(told))
        return _table(path, known), known, entries
    how: dict[str, Any] = {**told}
    if how.get("thousands") == ".":
        how.setdefault("decimal", ",")
        entries.setdefault("decimal", Entry(",", "points stand between thousands"))
    while True:
        try:
            table = _table(path, Reading(**how))
            break
        except InputError as error:
            key, value, why = _way_out(path, str(error))
            if not key or key in how:
                raise
            how[key] = value
            entries[key] = Entry(value, why)
    if "decimal" not in how and _decimal_commas(table.rows):
        how["decimal"] = ","
        entries["decimal"] = Entry(",", "numbers are written as 1,5")
    found = _thousands(table.rows, how.get("decimal", ".")) if "thousands" not in how else None
    if found:
        how["thousands"], example = found
        entries["thousands"] = Entry(how["thousands"], f"numbers are written as {example}")
        table = _table(path, Reading(**how))
    return table, Reading(**how), entries


def _check(said: Reading | None, told: Mapping[str, Any]) -> None:
    """Check what is told beside what is said already; each alone has been checked."""
    point = {"decimal": ","} if told.get("thousands") == "." else {}
    try:
        Reading.model_validate({**point, **(said.model_dump() if said else {}), **told})
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"--{first['loc'][0]}: {in_words(first)}") from None


def _thousands(rows: pd.DataFrame, decimal: str) -> tuple[str, str] | None:
    """Return the mark between thousands and a number with it, if it can be no decimal mark."""
    first = rows.iloc[:SAMPLE]
    decimals = rf"[+-]?\d*{re.escape(decimal)}\d+"
    for name in rows:
        cells = [cell for cell in pd.unique(first[name].to_numpy(object)) if cell]
        mark = mark_of(cells, decimal)
        if mark is None:
            continue
        # Elsewhere in the file the decimal mark is another one.
        other = any(first[own].str.fullmatch(decimals).any() for own in first)
        if other or not may_be_decimals(cells):
            return mark, next(filter(grouped(decimal, mark).fullmatch, cells))
    return None


def _table(path: Path, how: Reading) -> RawTable:
    try:
        return read_table(path, how)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except InputError as error:
        if "must have" not in str(error) or re.search("comments|above the names", str(error)):
            raise
        raise _odd_rows(path, how) from None


def _odd_rows(path: Path, how: Reading) -> InputError:
    """Return what to say of rows that are not as wide as the header, of all of them."""
    with open_table(path, how) as table:
        found = list(table.odd_rows()) if isinstance(table, TextTable) else []
        width, where = len(table.header), table.where
    shown = listed((f"{line} ({values})" for line, values in found), SHOWN)
    return InputError(
        f"{where}: names {width} columns, but {len(found)} rows have more or fewer values\n"
        f"Lines, and how many values: {shown}"
    )


def _way_out(path: Path, said: str) -> tuple[str, str, str]:
    """Return what to say of a file that cannot be read without; an empty key if nothing helps."""
    if "data.encoding: utf-16" in said:
        start = path.read_bytes()[:100]
        little = start[1::2].count(0) >= start[::2].count(0)
        return "encoding", "utf-16-le" if little else "utf-16-be", "without a mark at its beginning"
    if "if it is of another encoding" in said:
        encoding = ENCODINGS[0] if _decodes(path, ENCODINGS[0]) else ENCODINGS[1]
        return "encoding", encoding, "not UTF-8; look whether letters with accents are right"
    found = re.search(r"If lines that begin with (.) are comments", said)
    if found:
        return "comment", found[1], "lines that begin so"
    return "", "", ""


def _decodes(path: Path, encoding: str) -> bool:
    try:
        path.read_bytes().decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _decimal_commas(rows: pd.DataFrame) -> bool:
    """Return whether more columns have numbers with commas than with points."""
    commas = points = 0
    for name in rows:
        cells = pd.unique(rows[name].iloc[:SAMPLE].to_numpy(object))
        cells = cells[cells != ""]
        with_comma = [cell for cell in cells if COMMA.fullmatch(cell) or POINTS.fullmatch(cell)]
        # All of them may be thousands.
        decimal = [cell for cell in with_comma if not THOUSANDS.fullmatch(cell)]
        commas += bool(decimal) and len(with_comma) > 0.1 * len(cells)
        with_point = [cell for cell in cells if "." in cell and NUMBER.fullmatch(cell)]
        points += len(with_point) > 0.1 * len(cells)
    return commas > points
