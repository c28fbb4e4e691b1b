"""Hyperparameters that were drawn from a distribution, and those that a candidate lacks.

Of a number that was drawn hardly two candidates have the same, so that nothing is to be said of
each value. It has an axis, a :class:`Span`, and where candidates are counted by values, it is a
part of that axis: a text such as ``8 to 15``.
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from pandas.api.types import is_numeric_dtype

from stages.reporting.evidence.verdict import hyperparameters
from stages.reporting.spelling.parameters import LACKING, NUMBER
from stages.reporting.spelling.values import told
from stages.study.distributions import Distribution, tried
from stages.study.sections.searching import GridSearch

#: Parts of an axis.
PARTS = 5

#: A whole number of so many values or fewer is looked at value by value.
FEW = 8


@dataclass(frozen=True)
class Span:
    """The axis of numbers that were drawn.

    Attributes
    ----------
    low, high : int or float
    log : bool
        Whether it is one of orders of magnitude.
    whole : bool
        Whether the numbers are whole.
    """

    low: float
    high: float
    log: bool
    whole: bool

    def place(self, value: float) -> float:
        """Return how far along the axis a number is, 0 to 1."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    @cached_property
    def edges(self) -> list[float]:
        """Where the parts begin, and the end of the last; rounded, so that a part says them."""
        ends = np.linspace(self.low, self.high, PARTS + 1)
        if self.log:
            ends = np.geomspace(self.low, self.high, PARTS + 1)
        if self.whole:
            return [self.low, *(round(end) for end in ends[1:-1].tolist()), self.high]
        for digits in range(2, 10):
            inner = [float(f"{end:.{digits}g}") for end in ends[1:-1].tolist()]
            found = [self.low, *inner, self.high]
            if all(one < other for one, other in itertools.pairwise(found)):
                return found
        return [float(end) for end in ends]

    def part(self, value: float) -> str:
        """Return the part of the axis that a number is in."""
        edges = self.edges
        number = int(np.searchsorted(edges[1:-1], value, side="right"))
        low, high = edges[number], edges[number + 1]
        if self.whole and number < PARTS - 1:
            high -= 1
        return f"{low:.10g} to {high:.10g}" if low < high else f"{low:.10g}"


def spans(section: GridSearch) -> dict[str, Span] | None:
    """Return the axes of the hyperparameters that a random search draws; None of a grid."""
    if section.method == "grid":
        return None
    found = {name: _span(section, name) for grid in section.grids for name in grid}
    return {name: span for name, span in found.items() if span is not None}


def _span(section: GridSearch, name: str) -> Span | None:
    given = [grid[name] for grid in section.grids if name in grid]
    drawn = [own for own in given if isinstance(own, Distribution)]
    # Another grid may list values of it.
    numbers = [value for own in given for value in tried(own) if is_number(value)]
    if not drawn:
        return None
    whole = all(isinstance(value, int) for value in numbers)
    low, high = min(numbers), max(numbers)
    if whole and high - low < FEW:
        return None
    return Span(low, high, any(own.log for own in drawn) and low > 0, whole)


def in_parts(candidates: pd.DataFrame, axes: Mapping[str, Span] | None) -> pd.DataFrame:
    """Return candidates whose drawn numbers are the parts of their axes."""
    columns = {
        name: candidates[name].map(
            lambda value, span=span: span.part(value) if is_number(value) else value
        )
        for name, span in (axes or {}).items()
        if name in candidates
    }
    return candidates.assign(**columns)


def named(table: pd.DataFrame, axes: Mapping[str, Span] | None) -> pd.DataFrame:
    """Return a table of candidates, as it was read, as figures show it.

    Values are as people read them, what a candidate lacks is said, and numbers that were drawn are
    numbers beside a text too.
    """
    numbers = {
        name: table[name]
        .astype(object)
        .map(
            lambda own, kind=int if span.whole else float: (
                kind(own) if NUMBER.fullmatch(str(own)) else own
            )
        )
        for name, span in (axes or {}).items()
        if name in table and not is_numeric_dtype(table[name])
    }
    table = table.assign(**numbers)
    others = [name for name in hyperparameters(table) if name not in (axes or {})]
    table = table.assign(**{name: told(table[name]) for name in others})
    lacking = [name for name in hyperparameters(table) if table[name].isna().any()]
    return table.assign(**{name: _named(table[name]) for name in lacking})


def _named(column: pd.Series) -> pd.Series:
    known = column.dropna()
    # Whole numbers beside an empty cell are read as floats.
    whole = known.map(lambda value: isinstance(value, float) and value.is_integer()).all()
    own = [
        LACKING if pd.isna(value) else int(value) if whole else value for value in column.tolist()
    ]
    return pd.Series(own, index=column.index, dtype=object)


def is_number(value: Any) -> bool:
    """Return whether a value has a place on an axis."""
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
