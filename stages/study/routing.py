"""Groups, times and weights on their way through scikit-learn: its metadata routing.

Switched on only for a table that has any, so that all others take the ways that they ever took.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sklearn import config_context
from sklearn.metrics import get_scorer
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import has_fit_parameter

from gridlanes.compat.sklearn import accepts_weights
from stages.study.artifacts import Prepared
from stages.study.splits import split_by

WEIGHTS = "sample_weight"


@contextmanager
def routing(data: Prepared) -> Iterator[dict[str, Any]]:
    """Give what ``fit``, ``cross_validate`` and their kin take besides ``X`` and ``y``.

    Everything that takes it is made and run inside.
    """
    own = given(data)
    if not own:
        yield own
        return
    with config_context(enable_metadata_routing=True):
        yield own


def given(data: Prepared) -> dict[str, Any]:
    """Return ``groups`` to split by and ``sample_weight``, of all rows, as far as there are any."""
    by, weights = split_by(data), data.weights
    groups = {} if by is None else {"groups": by}
    return groups if weights is None else {**groups, WEIGHTS: weights.to_numpy()}


def weighted(estimator: Any, data: Prepared) -> Any:
    """Return an estimator that asks for weights if there are any and its ``fit`` takes them."""
    if data.weights is not None and has_fit_parameter(estimator, WEIGHTS):
        estimator.set_fit_request(sample_weight=True)
    return estimator


def unweighted(transformer: Any, data: Prepared) -> Any:
    """Return a transformer that asks for no weights, nor does any inside it.

    As that of a network, which prepares rows as if all counted alike.
    """
    if data.weights is not None:
        for own in (transformer, *transformer.get_params().values()):
            if hasattr(own, "fit") and has_fit_parameter(own, WEIGHTS):
                own.set_fit_request(sample_weight=False)
    return transformer


def takes_weights(name: str) -> bool:
    """Return whether a scorer takes weights."""
    return accepts_weights(get_scorer(name))


def scorer(name: str, data: Prepared) -> Any:
    """Return a scorer for scikit-learn: its name, or an object that asks for weights."""
    if data.weights is None or not takes_weights(name):
        return name
    return get_scorer(name).set_score_request(sample_weight=True)


def scorers(names: Sequence[str], data: Prepared) -> Any:
    """Return several scorers by name."""
    return list(names) if data.weights is None else {name: scorer(name, data) for name in names}


def asked_for(estimator: Any, scoring: Sequence[str], data: Prepared) -> dict[str, Any]:
    """Return :func:`given` without weights that nobody asks for, which would be an error.

    Called while metadata are routed.
    """
    own = given(data)
    if WEIGHTS in own and not any(map(takes_weights, scoring)):
        asked = get_routing_for_object(estimator).consumes("fit", [WEIGHTS])
        return own if asked else {name: own[name] for name in own if name != WEIGHTS}
    return own
