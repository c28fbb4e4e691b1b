"""The part ``planning``: a million fits, planned and not trained, for this machine and a cluster.

``python -m benchmarks.planning FITS WORKERS NETWORK`` plans in a process of its own and prints what
it took as JSON. One worker means the threads of this machine. The network is built by a function
that asks for ``meta``, which differs from fold to fold, or by a plain one.
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

FITS = 1_000_000

#: Workers, and how the network is built.
CASES = (1, "plain"), (1000, "plain"), (1, "meta")

#: Of the tutorial's search with one learning rate.
FITS_A_RATE = 729


def run(options: Options) -> dict[str, Any]:
    """Plan as many fits in each case."""
    fits = FITS // 100 if options.quick else FITS
    return {"cases": [_planned(fits, *case) for case in CASES]}


def _planned(fits: int, workers: int, network: str) -> dict[str, Any]:
    arguments = ("-m", "benchmarks.planning", str(fits), str(workers), network)
    return {"workers": workers, "network": network, **json.loads(run_python(*arguments)[1])}


def plain(activation: str = "relu", init: str = "glorot_uniform") -> Any:
    """Return the tutorial's network."""
    import keras

    units = [keras.layers.Dense(number, activation, kernel_initializer=init) for number in (12, 8)]
    return keras.Sequential([keras.Input((8,)), *units, keras.layers.Dense(1, "sigmoid")])


def main() -> None:
    """Plan, and print seconds and the peak of memory."""
    fits, workers, network = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    task = task_of(-(-fits // FITS_A_RATE), init=TUTORIAL_GRID["init"])
    X, y = task.data()

    from gridlanes import KerasClassifier
    from gridlanes.model_selection.engine import Engine
    from gridlanes.model_selection.search_session import Session
    from gridlanes.planning.joblib_backend import Backend
    from gridlanes.planning.machine import free_memory
    from gridlanes.planning.runs import divided

    search, engine = search_of(task), Engine()
    if network == "plain":
        search.estimator = KerasClassifier(plain, random_state=task.seed)
    before, started = _peak(), time.perf_counter()
    prepared, _ = search.prepare(Session(engine, search.estimator, X, y, {}, engine.refit))
    plan = engine.plan(prepared)
    if workers > 1:
        plan.parts = divided(plan.groups, free_memory(), Backend("dask", workers))
    seconds = time.perf_counter() - started
    counts = {"fits": len(prepared), "runs": len(plan.parts), "seconds": seconds}
    print(json.dumps({**counts, "bytes": _peak(), "bytes before": before}))


def _peak() -> int:
    """Return the most memory that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
