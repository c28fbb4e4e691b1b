"""Dates of digits that could be taken for numbers, in whose order they do not stand."""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from stages.study.date_formats import as_dates
from stages.study.errors import InputError
from stages.study.params import PATH
from stages.study.yaml_sections import in_yaml

#: A month, and a year in which a table may have been made.
_MONTH, _YEAR = r"(0?[1-9]|1[0-2])", r"(1[89]|2[01])\d\d"

#: Formats, and what cells look like that may be written so.
SHAPES = {
    form: re.compile(shape)
    for form, shape in {
        "%m.%Y": rf"{_MONTH}\.(1[89]|2[01])\d\d?",
        "%Y.%m": rf"{_YEAR}\.{_MONTH}",
        "%d%m%Y": rf"\d{{3,4}}{_YEAR}",
        "%m%d%Y": rf"\d{{3,4}}{_YEAR}",
        "%d%m%y": r"\d{6}",
        "%m%d%y": r"\d{6}",
        "%y%m%d": r"\d{6}",
        "%Y%m": rf"{_YEAR}\d\d",
    }.items()
}

#: Further ones, of cells that have zeros in front.
ZEROS = {"%m.%y": re.compile(rf"{_MONTH}\.\d\d"), "%d%m": re.compile(r"\d{4}")}


def check_no_dates(column: pd.Series, path: Path) -> None:
    """Check that a column cannot hold dates in another order than that of its numbers.

    So 20201231 passes: as a date it stands where it does as a number.

    Parameters
    ----------
    column : Series
        Of text, without gaps.
    path : Path
        For messages.

    Raises
    ------
    InputError
        Saying how to write in params.yaml what it holds.
    """
    cells = pd.Series(column.unique(), dtype=object)
    whole = _with_zeros(cells)
    read = _readings(cells, whole)
    order = pd.to_numeric(cells, errors="coerce").rank(method="dense")
    others = [form for form, own in read.items() if not own.rank(method="dense").equals(order)]
    if not others:
        return
    # Those in the order of the numbers are another way to understand the column.
    ways = [*others, *(form for form in read if form not in others)]
    forms = " or ".join(f'"{form}"' for form in ways if "y" in form.lower())
    lost = any(form in whole and not whole[form].equals(cells) for form in others)
    way = f"say so by time: {{{in_yaml(str(column.name))}: {forms}}}"
    if lost or not forms:
        way = "write them as 2020-12-31 in the file"
    raise InputError(
        f"{path}: column {column.name!r}: {PATH}: data.time: {cells[0]!r} can be a date, written "
        f"as {' or '.join(ways)}, and dates stand in another order than such numbers; {way}"
    )


def _with_zeros(cells: pd.Series) -> dict[str, pd.Series]:
    """Return cells by format with the zeros that a date loses where it is taken for a number."""
    days = cells.str.zfill(8)
    months = cells.str.replace(r"^(\d+\.\d{3})$", r"\g<1>0", regex=True)
    return {"%m.%Y": months, "%d%m%Y": days, "%m%d%Y": days}


def _readings(cells: pd.Series, whole: Mapping[str, pd.Series]) -> dict[str, pd.Series]:
    """Return cells as dates by each format of digits that all of them may be written in."""
    zeros = cells.str.match(r"0\d").any()
    found = {}
    for form, shape in (SHAPES | (ZEROS if zeros else {})).items():
        # Most columns are told by their first cell.
        if not shape.fullmatch(cells[0]) or not cells.str.fullmatch(shape).all():
            continue
        read = as_dates(whole.get(form, cells), form)
        if read.notna().all():
            found[form] = read
    return found
