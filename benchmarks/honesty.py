"""The part ``honesty``: what gridlanes' statistics say of simulated studies, beside the truth.

The truth of an estimate is the expected accuracy of what it estimates, at the training size it
uses: of the nested estimate, of models that the inner search has chosen; of the bootstrap-corrected
and the uncorrected one, of models of the candidate that is best over the outer folds; all of them
trained on the outer training sets. It is the mean over all studies of the exact accuracies.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.options import Options
from benchmarks.simulation import Scenario, Study, one_strong, scenario, splits, study
from gridlanes.statistics import (
    bootstrap_corrected,
    corrected_interval,
    corrected_t_test,
    mean_score,
    score_interval,
)

Floats = NDArray[np.float64]

#: Of the bootstrap, as by default.
DRAWS = 1000

SCENARIOS: dict[str, Scenario] = {
    "pure noise": scenario(np.zeros(40)),
    "pure noise, small": scenario(np.zeros(40), candidates=20, rows=100),
    "one strong feature": scenario(one_strong()),
    "one strong feature, small": scenario(one_strong(), candidates=20, rows=100),
    "40 weak features": scenario(np.full(40, 0.15)),
}


class Outcome(NamedTuple):
    """What one study says, and the truth; intervals have the shape (2,)."""

    estimates: dict[str, tuple[float, float]]
    """Estimate and truth."""
    intervals: dict[str, tuple[float, float, str]]
    """Both ends, and the estimate whose truth they are to cover."""
    differences: Floats
    """Between the first two candidates, which are equally good, in each fold."""


def run(options: Options) -> dict[str, Any]:
    """Simulate all scenarios."""
    studies = 200 if options.quick else 1000
    rows = {}
    for name, settings in SCENARIOS.items():
        options.say(f"honesty: {name}, {studies} studies")
        rows[name] = about(settings) | simulate(settings, studies, options.seed)
    options.say("honesty: correlated folds")
    # Nothing is fitted here, so there can be many.
    return {
        "studies": studies,
        "scenarios": rows,
        "correlated": correlated(20 * studies, options.seed),
    }


def about(settings: Scenario) -> dict[str, int]:
    """Return the sizes of a scenario."""
    return {
        "rows": settings.rows,
        "candidates": settings.features.shape[1],
        "outer": settings.outer,
        "inner": settings.inner,
    }


def simulate(settings: Scenario, studies: int, seed: int, draws: int = DRAWS) -> dict[str, Any]:
    """Return bias, coverage and false positives over many studies of a scenario."""
    parts, generator = splits(settings), np.random.default_rng(seed)
    outcomes = [outcome(study(settings, parts, generator), draws) for _ in range(studies)]
    truth = {
        name: float(np.mean([own.estimates[name][1] for own in outcomes]))
        for name in outcomes[0].estimates
    }
    return {
        "estimates": {
            name: {"truth": truth[name], **_bias([own.estimates[name] for own in outcomes])}
            for name in truth
        },
        "coverage": {
            name: _coverage([own.intervals[name][:2] for own in outcomes], truth[of])
            for name, (_, _, of) in outcomes[0].intervals.items()
        },
        "positives": _positives(
            np.array([own.differences for own in outcomes]), 1 / (settings.outer - 1)
        ),
    }


def outcome(own: Study, draws: int) -> Outcome:
    """Estimate one study in all ways."""
    candidates, k, size = own.hits.shape
    hits = own.hits.reshape(candidates, -1).astype(np.float64)
    folds, outer = np.repeat(np.arange(k), size), np.arange(k)
    nested = own.hits[own.winners, outer].astype(np.float64)
    bootstrap = bootstrap_corrected(mean_score(hits), hits.shape[1], draws)
    best = own.truth[hits.mean(axis=1).argmax()].mean()
    ratio = 1 / (k - 1)
    intervals = {
        "nested": (score_interval(nested.ravel(), folds), "nested"),
        "nested, correlation=0": (score_interval(nested.ravel(), folds, correlation=0), "nested"),
        "nested, fold scores": (corrected_interval(nested.mean(axis=1), ratio), "nested"),
        "bootstrap": (bootstrap, "bootstrap"),
        "one": (score_interval(hits[0], folds), "one"),
        "one, correlation=0": (score_interval(hits[0], folds, correlation=0), "one"),
        "one, fold scores": (corrected_interval(own.hits[0].mean(axis=1), ratio), "one"),
    }
    return Outcome(
        {
            "uncorrected": (bootstrap.uncorrected, best),
            "bootstrap": (bootstrap.estimate, best),
            "nested": (nested.mean(), own.truth[own.winners, outer].mean()),
            "one": (hits[0].mean(), own.truth[0].mean()),
        },
        {name: (found.low, found.high, of) for name, (found, of) in intervals.items()},
        own.hits[0].mean(axis=1) - own.hits[1].mean(axis=1),
    )


def correlated(studies: int, seed: int, folds: int = 10) -> dict[str, Any]:
    """Return the same of fold scores that are normal with the correlation 1 / folds."""
    generator = np.random.default_rng(seed)
    common = generator.normal(size=(studies, 1)) * np.sqrt(1 / folds)
    scores = common + generator.normal(size=(studies, folds)) * np.sqrt(1 - 1 / folds)
    interval = corrected_interval(scores, 1 / (folds - 1))
    ends = np.stack([interval.low, interval.high], axis=1)
    return {
        "studies": studies,
        "folds": folds,
        "coverage": _coverage(ends, 0.0),
        "positives": _positives(scores, 1 / (folds - 1)),
    }


def _bias(pairs: list[tuple[float, float]]) -> dict[str, float]:
    """Return the bias and its Monte Carlo standard error."""
    estimates, truth = np.transpose(pairs)
    errors = estimates - truth
    return {
        "bias": float(errors.mean()),
        "error": float(errors.std(ddof=1) / np.sqrt(len(errors))),
        "deviation": float(estimates.std(ddof=1)),
    }


def _coverage(ends: list[tuple[float, float]] | Floats, truth: float) -> dict[str, float]:
    """Return the share of intervals that hold the truth, and their mean width.

    An interval that is not known holds it, as it excludes nothing.
    """
    low, high = np.transpose(ends)
    return {
        "share": float(1 - np.mean((low > truth) | (high < truth))),
        "width": float(np.nanmean(high - low)),
    }


def _positives(differences: Floats, ratio: float) -> Mapping[str, float]:
    """Return how often two equally good candidates are told apart at 5 %."""
    return {
        name: float(np.mean(np.asarray(corrected_t_test(differences, own).pvalue) < 0.05))
        for name, own in (("corrected", ratio), ("plain", 0.0))
    }
