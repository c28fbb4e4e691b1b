"""Runs a plan: traces its programs, and trains their lanes on all cores of this machine.

Tracing needs Python and Keras, training only TensorFlow, which lets go of Python's lock: one
program is traced while the runs of others are under way.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from threading import Event

from joblib import Parallel, delayed

from gridlanes import reference
from gridlanes.functional import restored
from gridlanes.lane import LaneResult, Request, settled
from gridlanes.plan import Group, Part, Plan, cores
from gridlanes.training import Run

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
        the time of tracing) and ``keras`` (fits by ``model.fit``).
    n_jobs : int or None
        Processes for fits by ``model.fit``.
    keep : callable
        See :data:`Keep`. A fit that has diverged is a result here.

    Returns
    -------
    list
        A :class:`gridlanes.lane.LaneResult` for each request, or the exception that it ended in.
    """
    timings = {} if timings is None else timings
    results = _in_lanes(plan, requests, report, timings, keep)
    started = time.perf_counter()
    by_reference = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_by_reference)(requests[number]) for number in plan.reasons
    )
    failures = dict(plan.failures)
    for number, outcome in zip(plan.reasons, by_reference, strict=True):
        if isinstance(outcome, LaneResult):
            results[number] = outcome
            keep({number: outcome})
        else:
            failures[number] = outcome
        report(requests[number].lane.epochs, 1)
    if plan.reasons:
        _add(timings, "keras", time.perf_counter() - started)
    return [
        failures[number] if number in failures else settled(request.lane, results[number])
        for number, request in enumerate(requests)
    ]


def _in_lanes(
    plan: Plan, requests: Sequence[Request], report: Report, timings: dict[str, float], keep: Keep
) -> dict[int, LaneResult]:
    results: dict[int, LaneResult] = {}
    stop = Event()
    waiting: dict[Future, tuple[Part, Run]] = {}
    executor = ThreadPoolExecutor(cores())

    def collect(timeout: float) -> None:
        """Take the snapshots that are there, and the runs that have ended off the list."""
        done, _ = wait(waiting, timeout, FIRST_COMPLETED)
        new = [_results(part.group, part, run_, requests) for part, run_ in waiting.values()]
        merged = {number: result for own in new for number, result in own.items()}
        if merged:
            results.update(merged)
            keep(merged)
        for future in done:
            del waiting[future]
            future.result()

    try:
        for part in plan.parts:
            started = time.perf_counter()
            # The plan's order puts the longest first, which the others then run beside.
            run_ = _make_run(part, stop, report)
            run_.prepare()
            _add(timings, "trace", time.perf_counter() - started)
            waiting[executor.submit(run_.train)] = part, run_
            collect(timeout=0)
        started = time.perf_counter()
        while waiting:
            collect(timeout=0.1)
        _add(timings, "run", time.perf_counter() - started)
    except KeyboardInterrupt:
        collect(timeout=0)
        raise
    finally:
        stop.set()
        executor.shutdown(cancel_futures=True)
    return results


def _make_run(part: Part, stop: Event, report: Report) -> Run:
    riders = [part.group.riders[lane] for lane in part.lanes]
    group = part.group
    return Run(group.program, group.pool, riders, stop=stop, report=report)


def _results(
    group: Group, part: Part, run_: Run, requests: Sequence[Request]
) -> dict[int, LaneResult]:
    """Return what a run has brought since the last time, by position of the request."""
    results: dict[int, LaneResult] = {}
    while run_.taken:
        lane, epoch, snapshot = run_.taken.popleft()
        number = part.lanes[lane]
        position = {id(X): n for n, X in enumerate(group.riders[number].rows)}
        ends = group.fits[number]
        # Early stopping may have ended the lane at another epoch than its last.
        fits = ends[epoch] if epoch in ends else [fit for own in ends.values() for fit in own]
        weights = snapshot.weights
        state = (weights.trainable, weights.statistics, weights.integers)
        for fit in fits:
            request = requests[fit]
            results[fit] = LaneResult(
                snapshot.history,
                group.program.network.loss_given,
                partial(restored, request.lane, state),
                tuple(snapshot.outputs[position[id(X)]] for X in request.rows),
                snapshot.seconds,
                state,
            )
    return results


def _by_reference(request: Request) -> Outcome:
    try:
        return reference.run(request)
    except Exception as error:
        return error


def _add(timings: dict[str, float], name: str, seconds: float) -> None:
    timings[name] = timings.get(name, 0.0) + seconds
