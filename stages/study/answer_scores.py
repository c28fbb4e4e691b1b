"""Scores of answers that are there already, by a scorer's name."""

import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import get_scorer

from stages.study.answered import answered
from stages.study.measures import measure
from stages.study.prepared import Prepared
from stages.study.routing import WEIGHTS
from stages.study.scorers import by_name, takes_weights


def outputs_by(name: str, estimator: Any, X: Any, task: str) -> NDArray[Any]:
    """Return what a fitted estimator says of rows, as :func:`score` takes it.

    Where a scorer looks at a tuned threshold, classes are what it says, as certain ones.
    """
    if task == "regression":
        return np.asarray(estimator.predict(X)).reshape(len(X), -1)
    if measure(name).tuned:
        return certain(estimator.predict(X), estimator.classes_)
    return np.asarray(estimator.predict_proba(X))


def certain(labels: NDArray[Any], classes: NDArray[Any]) -> NDArray[Any]:
    """Return probabilities of 1 for the classes that are named."""
    named = np.asarray(labels)[:, None] == np.asarray(classes)
    return np.asarray(named, "float64")


def score(
    name: str, outputs: NDArray[Any], classes: NDArray[Any] | None, tested: Prepared
) -> float:
    """Return a score by the scorer of this name; NaN where it is not defined.

    Parameters
    ----------
    name : str
        See :mod:`stages.study.measures`; a threshold is applied already.
    outputs : ndarray of shape (rows, columns)
    classes : ndarray or None
        None for a regression.
    tested : Prepared
        The rows.
    """
    if not np.isfinite(outputs).all():
        return math.nan
    counts = tested.weights is not None and takes_weights(name)
    weights = {WEIGHTS: np.asarray(tested.weights)} if counts else {}
    scorer = get_scorer(by_name(name, tested.positive))
    with warnings.catch_warnings(action="ignore"):
        try:
            return float(scorer(answered(outputs, classes), tested.X, tested.y, **weights))
        except ValueError:
            return math.nan
