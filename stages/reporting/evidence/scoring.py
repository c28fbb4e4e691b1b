"""A scikit-learn scorer on many candidates and many weightings of their out-of-fold predictions.

The common scorers are sums over rows and take no time; any other is called once for each
candidate and weighting.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import get_scorer

from gridlanes.statistics import any_score, area_under_roc, mean_score, r2_score, ratio_score
from stages.study.answered import answered
from stages.study.measures import Measure, measure
from stages.study.predictions import PROBABILITY
from stages.study.scorers import by_name

Score = Callable[[NDArray[np.float64]], NDArray[np.float64]]


class Said(NamedTuple):
    """Out-of-fold predictions as arrays.

    Attributes
    ----------
    truth, folds : ndarray of shape (rows,)
    outputs : ndarray of shape (candidates, rows, columns)
        Probabilities of the classes, or one column of predictions.
    classes : ndarray of shape (columns,) or None
    positive : int, str or None
        The class that scorers of one class score, if it was named.
    """

    truth: NDArray[Any]
    folds: NDArray[np.int64]
    outputs: NDArray[Any]
    classes: NDArray[Any] | None
    positive: Any = None

    @property
    def predicted(self) -> NDArray[Any]:
        """The likeliest class or the prediction, shape (candidates, rows)."""
        if self.classes is None:
            return self.outputs[:, :, 0]
        labels: NDArray[Any] = self.classes[self.outputs.argmax(axis=2)]
        return labels

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Candidates with a failed fit, shape (candidates,)."""
        failed: NDArray[np.bool_] = np.isnan(self.outputs).any(axis=(1, 2))
        return failed


def said(table: pd.DataFrame, runs: int, positive: Any = None, *, tuned: bool = False) -> Said:
    """Return a table of ``stages.study.predictions`` as arrays.

    Parameters
    ----------
    table : DataFrame
        Of so many runs over the same rows in the same order, one after the other.
    runs : int
        Candidates times seeds; 1 for the table of a cross-validation.
    positive : int, str or None
        As the profile says.
    tuned : bool
        Whether scores are those of the predicted classes of the table, at tuned thresholds: these
        stand in the outputs then, as if they were certain.
    """
    names = [str(name) for name in table.columns if str(name).startswith(PROBABILITY)]
    rows = len(table) // runs
    first = table.iloc[:rows]
    truth = first["truth"].to_numpy()
    columns = table[names] if names else table[["predicted"]]
    outputs = columns.to_numpy().reshape(runs, rows, -1)
    labels = [name.removeprefix(PROBABILITY) for name in names]
    # Not every class that a network knows is among the rows that are tested.
    classes = np.array(labels, dtype=truth.dtype) if names else None
    if tuned and classes is not None:
        certain = table["predicted"].to_numpy().reshape(runs, rows, 1) == classes
        outputs = np.where(np.isnan(outputs), np.nan, certain)
    return Said(truth, first["fold"].to_numpy(), outputs, classes, positive)


#: Beginnings of the names of scorers from 0 to 1.
SHARES = (
    "accuracy",
    "average_precision",
    "balanced_accuracy",
    "f1",
    "fbeta",
    "jaccard",
    "precision",
    "recall",
    "roc_auc",
    "top_k",
)


def limits(scoring: str) -> tuple[float, float]:
    """Return what a scorer can be at least and at most."""
    if scoring.startswith(SHARES):
        return 0.0, 1.0
    if measure(scoring).kind == "matthews_corrcoef":
        return -1.0, 1.0
    if costs := measure(scoring).numbers:
        return -max(costs.values()), 0.0
    if scoring.startswith("neg_"):
        return -math.inf, 0.0
    return -math.inf, 1.0 if scoring in ("r2", "explained_variance") else math.inf


def row_scores(scoring: str, own: Said) -> NDArray[np.float64] | None:
    """Return what each row scores by itself, shape (candidates, rows); None if it does not.

    NaN for candidates with a failed fit.
    """
    scores: NDArray[np.float64]
    if measure(scoring).kind == "accuracy":
        scores = (own.predicted == own.truth).astype(float)
    elif scoring == "neg_log_loss" and own.classes is not None:
        column = np.searchsorted(own.classes, own.truth)
        given = own.outputs[:, np.arange(len(own.truth)), column]
        # Scikit-learn keeps probabilities this far from 0.
        scores = np.log(np.maximum(given, np.finfo(given.dtype).eps)).astype(float)
    elif measure(scoring).kind == "cost" and own.classes is not None:
        scores = _costs(own, **measure(scoring).numbers)
    elif scoring == "neg_mean_squared_error":
        scores = -((own.predicted.astype(float) - own.truth) ** 2)
    elif scoring == "neg_mean_absolute_error":
        scores = -np.abs(own.predicted.astype(float) - own.truth)
    else:
        return None
    scores[own.failed] = np.nan
    return scores


def _costs(own: Said, fp: float, fn: float) -> NDArray[np.float64]:
    is_positive, named = own.truth == _positive(own), own.predicted == _positive(own)
    # No cost is 0, not -0.
    costs: NDArray[np.float64] = 0.0 - (fp * (~is_positive & named) + fn * (is_positive & ~named))
    return costs


def score_of(scoring: str, own: Said, *, weighted: bool = False) -> Score:
    """Return a function of weights, shape (draws, rows), that scores (draws, candidates).

    These are whole numbers, or with ``weighted`` any.
    """
    quick = quick_score(scoring, own)
    call = _called(scoring, own.classes, own.positive, weighted=weighted)
    return quick or any_score(call, own.truth, own.outputs)


def quick_score(scoring: str, own: Said) -> Score | None:
    """Return what :func:`score_of` does if many draws take it no time, else None."""
    rows = row_scores(scoring, own)
    if rows is not None:
        return mean_score(rows)
    if scoring == "r2":
        return r2_score(own.truth, own.outputs[:, :, 0])
    if own.classes is not None and len(own.classes) == 2:
        if scoring == "roc_auc":
            return area_under_roc(own.truth == own.classes[1], own.outputs[:, :, 1], own.folds)
        positive = own.truth == _positive(own)
        if measure(scoring).kind in ("f1", "fbeta", "precision", "recall") and positive.any():
            return _of_positives(measure(scoring), own, positive)
    if measure(scoring).kind == "balanced_accuracy" and own.classes is not None:
        return _balanced(own)
    return None


def _positive(own: Said) -> Any:
    return 1 if own.positive is None else own.positive


def _of_positives(scoring: Measure, own: Said, positive: NDArray[np.bool_]) -> Score:
    found = (own.predicted == _positive(own)).astype(float)
    found[own.failed] = np.nan
    truth = np.broadcast_to(positive.astype(float), found.shape)
    both = found * truth
    if scoring.kind in ("precision", "recall"):
        return ratio_score(both, found if scoring.kind == "precision" else truth)
    square = scoring.numbers.get("beta", 1.0) ** 2
    return ratio_score((1 + square) * both, found + square * truth)


def _balanced(own: Said) -> Score:
    right = (own.predicted == own.truth).astype(float)
    right[own.failed] = np.nan
    kinds = [np.broadcast_to(own.truth == label, right.shape) for label in np.unique(own.truth)]
    recalls = [ratio_score(right * kind, kind.astype(float)) for kind in kinds]
    return lambda weights: np.mean([recall(weights) for recall in recalls], axis=0)


def _called(
    scoring: str, classes: NDArray[Any] | None, positive: Any = None, *, weighted: bool = False
) -> Callable[..., float]:
    """Return a scorer as a function of truth, prediction and whole weights, or any weights."""
    score = get_scorer(by_name(scoring, positive))

    def call(truth: Any, prediction: Any, *, sample_weight: Any) -> float:
        options = {"sample_weight": sample_weight} if weighted else {}
        if not weighted:
            # Not every scorer takes weights; each takes a row twice.
            times = sample_weight.astype(int)
            prediction, truth = (np.repeat(own, times, axis=0) for own in (prediction, truth))
        try:
            return float(score(answered(prediction, classes), prediction, truth, **options))
        except ValueError:
            # As of a candidate whose predictions the scorer does not take; the search has NaN too.
            return math.nan

    return call
