"""How rows are split into folds: as params.yaml says, or by the table's groups or time."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import (
    BaseCrossValidator,
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    TimeSeriesSplit,
)

from stages.study.prepared import Prepared
from stages.study.sections.splitting import Kind, Splitting

Split = tuple[NDArray[np.int64], NDArray[np.int64]]

#: As a study splits that does not say how.
BY_THE_TABLE = Splitting()

KINDS: dict[Kind, Any] = {
    "stratified": StratifiedKFold,
    "kfold": KFold,
    "stratified_group": StratifiedGroupKFold,
    "group": GroupKFold,
}


class TimeFolds(BaseCrossValidator):
    """Folds in the order of time, each trained on all that is earlier than what it tests.

    Scikit-learn's ``TimeSeriesSplit`` of the different times instead of the rows: these need not
    be in order, and those of one time stay together. The earliest rows are never tested.

    Parameters
    ----------
    folds : int
    """

    # The times come in the place of groups, which scikit-learn hands on to inner folds too.
    __metadata_request__split = {"groups": True}  # noqa: RUF012

    def __init__(self, folds: int) -> None:
        self.folds = folds

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Split]:  # noqa: ARG002
        """Yield the rows to train on and to test on; ``groups`` are the times."""
        times, place = np.unique(np.asarray(groups), return_inverse=True)
        for train, test in TimeSeriesSplit(self.folds).split(times):
            yield np.flatnonzero(np.isin(place, train)), np.flatnonzero(np.isin(place, test))

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: ARG002
        """Return the number of folds."""
        return self.folds


class RepeatedFolds(BaseCrossValidator):
    """Folds of several seeds, all of one repeat before those of the next.

    Parameters
    ----------
    repeats : sequence of cross-validators
        Of as many folds each.
    """

    # Of rows alone nobody hands on any.
    __metadata_request__split = {"groups": True}  # noqa: RUF012

    def __init__(self, repeats: Sequence[Any]) -> None:
        self.repeats = repeats

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Split]:
        """Yield the rows to train on and to test on."""
        for folds in self.repeats:
            yield from folds.split(X, y, groups)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """Return the number of folds of all repeats."""
        return sum(folds.get_n_splits(X, y, groups) for folds in self.repeats)


def kind_of_split(data: Prepared, split: Splitting = BY_THE_TABLE) -> Kind:
    """Return the way to split; ``auto`` is the one that lets no row leak into its test fold."""
    if split.kind != "auto":
        return split.kind
    if data.time is not None:
        return "time"
    if data.groups is not None:
        return "stratified_group" if data.task == "classification" else "group"
    return "stratified" if data.task == "classification" else "kfold"


def make_folds(data: Prepared, folds: int, seed: int, split: Splitting = BY_THE_TABLE) -> Any:
    """Return a cross-validator of scikit-learn; :func:`split_by` is what its ``groups`` are.

    The first repeat has the very folds of a study without repeats, so that its fits are in the
    store.
    """
    kind = kind_of_split(data, split)
    if kind == "time":
        return TimeFolds(folds)
    if split.shuffle is False:
        return KINDS[kind](folds)
    # Seeds end at 32 bits.
    seeds = [(seed + repeat) % 2**32 for repeat in range(split.repeats)]
    repeats = [KINDS[kind](folds, shuffle=True, random_state=own) for own in seeds]
    return repeats[0] if split.repeats == 1 else RepeatedFolds(repeats)


def repeats_of(folds: Any) -> int:
    """Return how often a cross-validator of :func:`make_folds` divides the rows."""
    return len(folds.repeats) if isinstance(folds, RepeatedFolds) else 1


def split_by(data: Prepared) -> NDArray[np.int64] | None:
    """Return what folds are split by as whole numbers in its order, None if by rows alone."""
    own = data.time if data.time is not None else data.groups
    if own is None:
        return None
    return np.asarray(pd.factorize(own, sort=True)[0], "int64")
