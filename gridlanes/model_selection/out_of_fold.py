"""What every candidate of a search said of the rows that it was not trained on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier

from gridlanes.errors import ParameterError
from gridlanes.model_selection.fits import Fit
from gridlanes.model_selection.last_step import held_network
from gridlanes.model_selection.outer_pass import FittedOuter
from gridlanes.model_selection.trained_estimator import like
from gridlanes.networks.lane import LaneResult


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """Out-of-fold predictions, from which any metric can be computed without training.

    Attributes
    ----------
    rows : ndarray of shape (predictions,)
        Positions of the rows, test rows of the first split first. A row is there once for each
        split that tests on it.
    splits : ndarray of shape (predictions,)
        The split's number, counted from 0.
    outputs : ndarray of shape (candidates, seeds, predictions, columns)
        Of a classification the probability of each class, of a regression each target; NaN where
        a fit has failed. One seed if the search repeats none.
    classes : ndarray of shape (columns,) or None
        In the order of the last axis; None for a regression. A class that a split's training rows
        lack has probability 0.
    """

    rows: NDArray[np.int64]
    splits: NDArray[np.int64]
    outputs: NDArray
    classes: NDArray | None


def check_collectable(estimator: Any) -> None:
    """Raise unless what a search's fits say can be laid out as :class:`OutOfFold`.

    Raises
    ------
    ParameterError
    """
    network = held_network(estimator)
    if network is not None and network.target_encoder is not None:
        raise ParameterError(
            "return_predictions=True has no place for what a target_encoder makes of outputs; "
            "use sklearn.model_selection.cross_val_predict"
        )


def out_of_fold(
    finished: Sequence[tuple[Fit, Any]], n_splits: int, n_seeds: int, y: Any
) -> OutOfFold:
    """Collect the outputs of a search's fits.

    Parameters
    ----------
    finished : sequence of (Fit, LaneResult or FittedOuter or Exception)
        Candidate by candidate, seed by seed, split by split.
    y : array-like
        All targets of the search.
    """
    tests = [fit.split[1] for fit, _ in finished[:n_splits]]
    classes = _classes(y) if is_classifier(finished[0][0].estimator) else None
    runs = len(finished) // n_splits
    said = [
        _of_run(finished[run * n_splits : (run + 1) * n_splits], classes) for run in range(runs)
    ]
    width = max(
        (len(own[0]) for run in said for own in run if own is not None and len(own)), default=1
    )
    values = _joined(said, [len(test) for test in tests], width)
    return OutOfFold(
        np.concatenate(tests),
        np.repeat(np.arange(n_splits), [len(test) for test in tests]),
        values.reshape(runs // n_seeds, n_seeds, *values.shape[1:]),
        classes,
    )


def _classes(y: Any) -> NDArray:
    """Return all labels, or the numbers of columns where each is a label."""
    labels: NDArray = np.asarray(y)
    by_column = labels.ndim == 2 and labels.shape[1] > 1
    return np.arange(labels.shape[1]) if by_column else np.unique(labels)


def _of_run(finished: Iterable[tuple[Fit, Any]], classes: NDArray | None) -> list[NDArray | None]:
    return [_of_fit(fit, outcome, classes) for fit, outcome in finished]


def _of_fit(fit: Fit, outcome: Any, classes: NDArray | None) -> NDArray | None:
    """Return what a fit says of its test rows, shape (rows, outputs); None if it failed."""
    if isinstance(outcome, FittedOuter):
        return _of_outer(fit, outcome.estimator, classes)
    fold = fit.fold
    if fold is None or not isinstance(outcome, LaneResult) or "test" not in fold.inputs:
        return None
    outputs = outcome.outputs[list(fold.inputs).index("test")]
    network = like(fit.estimator, fold, outcome)
    if classes is None:
        undone: NDArray = network.undone(outputs)
        return undone
    return _aligned(network.respond("predict_proba", outputs), network.classes_, classes)


def _of_outer(fit: Fit, estimator: Any, classes: NDArray | None) -> NDArray | None:
    """Return what an estimator around a network says, whose outputs are there."""
    if fit.outer is None:
        return None
    rows = fit.outer.rows["test"]
    if classes is None:
        said: NDArray = np.asarray(estimator.predict(rows))
        return said.reshape(len(said), -1)
    return _aligned(estimator.predict_proba(rows), estimator.classes_, classes)


def _aligned(known: NDArray, own: NDArray, classes: NDArray) -> NDArray:
    """Return probabilities with a column for each class, 0 for those that a fit did not know."""
    if len(own) == len(classes):
        return known
    aligned = np.zeros((len(known), len(classes)), known.dtype)
    aligned[:, np.searchsorted(classes, own)] = known
    return aligned


def _joined(said: list[list[NDArray | None]], lengths: list[int], width: int) -> NDArray:
    dtype = next((own.dtype for run in said for own in run if own is not None), np.dtype("f4"))
    values = np.full((len(said), sum(lengths), width), np.nan, dtype)
    ends = np.cumsum(lengths)
    for run, own in zip(values, said, strict=True):
        for end, length, known in zip(ends, lengths, own, strict=True):
            if known is not None:
                run[end - length : end] = known
    return values
