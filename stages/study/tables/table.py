"""A raw table as text, whatever its file: its header, and its rows piece by piece."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridlanes.errors import UNPRINTABLE
from stages.study.errors import InputError

#: Cells in one piece: bounds the memory whatever the width of the table.
CELLS = 500_000

#: So many bad cells of a column are named at once.
SHOWN = 10

#: If no more cells than this are bad, all are named, also such as hold the same.
LISTED = 3

#: What to do about a title that hides where the names are.
ABOVE = "; remove what stands above the names of the columns"

#: What to do about bad cells of a column, told by which they are if need be.
Hint = str | Callable[[pd.Series, NDArray[np.bool_]], str]


class Table(ABC):
    """An open table as text, each cell stripped of the blanks around it.

    Attributes
    ----------
    path : Path
    header : list of str
        The names of all columns, in their order; an unnamed one is empty.
    where : str
        The place of the header, for messages.
    form : str
        What the file turned out to be, in words.
    pandas : dict
        How pandas reads such a file: ``reader``, the name of its function, and ``options``.
    decimal : str
        The decimal mark.
    thousands : str or None
        What stands between thousands.
    separator : str or None
        What stands between values, in a file of text.
    """

    path: Path
    header: list[str]
    where: str
    form: str
    pandas: dict[str, Any]
    decimal: str = "."
    thousands: str | None = None
    separator: str | None = None

    @property
    @abstractmethod
    def position(self) -> int:
        """Bytes of the file that were read; 0 where that cannot be told."""

    @abstractmethod
    def _pieces(self, rows: int) -> Iterator[tuple[pd.Index, Sequence[Iterable[str]]]]:
        """Yield so many rows at a time: their places in the file, and all columns."""

    def chunks(self, cells: int = CELLS) -> Iterator[pd.DataFrame]:
        """Yield the rows below the header, so many cells at a time; at least one row.

        The index holds each row's place in the file and is named for what it counts, ``line`` or
        ``row``; of a cell that holds line breaks it is the last line. Empty rows are passed over.
        Columns without a name, and those that share one, are left out: see :func:`check_unique`.

        Raises
        ------
        InputError
            At the first row that is not as wide as the header, or if there is none at all.
        """
        times = Counter(self.header)
        named = [n for n, name in enumerate(self.header) if name and times[name] == 1]
        found = False
        for places, columns in self._pieces(max(1, cells // len(self.header))):
            found = True
            text = {self.header[n]: columns[n] for n in named}
            yield pd.DataFrame(text, index=places, dtype=str)
        if not found:
            raise InputError(f"{self.path}: a header with no rows below it")

    def _untitled(self) -> str:
        """Return a line on how to do without a title above the names; empty if none is seen."""
        return ""

    def _check_header(self) -> None:
        self.header = [name.strip() for name in self.header]
        if not any(self.header):
            raise InputError(
                f"{self.where}: no header; the file is empty or starts with a blank line"
            )
        named = [*filter(None, self.header)]
        if len(named) == 1 < len(self.header):
            raise InputError(
                f"{self.where}: only one of {len(self.header)} columns has a name, {named[0]!r}, "
                f"which looks like a title{self._untitled() or ABOVE}"
            )
        for number, name in enumerate(self.header, 1):
            if UNPRINTABLE.search(name):
                raise InputError(
                    f"{self.where}: the name of column {number} holds a control character: {name!r}"
                )


@dataclass(frozen=True)
class RawTable:
    """A whole table as text: see :class:`Table` for what its parts are."""

    rows: pd.DataFrame
    header: list[str]
    where: str
    form: str
    pandas: dict[str, Any]


def check_unique(used: Iterable[str], header: Sequence[str], where: str, advice: str = "") -> None:
    """Check that each column of those used has a name, and that of no other.

    Parameters
    ----------
    used : iterable of str
    header : sequence of str
        All names of the file.
    where : str
        The place of the header.
    advice : str
        How to do without such a column.

    Raises
    ------
    InputError
    """
    times = Counter(header)
    for name in used:
        if name and times[name] == 1:
            continue
        numbers = [n for n, own in enumerate(header, 1) if own == name]
        if not name:
            raise InputError(f"{where}: column {numbers[0]} has no name{advice}")
        raise InputError(
            f"{where}: columns {numbers[0]} and {numbers[1]} are both {name!r}{advice}"
        )


def called(name: str, number: int) -> str:
    """Return what to call a column, counted from 1, in a list of names."""
    return name or f"column {number} (no name)"


def numbered(places: Sequence[int] | range, name: str) -> pd.Index:
    """Return an index of places in a file."""
    index: pd.Index = pd.Index(np.asarray(places, "int64"), name=name)
    return index


def place(column: pd.Series, row: int) -> str:
    """Return where a cell stands, as in ``line 5, column 'b'``; rows are counted from 0 here."""
    return f"{column.index.name or 'line'} {column.index[row]}, column {column.name!r}"


def bad_cells(
    column: pd.Series, bad: NDArray[np.bool_], path: Path, allowed: str, hint: Hint = ""
) -> InputError:
    """Return what to say of bad cells of a column: where, what is allowed, and what was found.

    The first ten are named, each with its line, and the rest counted; where texts repeat, each
    text with its first line.

    Parameters
    ----------
    column : Series
        Of text, with each row's line as its index.
    bad : ndarray of bool
    path : Path
    allowed : str
    hint : str or callable
        What to do, on lines of its own.
    """
    cells = column[bad]
    repeated = len(cells) > max(LISTED, cells.nunique())
    first, *others = _texts(cells) if repeated else _each(cells)
    named = f", also {', '.join(others[: SHOWN - 1])}" if others else ""
    more = f" and {len(others) - SHOWN + 1} more" if len(others) >= SHOWN else ""
    advice = hint if isinstance(hint, str) else f"\n{hint(column, bad)}"
    where = f"{path}: {place(column, int(bad.argmax()))}"
    return InputError(f"{where}: must be {allowed}; found {first}{named}{more}{advice}")


def _each(cells: pd.Series) -> list[str]:
    return [
        repr(text) + (f" in {line}" if number else "")
        for number, (line, text) in enumerate(cells.items())
    ]


def _texts(cells: pd.Series) -> list[str]:
    """Name each text once, with its first line, and say how many cells hold it."""
    times = cells.value_counts()
    firsts = cells[~cells.duplicated()]
    return [
        shown + (f" ({times[text]} cells)" if times[text] > 1 else "")
        for shown, text in zip(_each(firsts), firsts, strict=True)
    ]
