"""From prepared fits to their outcomes: what the searches and the validation functions share."""

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from gridlanes.errors import CannotRideError
from gridlanes.folds import Fit, network_of, prepare_rows, with_own_generator
from gridlanes.lane import LaneResult, Request
from gridlanes.progress import bar
from gridlanes.replay import fitted

ENGINES = ("auto", "lanes", "keras")


def check_engine(engine: Any) -> None:
    """Raise unless ``engine`` is one of those that exist.

    Raises
    ------
    ValueError
    """
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(map(repr, ENGINES))}; found {engine!r}")


class Engine:
    """Trains fits, and keeps what can be used again: built networks and traced programs.

    Parameters
    ----------
    engine : {"auto", "lanes"}
        What to do with a fit that cannot ride: train it by ``model.fit``, or raise.
    n_jobs : int or None
        Processes for fits by ``model.fit``, as in scikit-learn.
    progress : bool
        Whether to show a bar on a terminal.
    """

    def __init__(
        self,
        engine: str = "auto",
        n_jobs: int | None = None,
        *,
        progress: bool = False,
    ) -> None:
        self.engine, self.n_jobs = engine, n_jobs
        self.progress = progress
        self.timings: dict[str, float] = {}
        self._programs: dict[Any, Any] = {}
        self._survey: Any = None

    def plan(self, requests: Sequence[Request]) -> Any:
        """Return how the engine would train these.

        Raises
        ------
        CannotRideError
            With ``engine="lanes"``, if one of them cannot ride.
        """
        from gridlanes.plan import make_plan
        from gridlanes.survey import Survey

        self._survey = self._survey or Survey()
        plan = make_plan(requests, self._survey, self._programs)
        if plan.reasons and self.engine == "lanes":
            number, reason = next(iter(plan.reasons.items()))
            raise CannotRideError(
                f"{len(plan.reasons)} of {len(requests)} fits cannot ride in lanes, the first of "
                f'them fit {number}: {reason}; engine="auto" trains them by model.fit'
            )
        return plan

    def train(self, fits: Sequence[Fit]) -> deque:
        """Return each fit with its result, or exception, or None if it has no network."""
        requests = [fit.request for fit in fits if fit.request is not None]
        outcomes = iter(self._outcomes(requests)) if requests else iter(())
        return deque(
            (fit, next(outcomes) if fit.request is not None else fit.error) for fit in fits
        )

    def refit(self, estimator: Any, X: Any, y: Any, fit_params: Mapping[str, Any]) -> Any:
        """Return an estimator, or a clone of it, fitted to all rows.

        Raises
        ------
        Exception
            What the fit raises.
        """
        with self.timed("refit"):
            network = network_of(estimator)
            if network is None:
                estimator.fit(X, y, **fit_params)
                return estimator
            rows, before = prepare_rows(estimator, X, y, fit_params)
            request = Request(with_own_generator(network).lane(rows))
            (outcome,) = self._outcomes([request])
            if isinstance(outcome, Exception):
                raise outcome
            return fitted(estimator, before, rows, outcome)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the time of a block to one of the timings, less what the block adds to others."""
        started, others = time.perf_counter(), sum(self.timings.values())
        try:
            yield
        finally:
            inside = sum(self.timings.values()) - others
            self.add(name, max(0.0, time.perf_counter() - started - inside))

    def add(self, name: str, seconds: float) -> None:
        """Add to one of the timings."""
        self.timings[name] = self.timings.get(name, 0.0) + seconds

    def _outcomes(self, requests: Sequence[Request]) -> list[LaneResult | Exception]:
        from gridlanes import backends

        with self.timed("plan"):
            plan = self.plan(requests)
        with bar(plan.lane_epochs(requests), len(requests), shown=self.progress) as report:
            return backends.run(
                plan, requests, report=report, timings=self.timings, n_jobs=self.n_jobs
            )
