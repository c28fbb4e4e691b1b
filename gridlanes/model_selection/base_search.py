"""What both searches do differently from scikit-learn's: all fits are trained first."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, Self

import numpy as np
from sklearn import config_context
from sklearn.base import is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv
from sklearn.utils import indexable

from gridlanes.compat.sklearn import check_method_params
from gridlanes.model_selection.best_answers import BestAnswers
from gridlanes.model_selection.engine import Engine
from gridlanes.model_selection.engine_choice import check_engine, check_memory, make_engine
from gridlanes.model_selection.fit_report import FitReport
from gridlanes.model_selection.fit_requests import Folds, Splits
from gridlanes.model_selection.fits import Fit
from gridlanes.model_selection.last_step import (
    held_network,
    network_of,
    prefix_of,
    why_not_trained_here,
)
from gridlanes.model_selection.out_of_fold import check_collectable, out_of_fold
from gridlanes.model_selection.own_scorers import of_real
from gridlanes.model_selection.quick_scoring import quick
from gridlanes.model_selection.search_session import Session
from gridlanes.model_selection.seeds import averaged, check_seeds, named_for_seed, repeated, without
from gridlanes.model_selection.trained_estimator import real, stand_in
from gridlanes.networks.lane import LaneResult
from gridlanes.networks.spellings import check_candidates
from gridlanes.planning.joblib_backend import staying


class LanesMixin(BestAnswers):
    """What both searches do differently from scikit-learn's."""

    engine: str
    return_predictions: bool
    seeds: Any
    memory: Any
    memory_errors: str
    # Scikit-learn's own, of which the type checker knows nothing.
    estimator: Any
    scoring: Any
    n_jobs: Any
    cv: Any
    feature_names_in_: Any
    scorer_: Any
    timings_: dict[str, float]
    _session: Session | None = None

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
        engine = self.make_engine(progress=self.verbose > 0)
        if engine is None:
            super().fit(X, y, **params)
            self.fit_report_ = FitReport(elsewhere=why_not_trained_here(self.estimator))
            self.timings_ = {}
            return self
        with closing(engine):
            self.fit_in(Session(engine, self.estimator, X, y, params, engine.refit))
        if hasattr(self, "best_estimator_"):
            self.best_estimator_ = real(self.best_estimator_)
        return self

    def make_engine(self, *, progress: bool) -> Engine | None:
        """Return what trains the fits, None if scikit-learn does all of it by itself.

        Raises
        ------
        ValueError
            For a parameter that cannot work.
        """
        if self.return_predictions:
            check_collectable(self.estimator)
        needed = "seeds" if self.seeds is not None else "return_predictions"
        return make_engine(
            self.estimator,
            self.engine,
            self.memory,
            self.memory_errors,
            n_jobs=self.n_jobs,
            progress=progress,
            needed=needed if self.seeds is not None or self.return_predictions else None,
        )

    def fit_in(self, session: Session) -> None:
        """Search with what a session has; the best estimator stays what the refit returned."""
        with self._answering_from_results(session), session.engine.timed("score"), staying():
            super().fit(session.X, session.y, **session.params)
        self._restore_scorer()
        if session.finished and held_network(session.estimator) is not None:
            self.histories_ = session.histories(self.n_splits_ * self._n_seeds)
        if self.return_predictions and session.finished:
            self.predictions_ = out_of_fold(
                session.finished, self.n_splits_, self._n_seeds, session.y
            )
        self.timings_ = session.engine.timings
        self.fit_report_ = session.engine.report

    def plan(self, X: Any, y: Any = None, **params: Any) -> Any:
        """Return how :meth:`fit` would train, without training; print it.

        Takes what :meth:`fit` does. The refit of the best candidate is not part of it.

        Returns
        -------
        Plan

        Raises
        ------
        CannotRideError
            With ``engine="lanes"``, for a fit that cannot ride.
        """
        check_engine(self.engine)
        check_memory(self.memory, self.memory_errors)
        own = Engine(self.engine, self.n_jobs, memory=self.memory, memory_errors=self.memory_errors)
        with closing(own) as engine:
            session = Session(engine, self.estimator, X, y, params, engine.refit)
            fits, _ = self.prepare(session)
            return engine.plan(fits)

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
        list of Audited
        """
        from gridlanes.networks.audit import Audited, difference

        candidates = self._repeated(self._candidates())
        with closing(Engine(self.engine, self.n_jobs)) as engine:
            session = Session(engine, self.estimator, X, y, params, engine.refit)
            prepared, splits = self._prepare(session, candidates)
            finished = list(engine.train(prepared))
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
    def _answering_from_results(self, session: Session) -> Iterator[None]:
        """Put a stand-in where scikit-learn looks for the estimator."""
        given = self.estimator, self.scoring, self.n_jobs, self.cv
        self._session = session
        self.estimator = stand_in(
            session.estimator,
            session.queue,
            session.refit,
            notes=self.error_score == "raise",
        )
        self.scoring = of_real(self.scoring)
        if network_of(session.estimator) is not None:
            self.scoring = quick(self.scoring, session.estimator, session.y)
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
            candidates = self._repeated(candidates)
            if session.ready is None:
                fits, splits = self._prepare(session, candidates)
                outcomes = list(session.engine.train(fits))
            else:
                outcomes, splits = session.ready
            session.queue.extend(outcomes)
            session.finished += outcomes
            if self.seeds is not None:
                # Scikit-learn's callbacks count on one task for each candidate and split.
                options["callback_ctx"] = None
            # Scorers are called as often as there are fits, and with the same parameters.
            with config_context(skip_parameter_validation=True):
                return evaluate_candidates(candidates, cv=splits, **options)

        super()._run_search(train_first, callback_ctx=callback_ctx)

    def prepare(self, session: Session) -> tuple[list[Fit], Splits]:
        """Return all fits of the search, the refit apart, and the splits."""
        return self._prepare(session, self._repeated(self._candidates()))

    @property
    def knows_its_candidates(self) -> bool:
        """Whether they do not depend on what a subclass does by itself."""
        own, kind = LanesMixin, type(self)
        return kind._run_search is own._run_search and kind.fit is own.fit  # noqa: SLF001

    def routed_to_fit(self, X: Any, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return which of the parameters of :meth:`fit` go to the estimator's."""
        routed = self._get_routed_params_for_fit(check_method_params(X, params=params))
        own: Mapping[str, Any] = routed.estimator.fit
        return own

    @property
    def _n_seeds(self) -> int:
        return 1 if self.seeds is None else len(self.seeds)

    def _repeated(self, candidates: Iterable) -> list[Mapping[str, Any]]:
        check_seeds(self.seeds)
        return repeated(candidates, self.seeds, self._seed_name)

    @property
    def _seed_name(self) -> str:
        return f"{prefix_of(self.estimator)}random_state"

    def _prepare(
        self, session: Session, candidates: list[Mapping[str, Any]]
    ) -> tuple[list[Fit], Splits]:
        """Return a fit for each candidate and split, and the splits."""
        X, y = indexable(session.X, session.y)
        params = check_method_params(X, params=session.params)
        routed = self._get_routed_params_for_fit(params)
        check_candidates(candidates, routed.estimator.fit)
        cv = check_cv(self.cv, y, classifier=is_classifier(session.estimator))
        splits = list(cv.split(X, y, **routed.splitter.split))
        folds = Folds(X, y, routed.estimator.fit, train=self.return_train_score)
        with session.engine.timed("prepare"):
            return folds.prepare(session.estimator, candidates, splits), Splits(splits, cv)

    def _format_results(
        self, candidate_params: Any, n_splits: int, out: Any, more_results: Any = None
    ) -> dict[str, Any]:
        session = self._session
        # A subclass that goes through candidates by itself has nothing trained beforehand.
        if session is None or not session.finished:
            results: dict[str, Any] = super()._format_results(
                candidate_params, n_splits, out, more_results
            )
            return results
        for record, (_, outcome) in zip(out, session.finished, strict=True):
            record["fit_time"] = getattr(outcome, "seconds", record["fit_time"])
        n = self._n_seeds
        if self.seeds is not None:
            name = self._seed_name
            out, of_seeds = averaged(out, n, n_splits)
            candidate_params = [without(own, name) for own in candidate_params[::n]]
            more_results = {key: own[::n] for key, own in (more_results or {}).items()}
        results = super()._format_results(candidate_params, n_splits, out, more_results)
        if self.seeds is not None:
            for seed, records in zip(self.seeds, of_seeds, strict=True):
                of_seed = super()._format_results(candidate_params, n_splits, records)
                results |= named_for_seed(seed, of_seed)
        return results | session.sizes(n * n_splits)
