"""Categories that rows have and those of the training had not: respelled, or counted and named."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.counts import count
from stages.study.tables.cells import absent_and_numbers

#: So many categories of a column are named.
CATEGORIES = 3


def spelling(found: pd.Series, known: Iterable[object], decimal: str, own: str) -> pd.Series:
    """Return those of unknown categories that are a known one as numbers, as that is spelled.

    A column of whole numbers is written as ``1.0`` as soon as one is missing. What could be
    several stays unknown: ``1.0`` where ``1`` and ``01`` are known.

    Parameters
    ----------
    found : Series
        Categories that are not known.
    known : iterable of object
        Those of the training; a gap may be one.
    decimal, own : str
        The decimal marks of the known ones and of those found.
    """
    spelled = pd.Series([*known], dtype=object).dropna()
    spelled.index = pd.Index(_values(spelled, decimal))
    spelled = spelled[spelled.index.notna() & ~spelled.index.duplicated(keep=False)]
    return pd.Series(_values(found, own), found.index).map(spelled).dropna()


def _values(column: pd.Series, decimal: str) -> NDArray[np.float64]:
    return absent_and_numbers(column, (), decimal)[1]


class Unknown:
    """The categories of a column that a model has not seen: how many rows, and the first few.

    Parameters
    ----------
    found : Series
        The first of them, each row's place in the file as the index; they are not yet counted.
    """

    def __init__(self, found: pd.Series) -> None:
        self._rows = 0
        self._first = f"{found.index.name} {found.index[0]}"
        # Of all there may be as many as rows.
        self._named: Counter[str] = Counter()

    def count(self, found: pd.Series) -> None:
        """Add those of one piece."""
        self._rows += len(found)
        for category, times in Counter(found).items():
            if category in self._named or len(self._named) < CATEGORIES:
                self._named[category] += times

    def __str__(self) -> str:
        several = len(self._named) > 1 or self._rows > self._named.total()
        shown = [f"{own!r} {n}" if several else repr(own) for own, n in self._named.items()]
        others = self._rows - self._named.total()
        shown += [f"others {others}"] if others else []
        return f"{count(self._rows, 'row')} ({', '.join(shown)}; first in {self._first})"
