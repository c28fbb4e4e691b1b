"""A column of text, looked at, and what is found of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.column_kinds import Column
from stages.study.sections.data import Data
from stages.study.suggest.paste import Paste
from stages.study.tables.cells import absent_and_numbers, markers_of
from stages.study.tables.kinds import decide

#: With fewer rows than this, columns may agree by chance.
ROWS = 20

#: Beyond it, a number is infinite to the network.
LARGEST = np.finfo("float32").max


@dataclass(frozen=True)
class Finding:
    """What is found of a column.

    Attributes
    ----------
    key : str
        The entry of ``data`` that names the column; empty if none has to.
    why : str
    kind : str
        ``number``, ``boolean`` or a category found by itself: of what needs no naming.
    markers : list of str
        What means missing in it besides what does everywhere.
    gaps : bool
        Whether a feature of numbers has gaps.
    ordered : bool
        Whether the rows stand in the order of the times that it holds.
    undecided : str
        What nobody but the user can say.
    doubt : str
        What may be wrong, though all can run as it is.
    paste : Paste or None
        What to say if it is as it seems.
    """

    key: str = ""
    why: str = ""
    kind: str = ""
    markers: list[str] = field(default_factory=list)
    gaps: bool = False
    ordered: bool = False
    undecided: str = ""
    doubt: str = ""
    paste: Paste | None = None


@dataclass(frozen=True)
class Around:
    """What is known of the table around a column.

    Attributes
    ----------
    data : Data
        What is said of the table so far.
    target : ndarray
        Numbers of a regression, codes of classes otherwise, of the rows that are kept.
    rows : ndarray of bool
        Which they are.
    max_missing : float
    labels : sequence
        What the codes stand for.
    """

    data: Data
    target: NDArray[Any]
    rows: NDArray[np.bool_]
    max_missing: float
    labels: Sequence[Any] = ()


class Seen:
    """A column of text, in the rows that are kept.

    Attributes
    ----------
    name : str
    around : Around
    column : Series
    gaps : ndarray of bool
        Which cells are missing.
    text : ndarray of str
        The others.
    numbers : ndarray of float64
        These as numbers, NaN of what is none.
    """

    def __init__(self, column: pd.Series, around: Around) -> None:
        self.name = str(column.name)
        self.around = around
        # As Python's text: what follows asks for that again and again.
        column = column.astype(object)
        self.column = column if around.rows.all() else column[around.rows]
        self._markers = markers_of(self.name, around.data)
        self.gaps, found = absent_and_numbers(self.column, self._markers, around.data.decimal)
        self.text = self.column.to_numpy(object)[~self.gaps]
        known = found[~self.gaps]
        self.numbers = np.where(np.abs(known) <= LARGEST, known, np.nan)

    @cached_property
    def _factorized(self) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
        codes, different = pd.factorize(self.text)
        return codes, np.asarray(different, object)

    @property
    def different(self) -> NDArray[np.object_]:
        """The different cells, in the order of the file."""
        return self._factorized[1]

    @property
    def codes(self) -> NDArray[np.intp]:
        """Of each cell that is there, which of these it is."""
        return self._factorized[0]

    @cached_property
    def kind(self) -> Column | None:
        """What the column is taken for if nothing is said of it; None for text."""
        if not np.isnan(self.numbers).any():
            return Column(kind="number")
        return decide(self.column, self.around.data, self._markers)

    @property
    def is_number(self) -> bool:
        """Whether it is taken for a column of numbers."""
        return self.kind is not None and self.kind.kind == "number"

    def may_be_missing(self, rows: int) -> bool:
        """Return whether so many rows more may be missing."""
        return int(self.gaps.sum()) + rows <= self.around.max_missing * len(self.column)

    @property
    def many(self) -> str:
        """How many values there are, in words."""
        return f"{len(self.different)} values in {len(self.text)} rows"

    def in_order(self, times: pd.Series) -> bool:
        """Return whether rows stand in the order of their times, none of which is missing."""
        known = not self.gaps.any() and times.notna().all() and times.nunique() >= ROWS
        return bool(known and (times.is_monotonic_increasing or times.is_monotonic_decreasing))
