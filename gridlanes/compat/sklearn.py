"""Names of scikit-learn that are not public, in one place.

Checked with scikit-learn 1.9.1. Besides these, :mod:`gridlanes.model_selection.base_search`
overrides or calls two methods of ``BaseSearchCV`` that are not public: ``_format_results``, to put
a lane's share of time where scikit-learn has measured the time of looking it up, and
``_get_routed_params_for_fit``.
"""

import copy
import inspect
from collections.abc import Callable, Sequence
from typing import Any

from sklearn.base import _clone_parametrized, clone
from sklearn.metrics._scorer import _BaseScorer as Scorer
from sklearn.model_selection._search import BaseSearchCV
from sklearn.model_selection._search import _search_estimator_has as search_estimator_has
from sklearn.utils import _safe_indexing as safe_indexing
from sklearn.utils._optional_dependencies import check_pandas_support
from sklearn.utils.metaestimators import _safe_split as safe_split
from sklearn.utils.validation import _check_method_params as check_method_params
from sklearn.utils.validation import _num_samples as num_samples

__all__ = [
    "BaseSearchCV",
    "ReadingScorer",
    "Scorer",
    "ScorerOfPart",
    "accepts_weights",
    "check_method_params",
    "check_pandas_support",
    "clone_keeping",
    "clone_setting",
    "num_samples",
    "safe_indexing",
    "safe_split",
    "search_estimator_has",
]


def accepts_weights(scorer: Any) -> bool:
    """Return whether a scorer of scikit-learn takes ``sample_weight``."""
    return bool(scorer._accept_sample_weight())  # noqa: SLF001


class ScorerOfPart(Scorer):
    """A scorer that is asked about a part of an estimator, and shares no predictions with others.

    A scorer of scikit-learn to all who ask, unlike a function that calls one.

    Parameters
    ----------
    scorer : scorer of scikit-learn
    part : callable, optional
        Returns the part of a fitted estimator; the estimator itself by default.
    """

    def __init__(self, scorer: Any, part: Callable[[Any], Any] | None = None) -> None:
        own = vars(scorer)
        super().__init__(*(own[f"_{name}"] for name in ("score_func", "sign", "kwargs")))
        self._response_method = own["_response_method"]
        self._scorer, self._part = scorer, part

    def _score(self, _: Any, estimator: Any, X: Any, y_true: Any, **kwargs: Any) -> Any:
        asked = estimator if self._part is None else self._part(estimator)
        return self._scorer(asked, X, y_true, **kwargs)

    def get_metadata_routing(self) -> Any:
        """Return what the scorer asks for."""
        return self._scorer.get_metadata_routing()


class ReadingScorer(Scorer):
    """A scorer that returns a number which a fitted estimator has, whatever the rows.

    Parameters
    ----------
    read : callable
        Takes the estimator.
    """

    def __init__(self, read: Callable[[Any], float]) -> None:
        super().__init__(read, 1, {})

    def _score(self, _: Any, estimator: Any, *__: Any, **___: Any) -> float:
        return float(self._score_func(estimator))


def clone_keeping(estimator: Any, names: Sequence[str]) -> Any:
    """Return a clone of an estimator with the very parameters of some names, not copies of them."""
    kept = {name: vars(estimator)[name] for name in names if vars(estimator).get(name) is not None}
    other = object.__new__(type(estimator))
    other.__dict__.update({**vars(estimator), **dict.fromkeys(kept)})
    made = _clone_parametrized(other)
    made.__dict__.update(kept)
    return made


def clone_setting(estimator: Any, kept: Sequence[str]) -> Any:
    """Return a clone whose constructor is given what its signature names; the rest is set.

    Parameters
    ----------
    estimator : estimator
        ``restored`` of one like it is given all parameters.
    kept : sequence of str
        Names of parameters that are not copied.

    Raises
    ------
    TypeError
        If the constructor asks for more.
    """
    params = {
        name: value if name in kept else clone(value, safe=False)
        for name, value in estimator.get_params(deep=False).items()
    }
    named = inspect.signature(type(estimator)).parameters
    made = type(estimator)(**{name: params[name] for name in named if name in params})
    made.restored(params)
    for name in ("_metadata_request", "_sklearn_output_config"):
        if name in vars(estimator):
            setattr(made, name, copy.deepcopy(vars(estimator)[name]))
    return made
