"""Text that is numbers, written in another way than params.yaml says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.tables.thousands import mark_of

#: Digits with one decimal mark, of either kind, and such as have marks between thousands.
_PLAIN = r"\d+[.,]?\d*|[.,]\d+"
_GROUPED = r"\d{1,3}(?P<mark>[,.'\u2019 \u00a0\u202f])\d{3}((?P=mark)\d{3})*([.,]\d+)?"

#: A number, maybe with a currency or a percent sign.
_SIGN = r"[$€£¥%‰]"
NUMBER_TEXT = re.compile(rf"[+-]?{_SIGN}?\s?[+-]?({_PLAIN}|{_GROUPED})([eE][+-]?\d+)?\s?{_SIGN}?")

#: From this share of numbers on, text is numbers.
MOSTLY = 0.8


@dataclass(frozen=True)
class NumberTexts:
    """What is written in another way: an example, and what reads it.

    Attributes
    ----------
    example : str
    other_mark : bool
        Whether the decimal mark is all there is.
    marks : tuple of str, optional
        The decimal mark and the one between thousands with which all are numbers.
    """

    example: str
    other_mark: bool
    marks: tuple[str, str] | None = None


def number_texts(
    cells: NDArray[np.object_], are_numbers: NDArray[np.bool_], decimal: str
) -> NumberTexts | None:
    """Return how cells are written, most of which are numbers to people; None for other text.

    Parameters
    ----------
    cells : ndarray of str
        Those that are there.
    are_numbers : ndarray of bool
        Which of them are numbers as they stand.
    decimal : str
        The decimal mark.
    """
    others = list(dict.fromkeys(cells[~are_numbers]))
    found = [cell for cell in others if NUMBER_TEXT.fullmatch(cell)]
    if not found or len(found) < MOSTLY * len(others):
        return None
    if _has_other_mark(found, decimal):
        return NumberTexts(found[0], True)
    for own in (decimal, "," if decimal == "." else "."):
        # With another decimal mark, those that are numbers as they stand are to be read too.
        if mark := mark_of(others if own == decimal else pd.unique(cells), own):
            return NumberTexts(found[0], False, (own, mark))
    return NumberTexts(found[0], False)


def _has_other_mark(cells: Sequence[str], decimal: str) -> bool:
    """Return whether another decimal mark is enough to read all cells.

    Behind it stand other numbers of digits than three in some cell: all could be thousands.
    """
    mark = "," if decimal == "." else r"\."
    plain = re.compile(rf"[+-]?\d*{mark}\d+([eE][+-]?\d+)?")
    thousands = re.compile(rf"[+-]?\d{{1,3}}{mark}\d{{3}}")
    return all(map(plain.fullmatch, cells)) and not all(map(thousands.fullmatch, cells))
