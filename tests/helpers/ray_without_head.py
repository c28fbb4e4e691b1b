"""A search on Ray whose head node is killed under way: what a test runs as a process of its own."""

import os
import signal
import time
from pathlib import Path

import joblib
import psutil
from logging_search import logged, logging_search
from small_search import X, y
from tiny import ROOT

from gridlanes import KerasClassifier, Store
from gridlanes.errors import BackendError

#: Candidates that take two workers longer than it takes to notice that the head node is gone.
UNITS = list(range(2, 20))


def slow(path, here, units=2):
    """Build a network as a worker does that has other work too."""
    if os.getpid() != here:
        time.sleep(0.4)
    return logged(path, units)


class Ending(Store):
    """A store that kills Ray's head node when it has got a fit."""

    def keep(self, records):
        super().keep(records)
        for process in psutil.Process().children(recursive=True):
            if "gcs_server" in process.name():
                os.kill(process.pid, signal.SIGKILL)


def run(folder: Path) -> None:
    """Search, and write down what is said of it."""
    import ray
    from ray.util.joblib import register_ray

    # Ray's workers look for modules there.
    os.chdir(ROOT)
    register_ray()
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    search = logging_search(folder / "notes", Ending(folder / "fits.sqlite"), UNITS)
    own = {"path": str(folder / "notes"), "here": os.getpid(), "epochs": 1, "random_state": 0}
    search.set_params(estimator=KerasClassifier(slow, **own))
    try:
        with joblib.parallel_config("ray"):
            search.fit(X, y)
    except BackendError as error:
        (folder / "said").write_text(str(error))
        # Ray would wait for its head node for a minute more.
        for process in psutil.Process().children(recursive=True):
            process.kill()
        os._exit(3)
