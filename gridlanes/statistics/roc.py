"""The area under the ROC curve of many candidates on many weightings of the same rows."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridlanes.errors import ParameterError
from gridlanes.statistics.input_checks import Floats
from gridlanes.statistics.metrics import Score, divided, paired, without


def area_under_roc(truth: ArrayLike, probabilities: ArrayLike, folds: ArrayLike) -> Score:
    """Return the area under the ROC curve within each test fold, averaged over the folds.

    Within a fold it is the share of pairs, one row of each class, whose row of the positive class
    has the higher probability; ties count half (Mann & Whitney 1947; Hanley & McNeil, Radiology
    143, 1982). Rows of different folds are not compared: their probabilities come from different
    models. A fold in which a class has no weight is left out.

    Parameters
    ----------
    truth : array-like of shape (rows,)
        1 or True for the positive class, 0 or False for the other.
    probabilities : array-like of shape (candidates, rows)
        Of the positive class, or anything that orders rows in the same way. A candidate with a
        NaN has the score NaN.
    folds : array-like of shape (rows,)
        The test fold of each row.

    Returns
    -------
    function
        Its scores are NaN where a class has no weight in any fold.

    Raises
    ------
    ParameterError
        Shapes that do not fit together; a truth other than 0 and 1.
    """
    target, array = paired(truth, probabilities)
    if not np.isin(target, (0, 1)).all():
        raise ParameterError("truth: allowed are 0 and 1, for two classes, got other values")
    labels = np.asarray(folds)
    if labels.shape != target.shape:
        raise ParameterError(
            f"folds: allowed is one fold for each of the {target.size} rows, got {labels.shape}"
        )
    number = np.unique(labels, return_inverse=True)[1]
    member = (number[:, None] == np.arange(number.max() + 1)).astype(np.float64)
    positive = target == 1
    failed: NDArray[np.bool_] = np.asarray(np.isnan(array).any(axis=1))
    orders = [
        None if gone else _order(row, number, positive)
        for row, gone in zip(array, failed, strict=True)
    ]

    def score(weights: Floats) -> Floats:
        pairs = (weights * positive) @ member * ((weights * ~positive) @ member)
        counted = (pairs > 0).sum(axis=1)
        share = divided(np.ones_like(pairs), pairs, undefined=0)
        rows, share = np.ascontiguousarray(weights.T), share.T
        areas = [
            np.sum(_won(rows, one) * share, axis=0) if one is not None else counted
            for one in orders
        ]
        return without(failed, divided(np.stack(areas, axis=1), counted[:, None]))

    return score


class _Order(NamedTuple):
    """Where each positive row of a candidate stands among the negative ones of its fold."""

    negatives: NDArray[np.intp]
    """Rows, sorted by fold and probability."""
    positives: NDArray[np.intp]
    below: NDArray[np.intp]
    """For each positive row how many negatives come before it, those of other folds included."""
    tied: NDArray[np.intp]
    """The same, with those that have its own probability."""
    first: NDArray[np.intp]
    """For each positive row how many negatives are in folds before its own."""
    starts: NDArray[np.intp]
    """The first positive row of each fold that has any."""
    folds: NDArray[np.intp]
    """Those folds, and their number at last."""


def _order(values: Floats, number: NDArray[np.intp], positive: NDArray[np.bool_]) -> _Order:
    order = np.lexsort((values, number))
    fold, sorted_values, wins = number[order], values[order], positive[order]
    fresh = np.ones(order.size, dtype=np.bool_)
    fresh[1:] = (np.diff(fold) > 0) | (sorted_values[1:] != sorted_values[:-1])
    before = np.concatenate([[0], np.cumsum(~wins)])
    group = np.cumsum(fresh) - 1
    edges = np.append(np.flatnonzero(fresh), order.size)
    own = fold[wins]
    folds, starts = np.unique(own, return_index=True)
    return _Order(
        negatives=order[~wins],
        positives=order[wins],
        below=before[edges[group[wins]]],
        tied=before[edges[group[wins] + 1]],
        first=before[np.searchsorted(fold, own)],
        starts=starts,
        folds=np.append(folds, number.max() + 1),
    )


def _won(weights: Floats, order: _Order) -> Floats:
    """Return the weight of the pairs that the positive rows win.

    Weights have the shape (rows, draws), the result (folds, draws): rows of memory are picked much
    faster than columns.
    """
    draws = weights.shape[1]
    sums = np.zeros((order.negatives.size + 1, draws))
    np.cumsum(weights[order.negatives], axis=0, out=sums[1:])
    won = (sums[order.below] + sums[order.tied]) / 2 - sums[order.first]
    result = np.zeros((order.folds[-1], draws))
    if order.starts.size:
        weighted = weights[order.positives] * won
        result[order.folds[:-1]] = np.add.reduceat(weighted, order.starts, axis=0)
    return result
