"""The process that measures what the simulation of :mod:`benchmarks.makespan` needs.

``python -m benchmarks.costs ROUNDS`` prints as JSON, in microseconds unless said otherwise:

========================== ================================================================
``prepare``, ``find``,     of the caller for each fit: before training, on its way back, and
``plan``, ``take``,        after all; ``find`` and ``keep`` are the store's
``keep``, ``score``
``pack``                   of the caller for each lane
``task``, ``byte``         of the caller for each task by Dask whatever it holds, and for each
                           byte of it
``latency``                of a task there or back while nobody is busy
``start``, ``trace``       seconds of a worker, before its first task and for a program
``run``, ``snapshot``      of a worker for each task and for each fit
``batch sizes``            of a worker for a step and for each of its lanes
``parcel``, ``result``     bytes that go out for each lane and come back for each fit
``crowding``               how much longer a task takes with two workers at once
========================== ================================================================
"""

import json
import pickle
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import keras
import numpy as np
from joblib import delayed
from numpy.typing import NDArray
from scipy.optimize import nnls

from benchmarks.makespan import BATCH_SIZES, FITS_A_LANE, MICRO
from benchmarks.measure import run_python
from benchmarks.searching import at_work, search_of, searched, task_of
from gridlanes import places, runs, worker
from gridlanes.base_search import Session
from gridlanes.cargo import Hold, stow, whole_code
from gridlanes.keeping import Keeper
from gridlanes.lane import Request
from gridlanes.runs import _cost
from gridlanes.survey import Survey
from gridlanes.tasks import Task, _arrays, _lanes, header

#: What a worker loads before its first task; prints the seconds.
LOADING = (
    "import time; started = time.perf_counter(); import gridlanes.training; "
    "print(time.perf_counter() - started)"
)

#: Lanes in the runs that a line is fitted through, and the epochs of their fits.
LANES, EPOCHS, RATES = (20, 80, 320, 1280), [1, 2, 3], 48

#: Tasks that do nothing, and lanes that their parcels are as large as.
EMPTY, PARCELS = 300, (20, 320)


@dataclass(frozen=True, eq=False)
class Prepared:
    """A search of one batch size, from which runs of any number of lanes can be taken."""

    requests: list[Request]
    group: runs.Group
    hold: Hold

    def part(self, lanes: int) -> runs.Part:
        """Return a run of so many lanes, of every kind alike."""
        own = np.linspace(0, len(self.group.riders) - 1, lanes).astype(int).tolist()
        return _cost(self.group, own)

    def task(self, lanes: int) -> Task:
        """Return a run as a task."""
        with whole_code():
            return _lanes(self.part(lanes), self.requests, self.hold)


def main() -> None:
    """Measure everything."""
    rounds = int(sys.argv[1])
    costs = _of_caller(rounds)
    runs_made = []
    with at_work("dask", 1) as client:
        costs |= _of_start(client, rounds)
        for _ in range(rounds):
            runs_made += _runs(client)
    costs |= fitted(runs_made) | {"runs": _medians(runs_made)}
    with at_work("dask", 2) as client:
        costs |= _of_tasks(client) | {"crowding": _crowding(client, rounds)}
    print(json.dumps(costs))


def prepared(batch_size: int, epochs: list[int], hidden: tuple[int, ...] = (12, 8)) -> Prepared:
    """Return a search, planned."""
    task = task_of(RATES, batch_size=[batch_size], epochs=epochs)
    X, y = task.data()
    search = search_of(task)
    search.estimator.set_params(hidden=hidden)
    engine = search.make_engine(progress=False)
    fits, _ = search.prepare(Session(engine, search.estimator, X, y, {}, engine.refit))
    requests = [fit.request for fit in fits if fit.request is not None]
    return Prepared(requests, engine.plan(requests).groups[0], stow(_arrays(requests)))


def _of_caller(rounds: int) -> dict[str, Any]:
    """Measure what the caller does by itself, on fits that are soon trained."""
    task = task_of(RATES, batch_size=[max(BATCH_SIZES)], epochs=EPOCHS)
    found = [searched(task) for _ in range(rounds)]
    per_fit = {
        name: median(one["phases"][name] for one in found) / found[0]["fits"] / MICRO
        for name in ("prepare", "find", "plan", "score")
    }
    own = prepared(max(BATCH_SIZES), EPOCHS)
    lanes = PARCELS[1]
    pack, whole = _timed(lambda: own.task(lanes), rounds)
    brought = worker.train_lanes(own.hold.data, header(), *whole.arguments)
    back = pickle.dumps(brought)
    fits = FITS_A_LANE * lanes
    take, results = _timed(lambda: whole.results(pickle.loads(back)), rounds)  # noqa: S301
    kinds = [(kind.name, kind.flags) for kind in own.group.program.kinds]
    rider = own.group.riders[0]
    return per_fit | {
        "pack": pack / lanes / MICRO,
        "parcel": (len(whole.arguments[1]) - len(own.task(1).arguments[1])) / (lanes - 1),
        "take": take / fits / MICRO,
        "result": len(back) / fits,
        "keep": _kept(own.requests, results, rounds) / fits / MICRO,
        "network": {
            "weights": len(rider.start.trainable),
            "row bytes": own.group.program.network.row_bytes,
            "kinds": kinds,
        },
    }


def _kept(requests: Sequence[Request], results: Any, rounds: int) -> float:
    """Return the seconds in which a new store gets the results of a task."""
    seconds = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            keeper = Keeper(Path(folder) / "fits.sqlite", "raise", Survey(tell=True))
            keeper.find(requests)
            seconds.append(_timed(lambda keeper=keeper: keeper.keep(results))[0])
            keeper.close()
    return median(seconds)


def _of_start(client: Any, rounds: int) -> dict[str, float]:
    """Measure what a worker does before its first task, and before its first of a program.

    Dask's workers of a cluster on this machine may have loaded what the caller has, so that
    loading is measured in processes of its own.
    """
    start = [float(run_python("-c", LOADING)[1]) for _ in range(rounds)]
    trace = []
    for units in range(2, rounds + 2):
        own = prepared(max(BATCH_SIZES), [1], (units, 2))
        with _held(client, own) as data:
            first, second = (_on_worker(client, own.task(2), data) for _ in range(2))
        trace.append(first - second)
    # The first worker of all has loaded what its caller had not.
    return {"start": median(start), "trace": min(trace)}


def _runs(client: Any) -> list[dict[str, float]]:
    """Measure runs of many sizes on one worker, with few snapshots and with many."""
    made = []
    for size in BATCH_SIZES:
        for epochs in (EPOCHS[-1:], EPOCHS):
            own = prepared(size, epochs)
            with _held(client, own) as data:
                # The program is traced with its first lanes.
                _on_worker(client, own.task(2), data)
                for lanes in LANES:
                    seconds = _on_worker(client, own.task(lanes), data)
                    steps = EPOCHS[-1] * own.group.riders[0].lane.steps_per_epoch
                    about = {"batch size": size, "lanes": lanes, "fits": lanes * len(epochs)}
                    about |= {"steps": steps, "expected": own.part(lanes).seconds}
                    made.append({**about, "seconds": seconds})
    return made


def fitted(made: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Return what runs cost by least squares of their relative errors, no cost below 0."""
    sizes = sorted({own["batch size"] for own in made})
    rows = []
    for own in made:
        steps = [own["steps"] * (own["batch size"] == size) for size in sizes]
        rows.append([1, own["fits"], *steps, *(own["lanes"] * count for count in steps)])
    seconds = np.array([own["seconds"] for own in made])
    found, _ = nnls(np.array(rows) / seconds[:, None], np.ones(len(made)))
    run, snapshot, *rest = (found / MICRO).tolist()
    step, lane = rest[: len(sizes)], rest[len(sizes) :]
    per_size = {
        str(size): {"step": one, "lane": each}
        for size, one, each in zip(sizes, step, lane, strict=True)
    }
    return {"run": run, "snapshot": snapshot, "batch sizes": per_size}


def _medians(made: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    alike: dict[tuple, list[float]] = {}
    names = ("batch size", "lanes", "fits", "steps", "expected")
    for own in made:
        alike.setdefault(tuple(own[name] for name in names), []).append(own["seconds"])
    return [
        {**dict(zip(names, key, strict=True)), "seconds": median(own)} for key, own in alike.items()
    ]


def _of_tasks(client: Any) -> dict[str, float]:
    """Measure what tasks cost the caller's process, where Dask's scheduler is, besides training."""
    own = prepared(max(BATCH_SIZES), EPOCHS)
    place = places.chosen(None)
    points = []
    for lanes in PARCELS:
        arguments = own.task(lanes).arguments
        parcel, back = sum(map(len, (arguments[0][1], arguments[1]))), lanes * FITS_A_LANE * 3000
        for _ in range(2):  # the first time finds connections that are not there yet
            with places.at_work(place, own.hold.data) as data:
                started = time.process_time()
                calls = (delayed(_nothing)(data, arguments, back) for _ in range(EMPTY))
                for _ in places.returned(place, calls):
                    pass
                spent = (time.process_time() - started) / EMPTY
        points.append((parcel + back, spent))
    byte = max(0.0, (points[1][1] - points[0][1]) / (points[1][0] - points[0][0]))
    there = [
        _timed(lambda: client.submit(_nothing, 0, 0, 0, pure=False).result())[0] for _ in LANES
    ]
    task = points[0][1] - byte * points[0][0]
    latency = (median(there) - task) / 2
    return {"task": task / MICRO, "byte": byte / MICRO, "latency": max(0.0, latency / MICRO)}


def _nothing(_: Any, __: Any, size: int) -> bytes:
    return bytes(size)


def _crowding(client: Any, rounds: int) -> float:
    """Return how much longer a run takes beside another."""
    own = prepared(16, EPOCHS)
    task = own.task(LANES[2])
    alone, beside = [], []
    with _held(client, own) as data:
        names = list(client.scheduler_info()["workers"])
        for number in range(rounds + 1):
            single = [_submitted(client, task, data, names[0]).result()]
            together = [_submitted(client, task, data, name) for name in names]
            both = [future.result() for future in together]
            # The first round loads and traces.
            alone += single * bool(number)
            beside += both * bool(number)
    return median(beside) / median(alone)


@contextmanager
def _held(client: Any, own: Prepared) -> Iterator[Any]:
    """Have the arrays of a search on the workers."""
    yield client.scatter(own.hold.data, broadcast=True)


def _on_worker(client: Any, task: Task, data: Any) -> float:
    seconds: float = _submitted(client, task, data).result()
    return seconds


def _submitted(client: Any, task: Task, data: Any, name: str | None = None) -> Any:
    arguments = (task.function, data, header(), *task.arguments)
    return client.submit(on_worker, *arguments, pure=False, workers=name)


def on_worker(function: Callable, data: NDArray[np.uint8], header: Any, *arguments: Any) -> float:
    """Return the seconds in which a worker does a task."""
    started = time.perf_counter()
    brought = function(data, header, *arguments)
    if isinstance(brought, Exception):
        raise brought
    return time.perf_counter() - started


def _timed(call: Callable[[], Any], rounds: int = 1) -> tuple[float, Any]:
    """Return the median seconds of some calls, and what the last one returned."""
    seconds, value = [], None
    for _ in range(rounds):
        started = time.perf_counter()
        value = call()
        seconds.append(time.perf_counter() - started)
    return median(seconds), value


if __name__ == "__main__":
    keras.utils.disable_interactive_logging()
    main()
