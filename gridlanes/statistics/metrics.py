"""Metrics of many candidates on many weightings of the same rows, for `bootstrap_corrected`.

Each function here returns a function of weights, of shape (draws, rows) and not negative, that
returns scores of shape (draws, candidates); higher is better. A weight of 2 counts a row twice.
NaN are scores that are not defined, and all scores of a candidate with a failed fit.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridlanes.errors import ParameterError
from gridlanes.statistics.input_checks import Floats, complete, finite, table, vector

Score = Callable[[Floats], Floats]


def mean_score(row_scores: ArrayLike) -> Score:
    """Return the mean of what each row scores by itself.

    Accuracy is the mean of 1 where a prediction is right and 0 where it is wrong; log loss, Brier
    score, squared and absolute error are means too, with a minus because higher is better.

    Parameters
    ----------
    row_scores : array-like of shape (candidates, rows)
        A candidate with a value that is not finite has the score NaN.

    Returns
    -------
    function
        Takes weights of shape (draws, rows), returns scores of shape (draws, candidates).

    Raises
    ------
    ParameterError
        Another shape.
    """
    array = table("row_scores", row_scores, "(candidates, rows)")
    failed = ~complete(array)
    known = np.where(failed[:, None], 0, array).T

    def score(weights: Floats) -> Floats:
        total = weights.sum(axis=1, keepdims=True)
        return without(failed, divided(weights @ known, total))

    return score


def ratio_score(above: ArrayLike, below: ArrayLike) -> Score:
    """Return the quotient of two sums over rows, 0 where there is nothing to divide by.

    Precision is one, with 1 above for each positive that is found and 1 below for each that is
    predicted; recall and F1 are others. Scikit-learn's answer 0 there, too, with a warning.

    Parameters
    ----------
    above, below : array-like of shape (candidates, rows)
        A candidate with a value that is not finite has the score NaN.

    Returns
    -------
    function
        Takes weights of shape (draws, rows), returns scores of shape (draws, candidates).

    Raises
    ------
    ParameterError
        Another shape, or two shapes.
    """
    upper = table("above", above, "(candidates, rows)")
    lower = table("below", below, "(candidates, rows)")
    if upper.shape != lower.shape:
        raise ParameterError(f"below: allowed is the shape {upper.shape}, got {lower.shape}")
    failed = ~(complete(upper) & complete(lower))
    known = [np.where(failed[:, None], 0, side).T for side in (upper, lower)]

    def score(weights: Floats) -> Floats:
        return without(failed, divided(weights @ known[0], weights @ known[1], undefined=0.0))

    return score


def r2_score(truth: ArrayLike, predictions: ArrayLike) -> Score:
    """Return the coefficient of determination, 1 - Σw(y - p)² / Σw(y - ȳ)² with ȳ = Σwy / Σw.

    It is taken over all rows at once, because a bootstrap sample of a test fold may be too small
    for a variance; the mean of the folds' own R² is another number.

    Parameters
    ----------
    truth : array-like of shape (rows,)
        What is right.
    predictions : array-like of shape (candidates, rows)
        A candidate with a value that is not finite has the score NaN.

    Returns
    -------
    function
        Its scores are NaN where all rows that count have the same truth.

    Raises
    ------
    ParameterError
        Shapes that do not fit together; a truth that is not finite.
    """
    target, array = paired(truth, predictions)
    failed = ~complete(array)
    errors = ((np.where(failed[:, None], 0, array) - target) ** 2).T

    def score(weights: Floats) -> Floats:
        mean = divided(weights @ target, weights.sum(axis=1))
        around = (weights * (target - mean[:, None]) ** 2).sum(axis=1, keepdims=True)
        # What is left of the variance of equal numbers is the rounding of their mean.
        around[around <= 1e-24 * (weights @ target**2)[:, None]] = 0
        return without(failed, 1 - divided(weights @ errors, around))

    return score


def any_score(
    function: Callable[..., float], truth: Sequence[Any] | NDArray[Any], predictions: ArrayLike
) -> Score:
    """Return any metric that takes weights, slowly: one call for each draw and candidate.

    Parameters
    ----------
    function : callable
        ``function(truth, prediction, sample_weight=weights)``, as scikit-learn's metrics; higher
        is better. It is given the rows whose weight is not 0. Where some are not given, a
        ValueError and warnings mean that the score is not defined, as when a class is absent.
    truth : array-like of shape (rows, ...)
        What is right.
    predictions : array-like of shape (candidates, rows, ...)
        A candidate with a NaN has the score NaN.

    Returns
    -------
    function
        Takes weights of shape (draws, rows), returns scores of shape (draws, candidates).

    Raises
    ------
    ParameterError
        Shapes that do not fit together.
    """
    target, array = np.asarray(truth), np.asarray(predictions)
    if array.ndim < 2 or target.shape[:1] != array.shape[1:2] or not array.size:
        raise ParameterError(
            f"predictions: allowed is the shape (candidates, {len(target)}, ...), got {array.shape}"
        )
    failed = [array.dtype.kind == "f" and bool(np.isnan(own).any()) for own in array]

    def one(own: NDArray[Any], weight: Floats) -> float:
        used = weight > 0
        if not used.any():
            return np.nan
        try:
            with warnings.catch_warnings():
                if not used.all():
                    warnings.simplefilter("ignore")
                return float(function(target[used], own[used], sample_weight=weight[used]))
        except ValueError:
            if used.all():
                raise
            return np.nan

    def score(weights: Floats) -> Floats:
        return np.array(
            [
                [np.nan if gone else one(own, row) for own, gone in zip(array, failed, strict=True)]
                for row in weights
            ]
        )

    return score


def paired(truth: ArrayLike, predictions: ArrayLike) -> tuple[Floats, Floats]:
    """Return both as floats, checked to fit together."""
    target = vector("truth", truth)
    array = table("predictions", predictions, "(candidates, rows)")
    if array.shape[1] != target.size:
        raise ParameterError(
            f"predictions: allowed is the shape (candidates, {target.size}), got {array.shape}"
        )
    if not finite(target).all():
        raise ParameterError("truth: allowed are finite numbers, got some that are not")
    return target, array


def divided(above: Floats, below: NDArray[Any], undefined: float = np.nan) -> Floats:
    """Return a quotient, and what is undefined where nothing is to divide by."""
    below = np.broadcast_to(below, above.shape)
    result: Floats = np.full(above.shape, undefined, dtype=np.float64)
    np.divide(above, below, out=result, where=below != 0)
    return result


def without(failed: NDArray[np.bool_], scores: Floats) -> Floats:
    """Return scores with NaN for failed candidates."""
    scores[:, failed] = np.nan
    return scores
