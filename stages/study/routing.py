"""Groups, times and weights on their way through scikit-learn: its metadata routing.

Switched on only for a table that has any, so that all others take the ways that they ever took.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

from sklearn import config_context
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.utils.metadata_routing import get_routing_for_object
from sklearn.utils.validation import has_fit_parameter

from stages.study.prepared import Prepared
from stages.study.scorers import takes_weights
from stages.study.splits import split_by

WEIGHTS = "sample_weight"

#: The step of a baseline's pipeline that is :class:`Unrouted`.
PREPARES = "unrouted"


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
    """Return an estimator that asks for what there is and its ``fit`` takes: weights, groups.

    A network goes by groups, or times, where it holds out rows to watch.
    """
    if data.weights is not None and has_fit_parameter(estimator, WEIGHTS):
        estimator.set_fit_request(sample_weight=True)
    if split_by(data) is not None and has_fit_parameter(estimator, "groups"):
        estimator.set_fit_request(groups=True)
    return estimator


class Unrouted(TransformerMixin, BaseEstimator):
    """A transformer to which nothing is routed, as to that of a network.

    It prepares rows as if all counted alike, and need not say that it asks for no weights.

    Parameters
    ----------
    transformer : transformer
    """

    def __init__(self, transformer: Any) -> None:
        self.transformer = transformer

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit it."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Fit it, and return what it makes of the rows that it is fitted on."""
        self.transformer_ = clone(self.transformer)
        with config_context(enable_metadata_routing=False):
            return self.transformer_.fit_transform(X, y)

    def transform(self, X: Any) -> Any:
        """Return what it makes of rows."""
        return self.transformer_.transform(X)


def asked_for(estimator: Any, scoring: Sequence[str], data: Prepared) -> dict[str, Any]:
    """Return :func:`given` without weights that nobody asks for, which would be an error.

    Called while metadata are routed.
    """
    own = given(data)
    if WEIGHTS in own and not any(map(takes_weights, scoring)):
        asked = get_routing_for_object(estimator).consumes("fit", [WEIGHTS])
        return own if asked else {name: own[name] for name in own if name != WEIGHTS}
    return own
