"""What runs of lanes cost a worker, measured on Dask's, and what fits all of them together."""

import time
from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from benchmarks.makespan import BATCH_SIZES, MICRO
from benchmarks.measure import run_python
from benchmarks.preparing import EPOCHS, prepared
from gridlanes.workers import worker
from gridlanes.workers.array_parcels import stow
from gridlanes.workers.joblib_tasks import Task, header

#: What a worker loads before its first task; prints the seconds.
LOADING = (
    "import time; started = time.perf_counter(); import gridlanes.programs.training_loop; "
    "print(time.perf_counter() - started)"
)

#: Epochs of the fits of a lane, and lanes in the runs that a line is fitted through.
CASES = (
    (EPOCHS[-1:], (20, 80, 320, 1280)),
    (EPOCHS, (20, 80, 320, 1280)),
    ([5, 10, 25], (20, 80)),
)

#: Lanes of two runs at once.
BESIDE = 320


def of_start(client: Any, rounds: int) -> dict[str, float]:
    """Measure what a worker does before its first task, and before its first of a program.

    Dask's workers of a cluster on this machine may have loaded what the caller has, so that
    loading is measured in processes of its own.
    """
    start = [float(run_python("-c", LOADING)[1]) for _ in range(rounds)]
    trace = []
    for units in range(2, rounds + 2):
        own = prepared(max(BATCH_SIZES), [1], (units, 2))
        data = client.scatter(own.hold.data)
        first, second = (_on_worker(client, own.task(2), data) for _ in range(2))
        trace.append(first - second)
    # The first worker of all has loaded what its caller had not.
    return {"start": median(start), "trace": min(trace)}


def runs(client: Any, rounds: int) -> list[dict[str, float]]:
    """Measure runs on one worker: of many lanes or few, of many steps or few, of many fits or few.

    What is the same in every run is told from what is the same in every step by the long ones.
    """
    made = []
    for size in BATCH_SIZES:
        searches = [prepared(size, epochs) for epochs, _ in CASES]
        data = [client.scatter(own.hold.data) for own in searches]
        for number in range(rounds):
            for own, held, (epochs, sizes) in zip(searches, data, CASES, strict=True):
                if number == 0:
                    # The program is traced with its first lanes.
                    _on_worker(client, own.task(2), held)
                steps = epochs[-1] * own.whole.group.planned_lanes[0].lane.steps_per_epoch
                for lanes in sizes:
                    seconds = _on_worker(client, own.task(lanes), held)
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


def medians(made: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    """Return runs with those that are alike put together."""
    alike: dict[tuple, list[float]] = {}
    names = ("batch size", "lanes", "fits", "steps", "expected")
    for own in made:
        alike.setdefault(tuple(own[name] for name in names), []).append(own["seconds"])
    return [
        {**dict(zip(names, key, strict=True)), "seconds": median(own)} for key, own in alike.items()
    ]


def crowding(client: Any, rounds: int) -> float:
    """Return how much longer a run takes beside another."""
    own = prepared(16, EPOCHS)
    task = own.task(BESIDE)
    data = client.scatter(own.hold.data, broadcast=True)
    names = list(client.scheduler_info()["workers"])
    alone, beside = [], []
    for number in range(rounds + 1):
        single = [_submitted(client, task, data, names[0]).result()]
        together = [_submitted(client, task, data, name) for name in names]
        both = [future.result() for future in together]
        # The first round loads and traces.
        alone += single * bool(number)
        beside += both * bool(number)
    return median(beside) / median(alone)


def _on_worker(client: Any, task: Task, data: Any) -> float:
    seconds: float = _submitted(client, task, data).result()
    return seconds


def _submitted(client: Any, task: Task, data: Any, name: str | None = None) -> Any:
    arguments = (task.function, data, header(stow([])), *task.arguments)
    return client.submit(on_worker, *arguments, pure=False, workers=name)


def on_worker(function: str, data: NDArray[np.uint8], header: Any, *arguments: Any) -> float:
    """Return the seconds in which a worker does a task."""
    started = time.perf_counter()
    brought = getattr(worker, function)(data, header, *arguments)
    if isinstance(brought, Exception):
        raise brought
    return time.perf_counter() - started
