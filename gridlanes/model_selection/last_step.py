"""The network that an estimator ends in."""

import copy
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.model_selection import FixedThresholdClassifier, TunedThresholdClassifierCV
from sklearn.pipeline import Pipeline

from gridlanes.estimators.base import KerasEstimator
from gridlanes.estimators.targets import without_objects
from gridlanes.model_selection.outer_fits import has_networks

#: Estimators of scikit-learn around one that they fit to all rows, as it would be without them.
AROUND_ONE = (FixedThresholdClassifier, TunedThresholdClassifierCV)


def levels_of(estimator: Any) -> list[Any]:
    """Return an estimator, the last step of it if it is a pipeline, the last step of that..."""
    levels = [estimator]
    while isinstance(levels[-1], Pipeline):
        levels.append(levels[-1].steps[-1][1])
    return levels


def network_of(estimator: Any) -> Any:
    """Return the Keras estimator that this is, or that it ends in; None for anything else.

    Anything else is also a pipeline with networks in its transformers, and a network of a subclass
    with a ``fit`` of its own, which is run, and may do anything before it trains.
    """
    *pipelines, last = levels_of(estimator)
    if not isinstance(last, KerasEstimator) or has_own_fit(last):
        return None
    before = [step for pipeline in pipelines for _, step in pipeline.steps[:-1]]
    return None if any(map(has_networks, before)) else last


def held_network(estimator: Any) -> Any:
    """Return the network that an estimator is, ends in or is around; None for anything else.

    What is said of such a network's fits is said of the estimator's.
    """
    return network_of(estimator.estimator if isinstance(estimator, AROUND_ONE) else estimator)


def has_own_fit(network: KerasEstimator) -> bool:
    """Return whether a subclass has replaced ``fit``."""
    return type(network).fit is not KerasEstimator.fit


def why_not_trained_here(estimator: Any) -> str:
    """Return why scikit-learn trains an estimator by itself."""
    if has_networks(estimator):
        return "its networks are trained together with others of the estimator around it"
    return f"{type(levels_of(estimator)[-1]).__name__} is no network"


def plain_targets(estimator: Any, y: Any) -> Any:
    """Return targets as the network takes them, so that splits and scorers do the same."""
    network = network_of(estimator)
    return without_objects(y) if network is not None and is_classifier(network) else y


def prefix_of(estimator: Any) -> str:
    """Return what stands before the names of the network's parameters, empty for a network."""
    if isinstance(estimator, AROUND_ONE):
        return f"estimator__{prefix_of(estimator.estimator)}"
    return "".join(f"{pipeline.steps[-1][0]}__" for pipeline in levels_of(estimator)[:-1])


def is_kept(network: KerasEstimator) -> bool:
    """Return whether a store may have an estimator's fits: not those with a fresh seed each."""
    return network.random_state is not None


def with_own_generator(network: KerasEstimator) -> KerasEstimator:
    """Return an estimator whose random generator starts where a clone's would."""
    if not isinstance(network.random_state, np.random.RandomState):
        return network
    own = copy.copy(network)
    own.random_state = copy.deepcopy(network.random_state)
    return own
