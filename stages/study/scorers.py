"""Scorers by name, told which of two classes is the positive one, and asking for weights."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from sklearn import metrics
from sklearn.metrics import get_scorer, make_scorer

from gridlanes.compat.sklearn import accepts_weights
from stages.study.prepared import Prepared


def _likelihood_ratio(truth: Any, answers: Any, *, pos_label: Any, which: int) -> float:
    """Return one of scikit-learn's likelihood ratios, which takes the last label for positive."""
    others = [label for label in np.union1d(truth, answers) if label != pos_label]
    ratios = metrics.class_likelihood_ratios(
        truth, answers, labels=[*others, pos_label], replace_undefined_by=1.0
    )
    return float(ratios[which])


#: Scorers that single out a class, which scikit-learn takes for 1 or the last one.
OF_A_CLASS: dict[str, tuple[Callable[..., float], dict[str, Any]]] = {
    "f1": (metrics.f1_score, {}),
    "precision": (metrics.precision_score, {}),
    "recall": (metrics.recall_score, {}),
    "jaccard": (metrics.jaccard_score, {}),
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
    apart = [name for name in names if "response_method" in OF_A_CLASS.get(name, ({}, {}))[1]]
    if data.weights is None and data.positive is None and not (apart and len(names) > 1):
        return list(names)
    found = {name: scorer(name, data) for name in names}
    return found | {name: _Apart(get_scorer(found[name])) for name in apart}


class _Apart:
    """A scorer that shares no predictions with others.

    Scikit-learn asks for probabilities once for all scorers, whichever class they are to be of: the
    first scorer's class would be that of all (``_MultimetricScorer``, of 1.9).

    Parameters
    ----------
    scorer : scorer
    """

    def __init__(self, scorer: Any) -> None:
        self._scorer = scorer

    def __call__(self, estimator: Any, X: Any, y: Any, **weights: Any) -> Any:
        return self._scorer(estimator, X, y, **weights)

    def get_metadata_routing(self) -> Any:
        """Return what the scorer asks for."""
        return self._scorer.get_metadata_routing()


def doubts(profile: dict[str, Any], scoring: Sequence[str]) -> list[str]:
    """Say what scorers may not tell of a target, one sentence each."""
    return [*_unbalanced(profile, scoring), *_of_no_named_class(profile, scoring)]


def _unbalanced(profile: dict[str, Any], scoring: Sequence[str]) -> Iterator[str]:
    """Say so if accuracy judges a target that is nearly always the same."""
    classes = profile.get("classes")
    if classes is None or "accuracy" not in scoring:
        return
    largest = max(classes, key=lambda own: own["rows"])
    if largest["share"] <= LARGEST:
        return
    yield (
        f"accuracy says little here: {largest['share']:.1%} of the rows are of class "
        f"{largest['label']!r}, and always naming it is right as often; roc_auc, "
        "average_precision and balanced_accuracy look at the others"
    )


def _of_no_named_class(profile: dict[str, Any], scoring: Sequence[str]) -> Iterator[str]:
    """Say of which class some scores are where nobody has said it and it is not the usual 1."""
    labels = [own["label"] for own in profile.get("classes", [])]
    of_a_class = [name for name in scoring if name in OF_A_CLASS]
    if of_a_class and len(labels) == 2 and profile.get("positive") is None and 1 in labels[:1]:
        yield f"{', '.join(of_a_class)} is of class 1, not of {labels[1]}; data.positive names it"
