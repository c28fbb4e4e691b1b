"""Choosing a candidate by more than its mean score."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from gridlanes.errors import ParameterError
from gridlanes.statistics.input_checks import Floats, at_least, complete

#: What makes a candidate expensive, first things first; gridlanes' searches add these columns.
COSTS = ("n_weights", "n_steps")


def one_standard_error(cv_results: Mapping[str, Any], repeats: int = 1) -> int:
    """Return the index of the cheapest candidate within one standard error of the best.

    To be given to a search as ``refit=one_standard_error``; as with any function there, the search
    has no ``best_score_`` then. Cheapest is the one with the fewest
    weights (``n_weights``), among those the one trained in the fewest steps (``n_steps``), then
    the one with the higher mean, then the first. The standard error is that of the best
    candidate's mean: the standard deviation over the folds (n - 1 in its denominator) divided by
    sqrt(n), where n are the folds of one repeat: what repeats take out is what the division into
    folds adds, not what other rows would. Where several share the highest mean, the cheapest of
    them is the best.

    Parameters
    ----------
    cv_results : mapping
        ``cv_results_`` of a gridlanes search with one metric. Candidates with a failed fit are
        never chosen.
    repeats : int
        How often the folds of the search were drawn;
        ``refit=functools.partial(one_standard_error, repeats=5)``.

    Returns
    -------
    int
        The position of the candidate.

    Raises
    ------
    ParameterError
        Several metrics; the columns of cost are missing, which only searches of Keras estimators
        have; one fold; folds that are no whole number a repeat; all candidates have failed.

    References
    ----------
    Breiman, Friedman, Olshen & Stone, Classification and Regression Trees, 1984, section 3.4.3;
    Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, 2009, section 7.10.
    """
    scores = _scores(cv_results)
    if repeats < 1 or scores.shape[1] % repeats:
        raise ParameterError(
            f"repeats: allowed is what divides the {scores.shape[1]} folds, got {repeats!r}"
        )
    whole = complete(scores)
    if not whole.any():
        raise ParameterError("cv_results: all candidates have failed, so that none can be chosen")
    means = np.where(whole[:, None], scores, np.nan).mean(axis=1)
    # Means of equal scores may differ in their last digit.
    rounding = 1e-12 * np.abs(scores[whole]).max()
    # From the last key to the first; the lower index comes first among equals.
    rank = np.lexsort((-means, *(_cost(cv_results, name, len(means)) for name in COSTS[::-1])))
    cheapest_first = rank[whole[rank]]
    best = cheapest_first[means[cheapest_first] >= means[whole].max() - rounding][0]
    error = scores[best].std(ddof=1) / np.sqrt(scores.shape[1] / repeats)
    enough = means[cheapest_first] >= means[best] - error - rounding
    return int(cheapest_first[enough][0])


def _scores(cv_results: Mapping[str, Any]) -> Floats:
    """Return the scores of shape (candidates, folds)."""
    names = [name for name in cv_results if re.fullmatch(r"split\d+_test_score", name)]
    if not names:
        found = sorted(name for name in cv_results if name.startswith("mean_test_"))
        raise ParameterError(
            "cv_results: the rule of one standard error needs a search with one metric, got "
            + (", ".join(found) or "no scores")
        )
    at_least("cv_results", len(names), 2, "folds")
    return np.array([np.asarray(cv_results[name], dtype=np.float64) for name in names]).T


def _cost(cv_results: Mapping[str, Any], name: str, candidates: int) -> Floats:
    if name not in cv_results:
        raise ParameterError(
            f"cv_results: the column {name} is missing, which only searches of Keras estimators "
            "with gridlanes have"
        )
    cost = np.asarray(cv_results[name], dtype=np.float64)
    if cost.shape != (candidates,):
        raise ParameterError(
            f"cv_results: {name}: allowed is one number for each of the {candidates} candidates, "
            f"got the shape {cost.shape}"
        )
    return cost
