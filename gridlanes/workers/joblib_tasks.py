"""Trains a plan on the workers of joblib's backend: runs are tasks, and fits by Keras others."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import cloudpickle
import keras
from joblib import delayed
from numpy.typing import NDArray

from gridlanes.compat.joblib import at_work, returned
from gridlanes.compat.tensorflow import devices
from gridlanes.errors import BackendError, CannotRideError
from gridlanes.networks import reference
from gridlanes.networks.lane import LaneResult, Request
from gridlanes.networks.seeding import seeded
from gridlanes.planning.joblib_backend import Backend
from gridlanes.planning.reference_fits import together
from gridlanes.planning.runs import Part
from gridlanes.programs.watch import needs_whole_model
from gridlanes.store.digests import digest
from gridlanes.store.versions import versions
from gridlanes.workers import worker
from gridlanes.workers.array_parcels import Hold, packed, stow, whole_code
from gridlanes.workers.fit_results import all_of, results_of

#: What a task brought, by position of the request.
Results = Mapping[int, LaneResult | Exception]


class Task(NamedTuple):
    """What one worker does next.

    Attributes
    ----------
    function : str
        Of :mod:`gridlanes.workers.worker`.
    arguments : tuple
        Beyond the data and the header.
    results : callable
        From what the function returns to the results.
    lane_epochs, fits : int
        That are done with it.
    """

    function: str
    arguments: tuple
    results: Callable[[Any], Results]
    lane_epochs: int
    fits: int


def train(
    parts: Sequence[Part],
    by_reference: Sequence[int],
    requests: Sequence[Request],
    backend: Backend,
    take: Callable[[Results], None],
    report: Callable[[int, int], None],
) -> None:
    """Train runs of lanes, and fits by ``model.fit``.

    Parameters
    ----------
    parts : sequence of Part
        In the order in which they are handed out.
    by_reference : sequence of int
        Positions of requests.
    requests : sequence of Request
        The ones that the plan was made for.
    backend : Backend
    take : callable
        Given results as their task returns; for a fit that failed by ``model.fit`` the exception.
    report : callable
        Told of lane-epochs and fits that are done.

    Raises
    ------
    BackendError
        If the workers cannot be used, or are gone.
    Exception
        What the training of a run raises.
    """
    hold = stow(_arrays(requests))
    try:
        with whole_code():
            head = header(hold)
            tasks = [_lanes(part, requests, hold) for part in parts]
            tasks += [
                _fits(fits, requests, hold)
                for fits in together(by_reference, requests, backend.workers)
            ]
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        raise BackendError(
            f"{backend.name}: a network cannot be sent to workers: {said}"
        ) from error
    done = 0
    try:
        with at_work(backend.name, hold.data) as data:
            call = delayed(_caller())
            calls = (
                call(number, task.function, data, head, *task.arguments)
                for number, task in enumerate(tasks)
            )
            for number, own in returned(backend.name, backend.workers, calls):
                take(tasks[number].results(own))
                report(tasks[number].lane_epochs, tasks[number].fits)
                done += tasks[number].fits
    except BackendError as error:
        total = sum(task.fits for task in tasks)
        raise BackendError(f"{error}; {done} of {total} fits had come back") from error


def _caller() -> Callable:
    """Return what calls a function of the worker's own gridlanes.

    A function in a function travels as it is. One of a module travels by its name, and where that
    is not known engines may wait without end, on a worker as on Dask's scheduler.
    """

    def call(number: int, function: str, *arguments: Any) -> tuple[int, Any]:
        import importlib
        import os
        import platform

        try:
            own = getattr(importlib.import_module("gridlanes.workers.worker"), function)
        except (ImportError, AttributeError) as error:
            who = f"worker {os.getpid()} on {platform.node()}"
            raise RuntimeError(f"{who} has no gridlanes, or another version: {error}") from None
        return number, own(*arguments)

    return call


def header(hold: Hold) -> dict[str, Any]:
    """Return what a worker has to know before it unpacks anything else."""
    return {
        "versions": versions(),
        "devices": devices(),
        **{name: getattr(keras.config, name)() for name in worker.SETTINGS},
        "dtype_policy": keras.config.dtype_policy().name,
        "objects": packed(dict(_registered(hold)), hold),
    }


def _registered(hold: Hold) -> Iterator[tuple[str, Any]]:
    """Yield the user's classes under the names by which Keras' own objects look for them."""
    for name, own in keras.saving.get_custom_objects().items():
        # One that cannot be sent may have nothing to do with this search.
        with suppress(Exception):
            packed(own, hold)
            yield name, own


def _arrays(requests: Iterable[Request]) -> Iterator[NDArray]:
    for request in requests:
        lane = request.lane
        yield from request.rows
        for own in (lane.X, lane.y, lane.sample_weight, *(lane.validation or ())):
            if own is not None:
                yield own


def _lanes(part: Part, requests: Sequence[Request], hold: Hold) -> Task:
    group = part.group
    spec = packed(group.program.spec, hold)
    own = [group.planned_lanes[lane] for lane in part.lanes]
    # The program is made from one lane's build function; those of all the others can stay here,
    # but for lanes whose callbacks see a model.
    nothing: Any = None
    light = [
        planned
        if needs_whole_model(planned)
        else replace(planned, lane=replace(planned.lane, build=nothing))
        for planned in own
    ]

    def results(brought: Any) -> Results:
        if isinstance(brought, CannotRideError):
            return all_of(part, brought)
        if isinstance(brought, Exception):
            raise brought
        return results_of(part, brought, requests)

    return Task(
        worker.train_lanes.__name__,
        ((digest(spec), spec), packed(light, hold)),
        results,
        sum(planned.lane.epochs for planned in own),
        sum(planned.snapshots.total() for planned in own),
    )


def _fits(numbers: Sequence[int], requests: Sequence[Request], hold: Hold) -> Task:
    own = [requests[number] for number in numbers]

    def results(brought: Any) -> Results:
        return {
            number: _result(request, one)
            for number, request, one in zip(numbers, own, brought, strict=True)
        }

    return Task(
        worker.train_by_reference.__name__,
        (packed(own, hold),),
        results,
        sum(request.lane.epochs for request in own),
        len(own),
    )


def _result(request: Request, brought: Any) -> LaneResult | Exception:
    if isinstance(brought, Exception):
        return brought
    history, loss, outputs, seconds, state = brought
    make = partial(reference.restored, request.lane, state)
    return LaneResult(history, _loss(request, loss), make, outputs, seconds, state)


def _loss(request: Request, pickled: bytes | None) -> Any:
    """Return what a fit's model was compiled with; Keras cannot read all that it has written."""
    try:
        return cloudpickle.loads(pickled)
    except Exception:
        return seeded(request.lane.build, request.lane.seed).loss
