"""Thresholds that are tuned inside the training rows of a fold, by scikit-learn.

A study may score a network in several ways at once, by the likeliest class and at thresholds that
are tuned for one scorer or another. One estimator serves them all: its network is trained once on
all of a fold's rows, and once on each part of them that thresholds are tuned on.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridlanes.compat.sklearn import ReadingScorer, TunedThresholds
from stages.study.measures import INNER, measure, tuned_among
from stages.study.prepared import Prepared
from stages.study.scorers import asked_by, is_of_a_class
from stages.study.splits import make_folds
from stages.study.tuning_scores import tuning_scorer

#: The name under which a search has the thresholds of its fits, beside its scores.
THRESHOLD = "threshold"


def with_thresholds(estimator: Any, names: Sequence[str], data: Prepared, seed: int) -> Any:
    """Return an estimator that has what scorers of these names look at.

    Parameters
    ----------
    estimator : classifier or regressor
    names : sequence of str
        See :mod:`stages.study.measures`.
    data : Prepared
    seed : int
        Of the folds that thresholds are tuned on.
    """
    tuned = {name: _tuned_for(name, data) for name in tuned_among(names)}
    if not tuned:
        return estimator
    first = tuned.pop(next(iter(tuned)))
    return TunedThresholds(estimator, scoring=first, cv=make_folds(data, INNER, seed), others=tuned)


def _tuned_for(name: str, data: Prepared) -> Any:
    label = class_at(name, np.unique(data.y), data.positive)
    own = tuning_scorer(measure(name), label)
    return own if data.weights is None else own.set_score_request(sample_weight=True)


def grid_of(estimator: Any, grid: Any) -> Any:
    """Return a grid, or a list of them, of the network that an estimator is or is around."""
    if not isinstance(estimator, TunedThresholds):
        return grid
    if isinstance(grid, Mapping):
        return {f"estimator__{name}": values for name, values in grid.items()}
    return [grid_of(estimator, own) for own in grid]


def without_threshold(estimator: Any) -> Any:
    """Return the fitted network, or what it stands in a pipeline with."""
    return getattr(estimator, "estimator_", estimator)


def thresholds_beside(scoring: Any, name: str, names: Sequence[str]) -> Any:
    """Return scorers that also note the threshold of each fit, if one is tuned for a scorer.

    Parameters
    ----------
    scoring : dict of str to scorer
    name : str
        Of the scorer whose thresholds are noted.
    names : sequence of str
        Of all.
    """
    return {**scoring, THRESHOLD: ReadingScorer(partial(_threshold, name, tuple(names)))}


def _threshold(name: str, names: Sequence[str], estimator: Any) -> float:
    return float(asked_by(name, names, estimator).best_threshold_)


def thresholds_of(
    results: Mapping[str, Any], seeds: Sequence[int] | None, folds: int
) -> NDArray[np.float64] | None:
    """Return the thresholds of a search's fits, shape (candidates, seeds, folds); None without."""
    if f"mean_test_{THRESHOLD}" not in results:
        return None
    runs = [""] if seeds is None else [f"seed{seed}_" for seed in seeds]
    return np.array(
        [[results[f"split{n}_{run}test_{THRESHOLD}"] for n in range(folds)] for run in runs]
    ).transpose(2, 0, 1)


def class_at(name: str, classes: Any, positive: Any) -> Any:
    """Return the class whose probability a scorer's threshold is of, as scikit-learn has it."""
    if not is_of_a_class(name):
        return classes[1]
    return 1 if positive is None else positive


def chosen_threshold(estimator: Any, name: str, names: Sequence[str], data: Prepared) -> Any:
    """Return ``class`` and ``at`` of the threshold tuned for a scorer, None if it has none."""
    if name not in tuned_among(names):
        return None
    label = class_at(name, estimator.classes_.tolist(), data.positive)
    return {"class": label, "at": _threshold(name, names, estimator)}


def named_at(
    thresholds: Any, probabilities: NDArray[Any], classes: Any, label: Any
) -> NDArray[Any]:
    """Return which of two classes is named where one has to have a probability of at least so much.

    Parameters
    ----------
    thresholds : float or array-like
        One for all rows or one a row.
    probabilities : ndarray of shape (rows, 2)
    classes : sequence of two labels
    label : int or str
        Of the class that the thresholds are of.
    """
    classes = np.asarray(classes)
    place = int(np.flatnonzero(classes == label)[0])
    enough = probabilities[:, place] >= np.asarray(thresholds, "float64")
    named: NDArray[Any] = np.where(enough, classes[place], classes[1 - place])
    return named
