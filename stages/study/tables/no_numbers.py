"""What to do about cells of a column of numbers that are none: the likeliest first."""

import re

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.params import PATH
from stages.study.tables.cells import COMMA
from stages.study.tables.kinds import has_few_values
from stages.study.tables.number_texts import NUMBER_TEXT
from stages.study.tables.thousands import mark_of, may_be_decimals
from stages.study.yaml_sections import in_yaml

#: A text that stands in so many rows on average is no slip.
REPEATED = 5

#: So many ways to put cells right are named.
WAYS = 3

#: So many texts are listed as markers.
LISTED = 10

#: What a spreadsheet writes for a formula that failed.
_FAILED = re.compile(r"#[A-Z][A-Z0-9/_]*[!?]?")

_NUMBER = r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?"

#: Cells that are wrong in a known way, and how they are put right.
WRONG = {
    re.compile(rf"([<>≤≥~]|[<>]=)\s*{_NUMBER}"): "write a number for a bound",
    _FAILED: "a spreadsheet writes this for a formula that failed",
    re.compile("=.*"): "a spreadsheet program that opens and saves the file computes formulas",
    NUMBER_TEXT: "remove signs and marks of thousands",
    re.compile(rf"{_NUMBER}\s?([^\W\d_]{{1,5}}|[%‰°][^\W\d_]?)"): "remove the unit",
}

#: Letters that look like digits.
LETTERS = str.maketrans("OoIl", "0011")


def what_to_do(
    column: pd.Series, bad: NDArray[np.bool_], decimal: str, *, target: bool = False
) -> str:
    """Return a line on what to do about the bad cells of a column of numbers.

    Parameters
    ----------
    column : Series
        Of text, with each row's line as its index.
    bad : ndarray of bool
        Which of its cells are neither numbers nor missing.
    decimal : str
        The decimal mark of the file.
    target : bool
        Whether the column is what is to be predicted.
    """
    cells = column[bad]
    texts = [str(text) for text in pd.unique(cells)]
    if mark := mark_of(texts, decimal):
        said = f'data.thousands: "{mark}"'
        if may_be_decimals(texts):
            other = "," if decimal == "." else "."
            said += f', or data.decimal: "{other}" if they are decimals'
        return f"If they have marks between thousands, say so in {PATH}: {said}"
    if decimal == "." and all(map(COMMA.fullmatch, texts)):
        return f'If commas are decimal marks, say so in {PATH}: data.decimal: ","'
    name = in_yaml(str(column.name))
    more = ", ..." if len(texts) > LISTED else ""
    missing = f"data.missing: {{{name}: [{', '.join(map(in_yaml, texts[:LISTED]))}{more}]}}"
    category = "data.task: classification" if target else f"data.categorical: [{name}]"
    correct = f"correct {_lines(cells)}{_hint(texts)}"
    if not all(map(may_mean_missing, texts)):
        # Whoever wrote digits has measured something.
        way = f"{correct[0].upper()}{correct[1:]}"
        return f"{way}; or, in {PATH}, {category} if the column holds categories."
    if len(cells) < REPEATED * len(texts) or _hint(texts):
        return (
            f"{correct[0].upper()}{correct[1:]}; or, in {PATH}, {missing} if it means missing, or "
            f"{category} if the column holds categories."
        )
    values = column.nunique()
    if has_few_values(values, len(column)):
        return (
            f"It seems to hold categories, {values} different values: {PATH}: {category}; or "
            f"{missing} if it means missing, or {correct}."
        )
    return (
        f"If it means missing, {PATH}: {missing}; or {correct}, or {category} if the column holds "
        "categories."
    )


def may_mean_missing(text: str) -> bool:
    """Return whether a text may stand for a value that is not there: it says nothing in digits."""
    return not re.search(r"\d", text) or _FAILED.fullmatch(text) is not None


def _lines(cells: pd.Series) -> str:
    """Name the lines to correct, if they are few."""
    unit = str(cells.index.name or "line")
    if len(cells) == 1:
        return f"{unit} {cells.index[0]} of the file"
    return f"these {unit}s of the file"


def _hint(texts: list[str]) -> str:
    """Return how cells are put right that are wrong in known ways; empty for others."""
    ways = list(dict.fromkeys(map(_way, texts)))
    return f" ({'; '.join(ways[:WAYS])})" if all(ways) else ""


def _way(text: str) -> str:
    """Return how a cell is put right; empty if that is not known."""
    meant = text.translate(LETTERS)
    if meant != text and re.search(r"\d", text) and _is_number(meant):
        return f"is {text!r} {meant}?"
    return next((way for shape, way in WRONG.items() if shape.fullmatch(text)), "")


def _is_number(text: str) -> bool:
    return re.fullmatch(_NUMBER, text) is not None
