"""Real engines for the tests of backends, in processes that the tests start and end themselves."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tiny import ROOT

#: Seconds after which a process that is waited for counts as missing.
LIMIT = 60


def until(found: Callable[[], object]) -> object:
    """Return what is found, once it is; a test that waits in vain fails."""
    started = time.monotonic()
    while time.monotonic() < started + LIMIT:
        there = found()
        if there:
            return there
        time.sleep(0.05)
    raise TimeoutError(f"nothing found in {LIMIT} s")


class Scheduler:
    """A Dask scheduler over TCP on loopback, and its workers: a process each, without nannies."""

    def __init__(self, folder: Path, path: tuple[Path, ...]) -> None:
        self.file = folder / "scheduler.json"
        self.processes: list[subprocess.Popen] = []
        self.scheduler = self._start(
            "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", path=path
        )
        until(self.file.exists)

    def worker(self, *path: Path, bare: bool = False) -> subprocess.Popen:
        """Start a worker that finds its modules in these folders, and unless bare in this one."""
        return self._start(
            *("dask_worker", "--host", "127.0.0.1", "--nthreads", "1"),
            *("--no-nanny", "--no-dashboard"),
            path=path if bare else (*path, ROOT),
        )

    def _start(self, command: str, *options: str, path: tuple[Path, ...] = ()) -> subprocess.Popen:
        # One lost worker is enough to give a task up, so that a test need not lose four.
        own = {
            "PYTHONPATH": os.pathsep.join(map(str, path)),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{command}", *options]
            + ["--scheduler-file", str(self.file)],
            env=os.environ | own,
            cwd=self.file.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.processes.append(process)
        return process


@contextmanager
def scheduler(folder: Path, path: tuple[Path, ...] = (ROOT,)) -> Iterator[Scheduler]:
    """Give a scheduler without workers, and end all of its processes afterwards."""
    own = Scheduler(folder, path)
    try:
        yield own
    finally:
        for process in own.processes:
            process.kill()
            process.wait()
