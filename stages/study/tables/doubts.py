"""What of a table may not be what it is taken for, though all can run as it is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.counts import count, listed
from stages.study.sections.data import Data, Preprocess
from stages.study.tables import alike, names
from stages.study.tables.cells import absent_and_numbers
from stages.study.tables.number_texts import number_texts
from stages.study.yaml_sections import in_flow

#: A column of which so large a share differs from row to row may be an id.
UNIQUE = 0.95

#: With fewer rows than this, numbers differ by chance.
ROWS = 100

#: Ids that are counted on leave out fewer numbers than there are rows.
DENSE = 2

#: What is said of an id that rows share.
GROUPS = "; if rows of one belong together, data.groups keeps them on one side of every split"

#: So many columns are named.
SHOWN = 5

#: More classes than this are rather numbers.
CLASSES = 100

#: Numbers that people write for "not measured".
MARKERS = (-1, -9, -99, -999, -9999, -99999, 99, 999, 9999, 99999, 999999)

#: Columns of fewer values are kinds of things rather than sizes.
VALUES = 10


@dataclass(frozen=True)
class Marker:
    """A number that may mean missing in a column, and the rows that have it."""

    name: str
    value: int
    rows: int

    def __str__(self) -> str:
        return f"{self.name!r} is {self.value} in {count(self.rows, 'row')}"


def doubts(
    X: pd.DataFrame,
    y: pd.Series,
    data: Data,
    expected: Preprocess,
    groups: pd.Series | None = None,
) -> Iterator[str]:
    """Say of columns, as they stand in the file, that they may not be what they are taken for."""
    known = {str(name): _known(column.to_numpy()) for name, column in X.items()}
    ids = [name for name, cells in known.items() if may_be_id(name, cells)]
    if ids:
        shared = GROUPS if any(len(pd.unique(known[own])) < len(known[own]) for own in ids) else ""
        yield (
            f"different in nearly every row, as ids are, of which nothing is learnt that holds for "
            f"new rows: {listed(map(repr, ids), SHOWN)}{shared}"
        )
    yield from _markers(known, data, len(X), expected.max_missing)
    if data.task == "classification" and y.dtype.kind == "i" and y.nunique() > CLASSES:
        yield (
            f"the target {y.name!r} has {y.nunique()} classes, all of them whole numbers; "
            "data.task: regression predicts numbers"
        )
    if data.task == "classification":
        yield from of_written_numbers(y, data.decimal)
    yield from _alike(X, y, groups, data)
    if data.comment is not None:
        yield from _comments({**X, str(y.name): y}, data.comment)


def _comments(columns: Mapping[str, pd.Series], mark: str) -> Iterator[str]:
    """Say which text has a comment behind it, which is a part of it: comments are whole lines."""
    behind = re.compile(rf"\s{re.escape(mark)}")
    found = {}
    for name, own in columns.items():
        if own.dtype.kind not in "biuf":
            times = own.value_counts()
            odd = sorted(text for text in times.index if behind.search(text))
            if odd:
                found[name] = f"{name!r} ({odd[0]!r}, {count(int(times[odd].sum()), 'cell')})"
    if found:
        yield (
            f"text with {mark!r} behind it, which is a comment only where a line begins so, and a "
            f"part of the value here: {listed(found.values(), SHOWN)}"
        )


def of_written_numbers(labels: pd.Series, decimal: str) -> Iterator[str]:
    """Say so if classes are numbers to people, such as 49% and $1,000."""
    texts = labels.drop_duplicates().astype(str)
    _, found = absent_and_numbers(texts, (), decimal)
    odd = number_texts(texts.to_numpy(object), ~np.isnan(found), decimal)
    if odd is not None:
        yield (
            f"the target {labels.name!r} has classes that are numbers with something around them, "
            f"such as {odd.example!r}; numbers written alone are predicted by data.task: regression"
        )


def _alike(X: pd.DataFrame, y: pd.Series, groups: pd.Series | None, data: Data) -> Iterator[str]:
    """Say what may be one thing, written in several ways."""
    mark = data.decimal
    if data.task == "classification" and y.dtype.kind not in "iu":
        yield from alike.of_target(str(y.name), y.unique(), mark)
    if groups is not None:
        yield from alike.of_groups(str(groups.name), groups.unique(), mark)
    kinds = {str(n): own.dropna().unique() for n, own in X.items() if own.dtype.kind not in "biuf"}
    yield from alike.of_categories(kinds, mark)


def may_be_id(name: str, known: NDArray[Any]) -> bool:
    """Return whether a column is text or whole numbers that hardly any two rows share.

    Amounts are as different; so numbers are ids by their name, or where they leave out few.
    """
    if len(known) < ROWS or len(pd.unique(known)) < UNIQUE * len(known):
        return False
    if known.dtype.kind not in "if":
        return known.dtype.kind != "b"
    if (known % 1 != 0).any():
        return False
    dense = known.max() - known.min() < DENSE * len(known)
    return names.is_id(name) or bool(dense and not names.is_time(name))


def marker(name: str, known: NDArray[Any]) -> Marker | None:
    """Return the number that may mean missing: it repeats, far from all others."""
    values = np.unique(known)
    if len(values) < VALUES or len(values) == len(known):
        return None
    values, times = np.unique(known, return_counts=True)
    for end, others in ((0, values[1:]), (-1, values[:-1])):
        own, rows = float(values[end]), int(times[end])
        away = float(np.abs(others - own).min())
        far = away > others[-1] - others[0] or own < 0 <= others[0]
        if own in MARKERS and rows > 1 and far:
            return Marker(name, int(own), rows)
    # A size that is never zero, but where nobody took it.
    gap, usual = values[1] - values[0], np.median(np.diff(values))
    rows = int(times[0])
    if values[0] == 0 and 1 < rows < 0.5 * len(known) and gap > 5 * usual:
        return Marker(name, 0, rows)
    return None


def _known(cells: NDArray[Any]) -> NDArray[Any]:
    """Return the cells that are there; of a wide table there are thousands of columns."""
    if cells.dtype.kind in "iub":
        return cells
    gaps = np.isnan(cells) if cells.dtype.kind == "f" else pd.isna(cells)
    return np.asarray(cells[~gaps])


def _markers(
    known: Mapping[str, NDArray[Any]], data: Data, rows: int, max_missing: float
) -> Iterator[str]:
    """Say which numbers may mean missing, with a line to paste for all that may be missing."""
    # Of a column with a list of its own, if an empty one, it is said what means missing.
    asked = {name: cells for name, cells in known.items() if name not in data.missing}
    numbers = {name: cells for name, cells in asked.items() if cells.dtype.kind in "if"}
    found = [own for name, cells in numbers.items() if (own := marker(name, cells)) is not None]
    if not found:
        return
    missing = {name: [*own] for name, own in data.missing.items()}
    for own in found:
        if rows - len(known[own.name]) + own.rows <= max_missing * rows:
            missing[own.name] = [own.value]
    way = f"; if so, to paste below data, with [] for amounts: missing: {in_flow(missing)}"
    yield (
        f"far from all other numbers, and may mean that nothing was measured: "
        f"{listed(map(str, found), SHOWN)}{way if missing != data.missing else ''}"
    )
