"""What can be checked of the folds that thresholds are tuned on, before any training starts."""

import math
from collections.abc import Sequence

from stages.study.errors import InputError
from stages.study.measures import INNER, measure, tuned_among
from stages.study.params import PATH
from stages.study.prepared import Prepared
from stages.study.sections.splitting import Splitting
from stages.study.split_checks import check_splits, even
from stages.study.splits import BY_THE_TABLE


def check_thresholds(
    data: Prepared,
    folds: int,
    seed: int,
    names: Sequence[str],
    key_path: str,
    split: Splitting = BY_THE_TABLE,
) -> None:
    """Check that the training rows of each fold can be cut to tune thresholds on.

    Parameters
    ----------
    data : Prepared
    folds, seed : int
    names : sequence of str
        Of all that scores.
    key_path : str
        Of the folds.
    split : Splitting

    Raises
    ------
    InputError
    """
    tuned = tuned_among(names)
    if not tuned:
        return
    where = f"{INNER} parts of which the threshold of {tuned[0]!r} is tuned on"
    if not even(data, split):
        plain = [measure(name).plain for name in tuned]
        for number, (train, _) in enumerate(check_splits(data, folds, seed, (), key_path, split)):
            try:
                check_splits(data.rows(train), INNER, seed, plain, key_path)
            except InputError as error:
                why = str(error).removeprefix(f"{PATH}: {key_path}: ")
                raise InputError(
                    f"{PATH}: {key_path}: fold {number} leaves too little to train on, {where}: "
                    f"{why}"
                ) from None
        return
    rarest = min(data.profile["classes"], key=lambda own: own["rows"])
    left = rarest["rows"] - math.ceil(rarest["rows"] / folds)
    if left < INNER:
        raise InputError(
            f"{PATH}: {key_path}: leaves {left} rows of class {rarest['label']!r} to train on, "
            f"{where}; must leave {INNER} at least"
        )
