"""Names of scikit-learn that are not public, in one place.

Checked with scikit-learn 1.9.1. Besides these, :mod:`gridlanes.model_selection.base_search`
overrides or calls two methods of ``BaseSearchCV`` that are not public: ``_format_results``, to put
a lane's share of time where scikit-learn has measured the time of looking it up, and
``_get_routed_params_for_fit``; and ``best_answers`` adds to ``_html_repr``, what notebooks show.
"""

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import _clone_parametrized, clone
from sklearn.metrics import check_scoring
from sklearn.metrics._scorer import _BaseScorer as Scorer
from sklearn.metrics._scorer import _CurveScorer
from sklearn.model_selection import TunedThresholdClassifierCV
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
    "TunedThresholds",
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


class Curves(_CurveScorer):
    """Scores by threshold, of each part that a threshold is tuned on.

    Attributes
    ----------
    curves : list of (scores, thresholds)
        Of the parts that were asked for.
    others : dict of str to Curves
        Of other scorers, which are asked about the same parts.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.curves: list[tuple[Any, Any]] = []
        self.others: dict[str, Curves] = {}

    def _score(self, *given: Any, **named: Any) -> Any:
        for other in self.others.values():
            other._score(*given, **named)  # noqa: SLF001
        self.curves.append(super()._score(*given, **named))
        return self.curves[-1]

    def constant(self) -> bool:
        """Return whether a part was told the same of all its rows, as scikit-learn asks."""
        return any(bool(np.isclose(at[0], at[-1])) for _, at in self.curves)

    def best(self) -> float:
        """Return the threshold with the highest mean, interpolated as scikit-learn does."""
        if self.constant():
            return UNTUNED
        ends = [own for _, at in self.curves for own in (at.min(), at.max())]
        tried = np.linspace(min(ends), max(ends), self._thresholds)
        means = np.mean([np.interp(tried, at, scores) for scores, at in self.curves], axis=0)
        return float(tried[means.argmax()])


#: The threshold of a model that says the same of all rows, which leave none to be tuned.
UNTUNED = 0.5


class TunedThresholds(TunedThresholdClassifierCV):
    """A classifier with a threshold tuned for each of several scorers, on the same fits.

    Scikit-learn's estimator for the first of them, by which ``predict`` goes.

    Parameters
    ----------
    estimator : classifier
    scoring : scorer
    cv : splitter
    others : dict of str to scorer, optional

    Attributes
    ----------
    others_ : dict of str to TunedThresholds
        By name, the same classifier with the threshold of another scorer.
    """

    _curve_scorer: Curves

    def __init__(
        self, estimator: Any, *, scoring: Any, cv: Any, others: Mapping[str, Any] | None = None
    ) -> None:
        # Whether there is a decision_function, a network knows only when it is trained.
        super().__init__(estimator, scoring=scoring, cv=cv, response_method="predict_proba")
        self.others = others

    def fit(self, X: Any, y: Any, **params: Any) -> Self:
        """Fit the classifier, and tune all thresholds."""
        self.__dict__.pop("_curve_scorer", None)
        try:
            super().fit(X, y, **params)
        except ValueError:
            if "_curve_scorer" not in vars(self) or not self._curve_scorer.constant():
                raise
        self.best_threshold_ = self._curve_scorer.best()
        self.others_ = {
            name: self._with(scoring, self._curve_scorer.others[name])
            for name, scoring in (self.others or {}).items()
        }
        return self

    def _with(self, scoring: Any, curves: Curves) -> Self:
        """Return what is fitted with the threshold of another scorer."""
        other = copy.copy(self)
        own = {"scoring": scoring, "others": None, "_curve_scorer": curves}
        other.__dict__.update(own, best_threshold_=curves.best())
        return other

    def _get_curve_scorer(self) -> Curves:
        curves: Curves
        curves, *others = (
            Curves.from_scorer(
                check_scoring(self.estimator, scoring=own), self.response_method, self.thresholds
            )
            for own in (self.scoring, *(self.others or {}).values())
        )
        curves.others = dict(zip(self.others or {}, others, strict=True))
        return curves


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
