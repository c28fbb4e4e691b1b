"""Cells of text as numbers."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.errors import InputError
from stages.study.params import PATH

#: What to do about a cell that is no number.
HINT = (
    f"\nIf it means missing, list it in {PATH} under data.missing; a column of text goes to "
    "data.categorical, data.dates or data.exclude."
)


def absent(column: pd.Series, markers: Sequence[Any] = ()) -> NDArray[np.bool_]:
    """Return which cells of a column of text are missing; see :func:`numbers`."""
    text = column.to_numpy(object)
    of_numbers = [m for m in markers if not isinstance(m, (str, bool)) and math.isfinite(m)]
    missing: NDArray[np.bool_] = np.isin(text, ["", *map(str, markers)])
    if of_numbers:
        found = np.asarray(pd.to_numeric(text, errors="coerce"), "float64")
        missing |= np.isin(found, of_numbers)
    return missing


def numbers(
    column: pd.Series, path: Path, markers: Sequence[Any] = (), hint: str = ""
) -> pd.Series:
    """Return a column of text as float64, what is missing as NaN.

    Parameters
    ----------
    column : Series
        From :func:`read_text_table` or a chunk.
    path : Path
        For messages.
    markers : sequence of str, int, float or bool
        What means missing besides an empty cell; numbers are compared as numbers, 0 and 0.0 alike.
    hint : str
        What to do about a cell that is no number.

    Raises
    ------
    InputError
        Naming the first cell that is neither missing nor a finite number.
    """
    # As arrays: a wide table has thousands of columns, and each operation on a Series takes 0.1 ms.
    text = column.to_numpy(object)
    found = np.asarray(pd.to_numeric(text, errors="coerce"), "float64")
    missing = absent(column, markers)
    # Beyond float32 a number is infinite to the network.
    bad = ~missing & ~(np.abs(found) <= np.finfo("float32").max)
    if bad.any():
        row = int(bad.argmax())
        raise InputError(
            f"{path}: line {column.index[row]}, column {column.name!r}: must be a finite number; "
            f"found {text[row]!r}{hint}"
        )
    return pd.Series(np.where(missing, np.nan, found), column.index, name=column.name)


def to_numbers(column: pd.Series, path: Path, markers: Sequence[Any] = ()) -> pd.Series:
    """Return text as numbers: int64 where all are whole and there, float64 otherwise."""
    return whole_if_all_are(numbers(column, path, markers, HINT))


def whole_if_all_are(values: pd.Series) -> pd.Series:
    """Return numbers as int64 where all are whole and there, as they are otherwise."""
    whole = bool((np.abs(values.to_numpy()) < 2**53).all() and (values % 1 == 0).all())
    return values.astype("int64") if whole else values
