"""Kinds of rows by what a column says of them: its values, or parts of its range, or nothing."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.counts import in_digits

#: Parts of a column of numbers, of as many rows each.
PARTS = 4

#: A column of so few different numbers is looked at value by value.
FEW = 6

#: Values of a column of texts that are looked at: the most frequent ones.
VALUES = 50

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Kinds(NamedTuple):
    """Of a column, the kind of each row, counted from 0, -1 for none; and what kinds are called."""

    of_rows: NDArray[np.int64]
    names: list[str]


def kinds(column: pd.Series, about: Mapping[str, Any], values: Mapping[str, Any]) -> Kinds:
    """Return the kinds of rows that a feature tells apart.

    Parameters
    ----------
    column : Series
        The feature as it is prepared.
    about : mapping
        What the profile says of the feature.
    values : mapping
        What the profile says of the column that it was made of.
    """
    if about["kind"] == "category":
        return of_texts(column)
    numbers = column.to_numpy("float64", na_value=np.nan)
    there = ~np.isnan(numbers)
    own = np.full(len(numbers), -1)
    own[there], names = _of_numbers(numbers[there], _spelling(column.name, about, values))
    return _with_missing(own, names)


def of_texts(column: pd.Series) -> Kinds:
    """Return the most frequent values of a column of texts as kinds of rows."""
    counts = column.value_counts()
    # Equal counts in the order of the names, whatever the order of the rows.
    frequent = sorted(counts.index, key=lambda value: (-counts[value], value))[:VALUES]
    own = pd.Index(frequent, dtype=column.dtype).get_indexer(column)
    return _with_missing(own, [str(value) for value in frequent], column.isna().to_numpy())


def _with_missing(
    own: NDArray[np.int64], names: list[str], gaps: NDArray[np.bool_] | None = None
) -> Kinds:
    gaps = own < 0 if gaps is None else gaps
    if not gaps.any():
        return Kinds(own, names)
    return Kinds(np.where(gaps, len(names), own), [*names, "missing"])


def _of_numbers(numbers: NDArray[np.float64], spelt: Any) -> tuple[NDArray[np.int64], list[str]]:
    """Return the part of the range that each number is in, and what the parts are called."""
    different = np.unique(numbers)
    if len(different) <= FEW:
        return np.searchsorted(different, numbers), [spelt(value) for value in different]
    shares = np.arange(1, PARTS) / PARTS
    # Ends that were measured, so that a part's name says which rows are in it.
    ends = np.unique(np.quantile(numbers, shares, method="inverted_cdf"))
    ends = ends[ends < different[-1]]
    own = np.searchsorted(ends, numbers)
    begins = different[np.searchsorted(different, ends, side="right")]
    middle = [
        spelt(begin) if begin == end else f"{spelt(begin)} to {spelt(end)}"
        for begin, end in zip(begins[:-1], ends[1:], strict=True)
    ]
    return own, [f"at most {spelt(ends[0])}", *middle, f"at least {spelt(begins[-1])}"]


def _spelling(name: Any, about: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    """Return how a column's numbers are written."""
    if about["kind"] == "boolean":
        return lambda value: str(values["yes"] if value else values["no"])
    if about["kind"] == "date" and str(name).endswith("_weekday"):
        return lambda value: DAYS[int(value)]
    if about["kind"] == "date" and str(name).endswith("_days"):
        return lambda value: str((pd.Timestamp(1970, 1, 1) + pd.Timedelta(days=value)).date())
    return lambda value: in_digits(float(f"{value:.6g}"))
