"""Whether a scorer suits a task, and in plain words why one does not."""

import warnings
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import get_scorer

from stages.study.measures import measure

#: Scorers to name to those whose scorer does not suit their task.
EXAMPLES = {
    "classification": "accuracy, roc_auc_ovr and neg_log_loss",
    "regression": "r2 and neg_mean_squared_error",
}

#: A target of each kind that scorers may be for, positive for the sake of logarithms.
TARGETS = {
    "numbers": np.linspace(0.5, 6, 12),
    "two classes": np.array([0, 1] * 6),
    "classes": np.array([0, 1, 2] * 4),
    "texts": np.array(["a", "b"] * 6),
}


def scores(scorer: Any, kind: str) -> bool:
    """Return whether a scorer scores a kind of target, on a model that knows nothing."""
    y = TARGETS[kind]
    rows = np.zeros((len(y), 1))
    dummy = DummyRegressor() if kind == "numbers" else DummyClassifier(strategy="prior")
    try:
        with warnings.catch_warnings(action="ignore"):
            get_scorer(scorer)(dummy.fit(rows, y), rows, y)
    except (ValueError, TypeError, AttributeError):
        return False
    return True


def why_no_regression(name: str) -> str | None:
    """Return why a scorer does not suit a regression, whatever its table; None if it does."""
    own = measure(name)
    if own.tuned or own.numbers:
        what = "a tuned threshold" if own.tuned else name
        why = f"{what} needs classes"
    elif scores(own.kind, "numbers"):
        return None
    else:
        why = "it scores classes"
    return f"{name!r} cannot score this regression: {why}; such as {EXAMPLES['regression']} can"


def why_no_classes(scorer: Any, classes: int, *, texts: bool) -> str | None:
    """Return why a scorer cannot score so many classes; None if it is none of the usual reasons."""
    if texts and scores(scorer, "two classes") and not scores(scorer, "texts"):
        return "it scores numbers, and the classes are texts"
    if classes > 2 and scores(scorer, "two classes") and not scores(scorer, "classes"):
        return f"it scores two classes; found {classes}"
    if not any(scores(scorer, kind) for kind in ("two classes", "classes")):
        return "it scores neither two classes nor several"
    return None
