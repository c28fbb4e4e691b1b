"""What can be checked of a learning curve before any training starts."""

import numpy as np

from stages.study.counts import count
from stages.study.errors import InputError
from stages.study.learning_curve import subsets
from stages.study.measures import INNER, measure
from stages.study.params import PATH, Params
from stages.study.prepared import Prepared
from stages.study.search import all_shares
from stages.study.split_checks import check_splits
from stages.study.watched_rows import check_held_out


def check_curve(settings: Params, data: Prepared) -> None:
    """Check that the winner can be trained on each share of the rows of each fold.

    Raises
    ------
    InputError
    """
    for number, share in enumerate(settings.diagnose.learning_curve or []):
        # All rows are what the search is trained on.
        if share == 1:
            continue
        [splits] = subsets(settings, data, [share])
        for fold, (train, _) in enumerate(splits):
            where = f"{PATH}: diagnose.learning_curve[{number}]"
            what = f"{share:g} leaves fold {fold} of the search {count(len(train), 'row')}"
            _check(settings, data, train, where, what)


def _check(settings: Params, data: Prepared, train: np.ndarray, where: str, what: str) -> None:
    if not len(train):
        raise InputError(f"{where}: {what} to train on; a larger share may help")
    if data.weights is not None and not data.weights.to_numpy()[train].any():
        raise InputError(f"{where}: {what} to train on, all of weight 0; a larger share may help")
    if data.task == "classification":
        absent = np.setdiff1d(data.y.to_numpy(), data.y.to_numpy()[train]).tolist()
        if absent:
            raise InputError(
                f"{where}: {what} to train on, none of class {absent[0]!r}; a larger share may help"
            )
    # Errors of parts of these rows name keys of their own.
    try:
        _check_parts(settings, data.rows(train))
    except InputError as error:
        why = str(error).removeprefix(f"{PATH}: ").replace(": : ", ": ")
        raise InputError(f"{where}: {what} to train on: {why}") from None


def _check_parts(settings: Params, rows: Prepared) -> None:
    """Check that rows can be divided to tune a threshold, and to watch some of them."""
    chooser, seed = measure(settings.grid_search.chooser), settings.seed
    if chooser.tuned:
        parts = f"{INNER} parts to tune the threshold on"
        rarest = rows.y.value_counts()
        if rarest.min() < INNER:
            raise InputError(f"{parts} have {rarest.min()} of class {rarest.idxmin()!r}")
        check_splits(rows, INNER, seed, [chooser.plain], parts)
    check_held_out(rows, seed, all_shares(settings), [])
