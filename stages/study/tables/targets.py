"""The column to predict: class labels or numbers, for the rows that have one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridlanes.errors import UNPRINTABLE
from stages.study.counts import count
from stages.study.errors import InputError, warn
from stages.study.params import PATH
from stages.study.sections.data import Data, Preprocess
from stages.study.sections.values import Label
from stages.study.tables.cells import (
    absent,
    as_label,
    found_markers,
    markers_of,
    numbers,
    spellings,
)
from stages.study.tables.no_numbers import what_to_do
from stages.study.tables.table import place

#: So many labels are named in a message.
SHOWN = 12


@dataclass(frozen=True)
class Target:
    """The target of the rows that are kept.

    Attributes
    ----------
    y : Series
        Its index names the rows that are kept.
    left_out : dict of str to int
        Rows that are not, by the reason.
    missing : tuple of str
        What stands in the cells of those whose target is missing.
    rare : tuple of label
        Classes that are left out, as they have too few rows.
    """

    y: pd.Series
    left_out: dict[str, int]
    missing: tuple[str, ...] = ()
    rare: tuple[Any, ...] = ()


def read_target(column: pd.Series, data: Data, expected: Preprocess) -> Target:
    """Return the target, checked, without the rows that params.yaml leaves out.

    Raises
    ------
    InputError
    """
    path = Path(data.path)
    known, left_out = known_targets(column, data, expected)
    missing = tuple(map(str, column[~column.index.isin(known.index)].unique())) if left_out else ()
    if data.task == "regression":
        usual = Preprocess()
        for key in ("classes", "min_class_rows"):
            # What is as it would be anyway was not meant to reach anything.
            if getattr(expected, key) == getattr(usual, key):
                continue
            warn(f"{PATH}: preprocess.{key}: reaches nothing, as data.task is regression")
        return Target(regression_target(known, path, data.decimal), left_out, missing)
    labels = class_target(known, expected, path)
    frequent, rare = _frequent(labels, expected, path)
    gone = {class_in_words(label): rows for label, rows in rare.items()}
    return Target(frequent, left_out | gone, missing, tuple(rare))


def class_in_words(label: Any) -> str:
    """Return what to call a class that is left out."""
    return f"class {label!r}"


def has_target(column: pd.Series, data: Data, expected: Preprocess) -> NDArray[np.bool_]:
    """Return which cells of the target are not missing."""
    # What is named as a class is one: "-" and "?" may be.
    classes = [] if expected.classes == "any" else [as_label(label) for label in expected.classes]
    own = data.missing.get(str(column.name), [])
    everywhere = markers_of(str(column.name), data)[len(own) :]
    markers = [*own, *(marker for marker in everywhere if as_label(marker) not in classes)]
    labels = data.task == "classification"
    return ~absent(column, markers, data.decimal, labels=labels)


def known_targets(
    column: pd.Series, data: Data, expected: Preprocess
) -> tuple[pd.Series, dict[str, int]]:
    """Return the cells that are not missing, and how many are.

    Raises
    ------
    InputError
        If any is missing that params.yaml does not leave out, or all are.
    """
    missing = ~has_target(column, data, expected)
    if not missing.any():
        return column, {}
    said = ", ".join(
        f"{text!r} in {rows}" if text else f"an empty cell in {rows}"
        for text, rows in list(found_markers(column, missing).items())[:SHOWN]
    )
    if data.missing_target == "error":
        raise InputError(
            f"{data.path}: {place(column, int(missing.argmax()))}: the target is missing "
            f"({count(int(missing.sum()), 'such row')}: {said}); every row needs one\n"
            f"{PATH}: data.missing_target: drop leaves them out; what preprocess.classes lists is "
            "a class, never missing"
        )
    if missing.all():
        raise InputError(f"{data.path}: column {column.name!r}: the target is missing in every row")
    return column[~missing], {f"target missing ({said})": int(missing.sum())}


def regression_target(column: pd.Series, path: Path, decimal: str = ".") -> pd.Series:
    """Return the target of a regression as float64."""
    hint = partial(what_to_do, decimal=decimal, target=True)
    values = numbers(column, path, hint=hint, decimal=decimal)
    if values.nunique() < 2:
        raise InputError(
            f"{path}: column {column.name!r}: the target has only one value, {values.iloc[0]}"
        )
    return values


def class_target(column: pd.Series, expected: Preprocess, path: Path) -> pd.Series:
    """Return class labels: int64 where all are written as whole numbers are, text otherwise.

    So ``01`` and ``1e3`` stay text, beside which ``1`` is text too.
    """
    where = f"{path}: column {column.name!r}"
    texts = column.unique().tolist()
    keys = {text: as_label(text) for text in texts}
    whole = all(isinstance(key, int) for key in keys.values())
    labels = column.map(keys).astype("int64") if whole else column
    found = sorted(set(keys.values()) if whole else texts)
    _check_labels(found, expected, where)
    if expected.classes == "any":
        return labels
    same = {label: [own for own in found if matches(own, label)] for label in expected.classes}
    if sorted(own for group in same.values() for own in group) != found or not all(same.values()):
        raise InputError(
            f"{where}: {PATH}: preprocess.classes allows {expected.classes}; "
            f"found {found[:SHOWN]}{' and more' if len(found) > SHOWN else ''}"
        )
    spelled = {own: group[0] for group in same.values() for own in group[1:]}
    return labels.replace(spelled) if spelled else labels


def _check_labels(found: Sequence[Any], expected: Preprocess, where: str) -> None:
    if len(found) < 2:
        raise InputError(f"{where}: the target has only one class, {found[0]!r}")
    hidden = [label for label in found if UNPRINTABLE.search(str(label))]
    if hidden:
        raise InputError(f"{where}: a class has a control character in its name: {hidden[0]!r}")
    numbers = np.asarray(pd.to_numeric(np.array(found, object), errors="coerce"), "float64")
    broken = numbers[numbers != np.round(numbers)]
    named = expected.classes != "any" and {*map(str, expected.classes)} == {*map(str, found)}
    if np.isfinite(numbers).all() and len(broken) and not named:
        raise InputError(
            f"{where}: the target holds numbers that are not whole, such as {broken[0]:g}; "
            f"{PATH}: data.task may be meant as regression"
        )


def matches(found: str | int, allowed: Label) -> bool:
    """Return whether a class of a table is one that params.yaml names."""
    if isinstance(allowed, bool):
        return str(found) in spellings(allowed)
    return found == allowed or as_label(found) == as_label(allowed)


def _frequent(
    labels: pd.Series, expected: Preprocess, path: Path
) -> tuple[pd.Series, dict[Any, int]]:
    """Return the labels without classes of too few rows, and how many rows those have."""
    counts = labels.value_counts().sort_index()
    rare = counts[counts < expected.min_class_rows]
    if rare.empty:
        return labels, {}
    if len(counts) - len(rare) < 2:
        raise InputError(
            f"{path}: column {labels.name!r}: {PATH}: preprocess.min_class_rows: "
            f"{expected.min_class_rows} must leave two classes or more; found "
            f"{len(counts) - len(rare)} of so many rows"
        )
    left_out = dict(zip(rare.index.tolist(), map(int, rare), strict=True))
    return labels[~labels.isin(rare.index)], left_out


def positive_label(labels: pd.Series, data: Data) -> Any:
    """Return the label of ``data.positive`` as it stands in the target; None without one.

    Raises
    ------
    InputError
        If it is none of two classes.
    """
    if data.positive is None:
        return None
    found = sorted(labels.unique().tolist()) if data.task == "classification" else []
    own = [label for label in found if matches(label, data.positive)]
    if len(found) != 2 or not own:
        among = f"the classes {found[:SHOWN]}" if found else "a regression"
        raise InputError(
            f"{PATH}: data.positive: must be one of two classes; "
            f"found {data.positive!r} for {among}"
        )
    return own[0]
