"""Which rows are held out of training to be watched: the last ones, or those of a splitter."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.metadata_routing import get_routing_for_object

from gridlanes.compat.sklearn import num_samples


def is_splitter(value: Any) -> bool:
    """Return whether something splits rows as scikit-learn's cross-validators do."""
    return hasattr(value, "split") and hasattr(value, "get_n_splits")


def asks_for_groups(splitter: Any) -> bool:
    """Return whether a splitter goes by groups, as ``GroupShuffleSplit``, or does not tell."""
    tells = hasattr(splitter, "get_metadata_routing")
    return not tells or bool(get_routing_for_object(splitter).consumes("split", ["groups"]))


def parted(splitter: Any, X: Any, y: Any, groups: Any) -> tuple[NDArray[np.int64], int]:
    """Return the rows of a splitter's last split, those to train on first, and how many these are.

    Its last one, since that of ``TimeSeriesSplit`` has all that is earlier, and that of ``KFold``
    the last rows. Either part keeps its order, so that it does not matter in which they are handed
    out.

    Raises
    ------
    ValueError
        What the splitter raises, and if it leaves none on either side.
    """
    with warnings.catch_warnings():
        # Of folds that are not asked for here.
        warnings.filterwarnings("ignore", "The least populated class in y")
        by = groups if asks_for_groups(splitter) else None
        *_, (training, held_out) = splitter.split(X, y, by)
    training, held_out = np.sort(training), np.sort(held_out)
    if not (len(training) and len(held_out)):
        raise ValueError(
            f"validation_split={splitter} leaves {len(training)} of {num_samples(X)} rows to train "
            f"on and {len(held_out)} to watch"
        )
    return np.concatenate([training, held_out]), len(training)


def told(value: Any) -> Any:
    """Return a value by which equal splitters are equal, wherever they were copied."""
    return (type(value), vars(value)) if is_splitter(value) else value
