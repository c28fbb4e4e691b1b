"""Scikit-learn's searches, with all fits of Keras estimators trained side by side."""

import copy
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from sklearn import config_context, model_selection
from sklearn.base import is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import ParameterGrid, ParameterSampler, check_cv
from sklearn.utils import indexable

from gridlanes.engine import Engine, check_memory, make_engine
from gridlanes.folds import Fit, Folds, Splits
from gridlanes.lane import LaneResult
from gridlanes.replay import real, stand_in, unwrapped
from gridlanes.sklearn_private import BaseSearchCV, check_method_params


@dataclass(eq=False)
class _Session:
    """What one call of ``fit`` needs besides the search's parameters.

    Attributes
    ----------
    queue : deque
        Finished fits that scikit-learn has not asked for yet.
    seconds : list of float or None
        A lane's share of time for each fit so far, None where scikit-learn trained it.
    """

    engine: Engine
    estimator: Any
    X: Any
    y: Any
    params: Mapping[str, Any]
    queue: deque = field(default_factory=deque)
    seconds: list[float | None] = field(default_factory=list)


class LanesMixin(BaseSearchCV):
    """What both searches do differently from scikit-learn's."""

    engine: str
    memory: Any
    memory_errors: str
    # Scikit-learn's own, of which the type checker knows nothing.
    estimator: Any
    scoring: Any
    n_jobs: Any
    cv: Any
    best_estimator_: Any
    scorer_: Any
    _session: _Session | None = None

    def fit(self, X: Any, y: Any = None, **params: Any) -> Self:
        """Search, as scikit-learn's ``fit`` does.

        Parameters
        ----------
        X : array-like of shape (rows, ...)
        y : array-like of shape (rows,) or (rows, outputs)
        **params
            For the estimator's ``fit``, the scorers and the splitter, as in scikit-learn.

        Raises
        ------
        CannotRideError
            With ``engine="lanes"``, for a fit that cannot ride.
        """
        engine = self._engine(progress=self.verbose > 0)
        if engine is None:
            super().fit(X, y, **params)
            return self
        with closing(engine):
            session = _Session(engine, self.estimator, X, y, params)
            with self._replaying(session), engine.timed("score"):
                super().fit(X, y, **params)
        if hasattr(self, "best_estimator_"):
            self.best_estimator_ = real(self.best_estimator_)
        self._restore_scorer()
        self.timings_ = engine.timings
        self.fit_report_ = engine.report
        return self

    def _engine(self, *, progress: bool) -> Engine | None:
        return make_engine(
            self.estimator,
            self.engine,
            self.memory,
            self.memory_errors,
            n_jobs=self.n_jobs,
            progress=progress,
        )

    def plan(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Return how :meth:`fit` would train, without training; print it.

        Takes what :meth:`fit` does. The refit of the best candidate is not part of it.
        """
        check_memory(self.memory, self.memory_errors)
        with closing(Engine(memory=self.memory, memory_errors=self.memory_errors)) as engine:
            session = _Session(engine, self.estimator, X, y, params)
            fits, _ = self._prepare(session, self._candidates())
            return engine.plan([fit.request for fit in fits if fit.request is not None])

    def audit(self, X: Any, y: Any = None, fits: int = 20, seed: int = 0, **params: Any) -> list:
        """Train all lanes of the search, and some of its fits again by plain Keras.

        Parameters
        ----------
        X, y, **params
            As of :meth:`fit`.
        fits : int
            How many to train again, drawn at random.
        seed : int
            Of the draw.

        Returns
        -------
        list of gridlanes.audit.Audited
        """
        from gridlanes.audit import Audited, difference

        session = _Session(Engine(self.engine, self.n_jobs), self.estimator, X, y, params)
        candidates = self._candidates()
        prepared, splits = self._prepare(session, candidates)
        finished = list(session.engine.train(prepared))
        can = [n for n, (_, outcome) in enumerate(finished) if isinstance(outcome, LaneResult)]
        drawn = np.random.default_rng(seed).choice(can, min(fits, len(can)), replace=False)
        audited = []
        for number in sorted(drawn.tolist()):
            (fit, outcome), own = finished[number], candidates[number // splits.get_n_splits()]
            far = difference(outcome.outputs[0], fit.request.lane, fit.request.rows[0])
            audited.append(Audited(number, dict(own), far))
        return audited

    def _candidates(self) -> list[Mapping[str, Any]]:
        """Return the candidates, without being any nearer to the next draw."""
        raise NotImplementedError

    @contextmanager
    def _replaying(self, session: _Session) -> Iterator[None]:
        """Put a stand-in where scikit-learn looks for the estimator."""
        given = self.estimator, self.scoring, self.n_jobs, self.cv
        self._session = session
        self.estimator = stand_in(
            session.estimator,
            session.queue,
            session.engine.refit,
            notes=self.error_score == "raise",
        )
        self.scoring = unwrapped(self.scoring)
        # What is left for scikit-learn takes milliseconds, and the fits are in this process.
        self.n_jobs = 1
        if isinstance(self.cv, Iterable) and not hasattr(self.cv, "split"):
            # Splits are asked for twice, which a generator does not survive.
            self.cv = list(self.cv)
        try:
            yield
        finally:
            self.estimator, self.scoring, self.n_jobs, self.cv = given
            self._session = None

    def _restore_scorer(self) -> None:
        """Replace a scorer that knows the stand-in, or what was made of the user's function."""
        if isinstance(self.scoring, Mapping):
            given = self.scoring.items()
            self.scorer_ = {name: check_scoring(self.estimator, own) for name, own in given}
        elif not isinstance(self.scorer_, Mapping):
            self.scorer_ = check_scoring(self.estimator, self.scoring)

    def _run_search(self, evaluate_candidates: Any, callback_ctx: Any = None) -> None:
        session = self._session
        if session is None:
            super()._run_search(evaluate_candidates, callback_ctx=callback_ctx)
            return

        def train_first(candidates: Iterable, **options: Any) -> Any:
            candidates = list(candidates)
            fits, splits = self._prepare(session, candidates)
            outcomes = session.engine.train(fits)
            session.queue.extend(outcomes)
            session.seconds += [getattr(outcome, "seconds", None) for _, outcome in outcomes]
            # Scorers are called as often as there are fits, and with the same parameters.
            with config_context(skip_parameter_validation=True):
                return evaluate_candidates(candidates, cv=splits, **options)

        super()._run_search(train_first, callback_ctx=callback_ctx)

    def _prepare(
        self, session: _Session, candidates: list[Mapping[str, Any]]
    ) -> tuple[list[Fit], Splits]:
        """Return a fit for each candidate and split, and the splits."""
        X, y = indexable(session.X, session.y)
        params = check_method_params(X, params=session.params)
        routed = self._get_routed_params_for_fit(params)
        cv = check_cv(self.cv, y, classifier=is_classifier(session.estimator))
        splits = list(cv.split(X, y, **routed.splitter.split))
        folds = Folds(X, y, routed.estimator.fit, train=self.return_train_score)
        with session.engine.timed("prepare"):
            return folds.prepare(session.estimator, candidates, splits), Splits(splits, cv)

    def _format_results(
        self, candidate_params: Any, n_splits: int, out: Any, more_results: Any = None
    ) -> dict[str, Any]:
        if self._session is not None:
            for result, seconds in zip(out, self._session.seconds, strict=True):
                if seconds is not None:
                    result["fit_time"] = seconds
        results: dict[str, Any] = super()._format_results(
            candidate_params, n_splits, out, more_results
        )
        return results


class GridSearchCV(LanesMixin, model_selection.GridSearchCV):
    """Scikit-learn's ``GridSearchCV``, with all fits of a Keras estimator trained side by side.

    A :class:`gridlanes.KerasClassifier` or ``KerasRegressor``, alone or last in a ``Pipeline``,
    is trained in lanes; any other estimator exactly as by scikit-learn. Parameters, attributes,
    scores and their order are scikit-learn's, except for what is named here.

    Parameters
    ----------
    estimator, param_grid, scoring, refit, cv, error_score, return_train_score
        As in ``sklearn.model_selection.GridSearchCV``.
    n_jobs : int, optional
        Processes for fits that cannot ride. Lanes use all cores by themselves.
    verbose : int
        As in scikit-learn; from 1 on with a progress bar on a terminal.
    pre_dispatch : int or str
        As in scikit-learn; nothing is dispatched for lanes.
    engine : {"auto", "lanes", "keras"}
        With "auto" what cannot ride is trained by ``model.fit``; "lanes" makes that an error;
        "keras" trains everything by ``model.fit``.
    memory : str, Path, Store or None
        Where finished fits are kept: a file, or the folder of one. A fit that is there, whatever
        search it came from, is not trained again. Only fits of Keras estimators whose
        ``random_state`` is not None are kept. None keeps nothing.
    memory_errors : {"warn", "raise"}
        Whether to warn and go on without a store that cannot be used.

    Attributes
    ----------
    cv_results_ : dict of str to ndarray
        ``mean_fit_time`` is a lane's share of the time of all lanes that ran with it, and
        ``mean_score_time`` the time of scoring outputs that were computed with the lanes.
        Of a fit that was found, the time that it once took.
    timings_ : dict of str to float
        Seconds spent on preparing folds, looking fits up, planning (with building networks),
        tracing, running lanes, fits by ``model.fit``, scoring and the refit.
    fit_report_ : gridlanes.fit_report.FitReport
        How many fits were asked for, found in the store, trained, failed; printable.
    """

    def __init__(
        self,
        estimator: Any,
        param_grid: Any,
        *,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: Any = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: Any = "2*n_jobs",
        error_score: Any = float("nan"),
        return_train_score: bool = False,
        engine: str = "auto",
        memory: Any = None,
        memory_errors: str = "warn",
    ) -> None:
        super().__init__(
            estimator,
            param_grid,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.engine, self.memory, self.memory_errors = engine, memory, memory_errors

    def _candidates(self) -> list[Mapping[str, Any]]:
        return list(ParameterGrid(self.param_grid))


class RandomizedSearchCV(LanesMixin, model_selection.RandomizedSearchCV):
    """Scikit-learn's ``RandomizedSearchCV``; see :class:`GridSearchCV` for what differs."""

    def __init__(
        self,
        estimator: Any,
        param_distributions: Any,
        *,
        n_iter: int = 10,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: Any = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: Any = "2*n_jobs",
        random_state: Any = None,
        error_score: Any = float("nan"),
        return_train_score: bool = False,
        engine: str = "auto",
        memory: Any = None,
        memory_errors: str = "warn",
    ) -> None:
        super().__init__(
            estimator,
            param_distributions,
            n_iter=n_iter,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            random_state=random_state,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.engine, self.memory, self.memory_errors = engine, memory, memory_errors

    def _candidates(self) -> list[Mapping[str, Any]]:
        random_state = copy.deepcopy(self.random_state)
        return list(
            ParameterSampler(self.param_distributions, self.n_iter, random_state=random_state)
        )
