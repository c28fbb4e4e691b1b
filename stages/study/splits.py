"""How rows are split into folds: by what the table says of them, groups or a time."""

from collections.abc import Iterator
from typing import Any, Literal

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

Kind = Literal["stratified", "kfold", "stratified_group", "group", "time"]
Split = tuple[NDArray[np.int64], NDArray[np.int64]]


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


def kind_of_split(data: Prepared) -> Kind:
    """Return the way to split a table that lets no row leak into a fold that tests it."""
    if data.time is not None:
        return "time"
    if data.groups is not None:
        return "stratified_group" if data.task == "classification" else "group"
    return "stratified" if data.task == "classification" else "kfold"


def make_folds(data: Prepared, folds: int, seed: int) -> Any:
    """Return a cross-validator of scikit-learn; :func:`split_by` is what its ``groups`` are."""
    kind = kind_of_split(data)
    if kind == "time":
        return TimeFolds(folds)
    kinds = {
        "stratified": StratifiedKFold,
        "kfold": KFold,
        "stratified_group": StratifiedGroupKFold,
        "group": GroupKFold,
    }
    return kinds[kind](folds, shuffle=True, random_state=seed)


def split_by(data: Prepared) -> NDArray[np.int64] | None:
    """Return what folds are split by as whole numbers in its order, None if by rows alone."""
    own = data.time if data.time is not None else data.groups
    if own is None:
        return None
    return np.asarray(pd.factorize(own, sort=True)[0], "int64")
