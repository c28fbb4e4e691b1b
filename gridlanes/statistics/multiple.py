"""Comparing many candidates at once."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridlanes.errors import ParameterError
from gridlanes.statistics.comparing import corrected_t_test
from gridlanes.statistics.input_checks import Floats, at_least, complete, inside, table, vector


def holm(pvalues: ArrayLike) -> Floats:
    """Adjust p-values for their number.

    The i-th smallest of m is multiplied by m - i + 1, and is at least as large as those before
    it; R calls it ``p.adjust(p, "holm")``. To call significant what is below alpha then has a
    probability of at most alpha to be wrong even once, whatever the dependence.

    Parameters
    ----------
    pvalues : array-like of shape (m,)
        NaN, of failed candidates, stay NaN and do not count.

    Returns
    -------
    ndarray of shape (m,)
        In the order of those given.

    Raises
    ------
    ParameterError
        A p-value outside [0, 1].

    References
    ----------
    Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6, 1979.
    """
    array = vector("pvalues", pvalues)
    there = ~np.isnan(array)
    known = array[there]
    if ((known < 0) | (known > 1)).any():
        wrong = known[(known < 0) | (known > 1)][0]
        raise ParameterError(f"pvalues: allowed are numbers from 0 to 1 and NaN, got {wrong:g}")
    order = np.argsort(known, kind="stable")
    raised = np.maximum.accumulate(known[order] * np.arange(known.size, 0, -1))
    adjusted = np.full_like(array, np.nan)
    adjusted[np.flatnonzero(there)[order]] = np.minimum(raised, 1)
    return adjusted


def indistinguishable(scores: ArrayLike, ratio: float, alpha: float = 0.05) -> NDArray[np.bool_]:
    """Tell which candidates cannot be told apart from the best one.

    Each candidate is compared with the one of the highest mean by `corrected_t_test`, and the
    p-values are adjusted by `holm`. Where several share the highest mean, a candidate counts if
    it cannot be told apart from one of them, so that the order of the candidates plays no part.

    The best is chosen on the same scores, so this is a description of a search rather than a test
    at an exact level: being the best by chance makes the others look worse than they are.

    Parameters
    ----------
    scores : array-like of shape (candidates, folds)
        Higher is better. NaN are failed fits.
    ratio : float
        Test rows of a fold divided by its training rows: 1 / (k - 1) for k folds.
    alpha : float
        Candidates with an adjusted p-value below it are told apart.

    Returns
    -------
    ndarray of bool of shape (candidates,)
        True for the best itself, False for failed candidates.

    Raises
    ------
    ParameterError
        All candidates have failed; fewer than 2 folds; a ratio or alpha out of range.
    """
    array = table("scores", scores, "(candidates, folds)")
    at_least("scores", array.shape[1], 2, "folds")
    alpha = inside("alpha", alpha)
    whole = complete(array)
    if not whole.any():
        raise ParameterError("scores: at least one candidate without NaN is needed, got none")
    known = array[whole]
    means = known.mean(axis=1)
    # Means of equal scores may differ in their last digit.
    highest = means >= means.max() - 1e-12 * np.abs(known).max()
    leaders = np.unique(known[highest], axis=0)
    alike = np.zeros(len(known), dtype=np.bool_)
    for leader in leaders:
        alike |= _alike(leader - known, ratio, alpha)
    mask = np.zeros(len(array), dtype=np.bool_)
    mask[whole] = alike
    return mask


def _alike(differences: Floats, ratio: float, alpha: float) -> NDArray[np.bool_]:
    """Return which rows of differences from the best are no evidence of a difference."""
    pvalues = np.asarray(corrected_t_test(differences, ratio).pvalue)
    # Those that are equal to the best in every fold are not compared with it.
    other = differences.any(axis=1)
    alike = np.ones(len(differences), dtype=np.bool_)
    alike[other] = holm(pvalues[other]) >= alpha
    return alike
