"""The process that measures what the simulation of :mod:`benchmarks.makespan` needs.

``python -m benchmarks.costs ROUNDS`` prints as JSON, in microseconds unless said otherwise:

========================== ================================================================
``prepare``, ``find``,     of the caller for each fit: before training, on its way back, and
``plan``, ``take``,        after all; ``find`` and ``keep`` are the store's
``keep``, ``score``
``pack``                   of the caller for each lane
``task``, ``kilobyte``     of the caller for each task by Dask whatever it holds, and for each
                           thousand bytes of it
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
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from joblib import delayed

from benchmarks import running
from benchmarks.makespan import BATCH_SIZES, FITS_A_LANE, KILO, MICRO
from benchmarks.preparing import EPOCHS, RATES, prepared, timed
from benchmarks.searching import at_work, searched, task_of
from gridlanes.compat import joblib as joblib_compat
from gridlanes.networks.lane import Request
from gridlanes.planning import joblib_backend
from gridlanes.planning.fit_survey import Survey
from gridlanes.planning.stored_fits import StoredFits
from gridlanes.workers import worker
from gridlanes.workers.joblib_tasks import header

#: Tasks that do nothing, and lanes that their parcels are as large as.
EMPTY, PARCELS = 300, (20, 320)


def main() -> None:
    """Measure everything."""
    rounds = int(sys.argv[1])
    costs = _of_caller(rounds)
    with at_work("dask", 1) as client:
        costs |= running.of_start(client, rounds)
        made = running.medians(running.runs(client, rounds))
    costs |= running.fitted(made) | {"runs": made}
    with at_work("dask", 2) as client:
        costs |= _of_tasks(client) | {"crowding": running.crowding(client, rounds)}
    print(json.dumps(costs))


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
    pack, whole = timed(lambda: own.task(lanes), rounds)
    brought = worker.train_lanes(own.hold.data, header(own.hold), *whole.arguments)
    back = pickle.dumps(brought)
    fits = FITS_A_LANE * lanes
    take, results = timed(lambda: whole.results(pickle.loads(back)), rounds)  # noqa: S301
    kinds = [(kind.name, kind.flags) for kind in own.whole.group.program.kinds]
    planned = own.whole.group.planned_lanes[0]
    return per_fit | {
        "pack": pack / lanes / MICRO,
        "parcel": (len(whole.arguments[1]) - len(own.task(1).arguments[1])) / (lanes - 1),
        "take": take / fits / MICRO,
        "result": len(back) / fits,
        "keep": _kept(own.requests, results, rounds) / fits / MICRO,
        "network": {
            "weights": len(planned.start.trainable),
            "row numbers": planned.sizes.row_numbers,
            "layers": len(own.whole.group.program.network.layers),
            "kinds": kinds,
        },
    }


def _kept(requests: Sequence[Request], results: Any, rounds: int) -> float:
    """Return the seconds in which a new store gets the results of a task."""
    seconds = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            stored = StoredFits(Path(folder) / "fits.sqlite", "raise", Survey(tell=True))
            stored.find(requests)
            seconds.append(timed(lambda stored=stored: stored.keep(results))[0])
            stored.close()
    return median(seconds)


def _of_tasks(client: Any) -> dict[str, float]:
    """Measure what tasks cost the caller's process, where Dask's scheduler is, besides training."""
    own = prepared(max(BATCH_SIZES), EPOCHS)
    backend = joblib_backend.chosen(None)
    points = []
    for lanes in PARCELS:
        arguments = own.task(lanes).arguments
        parcel, back = sum(map(len, (arguments[0][1], arguments[1]))), lanes * FITS_A_LANE * 3000
        for _ in range(2):  # the first time finds connections that are not there yet
            with joblib_compat.at_work(backend.name, own.hold.data) as data:
                started = time.process_time()
                calls = (delayed(_nothing)(data, arguments, back) for _ in range(EMPTY))
                for _ in joblib_compat.returned(backend.name, backend.workers, calls):
                    pass
                spent = (time.process_time() - started) / EMPTY
        points.append((parcel + back, spent))
    byte = max(0.0, (points[1][1] - points[0][1]) / (points[1][0] - points[0][0]))
    there = [
        timed(lambda: client.submit(_nothing, 0, 0, 0, pure=False).result())[0] for _ in range(20)
    ]
    task = points[0][1] - byte * points[0][0]
    latency = (median(there) - task) / 2
    return {
        "task": task / MICRO,
        "kilobyte": KILO * byte / MICRO,
        "latency": max(0.0, latency / MICRO),
    }


def _nothing(_: Any, __: Any, size: int) -> bytes:
    return bytes(size)


if __name__ == "__main__":
    main()
