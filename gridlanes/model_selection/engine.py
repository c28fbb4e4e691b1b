"""From prepared fits to their outcomes: what the searches and the validation functions share."""

import math
import time
from collections import deque
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import Any

from gridlanes.compat.joblib import end_workers
from gridlanes.errors import CannotRideError
from gridlanes.estimators.pending_fit import Arrays, PendingFit
from gridlanes.model_selection.fit_report import FitReport
from gridlanes.model_selection.fit_requests import prepare_rows
from gridlanes.model_selection.fits import Fit
from gridlanes.model_selection.last_step import (
    is_kept,
    network_of,
    why_not_trained_here,
    with_own_generator,
)
from gridlanes.model_selection.outer_fits import (
    OuterFit,
    fitted_alone,
    has_networks,
    train_inside,
)
from gridlanes.model_selection.outer_pass import Given
from gridlanes.model_selection.progress import bar
from gridlanes.model_selection.timings import Timed
from gridlanes.model_selection.trained_estimator import fitted
from gridlanes.networks.lane import Lane, LaneResult, Request, settled
from gridlanes.planning.joblib_backend import active, chosen, using


class Engine(Timed):
    """Trains fits, and keeps what can be used again: built networks and traced programs.

    Parameters
    ----------
    engine : {"auto", "lanes", "keras"}
        What to do with a fit that cannot ride: train it by ``model.fit``, or raise. With "keras"
        none rides.
    n_jobs : int or None
        Processes for fits by ``model.fit``, as in scikit-learn.
    progress : bool
        Whether to show a bar on a terminal.
    memory : Store, str, Path or None
        Where finished fits are kept; None keeps nothing.
    memory_errors : {"warn", "raise"}
        Whether to go on without a store that cannot be used.

    Attributes
    ----------
    report : FitReport
    """

    def __init__(
        self,
        engine: str = "auto",
        n_jobs: int | None = None,
        *,
        progress: bool = False,
        memory: Any = None,
        memory_errors: str = "warn",
    ) -> None:
        super().__init__()
        self.engine, self.n_jobs = engine, n_jobs
        self.progress = progress
        self.report = FitReport()
        self._memory, self._memory_errors = memory, memory_errors
        self._programs: dict[Any, Any] = {}
        # Scikit-learn's own work, in the midst of which fits are trained, stays in this process.
        self._backend = active()

    def plan(self, fits: Sequence[Fit]) -> Any:
        """Return how the engine would train these.

        Raises
        ------
        CannotRideError
            With ``engine="lanes"``, if one of them cannot ride.
        """
        own, pending = self._requests(fits)
        requests = self._taken_off([*own, *(one.request for one in pending)])
        found = self._stored.find(requests)
        plan = self._plan([r for n, r in enumerate(requests) if n not in found])
        plan.found = len(found)
        plan.unprepared = [fit.unprepared for fit in fits if fit.unprepared is not None]
        plan.later = [fit.outer.later for fit in fits if fit.outer is not None and fit.outer.later]
        elsewhere = {
            number: why_not_trained_here(fit.estimator)
            for number, fit in enumerate(fits)
            if fit.request is None and fit.error is None and fit.outer is None
        }
        self._check("ride in lanes", elsewhere, len(fits))
        plan.elsewhere = list(elsewhere.values())
        return plan

    def _requests(self, fits: Sequence[Fit]) -> tuple[list[Request], list[PendingFit]]:
        """Return what is to be trained, and what networks inside of other estimators wait for."""
        pending = [own for outer in _outers(fits) for own in outer.advance(self._train_one)]
        errors = {
            number: fit.unprepared for number, fit in enumerate(fits) if fit.unprepared is not None
        }
        self._check("be prepared", errors, len(fits))
        return [fit.request for fit in fits if fit.request is not None], pending

    def _check(self, what: str, reasons: Mapping[int, Any], of: int) -> None:
        """Raise, with ``engine="lanes"``, if there are fits that cannot be trained in lanes."""
        if reasons and self.engine == "lanes":
            number, reason = next(iter(reasons.items()))
            instead = "trains them otherwise" if "ride" in what else "goes on without them"
            raise CannotRideError(
                f"{len(reasons)} of {of} fits cannot {what}, the first of them fit {number}: "
                f'{reason}; engine="auto" {instead}'
            ) from (reason if isinstance(reason, Exception) else None)

    def _plan(self, requests: Sequence[Request]) -> Any:
        from gridlanes.planning.planner import make_plan

        with using(self._backend):
            backend = chosen(self.n_jobs)
        plan = make_plan(requests, self._survey, self._programs, backend=backend)
        self._check("ride in lanes", plan.reasons, len(requests))
        self._check("be built", plan.failures, len(requests))
        return plan

    def train(self, fits: Sequence[Fit]) -> deque:
        """Return each fit with its result, or exception, or None if it has no network."""
        started = time.perf_counter()
        with self.timed("prepare"):
            requests, pending = self._requests(fits)
        outcomes = iter(self._train_all(requests, pending, self.report))
        with self.timed("prepare"):
            train = partial(self._train_all, (), report=self.report)
            train_inside(_outers(fits), train, self._train_one)
        self.report.seconds += time.perf_counter() - started
        unprepared = sum(fit.unprepared is not None for fit in fits)
        self.report.asked += unprepared
        self.report.failed += unprepared
        return deque((fit, fit.outcome(outcomes)) for fit in fits)

    def _train_all(
        self, requests: Sequence[Request], pending: Sequence[PendingFit], report: FitReport
    ) -> list[LaneResult | Exception]:
        """Train fits and those that wait; return the outcomes of the former."""
        outcomes = self._outcomes([*requests, *(own.request for own in pending)], report)
        for own, outcome in zip(pending, outcomes[len(requests) :], strict=True):
            own.outcome = outcome
        return outcomes[: len(requests)]

    def _train_one(self, pending: Sequence[PendingFit]) -> None:
        """Train what cannot wait for others."""
        self._train_all((), pending, self.report)
        self.report.one_by_one += len(pending)

    def size(self, fits: Sequence[tuple[Lane | None, int | None]]) -> tuple[float, float]:
        """Return the weights of a candidate's network, and the most steps one of its fits took.

        NaN for a network that cannot be built, and for estimators without one.

        Parameters
        ----------
        fits : sequence of (Lane or None, int or None)
            Each with the epochs that it ran for, None if that is not known.
        """
        lanes = [(lane, epochs) for lane, epochs in fits if lane is not None]
        try:
            weights = self._survey.weights(lanes[0][0])
        except Exception:
            return math.nan, math.nan
        return weights, max(
            (lane.epochs if epochs is None else epochs) * lane.steps_per_epoch
            for lane, epochs in lanes
        )

    def refit(self, estimator: Any, X: Any, y: Any, fit_params: Mapping[str, Any]) -> Any:
        """Return an estimator, or a clone of it, fitted to all rows.

        Raises
        ------
        Exception
            What the fit raises.
        """
        with self.timed("refit"):
            network, report = network_of(estimator), FitReport()
            if network is None and has_networks(estimator):
                outer = OuterFit(estimator, lambda: Given(X, y, fit_params, {}), Arrays())
                refitted = fitted_alone(outer, partial(self._train_all, (), report=report))
                self.report.refit = "trained" if report.trained else "found"
                return refitted
            if network is None:
                estimator.fit(X, y, **fit_params)
                return estimator
            rows, before = prepare_rows(estimator, X, y, fit_params)
            request = Request(with_own_generator(network).lane(rows), kept=is_kept(network))
            (outcome,) = self._outcomes([request], report)
            self.report.refit = "found" if report.found else "trained"
            if isinstance(outcome, Exception):
                raise outcome
            return fitted(estimator, before, rows, outcome)

    def close(self) -> None:
        """End the workers that were kept for more fits, and close the store, if one was used."""
        if self._backend is not None:
            end_workers(self._backend[0])
        if "_stored" in vars(self):
            self._stored.close()

    @cached_property
    def _survey(self) -> Any:
        from gridlanes.compat.tensorflow import grow_on_gpus
        from gridlanes.planning.fit_survey import Survey

        grow_on_gpus()
        return Survey(ride=self.engine != "keras", tell=self._memory is not None)

    @cached_property
    def _fronts(self) -> Any:
        from gridlanes.planning.fronts import Fronts

        return Fronts(self._survey)

    def _taken_off(self, requests: Sequence[Request]) -> list[Request]:
        """Return fits on numbers: what layers make of text before the weights is computed first."""
        if self.engine == "keras":
            return list(requests)
        with self.timed("plan"):
            return [self._fronts.taken_off(request) for request in requests]

    @cached_property
    def _stored(self) -> Any:
        from gridlanes.planning.stored_fits import StoredFits

        strict = self.engine == "lanes"
        return StoredFits(self._memory, self._memory_errors, self._survey, only_lanes=strict)

    def _outcomes(
        self, requests: Sequence[Request], report: FitReport
    ) -> list[LaneResult | Exception]:
        """Return the outcomes of fits, found or trained, and count them."""
        if not requests:
            return []
        report.asked += len(requests)
        whole, requests = requests, self._taken_off(requests)
        with self.timed("find"):
            found: dict[int, Any] = self._stored.find(requests)
        new = [number for number in range(len(requests)) if number not in found]
        outcomes: dict[int, Any] = {n: settled(requests[n].lane, found[n]) for n in found}
        if new:
            outcomes |= zip(new, self._trained(requests, new, report), strict=True)
        for number, (own, rest) in enumerate(zip(whole, requests, strict=True)):
            if isinstance(outcomes[number], LaneResult):
                outcomes[number] = self._fronts.put_back(own, rest, outcomes[number])
        report.found += len(found)
        report.failed += sum(isinstance(outcome, Exception) for outcome in outcomes.values())
        for reason in self._stored.reasons.values():
            report.not_kept[reason] = report.not_kept.get(reason, 0) + 1
        return [outcomes[number] for number in range(len(requests))]

    def _trained(
        self, requests: Sequence[Request], new: Sequence[int], report: FitReport
    ) -> list[LaneResult | Exception]:
        """Train those of the fits last looked up that are new, keep and count them."""
        from gridlanes.workers import execute_plan

        missing = [requests[number] for number in new]
        with self.timed("plan"):
            plan = self._plan(missing)
        shown = bar(plan.lane_epochs(missing), len(missing), shown=self.progress)
        with using(self._backend), shown as progress:
            trained = execute_plan.run(
                plan,
                missing,
                report=progress,
                timings=self.timings,
                n_jobs=self.n_jobs,
                only_lanes=self.engine == "lanes",
                keep=lambda results: self._stored.keep(
                    {new[number]: result for number, result in results.items()}
                ),
            )
        self.tell_on()
        self._check("ride in lanes", plan.reasons, len(missing))
        report.trained += len(new) - len(plan.failures)
        report.by_reference += len(plan.reasons)
        return trained


def _outers(fits: Sequence[Fit]) -> list[OuterFit]:
    return [fit.outer for fit in fits if fit.outer is not None]
