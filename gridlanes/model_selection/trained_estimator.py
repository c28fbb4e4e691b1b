"""Lets scikit-learn go through fits that have been trained already.

``GridSearchCV`` and its kin clone the estimator for each fit, call ``fit``, and hand the clone to
a scorer. A :class:`TrainedEstimator` takes the estimator's place: its clones are the finished
fits, in the order in which scikit-learn asks for them, and answer from outputs that are there. So
scores, ranks, warnings and messages remain scikit-learn's own work.
"""

import copy
import functools
import inspect
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any, Self

import numpy as np
from scipy.sparse import issparse
from sklearn import get_config
from sklearn.base import ClassifierMixin, RegressorMixin, clone, is_regressor
from sklearn.utils.metaestimators import available_if

from gridlanes.compat.joblib_in_turn import sequential
from gridlanes.estimators.scoring import Scored, judged, own_scorer
from gridlanes.model_selection.fits import Fit, Fold
from gridlanes.model_selection.last_step import levels_of, network_of
from gridlanes.model_selection.outer_fits import has_networks
from gridlanes.model_selection.outer_pass import FittedOuter
from gridlanes.networks.lane import LaneResult, Rows

#: Methods by which scikit-learn asks an estimator what it says of rows.
RESPONSES = ("decision_function", "predict", "predict_log_proba", "predict_proba", "score_samples")


def fitted(estimator: Any, before: Any, rows: Rows, result: LaneResult) -> Any:
    """Return an estimator as it is after the fit that has this result."""
    estimator = clone(estimator)
    network_of(estimator).adopt(rows, result)
    transformers = iter(before.steps if before is not None else [])
    for pipeline in levels_of(estimator)[:-1]:
        *others, last = pipeline.steps
        pipeline.steps = [*((name, next(transformers)[1]) for name, _ in others), last]
    return estimator


def like(estimator: Any, fold: Fold, result: LaneResult) -> Any:
    """Return a Keras estimator that can turn a fit's outputs into responses."""
    network = copy.copy(network_of(estimator))
    network.__dict__.update(fold.rows.learnt, _loss=result.loss)
    return network


class TrainedEstimator:
    """Stands in for an estimator.

    Parameters
    ----------
    original : estimator
    queue : deque of (Fit, LaneResult or FittedOuter or Exception or None)
        Fits in the order in which they will be asked for.
    refit : callable, optional
        Takes an estimator, ``X``, ``y`` and what goes to ``fit`` besides; returns a fitted
        estimator. Used by clones that are made when the queue is empty.
    notes : bool
        Whether what a fit raises is to name the fit.
    is_base : bool
        Whether its clones are fits; cloning a fit gives a fit like it.
    """

    def __init__(
        self,
        original: Any,
        queue: deque,
        refit: Callable[..., Any] | None = None,
        *,
        notes: bool = False,
        is_base: bool = False,
    ) -> None:
        self._original, self._queue, self._refit = original, queue, refit
        self._notes, self._is_base = notes, is_base
        # Scikit-learn asks for them several times a fit, and puts them together anew each time.
        self._tags = functools.cache(original.__sklearn_tags__)
        self._params: Mapping[str, Any] = {}
        self._fit: Fit | None = None
        self._outcome: LaneResult | FittedOuter | Exception | None = None
        self._real: Any = None

    def __sklearn_clone__(self) -> "TrainedEstimator":
        other = TrainedEstimator(self._original, self._queue, self._refit, notes=self._notes)
        other._tags = self._tags
        if self._queue and self._is_base:
            other._fit, other._outcome = self._queue.popleft()
        return other

    def __sklearn_tags__(self) -> Any:
        return self._tags()

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters of the estimator."""
        return {**self._original.get_params(deep), **self._params}

    def set_params(self, **params: Any) -> Self:
        """Note the candidate; its fit has its own clone."""
        self._params = params
        return self

    def fit(self, X: Any, y: Any = None, **params: Any) -> Self:
        """Take over the result of this fit, or raise what it ended in."""
        try:
            self._real = self._fitted(X, y, params)
        except Exception as error:
            if self._notes and self._fit is not None:
                candidate = f" with {dict(self._params)}" if self._params else ""
                error.add_note(f"This was the fit to split {self._fit.number}{candidate}.")
            raise
        return self

    def _fitted(self, X: Any, y: Any, params: Mapping[str, Any]) -> Any:
        """Return the fitted estimator, or None if it can wait until it is asked for."""
        if isinstance(self._outcome, LaneResult):
            return None
        if isinstance(self._outcome, FittedOuter):
            return self._outcome.estimator
        if self._outcome is not None:
            raise self._outcome.with_traceback(_origin(self._outcome))
        if self._fit is not None:
            estimator = clone(self._fit.estimator)
            with self._propagating(estimator):
                estimator.fit(X, y, **params)
            return estimator
        estimator = clone(self._original).set_params(**self._params)
        with self._propagating(estimator):
            return self._refit(estimator, X, y, params) if self._refit is not None else None

    @available_if(lambda self: hasattr(self._original, "set_callbacks"))  # type: ignore[untyped-decorator]
    def set_callbacks(self, *callbacks: Any) -> Self:
        """Keep scikit-learn's callbacks for the time of the fit."""
        self._skl_callbacks = list(callbacks)
        return self

    def _propagating(self, estimator: Any) -> AbstractContextManager:
        """Let callbacks see the fit of an estimator that has no network."""
        context = vars(self).get("_parent_callback_ctx")
        if context is None or has_networks(estimator):
            return nullcontext()
        propagating: AbstractContextManager = context.propagate_callback_context(estimator)
        return propagating

    @property
    def real(self) -> Any:
        """The fitted estimator itself; networks inside another may still wait to be made."""
        if self._real is None:
            fit = self._fit
            if fit is None or fit.fold is None or not isinstance(self._outcome, LaneResult):
                return self._original
            self._real = fitted(fit.estimator, fit.fold.before, fit.fold.rows, self._outcome)
        return self._real

    def settled(self) -> Any:
        """Return the fitted estimator as an ordinary one."""
        return self._outcome.settled() if isinstance(self._outcome, FittedOuter) else self.real

    def score(self, X: Any, *args: Any, **params: Any) -> Any:
        """Return the estimator's own score."""
        network = network_of(self._original)
        if get_config()["enable_metadata_routing"] and network is not self._original:
            # A pipeline routes what its score is given.
            return self._of_real("score", X, *args, **params)
        if network is None or type(network).score is not Scored.score:
            return self._of_real("score", X, *args, **params)
        return self._score(X, *args, **params)

    def _score(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Judge predictions as the network's own ``score`` does."""
        own = own_scorer(network_of(self._original if self._fit is None else self._fit.estimator))
        if inspect.ismethod(own):
            # It may look at what training has left.
            return self._of_real("score", X, y, sample_weight=sample_weight)
        if own is not None:
            return judged(own, y, self.predict(X), sample_weight)
        mixin = RegressorMixin if is_regressor(self._original) else ClassifierMixin
        return mixin.score(self, X, y, sample_weight)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in RESPONSES:
            # Some estimators know only when they are fitted, and candidates differ.
            if not hasattr(self._original if self._real is None else self._real, name):
                raise AttributeError(name)

            def response(X: Any, **params: Any) -> Any:
                return self._respond(name, X, params)

            # Scikit-learn reads from the name what kind of numbers to expect.
            response.__name__ = name
            return response
        learnt = self._fit.fold.rows.learnt if self._fit and self._fit.fold else {}
        # Of a pipeline, the network knows the classes but not the rows that went in.
        is_network = network_of(self._original) is self._original
        known = name in learnt and (is_network or name == "classes_")
        return learnt[name] if known else getattr(self.real, name)

    def __getitem__(self, key: Any) -> Any:
        return self.real[key]

    def _respond(self, method: str, X: Any, params: Mapping[str, Any]) -> Any:
        """Answer from the outputs that are there, or else by the real estimator."""
        fit, fold = self._fit, self._fit.fold if self._fit is not None else None
        if (
            fit
            and fold
            and isinstance(self._outcome, LaneResult)
            and not params
            and _is_library(network_of(fit.estimator), method)
            # What undoes it has to know the network's outputs.
            and "target_encoder_" not in fold.rows.learnt
        ):
            for position, side in enumerate(fold.inputs):
                if _equal(fold.X[side], X):
                    network = like(fit.estimator, fold, self._outcome)
                    return network.respond(method, self._outcome.outputs[position])
        return self._of_real(method, X, **params)

    def _of_real(self, method: str, X: Any, *args: Any, **params: Any) -> Any:
        # What networks inside it say is in this process.
        here = sequential() if isinstance(self._outcome, FittedOuter) else nullcontext()
        with here:
            return getattr(self.real, method)(X, *args, **params)


def stand_in(
    estimator: Any,
    queue: deque,
    refit: Callable[..., Any] | None = None,
    *,
    notes: bool = False,
) -> Any:
    """Return a shallow copy of an estimator whose clones are trained estimators.

    Scikit-learn asks it about scorers, routing and tags, which remain the estimator's own. A
    search, which refits, first makes one clone to clone for each fit; cross-validation clones for
    each fit at once.
    """
    base = TrainedEstimator(estimator, queue, refit, notes=notes, is_base=True)
    proxy = copy.copy(estimator)
    proxy.__sklearn_clone__ = base.__sklearn_clone__ if refit is None else lambda: base
    return proxy


def real(estimator: Any) -> Any:
    """Return the estimator that a trained one stands in for; anything else as it is."""
    return estimator.settled() if isinstance(estimator, TrainedEstimator) else estimator


def _is_library(network: Any, method: str) -> bool:
    """Return whether a network answers by the library's code, not by that of a subclass."""
    names = (method, "respond", "network_rows", "_outputs")
    home = __name__.partition(".")[0]
    methods = (getattr(type(network), name, None) for name in names)
    return all(str(getattr(one, "__module__", "")).startswith(f"{home}.") for one in methods)


def _origin(error: Exception) -> TracebackType | None:
    """Return where an exception came from, without the times that it has been raised here.

    Fits share one, and scikit-learn counts those whose tracebacks are equal.
    """
    origin = entry = error.__traceback__
    while entry is not None:
        if entry.tb_frame.f_code.co_filename == __file__:
            origin = entry.tb_next
        entry = entry.tb_next
    return origin


def _equal(known: Any, given: Any) -> bool:
    """Return whether rows are the same, as far as can be told quickly."""
    if known is given:
        return True
    if type(known) is not type(given):
        return False
    if issparse(known):
        return bool(known.shape == given.shape and (known != given).nnz == 0)
    if hasattr(known, "equals"):
        return bool(known.equals(given))
    if isinstance(known, np.ndarray):
        plain = known.dtype.kind in "biufc"
        return known.shape == given.shape and np.array_equal(known, given, equal_nan=plain)
    return False
