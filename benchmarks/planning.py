"""The part ``planning``: a million fits, planned and not trained, for this machine and a cluster.

``python -m benchmarks.planning FITS WORKERS`` plans in a process of its own and prints what it took
as JSON. One worker means the threads of this machine.
"""

import json
import resource
import sys
import time
from typing import Any

from benchmarks.measure import run_python
from benchmarks.options import Options
from benchmarks.searching import search_of, task_of
from benchmarks.tasks import TUTORIAL_GRID

FITS, WORKERS = 1_000_000, (1, 1000)

#: Of the tutorial's search with one learning rate.
FITS_A_RATE = 729


def run(options: Options) -> dict[str, Any]:
    """Plan as many fits for each number of workers."""
    fits = FITS // 100 if options.quick else FITS
    plans = {
        str(workers): json.loads(
            run_python("-m", "benchmarks.planning", str(fits), str(workers))[1]
        )
        for workers in WORKERS
    }
    return {"workers": plans}


def main() -> None:
    """Plan, and print seconds and the peak of memory."""
    fits, workers = map(int, sys.argv[1:])
    rates = -(-fits // FITS_A_RATE)
    task = task_of(rates, init=TUTORIAL_GRID["init"])
    X, y = task.data()

    from gridlanes.base_search import Session
    from gridlanes.engine import Engine
    from gridlanes.machine import free_memory
    from gridlanes.places import Place
    from gridlanes.runs import divided

    search, engine = search_of(task), Engine()
    before, started = _peak(), time.perf_counter()
    prepared, _ = search.prepare(Session(engine, search.estimator, X, y, {}, engine.refit))
    plan = engine.plan([fit.request for fit in prepared if fit.request is not None])
    if workers > 1:
        plan.parts = divided(plan.groups, free_memory(), Place("dask", workers))
    print(
        json.dumps(
            {
                "fits": len(prepared),
                "runs": len(plan.parts),
                "seconds": time.perf_counter() - started,
                "bytes": _peak(),
                "bytes before": before,
            }
        )
    )


def _peak() -> int:
    """Return the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
