"""What can be checked of folds by making them: those by groups or a time, or of rows with weights.

Other folds are as alike as rows allow, and :mod:`stages.study.checks` knows enough from counting.
"""

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import get_scorer

from gridlanes.errors import in_a_line
from stages.study.counts import count
from stages.study.errors import InputError, warn
from stages.study.params import PATH
from stages.study.prepared import Prepared
from stages.study.routing import given
from stages.study.scorers import by_name, takes_weights
from stages.study.sections.splitting import Splitting
from stages.study.splits import BY_THE_TABLE, Split, kind_of_split, make_folds, split_by

#: Parameters of a network by which it watches rows that it is not trained on.
WATCHING = ("validation_split", "fit__validation_split")

#: Repeats of the folds of more rows are never alike by chance.
FEW = 100


def check_splits(
    data: Prepared,
    folds: int,
    seed: int,
    scoring: Sequence[str],
    key_path: str,
    split: Splitting = BY_THE_TABLE,
) -> list[Split]:
    """Check that each fold can be trained on and scored; return them.

    Nothing is checked of folds that are :func:`even`, but that repeats differ.

    Raises
    ------
    InputError
    """
    if even(data, split):
        _check_repeats(data, folds, seed, split, key_path)
        return []
    _check_enough(data, folds, key_path)
    splits = every_fold(data, folds, seed, split)
    _check_repeats(data, folds, seed, split, key_path)
    dummy = DummyClassifier() if data.task == "classification" else DummyRegressor()
    dummy.fit(data.X, data.y)
    for number, rows in enumerate(splits):
        where = f"{PATH}: {key_path}: fold {number} of {len(splits)}"
        _check_rows(data, rows, where)
        for name in scoring:
            _check_score(dummy, data.rows(rows[1]), name, where)
    return splits


def even(data: Prepared, split: Splitting) -> bool:
    """Return whether folds are as alike as rows allow: strata, or any rows of a regression."""
    usual = "stratified" if data.task == "classification" else "kfold"
    return not given(data) and kind_of_split(data, split) == usual


def every_fold(data: Prepared, folds: int, seed: int, split: Splitting) -> list[Split]:
    """Return the rows to train on and to test on of each fold."""
    with warnings.catch_warnings(action="ignore"):
        cv = make_folds(data, folds, seed, split)
        return list(cv.split(data.X, data.y, split_by(data)))


def warn_of_counting(data: Prepared, scoring: Sequence[str], key_path: str) -> None:
    """Say which scorers leave the weights of rows aside."""
    for name in scoring:
        if data.weights is not None and not takes_weights(name):
            warn(f"{PATH}: {key_path}: {name!r} takes no weights, and counts every row once")


def check_inner_splits(
    data: Prepared,
    outer: Sequence[Split],
    folds: int,
    seed: int,
    scoring: Sequence[str],
    split: Splitting = BY_THE_TABLE,
) -> None:
    """Check the folds of the search inside the training rows of each outer fold."""
    for number, (train, _) in enumerate(outer):
        try:
            check_splits(data.rows(train), folds, seed, scoring, "grid_search.cv", split)
        except InputError as error:
            raise InputError(f"{error}, in outer fold {number} of nested_cv.outer") from None


def as_values(network: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return settings of a network as a grid of one value each."""
    return {name: [value] for name, value in network.items()}


def check_watched(data: Prepared, network: Mapping[str, Any], key_path: str) -> None:
    """Check that no rows are held out of training that belong with those trained on.

    Parameters
    ----------
    network : mapping of str to list
        The values that are tried.
    """
    rows = data.time
    if data.groups is None and (rows is None or (rows.is_monotonic_increasing and rows.is_unique)):
        return
    by = "data.groups" if rows is None else "data.time"
    for name in WATCHING:
        if any(network.get(name, [])):
            raise InputError(
                f"{PATH}: {key_path}.{name}: holds out the last rows of the table, whatever "
                f"{by} says of them; must be 0: the validation of early_stopping goes by it"
            )


def check_permutations(data: Prepared) -> None:
    """Check that the labels of rows, or of whole groups, are exchangeable.

    Raises
    ------
    InputError
    """
    where = f"{PATH}: nested_cv.permutations"
    if data.time is not None:
        raise InputError(
            f"{where}: must be 0 with data.time: what is near in time is alike, so that labels "
            "cannot be exchanged as if there were nothing to be learnt"
        )
    if data.groups is not None:
        several = data.y.groupby(data.groups.to_numpy()).nunique() > 1
        if several.any():
            raise InputError(
                f"{where}: must be 0: labels can be exchanged between groups of one label each, "
                f"and the group {several.idxmax()!r} of data.groups has several"
            )


def _check_enough(data: Prepared, folds: int, key_path: str) -> None:
    by = split_by(data)
    if by is None:
        return
    different = len(np.unique(by))
    most, what = (different, "groups") if data.time is None else (different - 1, "times but one")
    if folds > most:
        column = data.profile["groups" if data.time is None else "time"]["column"]
        raise InputError(
            f"{PATH}: {key_path}: must be at most {most}, the {what} of {column!r}; found {folds}"
        )


def _check_repeats(data: Prepared, folds: int, seed: int, split: Splitting, key_path: str) -> None:
    """Check that each repeat has folds of its own, where there are few ways to make them."""
    by = split_by(data)
    things = len(data.y) if by is None else len(np.unique(by))
    # Strata of groups go by size, whatever the number of groups; among so many rows each differs.
    if split.repeats == 1 or (by is None and things > FEW):
        return
    seen: dict[frozenset[bytes], int] = {}
    for repeat in range(split.repeats):
        own = every_fold(data, folds, seed + repeat, split.model_copy(update={"repeats": 1}))
        parts = frozenset(np.sort(test).tobytes() for _, test in own)
        if parts in seen:
            where = f"{PATH}: {key_path.rpartition('.')[0]}.split.repeats"
            raise InputError(f"{where}: {_alike(data, split, things, repeat, seen[parts])}")
        seen[parts] = repeat


def _alike(data: Prepared, split: Splitting, things: int, repeat: int, other: int) -> str:
    """Say which repeats have the same folds, and why."""
    kind = kind_of_split(data, split)
    same = f"repeat {repeat} would have the folds of repeat {other} again"
    if kind == "stratified_group":
        return (
            f"{same}: stratified_group places groups by their size and classes, and only equal "
            f"ones by chance; kind: group places all by chance; found {split.repeats}"
        )
    what = "groups" if data.groups is not None else "rows"
    return f"{same}: {things} {what} have few ways to be divided; found {split.repeats}"


def _check_rows(data: Prepared, split: Split, where: str) -> None:
    for rows, what in zip(split, ("train on", "test"), strict=True):
        if not len(rows):
            raise InputError(f"{where} has no row to {what}; fewer folds may help")
        if data.weights is not None and not data.weights.to_numpy()[rows].any():
            raise InputError(
                f"{where} has only rows of weight 0 to {what}; fewer folds or another seed may help"
            )
    if data.task == "classification":
        labels = data.y.to_numpy()
        absent = np.setdiff1d(labels, labels[split[0]])
        if len(absent):
            raise InputError(
                f"{where} has no row of class {absent.tolist()[0]!r} to train on; fewer folds, or "
                "preprocess.classes without it, may help"
            )


def _check_score(dummy: Any, test: Prepared, name: str, where: str) -> None:
    try:
        with warnings.catch_warnings(action="ignore"):
            score = get_scorer(by_name(name, test.positive))(dummy, test.X, test.y)
    except Exception as error:
        why = _no_row_of(dummy, test) or in_a_line(error)
        raise InputError(f"{where}: {name!r} cannot score it: {why}") from None
    if math.isnan(score):
        alike = test.y.nunique() == 1
        why = f", which all have {test.y.iloc[0]!r}" if alike else ""
        raise InputError(
            f"{where}: {name!r} is not defined on its {count(len(test.y), 'test row')}{why}; fewer "
            "folds or another scorer may help"
        )


def _no_row_of(dummy: Any, test: Prepared) -> str | None:
    """Say which class no row is of that is tested, if there is one."""
    absent = np.setdiff1d(getattr(dummy, "classes_", []), test.y).tolist()
    if not absent:
        return None
    return f"no test row is of class {absent[0]!r}; fewer folds or another scorer may help"
