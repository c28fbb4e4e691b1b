"""Scorers by name, told which of two classes is the positive one, and asking for weights."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from sklearn.metrics import get_scorer, make_scorer

from gridlanes.compat.sklearn import ScorerOfPart, accepts_weights
from stages.study.class_scores import OF_A_CLASS
from stages.study.measures import measure, tuned_among
from stages.study.prepared import Prepared


def is_of_a_class(name: str) -> bool:
    """Return whether what scores under a name singles out one class."""
    return measure(name).kind in OF_A_CLASS


def by_name(name: str, positive: Any) -> Any:
    """Return what scores by a name, whatever the threshold.

    The name itself, if it is one of scikit-learn's and does not depend on the positive class.

    Parameters
    ----------
    name : str
        See :mod:`stages.study.measures`.
    positive : int, str or None
        The label that ``data.positive`` names.
    """
    own = measure(name)
    if own.kind not in OF_A_CLASS or (positive is None and not own.numbers):
        return own.kind
    score, how = OF_A_CLASS[own.kind]
    named = {} if positive is None else {"pos_label": positive}
    return make_scorer(score, **own.numbers, **named, **how)


def takes_weights(name: str) -> bool:
    """Return whether a scorer takes weights."""
    return accepts_weights(get_scorer(by_name(name, None)))


def scorer(name: str, data: Prepared) -> Any:
    """Return what scores a study by a name, asking for the weights of rows if there are any."""
    own = by_name(name, data.positive)
    if data.weights is None or not takes_weights(name):
        return own
    return get_scorer(own).set_score_request(sample_weight=True)


def asked_by(name: str, names: Sequence[str], estimator: Any) -> Any:
    """Return what a scorer looks at of a fitted estimator of ``thresholds.with_thresholds``.

    Parameters
    ----------
    name : str
    names : sequence of str
        Of all scorers that the estimator serves.
    estimator : estimator
    """
    tuned = tuned_among(names)
    if not tuned or name == tuned[0]:
        return estimator
    return estimator.others_[name] if name in tuned else estimator.estimator_


def scorers(names: Sequence[str], data: Prepared) -> Any:
    """Return what scores by several names, as ``scoring`` of a cross-validation takes it.

    Where one has a tuned threshold, each asks its part of ``thresholds.with_thresholds``.

    Those that ask for the probabilities of one class share no predictions with others: scikit-learn
    asks for them once for all scorers, whichever class they are to be of, and the first scorer's
    class would be that of all (``_MultimetricScorer``, of 1.9).
    """
    found = {name: scorer(name, data) for name in names}
    if tuned_among(names):
        parts = {name: partial(asked_by, name, tuple(names)) for name in names}
        return {name: ScorerOfPart(get_scorer(own), parts[name]) for name, own in found.items()}
    apart = [name for name in names if "response_method" in OF_A_CLASS.get(name, ({}, {}))[1]]
    if all(own == name for name, own in found.items()) and not (apart and len(names) > 1):
        return list(names)
    return found | {name: ScorerOfPart(get_scorer(found[name])) for name in apart}
