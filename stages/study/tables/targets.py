"""The column to predict: class labels or numbers."""

from pathlib import Path

import pandas as pd

from gridlanes.errors import UNPRINTABLE
from stages.study.errors import InputError
from stages.study.params import PATH, Preprocess
from stages.study.tables.cells import to_numbers


def _check_complete(column: pd.Series, path: Path) -> None:
    empty = column == ""
    if empty.any():
        raise InputError(
            f"{path}: line {empty.idxmax()}, column {column.name!r}: the target is missing "
            f"({empty.sum()} such rows); every row needs one"
        )


def regression_target(column: pd.Series, path: Path) -> pd.Series:
    """Return the target of a regression as float64."""
    _check_complete(column, path)
    values = to_numbers(column, path).astype("float64")
    if values.nunique() < 2:
        raise InputError(
            f"{path}: column {column.name!r}: the target has only one value, {values.iloc[0]}"
        )
    return values


def class_target(column: pd.Series, expected: Preprocess, path: Path) -> pd.Series:
    """Return class labels: int64 where all are whole numbers, text otherwise."""
    _check_complete(column, path)
    numbers = pd.to_numeric(column, errors="coerce")
    whole = bool(((numbers.abs() < 2**53) & (numbers == numbers.round())).all())
    labels = numbers.astype("int64") if whole else column
    found = sorted(labels.unique().tolist())
    where = f"{path}: column {column.name!r}"
    if len(found) < 2:
        raise InputError(f"{where}: the target has only one class, {found[0]!r}")
    hidden = [label for label in found if UNPRINTABLE.search(str(label))]
    if hidden:
        raise InputError(f"{where}: a class has a control character in its name: {hidden[0]!r}")
    broken = numbers[numbers != numbers.round()]
    if numbers.notna().all() and len(broken):
        raise InputError(
            f"{where}: the target holds numbers that are not whole, such as {broken.iloc[0]:g}; "
            f"{PATH}: data.task may be meant as regression"
        )
    allowed = found if expected.classes == "any" else expected.classes
    if {str(label) for label in found} != {str(label) for label in allowed}:
        raise InputError(
            f"{where}: {PATH}: preprocess.classes allows {allowed}; "
            f"found {found[:12]}{' and more' if len(found) > 12 else ''}"
        )
    return labels
