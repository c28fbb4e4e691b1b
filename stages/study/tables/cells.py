"""Cells of text: which of them are missing, and the others as numbers."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.sections.data import Markers
from stages.study.sections.values import Label
from stages.study.tables.table import Hint, bad_cells

#: Of cells of which so few are different among the first, most repeat.
SAMPLE, REPEATED = 1000, 200

#: A text that is a number, with a point.
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")

#: The same with a decimal comma.
COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")


class Missing(Protocol):
    """What means missing in a table."""

    @property
    def missing(self) -> dict[str, Markers]:
        """By column; an empty list for nothing, not even what does elsewhere."""

    @property
    def missing_default(self) -> Markers:
        """In all other columns, and besides."""


def markers_of(name: str, said: Missing) -> Markers:
    """Return all that means missing in a column, besides an empty cell."""
    own = said.missing.get(name)
    return [] if own == [] else [*(own or []), *said.missing_default]


def with_numbers(markers: Sequence[Any], decimal: str) -> Sequence[Any]:
    """Return markers, and those that are numbers with a decimal comma as numbers besides."""
    if decimal != ",":
        return markers
    found = [m.strip().replace(",", ".") for m in markers if isinstance(m, str)]
    return [*markers, *(float(text) for text in found if NUMBER.fullmatch(text))]


def absent(
    column: pd.Series, markers: Sequence[Any] = (), decimal: str = ".", *, labels: bool = False
) -> NDArray[np.bool_]:
    """Return which cells of a column of text are missing: empty, or as a marker says.

    Markers and cells are compared as numbers where both are numbers, so that ``-999`` is
    ``-999.0``, and otherwise as text. True and False stand for their three spellings, None for
    ``null``, and NaN and infinity for their names.

    Of ``labels``, which are classes or categories, only those are numbers that are written as
    numbers are: ``00`` is none.
    """
    # Text repeats, and to ask whether it is a number is slow.
    codes, texts = pd.factorize(column.to_numpy(object))
    named, values = _forms(with_numbers(markers, decimal))
    if values:
        found = _parsed(texts, decimal)
        if labels:
            written = [isinstance(as_label(text.replace(decimal, ".")), str) for text in texts]
            found[written] = np.nan
        missing = _absent(texts, found, named, values)
    else:
        missing = np.array([text in named for text in texts], bool)
    return np.asarray(missing[codes])


def absent_and_numbers(
    column: pd.Series, markers: Sequence[Any] = (), decimal: str = "."
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return which cells are missing, see :func:`absent`, and all as numbers, NaN of other text."""
    text = column.to_numpy(object)
    found = _parsed(text, decimal)
    return _absent(text, found, *_forms(with_numbers(markers, decimal))), found


def found_markers(column: pd.Series, missing: NDArray[np.bool_]) -> dict[str, int]:
    """Return how often which text stands for a missing value, the most frequent first."""
    return dict(Counter(column.to_numpy(object)[missing]).most_common())


def numbers(
    column: pd.Series,
    path: Path,
    markers: Sequence[Any] = (),
    hint: Hint = "",
    decimal: str = ".",
) -> pd.Series:
    """Return a column of text as float64, what is missing as NaN.

    Parameters
    ----------
    column : Series
        From :func:`stages.study.tables.open_table.read_table` or a chunk.
    path : Path
        For messages.
    markers : sequence of str, int, float, bool or None
        What means missing besides an empty cell; see :func:`absent`.
    hint : str or callable
        What to do about cells that are no numbers.
    decimal : str
        The decimal mark.

    Raises
    ------
    InputError
        Naming the cells that are neither missing nor a finite number.
    """
    # As arrays: a wide table has thousands of columns, and each operation on a Series takes 0.1 ms.
    missing, found = absent_and_numbers(column, markers, decimal)
    # Beyond float32 a number is infinite to the network.
    largest = np.finfo("float32").max
    bad = ~missing & ~(np.abs(found) <= largest)
    if bad.any():
        beyond = f" up to {largest:.2g}, the largest of float32" * bool(
            np.isfinite(found[bad]).any()
        )
        raise bad_cells(column, bad, path, f"a finite number{beyond}", hint)
    return pd.Series(np.where(missing, np.nan, found), column.index, name=column.name)


def whole_if_all_are(values: pd.Series) -> pd.Series:
    """Return numbers as int64 where all are whole and there, as they are otherwise."""
    found = values.to_numpy()
    whole = bool((np.abs(found) < 2**53).all() and (found % 1 == 0).all())
    return values.astype("int64") if whole else values


def _parsed(text: NDArray[np.object_], decimal: str) -> NDArray[np.float64]:
    """Return cells as numbers, NaN of what is none."""
    if len(text) > SAMPLE and len(pd.unique(text[:SAMPLE])) < REPEATED:
        # Reading them is slow, and those that repeat are read once.
        codes, texts = pd.factorize(text)
        return _numbers(texts, decimal)[codes]
    return _numbers(text, decimal)


def _numbers(text: NDArray[np.object_], decimal: str) -> NDArray[np.float64]:
    if decimal == ",":
        # A point would separate thousands, and is not to be taken for a decimal mark.
        pointed = [cell.replace(".", "?").replace(",", ".") for cell in text]
        text = np.array(pointed, object)
    return np.asarray(pd.to_numeric(text, errors="coerce"), "float64")


def _absent(
    text: NDArray[np.object_], found: NDArray[np.float64], texts: set[str], values: list[float]
) -> NDArray[np.bool_]:
    missing = np.isin(found, values)
    # Most cells are numbers, and need not be looked up.
    others = np.flatnonzero(~np.isfinite(found))
    missing[others] = [cell in texts for cell in text[others]]
    return missing


def _forms(markers: Sequence[Any]) -> tuple[set[str], list[float]]:
    """Return the texts and the numbers that markers stand for."""
    texts, values = {""}, []
    for marker in markers:
        if marker is None:
            texts |= {"null"}
        elif isinstance(marker, bool):
            texts |= spellings(marker)
        elif isinstance(marker, str):
            texts.add(marker.strip())
            values += [float(marker)] if NUMBER.fullmatch(marker.strip()) else []
        elif math.isfinite(marker):
            values.append(float(marker))
        else:
            name = str(marker)
            texts |= {name, name.upper(), name.capitalize()} | ({"NaN"} if name == "nan" else set())
    return texts, values


def spellings(value: bool) -> set[str]:
    """Return how true or false may be written in a table."""
    return {str(value), str(value).lower(), str(value).upper()}


def as_label(label: Label | None) -> Label | None:
    """Return a label as a number if that is how the number would be written, else as it stands.

    1, 1.0, ``1`` and ``1.0`` are the same, ``01`` and ``1e0`` are not.
    """
    if isinstance(label, float) and label.is_integer() and abs(label) < 2**53:
        return int(label)
    if not isinstance(label, str):
        return label
    for kind in (int, float):
        try:
            value = kind(label)
        except ValueError:
            continue
        if str(value) == label and abs(value) < 2**53:
            return as_label(value)
    return label
