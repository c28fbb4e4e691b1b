"""Scorers by name, told which of two classes is the positive one, and asking for weights."""

from collections.abc import Callable, Sequence
from typing import Any

from sklearn import metrics
from sklearn.metrics import get_scorer, make_scorer

from gridlanes.compat.sklearn import accepts_weights
from stages.study.artifacts import Prepared

#: Scorers that single out a class, which scikit-learn takes for 1 or the last one.
OF_A_CLASS: dict[str, tuple[Callable[..., float], dict[str, Any]]] = {
    "f1": (metrics.f1_score, {}),
    "precision": (metrics.precision_score, {}),
    "recall": (metrics.recall_score, {}),
    "jaccard": (metrics.jaccard_score, {}),
    "neg_brier_score": (
        metrics.brier_score_loss,
        {"response_method": "predict_proba", "greater_is_better": False},
    ),
    "d2_brier_score": (metrics.d2_brier_score, {"response_method": "predict_proba"}),
    "average_precision": (metrics.average_precision_score, {"response_method": "predict_proba"}),
}

#: A class with more than this share is nearly always right to name.
LARGEST = 0.9


def by_name(name: str, positive: Any) -> Any:
    """Return what scores by a name: the name itself, unless it depends on the positive class.

    Parameters
    ----------
    name : str
        Of one of scikit-learn's scorers.
    positive : int, str or None
        The label that ``data.positive`` names.
    """
    if positive is None or name not in OF_A_CLASS:
        return name
    score, how = OF_A_CLASS[name]
    return make_scorer(score, pos_label=positive, **how)


def takes_weights(name: str) -> bool:
    """Return whether a scorer takes weights."""
    return accepts_weights(get_scorer(name))


def scorer(name: str, data: Prepared) -> Any:
    """Return what scores a study by a name, asking for the weights of rows if there are any."""
    own = by_name(name, data.positive)
    if data.weights is None or not takes_weights(name):
        return own
    return get_scorer(own).set_score_request(sample_weight=True)


def scorers(names: Sequence[str], data: Prepared) -> Any:
    """Return what scores by several names, as ``scoring`` of a cross-validation takes it."""
    if data.positive is None and data.weights is None:
        return list(names)
    return {name: scorer(name, data) for name in names}


def unbalanced(profile: dict[str, Any], scoring: Sequence[str]) -> str | None:
    """Say so if accuracy judges a target that is nearly always the same; None otherwise."""
    classes = profile.get("classes")
    if classes is None or "accuracy" not in scoring:
        return None
    largest = max(classes, key=lambda own: own["rows"])
    if largest["share"] <= LARGEST:
        return None
    return (
        f"accuracy says little here: {largest['share']:.1%} of the rows are of class "
        f"{largest['label']!r}, and always naming it is right as often; roc_auc, "
        "average_precision and balanced_accuracy look at the others"
    )
