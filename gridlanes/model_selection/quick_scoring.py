"""Accuracy as scikit-learn computes it, without what it checks anew for every fit.

Scoring takes longer than training a small network, nearly all of it spent on finding out of which
kind the same labels are. The result is scikit-learn's to the last digit.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn import get_config
from sklearn.base import is_classifier
from sklearn.metrics import accuracy_score
from sklearn.utils.multiclass import type_of_target

from gridlanes.estimators.scoring import Scored, own_scorer
from gridlanes.model_selection.last_step import network_of


def quick(scoring: Any, estimator: Any, y: Any) -> Any:
    """Return a quick scorer that does what ``scoring`` does, or ``scoring`` itself.

    Parameters
    ----------
    scoring : str, callable, mapping or None
        As given to a search; ``"accuracy"`` can be quick, and so can None.
    estimator : estimator
        That ends in a network.
    y : array-like
        All targets of the search.
    """
    if get_config()["enable_metadata_routing"] or not is_classifier(estimator):
        return scoring
    if scoring is None:
        network = network_of(estimator)
        known = type(network).score is Scored.score and own_scorer(network) is None
    else:
        known = isinstance(scoring, str) and scoring == "accuracy"
    return _accuracy if known and _are_labels(y) else scoring


def _are_labels(y: Any) -> bool:
    """Return whether scikit-learn would take all targets for classes."""
    try:
        # NumPy warns of a NaN, which scikit-learn then refuses in words of its own.
        with np.errstate(invalid="ignore"):
            return np.ndim(y) == 1 and type_of_target(y) in ("binary", "multiclass")
    except ValueError:
        return False


def _accuracy(
    estimator: Any, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None
) -> float:
    predicted = estimator.predict(X)
    if sample_weight is not None:
        return float(accuracy_score(y, predicted, sample_weight=sample_weight))
    return float(np.mean(np.asarray(y) == predicted))
