"""What the column to predict is, and what params.yaml has to say of it for that."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.counts import listed
from stages.study.errors import InputError
from stages.study.sections.data import Data, Preprocess
from stages.study.suggest.amounts import check_no_amounts
from stages.study.suggest.missing import WORDS
from stages.study.suggest.params_file import Entry
from stages.study.tables.cells import absent, absent_and_numbers, found_markers, markers_of
from stages.study.tables.doubts import of_written_numbers
from stages.study.tables.kinds import BOOLEANS
from stages.study.tables.targets import class_target, regression_target
from stages.study.yaml_sections import in_yaml

#: Whole numbers of no more values than this, each in so many rows on average, are classes.
CLASSES, ROWS_PER_CLASS = 10, 5

#: So many classes are listed in params.yaml, and so many are shown.
LISTED, SHOWN = 20, 5

#: Classes of fewer rows cannot be in five folds.
RARE = 5

#: With so small a share, 0 rather than 1 is what is looked for.
RARER = 0.2

#: Beyond it, a network begins far from its target.
FAR = 3

Task = Literal["classification", "regression"]


@dataclass(frozen=True)
class Goal:
    """What is to be predicted.

    Attributes
    ----------
    task : str
    why : str
    y : Series
        Labels or numbers, of the rows that are kept.
    rows : ndarray of bool
        Which those are.
    data, preprocess : dict of str to Entry
        What params.yaml has to say of it; without ``task``.
    markers : list of str
        What means missing in it besides what does everywhere.
    far : str
        Why numbers are far from where a network begins, if they are.
    doubts : list of str
    """

    task: Task
    why: str
    y: pd.Series
    rows: NDArray[np.bool_]
    data: Mapping[str, Entry]
    preprocess: Mapping[str, Entry]
    markers: list[str] = field(default_factory=list)
    far: str = ""
    doubts: list[str] = field(default_factory=list)

    @property
    def counts(self) -> pd.Series:
        """How many rows each class has, the largest first."""
        return self.y.value_counts()


def look_at_target(column: pd.Series, data: Data, task: Task | None) -> Goal:
    """Return what a target is.

    Parameters
    ----------
    column : Series
        Of text.
    data : Data
        How the table is read, and what is missing in it.
    task : {"classification", "regression"} or None
        What is known already.

    Raises
    ------
    InputError
        If it is no target that anything can be learnt of.
    """
    missing, markers = _missing(column, data)
    known = column[~missing]
    if known.empty:
        raise InputError(f"{data.path}: column {column.name!r}: the target is missing in every row")
    found, why = _task(known, data)
    if task is None and found == "classification" and not _are_few(known.nunique(), len(known)):
        check_no_amounts(known, data)
    task = task or found
    entries: dict[str, Entry] = {}
    if missing.any():
        cells = ", ".join(text or "an empty cell" for text in [*found_markers(column, missing)][:5])
        rows = "1 row" if missing.sum() == 1 else f"{missing.sum()} rows"
        entries["missing_target"] = Entry("drop", f"leaves out {rows}: {cells}")
    if task == "classification":
        _check_classes(known, data)
        return replace(_classes(known, ~missing, entries, data, why), markers=markers)
    return replace(_numbers(known, ~missing, entries, data, why), markers=markers)


def _missing(column: pd.Series, data: Data) -> tuple[NDArray[np.bool_], list[str]]:
    """Return which rows have no target, and what says so besides what does everywhere."""
    markers = markers_of(str(column.name), data)
    missing, found = absent_and_numbers(column, markers, data.decimal)
    text = column.to_numpy(object)
    if len(pd.unique(text[~missing])) < 2:
        # "-" beside "+" is a class.
        own = absent(column, data.missing.get(str(column.name), []), data.decimal)
        missing = own if len(pd.unique(text[~own])) > 1 else missing
    if np.isfinite(found[~missing]).sum() > 0.5 * (~missing).sum():
        words = sorted({cell for cell in text[~missing] if cell.casefold() in WORDS})
        return missing | np.isin(text.astype(str), words), words
    return missing, []


def _task(known: pd.Series, data: Data) -> tuple[Task, str]:
    """Return whether cells are classes or numbers, and why."""
    _, found = absent_and_numbers(known, (), data.decimal)
    different = known.nunique()
    if not np.isfinite(found).all():
        return "classification", f"{different} classes"
    if (found % 1 != 0).any():
        return "regression", f"numbers, {different} different ones"
    if different == 2:
        return "classification", "two values"
    if _are_few(different, len(known)):
        return "classification", f"{different} whole numbers; regression if they are amounts"
    return "regression", f"{different} whole numbers; classification if they stand for kinds"


def _are_few(different: int, rows: int) -> bool:
    """Return whether so many values are classes, if they are numbers."""
    return different <= CLASSES and different * ROWS_PER_CLASS <= rows


def _check_classes(known: pd.Series, data: Data) -> None:
    """Check that text is of classes: each in several rows."""
    different = known.nunique()
    _, found = absent_and_numbers(known, (), data.decimal)
    where = f"{data.path}: column {known.name!r}: the target"
    if different > LISTED and 0.5 < np.isfinite(found).mean() < 1:
        row = int((~np.isfinite(found)).argmax())
        cell = known.iloc[row]
        raise InputError(
            f"{where} holds numbers, but {cell!r} in {known.index.name} {known.index[row]}; "
            f"correct it, or where it means missing, to paste below data of params.yaml:\n"
            f"missing: {{{in_yaml(str(known.name))}: [{in_yaml(cell)}]}}"
        )
    if different > 2 and different * 2 > len(known):
        raise InputError(
            f"{where} is text of {different} values in {len(known)} rows, too many for classes"
        )


def _numbers(
    known: pd.Series, rows: NDArray[np.bool_], entries: dict[str, Entry], data: Data, why: str
) -> Goal:
    y = regression_target(known, Path(data.path), data.decimal)
    if len(y) < 4:
        raise InputError(f"{data.path}: {len(y)} rows have a target; folds need at least 4")
    far = max(abs(float(y.mean())), float(y.std())) > FAR
    reason = f"from {y.min():g} to {y.max():g}" if far else ""
    return Goal("regression", why, y, rows, entries, {}, far=reason)


def _classes(
    known: pd.Series, rows: NDArray[np.bool_], entries: dict[str, Entry], data: Data, why: str
) -> Goal:
    labels = class_target(known, Preprocess(), Path(data.path))
    counts = labels.value_counts().sort_index()
    classes: Any = counts.index.tolist() if len(counts) <= LISTED else "any"
    preprocess, doubts = {"classes": Entry(classes)}, [*of_written_numbers(labels, data.decimal)]
    rare = counts[counts < RARE]
    if len(counts) - len(rare) < 2:
        # None is left out.
        rare = rare[:0]
    if len(rare):
        shown = listed((f"{label} ({times})" for label, times in rare.items()), SHOWN)
        preprocess["min_class_rows"] = Entry(RARE, f"leaves out {shown}")
        doubts += [f"{rare.sum()} rows are left out, of classes with fewer than {RARE}: {shown}"]
    elif counts.min() < 2:
        label = str(counts.idxmin())
        raise InputError(
            f"{data.path}: column {known.name!r}: class {label!r} has only one row, so that no "
            "fold can test what another has learnt"
        )
    kept = ~labels.isin(rare.index)
    rows = rows.copy()
    rows[rows] = kept.to_numpy()
    y = labels[kept]
    positive = _positive(y) if y.nunique() == 2 else None
    return Goal(
        "classification",
        why,
        y,
        rows,
        entries | ({"positive": positive} if positive else {}),
        preprocess,
        doubts=doubts,
    )


def _positive(y: pd.Series) -> Entry | None:
    """Return which of two classes is scored; None if that is the one that it is taken for."""
    counts = y.value_counts().sort_index()
    labels = counts.index.tolist()
    words = sorted(str(label).lower() for label in labels)
    pair = next((pair for pair in BOOLEANS if sorted(pair) == words), None)
    if pair is not None:
        return Entry(next(own for own in labels if str(own).lower() == pair[1]))
    if labels == [0, 1] and counts.iloc[0] >= RARER * len(y):
        return None
    if counts.iloc[0] < counts.iloc[1]:
        return Entry(labels[0], "the rarer one")
    return Entry(labels[1], "the rarer one" if counts.iloc[1] < counts.iloc[0] else "")
