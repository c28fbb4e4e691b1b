"""Marks between thousands: cells without them, and which ones a column has."""

import re
from collections.abc import Iterable
from functools import cache

import pandas as pd

from stages.study.sections.data import THOUSANDS

#: What else is written for a mark: blanks that no line breaks at, and the apostrophe of print.
_ALSO = {" ": "\u00a0\u202f", "'": "\u2019"}


@cache
def grouped(decimal: str, thousands: str) -> re.Pattern[str]:
    """Return what a number looks like with marks between all its thousands."""
    mark = f"[{thousands}{_ALSO.get(thousands, '')}]"
    return re.compile(rf"[+-]?[1-9]\d{{0,2}}({mark}\d{{3}})+({re.escape(decimal)}\d*)?")


@cache
def _plain(decimal: str) -> re.Pattern[str]:
    mark = re.escape(decimal)
    return re.compile(rf"[+-]?(\d+{mark}?\d*|{mark}\d+)([eE][+-]?\d+)?")


def without(column: pd.Series, decimal: str, thousands: str | None) -> pd.Series:
    """Return a column of text, its numbers without marks between thousands.

    Only groups of three digits are taken for thousands; ``1,23`` stays as it is.
    """
    if thousands is None:
        return column
    shape, marks = grouped(decimal, thousands), thousands + _ALSO.get(thousands, "")
    taken_out = str.maketrans("", "", marks)
    return column.map(lambda cell: cell.translate(taken_out) if shape.fullmatch(cell) else cell)


def mark_of(cells: Iterable[str], decimal: str) -> str | None:
    """Return the mark between thousands with which all cells are numbers; None if there is none."""
    plain = _plain(decimal)
    odd = [cell for cell in cells if not plain.fullmatch(cell)]
    for mark in THOUSANDS:
        if odd and mark != decimal and all(map(grouped(decimal, mark).fullmatch, odd)):
            return mark
    return None


def may_be_decimals(cells: Iterable[str]) -> bool:
    """Return whether all cells have one group and nothing behind: as ``1,234``, or no mark."""
    return all(re.fullmatch(r"[+-]?\d{1,3}[.,]\d{3}", cell) for cell in cells)
