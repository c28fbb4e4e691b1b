"""What the scores of folds are evidence of: intervals and tests, rounded for people."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gridlanes.errors import ParameterError
from gridlanes.statistics import corrected_interval, corrected_t_test
from stages.reporting.evidence.scoring import limits

NO_INTERVAL = "no interval is known for folds in the order of time"
NO_TEST = (
    "no test is known for folds in the order of time, each of which is trained on more rows than "
    "the one before"
)


def ratio(
    profile: Mapping[str, Any], folds: int, rows: ArrayLike | None = None, repeats: int = 1
) -> float | None:
    """Return test rows by training rows of folds, those of one repeat.

    The correction of the tests and intervals stays the same however often folds are drawn, so that
    they do not shrink to nothing (Nadeau & Bengio 2003; Bouckaert & Frank 2004).

    None for folds in the order of time: their training rows grow, each is tested by what comes
    later, and no test or interval is known for them.

    Parameters
    ----------
    profile : mapping
        Of the table.
    folds : int
        Of all repeats together.
    rows : array-like of shape (folds,), optional
        Test rows of each; needed where whole groups make folds of different sizes.
    repeats : int
    """
    if "time" in profile:
        return None
    if "groups" not in profile:
        return 1 / (folds // repeats - 1)
    own = np.asarray(rows, float)
    return float(np.mean(own / (own.sum() / repeats - own)))


def known(of_folds: float | None) -> float:
    """Return a ratio, if folds have one.

    Raises
    ------
    ParameterError
    """
    if of_folds is None:
        raise ParameterError(NO_TEST)
    return of_folds


def interval(scores: Any, scoring: str, of_folds: float | None) -> dict[str, Any]:
    """Return the mean of fold scores, and what it may be on other rows.

    Parameters
    ----------
    of_folds : float or None
        See :func:`ratio`.
    """
    if of_folds is None:
        return {**rounded({"mean": np.mean(scores)}), "unknown": NO_INTERVAL}
    estimate, low, high = corrected_interval(scores, of_folds)
    return rounded({"mean": estimate, **inside(low, high, scoring)})


def inside(low: Any, high: Any, scoring: str) -> dict[str, Any]:
    """Return the ends of an interval, within what the scorer can be."""
    lowest, highest = limits(scoring)
    return {"low": np.maximum(low, lowest), "high": np.minimum(high, highest)}


def apart(low: Any, high: Any, scoring: str) -> dict[str, Any]:
    """Return the ends of an interval of a difference, within what two scores can differ by."""
    lowest, highest = limits(scoring)
    most = highest - lowest
    return {"low": np.clip(low, -most, most), "high": np.clip(high, -most, most)}


def compared(
    network: np.ndarray, other: np.ndarray, scoring: str, of_folds: float | None
) -> dict[str, Any]:
    """Return the mean of another model's fold scores, and how far the network's are from them."""
    if np.isnan(other).any():
        return {"missing": "it could not be fitted or scored on every fold"}
    differences = network - other
    if of_folds is None:
        figures = {"mean": other.mean(), "difference": differences.mean()}
        return {**rounded(figures), "unknown": NO_INTERVAL}
    difference, low, high = corrected_interval(differences, of_folds)
    test = corrected_t_test(differences, of_folds)
    figures = {"mean": other.mean(), "difference": difference, **apart(low, high, scoring)}
    return rounded({**figures, "pvalue": test.pvalue})


def rounded(figures: dict[str, Any]) -> dict[str, Any]:
    """Return figures of six digits; one that is not defined is left out."""
    return {name: round(float(own), 6) for name, own in figures.items() if np.isfinite(own)}
