"""Scores that single out one of two classes, which scikit-learn takes for 1 or the last one."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn import metrics


def _likelihood_ratio(truth: Any, answers: Any, *, pos_label: Any, which: int) -> float:
    """Return one of scikit-learn's likelihood ratios, which takes the last label for positive."""
    others = [label for label in np.union1d(truth, answers) if label != pos_label]
    ratios = metrics.class_likelihood_ratios(
        truth, answers, labels=[*others, pos_label], replace_undefined_by=1.0
    )
    return float(ratios[which])


def mean_cost(
    truth: Any,
    answers: Any,
    *,
    fp: float,
    fn: float,
    pos_label: Any = 1,
    sample_weight: Any = None,
) -> float:
    """Return what errors cost a row on average.

    Parameters
    ----------
    truth, answers : array-like of shape (rows,)
    fp, fn : float
        What a false positive and a false negative cost.
    pos_label : int or str
        The label of the positive class.
    sample_weight : array-like of shape (rows,), optional

    Raises
    ------
    ValueError
        As scikit-learn's scores of one class do.
    """
    labels = np.union1d(truth, answers).tolist()
    if len(labels) > 2:
        raise ValueError(f"costs are of two classes; found {len(labels)}")
    if len(labels) == 2 and pos_label not in labels:
        raise ValueError(
            f"pos_label={pos_label} is not a valid label: It should be one of {labels}"
        )
    is_positive, said = np.asarray(truth) == pos_label, np.asarray(answers) == pos_label
    costs = fp * (~is_positive & said) + fn * (is_positive & ~said)
    return float(np.average(costs, weights=sample_weight))


#: Scores of one class by their kind, with what scikit-learn's ``make_scorer`` is to know of them.
OF_A_CLASS: dict[str, tuple[Callable[..., float], dict[str, Any]]] = {
    "f1": (metrics.f1_score, {}),
    "precision": (metrics.precision_score, {}),
    "recall": (metrics.recall_score, {}),
    "jaccard": (metrics.jaccard_score, {}),
    "fbeta": (metrics.fbeta_score, {}),
    "cost": (mean_cost, {"greater_is_better": False}),
    "positive_likelihood_ratio": (_likelihood_ratio, {"which": 0}),
    "neg_negative_likelihood_ratio": (
        _likelihood_ratio,
        {"which": 1, "greater_is_better": False},
    ),
    "neg_brier_score": (
        metrics.brier_score_loss,
        {"response_method": "predict_proba", "greater_is_better": False},
    ),
    "d2_brier_score": (metrics.d2_brier_score, {"response_method": "predict_proba"}),
    "average_precision": (metrics.average_precision_score, {"response_method": "predict_proba"}),
}
