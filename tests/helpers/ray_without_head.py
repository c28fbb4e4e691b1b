"""A search on Ray whose head node is killed under way: what a test runs as a process of its own."""

import os
import signal
import sys

import joblib
import psutil
from logging_search import logging_search
from small_search import X, y

from gridlanes import Store
from gridlanes.errors import BackendError

if __name__ == "__main__":
    import ray
    from ray.util.joblib import register_ray

    notes, memory = sys.argv[1:]
    kept: list = []

    class Ending(Store):
        """A store that kills Ray's head node when it has got its first fit."""

        def keep(self, records):
            super().keep(records)
            kept.extend(records)
            for process in psutil.Process().children(recursive=True):
                if "gcs_server" in process.name():
                    os.kill(process.pid, signal.SIGKILL)

    register_ray()
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        with joblib.parallel_config("ray"):
            logging_search(notes, Ending(memory), list(range(2, 40))).fit(X, y)
    except BackendError as error:
        print(error, flush=True)
        # Ray would wait for its head node for a minute more.
        for process in psutil.Process().children(recursive=True):
            process.kill()
        os._exit(3)
