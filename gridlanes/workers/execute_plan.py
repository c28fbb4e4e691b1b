"""Runs a plan: its lanes in threads of this process or as tasks of joblib's backend.

Only here, where results come back, are they handed on to be kept.
"""

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from itertools import chain

from joblib import effective_n_jobs

from gridlanes.errors import CannotRideError
from gridlanes.networks import reference
from gridlanes.networks.lane import LaneResult, Request, settled
from gridlanes.planning.joblib_backend import Backend
from gridlanes.planning.plan import Plan
from gridlanes.planning.reference_fits import processes, together
from gridlanes.workers import joblib_tasks, threads

#: What became of a fit.
Outcome = LaneResult | Exception

#: Takes the lane-epochs and the fits that are done since the last call.
Report = Callable[[int, int], None]

#: Takes results as they come, by position of their request.
Keep = Callable[[Mapping[int, LaneResult]], None]


def run(
    plan: Plan,
    requests: Sequence[Request],
    report: Report = lambda *_: None,
    timings: dict[str, float] | None = None,
    n_jobs: int | None = None,
    keep: Keep = lambda _: None,
    *,
    only_lanes: bool = False,
) -> list[Outcome]:
    """Train all fits of a plan.

    Parameters
    ----------
    plan : Plan
    requests : sequence of Request
        The ones that the plan was made for.
    report : callable
        See :data:`Report`.
    timings : dict, optional
        Seconds are added to its entries ``trace``, ``run`` (waiting for lanes beyond
        the time of tracing), ``keras`` (fits by ``model.fit``), or ``tasks`` (on workers).
    n_jobs : int or None
        The most processes for fits by ``model.fit``, where lanes are trained in this process.
    keep : callable
        See :data:`Keep`. A fit that has diverged is a result here.
    only_lanes : bool
        Whether to leave fits alone that turn out not to ride; the plan then has their reasons.

    Returns
    -------
    list
        A :class:`gridlanes.networks.lane.LaneResult` for each request, or the exception that it
        ended in.

    Raises
    ------
    BackendError
        If the workers cannot be used, or are gone; what had come back is kept.
    """
    outcomes: dict[int, Outcome] = dict(plan.failures)

    def take(results: Mapping[int, Outcome]) -> None:
        outcomes.update(results)
        keep({n: own for n, own in results.items() if isinstance(own, LaneResult)})

    timings = {} if timings is None else timings
    spent: dict[str, float] = {}
    started = time.perf_counter()
    if plan.backend.remote:
        joblib_tasks.train(plan.parts, list(plan.reasons), requests, plan.backend, take, report)
        spent["tasks"] = time.perf_counter() - started
    else:
        threads.train(plan, requests, take, report, spent)
    # What only shows in training.
    late = {n: str(own) for n, own in sorted(outcomes.items()) if isinstance(own, CannotRideError)}
    plan.reasons |= late
    if late and not only_lanes:
        warnings.warn(
            f"{len(late)} of {len(requests)} fits turned out not to ride, and are trained by "
            f"model.fit: {next(iter(late.values()))}",
            stacklevel=2,
        )
    left = list(late if plan.backend.remote else plan.reasons)
    if left and not only_lanes:
        _by_reference(left, plan.backend, requests, n_jobs, take, report)
        spent["keras"] = time.perf_counter() - started - sum(spent.values())
    for name, seconds in spent.items():
        timings[name] = timings.get(name, 0.0) + seconds
    return [
        own if isinstance(own, Exception) else settled(request.lane, own)
        for request, own in ((request, outcomes[n]) for n, request in enumerate(requests))
    ]


def _by_reference(
    numbers: Sequence[int],
    backend: Backend,
    requests: Sequence[Request],
    n_jobs: int | None,
    take: Callable[[Mapping[int, Outcome]], None],
    report: Report,
) -> None:
    """Train the fits that cannot ride, in as many processes as pay."""
    # Keras draws from global generators: there is one fit in a process at a time.
    most = 1 if backend.name else effective_n_jobs(n_jobs)
    workers = 1 if backend.remote else processes(numbers, requests, most)
    if backend.remote or workers > 1:
        backend = backend if backend.remote else Backend("loky", workers)
        return joblib_tasks.train([], numbers, requests, backend, take, report)
    for number in chain(*together(numbers, requests, workers)):
        try:
            outcome: Outcome = reference.run(requests[number])
        except Exception as error:
            outcome = error
        take({number: outcome})
        report(requests[number].lane.epochs, 1)
    return None
