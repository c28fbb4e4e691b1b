"""Scores of two classes from counts of right and wrong answers: what thresholds are tuned for.

A threshold is looked for among a hundred in each of several folds, and scikit-learn's scores spend
a millisecond or three each time on what kind of labels they have. These have its formulas, and
nothing else.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import make_scorer

from stages.study.measures import Measure


class Counts(NamedTuple):
    """Rows, or their weights: truly and falsely named positive, falsely and truly negative."""

    tp: float
    fp: float
    fn: float
    tn: float


def _accuracy(own: Counts) -> float:
    return (own.tp + own.tn) / sum(own)


def _balanced_accuracy(own: Counts) -> float:
    # A class that no row is of does not count.
    classes = [(own.tn, own.tn + own.fp), (own.tp, own.tp + own.fn)]
    recalls = [right / rows for right, rows in classes if rows]
    return sum(recalls) / len(recalls)


def _fbeta(own: Counts, beta: float = 1.0) -> float:
    square = beta**2
    return _ratio((1 + square) * own.tp, square * (own.tp + own.fn) + (own.tp + own.fp))


def _jaccard(own: Counts) -> float:
    return _ratio(own.tp, own.tp + own.fp + own.fn)


def _matthews(own: Counts) -> float:
    truth, named = (own.tp + own.fn, own.tn + own.fp), (own.tp + own.fp, own.tn + own.fn)
    rows = sum(own)
    of_named = rows**2 - (named[0] ** 2 + named[1] ** 2)
    of_truth = rows**2 - (truth[0] ** 2 + truth[1] ** 2)
    both = (own.tp + own.tn) * rows - (truth[0] * named[0] + truth[1] * named[1])
    return _ratio(both, math.sqrt(of_named * of_truth))


def _cost(own: Counts, fp: float, fn: float) -> float:
    return -(fp * own.fp + fn * own.fn) / sum(own)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


SCORES: dict[str, Callable[..., float]] = {
    "accuracy": _accuracy,
    "balanced_accuracy": _balanced_accuracy,
    "f1": _fbeta,
    "fbeta": _fbeta,
    "jaccard": _jaccard,
    "matthews_corrcoef": _matthews,
    "cost": _cost,
}


def score(
    truth: Any, answers: Any, *, pos_label: Any, own: Measure, sample_weight: Any = None
) -> float:
    """Return a score of predicted classes.

    Parameters
    ----------
    truth, answers : array-like of shape (rows,)
    pos_label : int or str
        The label of the positive class.
    own : Measure
        Of a kind in ``SCORES``.
    sample_weight : array-like of shape (rows,), optional
    """
    positive, named = np.asarray(truth) == pos_label, np.asarray(answers) == pos_label
    cells = (positive & named, ~positive & named, positive & ~named, ~positive & ~named)
    weights = None if sample_weight is None else np.asarray(sample_weight, "float64")
    counts = (
        float(np.count_nonzero(cell) if weights is None else weights[cell].sum()) for cell in cells
    )
    return SCORES[own.kind](Counts(*counts), **own.numbers)


def tuning_scorer(own: Measure, positive: Any) -> Any:
    """Return what a threshold is tuned for, as a scorer of scikit-learn.

    Parameters
    ----------
    own : Measure
    positive : int or str
        The label of the class that the threshold is of.
    """
    return make_scorer(score, pos_label=positive, own=own)
