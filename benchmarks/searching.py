"""The process of one way to search: again and again on workers that stay.

``python -m benchmarks.searching BACKEND WORKERS`` makes a search for each number of learning rates
that it reads from standard input, and prints what it took as JSON. ``threads`` are those of this
process.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import joblib

from benchmarks.network import create_model
from benchmarks.tasks import TUTORIAL_GRID, Task
from gridlanes import GridSearchCV, KerasClassifier

#: Made-up rows, as many as the tutorial's table has.
ROWS = 768


def main() -> None:
    """Search as often as it is asked for."""
    backend, workers = sys.argv[1], int(sys.argv[2])
    with at_work(backend, workers):
        for line in sys.stdin:
            print(json.dumps(searched(task_of(int(line)))), flush=True)


@contextmanager
def at_work(backend: str, workers: int) -> Iterator[Any]:
    """Have joblib use workers of this machine; of Dask's yield the client."""
    if backend == "threads":
        yield None
    elif backend == "loky":
        with joblib.parallel_config("loky", n_jobs=workers):
            yield None
    else:
        from distributed import Client, LocalCluster

        with (
            LocalCluster(workers, threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster) as client,
            joblib.parallel_config("dask"),
        ):
            yield client


def task_of(rates: int, **changes: list[Any]) -> Task:
    """Return the tutorial's search with learning rates in place of initialisers: 243 fits each."""
    import numpy as np

    own = {"optimizer__learning_rate": np.geomspace(1e-4, 1e-1, rates).tolist()}
    return Task({**TUTORIAL_GRID, "init": ["glorot_uniform"], **own, **changes}, rows=ROWS)


def search_of(task: Task, memory: Path | None = None) -> GridSearchCV:
    """Return the search for a task."""
    estimator = KerasClassifier(create_model, hidden=task.hidden, random_state=task.seed)
    return GridSearchCV(
        estimator, task.grid, scoring="accuracy", cv=task.splitter(), refit=False, memory=memory
    )


def searched(task: Task) -> dict[str, Any]:
    """Return what a search takes whose fits go into a new store."""
    X, y = task.data()
    with tempfile.TemporaryDirectory() as folder:
        search = search_of(task, Path(folder) / "fits.sqlite")
        started = time.perf_counter()
        search.fit(X, y)
        seconds = time.perf_counter() - started
    if search.fit_report_.trained != len(task.cells()) or search.fit_report_.failed:
        raise RuntimeError(str(search.fit_report_))
    return {"fits": len(task.cells()), "seconds": seconds, "phases": dict(search.timings_)}


if __name__ == "__main__":
    main()
