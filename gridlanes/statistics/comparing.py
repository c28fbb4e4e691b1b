"""Tests of differences between candidates that were scored on the same folds, or on others."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from gridlanes.errors import ParameterError
from gridlanes.statistics.input_checks import (
    ROUNDING,
    Floats,
    at_least,
    complete,
    finite,
    floats,
    inside,
    not_negative,
)


class TTest(NamedTuple):
    """Outcome of a corrected test: arrays of the leading shape of the scores, or numbers."""

    statistic: Floats | float
    pvalue: Floats | float
    df: Floats | float


class Interval(NamedTuple):
    """An estimate and the two ends of its confidence interval."""

    estimate: Floats | float
    low: Floats | float
    high: Floats | float


class Comparison(NamedTuple):
    """Posterior probabilities that add up to 1."""

    worse: Floats | float
    equivalent: Floats | float
    better: Floats | float


def corrected_t_test(differences: ArrayLike, ratio: float) -> TTest:
    """Test whether scores on the same folds differ in the mean, two-sided.

    The corrected resampled t-test: ``t = mean / sqrt((1/n + ratio) * s²)`` with n - 1 degrees of
    freedom, where s² is the variance of the n differences (n - 1 in its denominator).

    Parameters
    ----------
    differences : array-like of shape (..., n)
        The score of one candidate minus that of another, for each fold (or each fold of each
        repeat).
    ratio : float
        Test rows of a fold divided by its training rows: 1 / (k - 1) for k folds. With 0
        it is the paired t-test.

    Returns
    -------
    TTest
        ``statistic`` and ``pvalue`` of shape (...), ``df`` = n - 1. All differences 0: statistic
        0, p-value 1. All equal but not 0: the folds hold no estimate of noise, so there is no
        evidence either: statistic NaN, p-value 1. (SciPy's t-tests and Weka answer p = 0 there,
        which on a few folds with discrete scores would tell candidates apart by accident.) A
        difference that is not finite, as that of a failed fit: both NaN.

    Raises
    ------
    ParameterError
        Fewer than 2 differences; a ratio that is negative or not finite.

    References
    ----------
    Nadeau & Bengio, Inference for the generalization error, Machine Learning 52, 2003, section 4
    (the corrected resampled t-test); Bouckaert & Frank, PAKDD 2004, for repeats.
    """
    array, ratio = _differences(differences), not_negative("ratio", ratio)
    mean, deviation, whole = _moments(array)
    spread = np.sqrt(1 / array.shape[-1] + ratio) * deviation
    statistic = np.divide(mean, spread, out=np.full_like(mean, np.nan), where=spread > 0)
    statistic = np.where((spread == 0) & (mean == 0), 0.0, statistic)
    df = array.shape[-1] - 1
    pvalue = np.where(spread > 0, 2 * stdtr(df, -np.abs(np.nan_to_num(statistic))), 1.0)
    missing = np.where(whole, 0.0, np.nan)
    return TTest((statistic + missing)[()], (pvalue + missing)[()], df)


def corrected_welch_test(
    first: ArrayLike, second: ArrayLike, first_ratio: float, second_ratio: float
) -> TTest:
    """Test whether scores on two different divisions into folds differ in the mean, two-sided.

    Welch's t-test, each mean with the corrected variance of `corrected_t_test`:
    ``t = (mean1 - mean2) / sqrt(v1 + v2)`` with ``v = (1/n + ratio) * s²`` and
    ``(v1 + v2)² / (v1² / (n1 - 1) + v2² / (n2 - 1))`` degrees of freedom.

    It takes the two means for independent. Where both divisions are of the same rows, the means
    are correlated, and the test finds less than there is.

    Parameters
    ----------
    first, second : array-like of shape (..., n1) and (..., n2)
        Scores of a candidate for each fold of either division, of the same leading shape.
    first_ratio, second_ratio : float
        Test rows of a fold divided by its training rows: 1 / (k - 1) for k folds. With 0
        it is Welch's t-test.

    Returns
    -------
    TTest
        All of shape (...). If neither side varies, there is no evidence: p-value 1, the statistic
        0 where the means are equal and else NaN, the degrees of freedom NaN. A score that is not
        finite: all NaN.

    Raises
    ------
    ParameterError
        Fewer than 2 scores a side; shapes that do not fit together; a ratio that is negative or
        not finite.

    References
    ----------
    Nadeau & Bengio, Inference for the generalization error, Machine Learning 52, 2003, section 4
    (the variance); Welch, The generalization of "Student's" problem, Biometrika 34, 1947 (the sum
    of two variances and its degrees of freedom).
    """
    sides = _differences(first, "first"), _differences(second, "second")
    if sides[0].shape[:-1] != sides[1].shape[:-1]:
        raise ParameterError(
            f"second: allowed is the leading shape of first, {sides[0].shape[:-1]}, "
            f"got {sides[1].shape[:-1]}"
        )
    ratios = not_negative("first_ratio", first_ratio), not_negative("second_ratio", second_ratio)
    size = np.maximum(*map(_scale, sides))
    mean, own = np.zeros(size.shape), []
    for array, ratio, sign in zip(sides, ratios, (1, -1), strict=True):
        centre, deviation, _ = _moments(array)
        unit = _scale(array) / size
        mean += sign * unit * centre
        own.append((1 / array.shape[-1] + ratio) * (unit * deviation) ** 2)
    variance = own[0] + own[1]
    there = variance > 0
    # As shares of the variance no square underflows.
    shares = [np.divide(part, variance, out=np.zeros(size.shape), where=there) for part in own]
    parts = [share**2 / (a.shape[-1] - 1) for share, a in zip(shares, sides, strict=True)]
    df = np.divide(1, parts[0] + parts[1], out=np.full(size.shape, np.nan), where=there)
    statistic = np.divide(
        mean, np.sqrt(variance), out=np.where(np.abs(mean) > ROUNDING, np.nan, 0.0), where=there
    )
    tail = 2 * stdtr(np.where(there, df, 1), -np.abs(np.nan_to_num(statistic)))
    pvalue = np.where(there, tail, 1.0)
    missing = np.where(complete(sides[0]) & complete(sides[1]), 0.0, np.nan)
    return TTest((statistic + missing)[()], (pvalue + missing)[()], (df + missing)[()])


def corrected_interval(scores: ArrayLike, ratio: float, level: float = 0.95) -> Interval:
    """Return a confidence interval of the mean of fold scores, or of differences of them.

    ``mean ± t * sqrt((1/n + ratio) * s²)``, the counterpart of `corrected_t_test`.

    Parameters
    ----------
    scores : array-like of shape (..., n)
        For each fold (or each fold of each repeat).
    ratio : float
        Test rows of a fold divided by its training rows: 1 / (k - 1) for k folds.
    level : float
        The coverage asked for.

    Returns
    -------
    Interval
        Arrays of shape (...). If all scores are equal, the folds hold no estimate of noise and
        both ends are NaN. A score that is not finite: all NaN.

    Raises
    ------
    ParameterError
        Fewer than 2 scores; a ratio that is negative or not finite; a level outside (0, 1).

    References
    ----------
    Nadeau & Bengio, Inference for the generalization error, Machine Learning 52, 2003, section 4.
    """
    array, ratio = _differences(scores, "scores"), not_negative("ratio", ratio)
    level = inside("level", level)
    mean, deviation, whole = _moments(array)
    scale = _scale(array)
    n = array.shape[-1]
    half = stdtrit(n - 1, (1 + level) / 2) * np.sqrt(1 / n + ratio) * deviation
    half = np.where(half > 0, half, np.nan)
    estimate = mean * scale + np.where(whole, 0.0, np.nan)
    half = half * scale
    return Interval(estimate[()], (estimate - half)[()], (estimate + half)[()])


def bayesian_comparison(differences: ArrayLike, ratio: float, rope: float) -> Comparison:
    """Return how probable it is that a candidate is worse than another, equivalent and better.

    The Bayesian correlated t-test: the posterior of the mean difference is Student's t with
    n - 1 degrees of freedom around the mean, with the scale ``sqrt((1/n + ratio) * s²)``; the
    correlation rho of the folds' scores is taken as test rows over all rows, so that
    rho / (1 - rho) is the ratio.

    Parameters
    ----------
    differences : array-like of shape (..., n)
        The score of a candidate minus that of the other, for each fold.
    ratio : float
        Test rows of a fold divided by its training rows: 1 / (k - 1) for k folds.
    rope : float
        Half the width of the region of practical equivalence, in units of the score.

    Returns
    -------
    Comparison
        Arrays of shape (...): the probabilities of a difference below -rope, between, and above
        rope. Without variance the mean is taken as certain, and one that lies on a limit is
        equivalent. A difference that is not finite: all NaN.

    Raises
    ------
    ParameterError
        Fewer than 2 differences; a ratio or rope that is negative or not finite.

    References
    ----------
    Corani & Benavoli, A Bayesian approach for comparing cross-validated algorithms on multiple
    data sets, Machine Learning 100, 2015; Benavoli, Corani, Demšar & Zaffalon, Time for a change,
    JMLR 18(77), 2017, section 3.1.
    """
    array, ratio = _differences(differences), not_negative("ratio", ratio)
    rope = not_negative("rope", rope)
    mean, deviation, whole = _moments(array)
    # In units of tiny differences a rope may be infinite, and then takes all.
    with np.errstate(over="ignore"):
        limit = rope / _scale(array)
    spread = np.sqrt(1 / array.shape[-1] + ratio) * deviation
    safe = np.where(spread > 0, spread, 1.0)
    df = array.shape[-1] - 1
    beyond = np.abs(mean) > limit * (1 + ROUNDING)
    worse = np.where(spread > 0, stdtr(df, (-limit - mean) / safe), beyond & (mean < 0))
    better = np.where(spread > 0, stdtr(df, (mean - limit) / safe), beyond & (mean > 0))
    missing = np.where(whole, 0.0, np.nan)
    worse, better = worse + missing, better + missing
    return Comparison(worse[()], np.maximum(1 - worse - better, 0)[()], better[()])


def _differences(values: ArrayLike, name: str = "differences") -> Floats:
    array = floats(name, values)
    at_least(name, array.shape[-1], 2, "folds")
    return array


def _scale(array: Floats) -> Floats:
    """Return the size of the numbers in the last axis, 1 where all are 0 or one is missing."""
    size = np.abs(np.where(finite(array), array, 0)).max(axis=-1)
    scale: Floats = np.where(size > 0, size, 1.0)
    return scale


def _moments(array: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return mean and standard deviation in units of `_scale`, and where all are finite.

    A standard deviation that is mere rounding is 0. In these units no square overflows.
    """
    whole = complete(array)
    scaled = np.where(whole[..., None], array, 0) / _scale(array)[..., None]
    deviation = scaled.std(axis=-1, ddof=1)
    return scaled.mean(axis=-1), np.where(deviation > ROUNDING, deviation, 0.0), whole
