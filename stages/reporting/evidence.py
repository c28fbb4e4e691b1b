"""What the scores of folds are evidence of: intervals and tests, rounded for people."""

from typing import Any

import numpy as np

from gridlanes.statistics import corrected_interval, corrected_t_test
from stages.reporting.scoring import limits


def ratio(folds: int) -> float:
    """Return test rows by training rows of so many folds."""
    return 1 / (folds - 1)


def interval(scores: Any, scoring: str) -> dict[str, float]:
    """Return the mean of fold scores, and what it may be on other rows."""
    estimate, low, high = corrected_interval(scores, ratio(len(scores)))
    return rounded({"mean": estimate, **inside(low, high, scoring)})


def inside(low: Any, high: Any, scoring: str) -> dict[str, Any]:
    """Return the ends of an interval, within what the scorer can be."""
    lowest, highest = limits(scoring)
    return {"low": np.maximum(low, lowest), "high": np.minimum(high, highest)}


def _within(low: Any, high: Any, scoring: str) -> dict[str, Any]:
    """Return the ends of an interval of a difference, within what two scores can differ by."""
    lowest, highest = limits(scoring)
    most = highest - lowest
    return {"low": np.clip(low, -most, most), "high": np.clip(high, -most, most)}


def compared(network: np.ndarray, other: np.ndarray, scoring: str) -> dict[str, Any]:
    """Return the mean of another model's fold scores, and how far the network's are from them."""
    if np.isnan(other).any():
        return {"missing": "it could not be fitted or scored on every fold"}
    of_folds = network - other
    difference, low, high = corrected_interval(of_folds, ratio(len(of_folds)))
    test = corrected_t_test(of_folds, ratio(len(of_folds)))
    figures = {"mean": other.mean(), "difference": difference, **_within(low, high, scoring)}
    return rounded({**figures, "pvalue": test.pvalue})


def rounded(figures: dict[str, Any]) -> dict[str, Any]:
    """Return figures of six digits; one that is not defined is left out."""
    return {name: round(float(own), 6) for name, own in figures.items() if np.isfinite(own)}
