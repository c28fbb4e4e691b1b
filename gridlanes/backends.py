"""Runs a plan: traces its programs, and trains their lanes on all cores of this machine.

Tracing needs Python and Keras, training only TensorFlow, which lets go of Python's lock: one
program is traced while the runs of others are under way.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from threading import Event

import keras
from joblib import Parallel, delayed

from gridlanes import reference
from gridlanes.building import seeded
from gridlanes.functional import Weights, set_weights
from gridlanes.lane import Lane, LaneResult, Request, check_finite
from gridlanes.plan import Group, Part, Plan, cores
from gridlanes.rider import Snapshot
from gridlanes.training import Run

#: What became of a fit.
Outcome = LaneResult | Exception

#: Takes the lane-epochs and the fits that are done since the last call.
Report = Callable[[int, int], None]


def run(
    plan: Plan,
    requests: Sequence[Request],
    report: Report = lambda *_: None,
    timings: dict[str, float] | None = None,
    n_jobs: int | None = None,
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

    Returns
    -------
    list
        A :class:`gridlanes.lane.LaneResult` for each request, or the exception that it ended in.
    """
    timings = {} if timings is None else timings
    outcomes: dict[int, Outcome] = dict(plan.failures)
    outcomes |= _in_lanes(plan, requests, report, timings)
    started = time.perf_counter()
    by_reference = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_by_reference)(requests[number]) for number in plan.reasons
    )
    for number, outcome in zip(plan.reasons, by_reference, strict=True):
        outcomes[number] = outcome
        report(requests[number].lane.epochs, 1)
    if plan.reasons:
        _add(timings, "keras", time.perf_counter() - started)
    return [outcomes[number] for number in range(len(requests))]


def _in_lanes(
    plan: Plan, requests: Sequence[Request], report: Report, timings: dict[str, float]
) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    stop, waiting = Event(), {}
    executor = ThreadPoolExecutor(cores())
    try:
        for part in plan.parts:
            started = time.perf_counter()
            # The plan's order puts the longest first, which the others then run beside.
            run_ = _make_run(part, stop, report)
            run_.prepare()
            _add(timings, "trace", time.perf_counter() - started)
            waiting[executor.submit(run_.train)] = part, run_
            outcomes |= _finished(waiting, requests, timeout=0)
        started = time.perf_counter()
        while waiting:
            outcomes |= _finished(waiting, requests, timeout=0.1)
        _add(timings, "run", time.perf_counter() - started)
    finally:
        stop.set()
        executor.shutdown(cancel_futures=True)
    return outcomes


def _make_run(part: Part, stop: Event, report: Report) -> Run:
    riders = [part.group.riders[lane] for lane in part.lanes]
    group = part.group
    return Run(group.program, group.pool, riders, stop=stop, report=report)


def _finished(
    waiting: dict[Future, tuple[Part, Run]],
    requests: Sequence[Request],
    timeout: float,
) -> dict[int, Outcome]:
    """Return what the runs that have ended brought, and take them off the list."""
    outcomes: dict[int, Outcome] = {}
    done, _ = wait(waiting, timeout, FIRST_COMPLETED)
    for future in done:
        part, run_ = waiting.pop(future)
        seconds = future.result()
        fits = sum(len(n) for lane in part.lanes for n in part.group.fits[lane].values())
        for lane, snapshots in zip(part.lanes, run_.snapshots, strict=True):
            outcomes |= _outcomes(part.group, lane, snapshots, requests, seconds / fits)
    return outcomes


def _outcomes(
    group: Group,
    number: int,
    snapshots: dict[int, Snapshot],
    requests: Sequence[Request],
    seconds: float,
) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    rider = group.riders[number]
    position = {id(X): n for n, X in enumerate(rider.rows)}
    for epoch, fits in group.fits[number].items():
        # Early stopping may have ended the lane at another epoch than its last.
        snapshot = snapshots[epoch] if epoch in snapshots else next(iter(snapshots.values()))
        for fit in fits:
            request = requests[fit]
            outputs = tuple(snapshot.outputs[position[id(X)]] for X in request.rows)
            make_model = partial(_model, request.lane, snapshot.weights)
            try:
                check_finite(request.lane, snapshot.history)
            except ArithmeticError as error:
                outcomes[fit] = error
            else:
                loss = group.program.network.loss_given
                outcomes[fit] = LaneResult(snapshot.history, loss, make_model, outputs, seconds)
    return outcomes


def _model(lane: Lane, weights: Weights) -> keras.Model:
    """Return the trained model of a lane."""
    model = seeded(lane.build, lane.seed)
    set_weights(model, weights)
    # A model whose optimizer knows its weights can be pickled and read again without a warning.
    model.optimizer.build(model.trainable_variables)
    return model


def _by_reference(request: Request) -> Outcome:
    try:
        return reference.train(request)
    except Exception as error:
        return error


def _add(timings: dict[str, float], name: str, seconds: float) -> None:
    timings[name] = timings.get(name, 0.0) + seconds
