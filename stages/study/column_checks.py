"""Whether the columns of a table suit the transformers that params.yaml names."""

import pandas as pd

from stages.study.counts import count
from stages.study.errors import InputError
from stages.study.params import PATH
from stages.study.prepared import Prepared

#: Values of a category that may become a column each.
WIDEST = 1000


def categories(X: pd.DataFrame) -> list[str]:
    """Return the columns that hold text."""
    return [str(name) for name in X if X[name].dtype.kind not in "biuf"]


def check_gaps(data: Prepared, key_path: str) -> None:
    """Check that no number is missing; a missing category is one of the categories."""
    gaps = data.X.drop(columns=categories(data.X)).isna().sum()
    if gaps.any():
        raise InputError(
            f"{PATH}: {key_path}: none, but column {gaps.idxmax()!r} has "
            f"{count(int(gaps.max()), 'missing value')}; median and mean fill them inside each "
            "training fold"
        )


def check_encoder(data: Prepared, name: str, key_path: str) -> None:
    """Check that an encoder lets nothing of a row's group or future into the row.

    ``target`` learns the rows that it is fitted on in folds of its own, which scikit-learn tells
    of no groups and no times.
    """
    apart = data.groups is not None or data.time is not None
    if name != "target" or not apart or not categories(data.X):
        return
    by = "data.groups" if data.time is None else "data.time"
    raise InputError(
        f"{PATH}: {key_path}: target takes means over rows whatever {by} says of them, so that "
        "training rows would know what folds keep apart; take onehot or ordinal"
    )


def check_target(data: Prepared, name: str, key_path: str) -> None:
    """Check that a target can be transformed."""
    if name == "none":
        return
    if data.task == "classification":
        raise InputError(
            f"{PATH}: {key_path}: {name} is for the target of a regression; data.task is "
            "classification, which allows none"
        )
    if name == "log1p" and data.y.min() <= -1:
        raise InputError(
            f"{PATH}: {key_path}: log1p takes numbers above -1; column {data.y.name!r} has "
            f"{(data.y <= -1).sum()} others, such as {data.y.min():g}"
        )


def check_width(data: Prepared, key_path: str) -> None:
    """Check that categories do not become more columns than a network can use."""
    for name in categories(data.X):
        values = data.X[name].nunique()
        if values > WIDEST:
            raise InputError(
                f"{PATH}: {key_path}: onehot makes a column of each of the {values} values of "
                f"{name!r}; at most {WIDEST} are allowed\n"
                "min_frequency joins rare ones; target and ordinal make one column of all"
            )
