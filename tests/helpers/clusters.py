"""A real Dask for the tests of backends, in processes that the tests start and end themselves."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import forked
import warm

#: Seconds after which a process that is waited for counts as missing.
LIMIT = 60

#: What a worker is started with, besides where its scheduler is: over TCP on loopback, no nanny.
WORKER = ("--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard")


def until(found: Callable[[], object]) -> object:
    """Return what is found, once it is; a test that waits in vain fails."""
    started = time.monotonic()
    while time.monotonic() < started + LIMIT:
        there = found()
        if there:
            return there
        time.sleep(0.05)
    raise TimeoutError(f"nothing found in {LIMIT} s")


@dataclass
class Scheduler:
    """A Dask scheduler without gridlanes, a client of it, and one worker at a time."""

    file: Path
    process: subprocess.Popen
    client: Any

    def workers(self) -> int:
        """Return how many there are."""
        return len(self.client.scheduler_info()["workers"])

    def empty(self) -> None:
        """Wait until the last worker is not there any more."""
        until(lambda: not self.workers())

    @contextmanager
    def worker(self, *path: Path) -> Iterator[None]:
        """Have a worker that finds its modules in these folders."""
        process = _start("dask_worker", *WORKER, file=self.file, path=path)
        with self._awaited(process):
            yield
        process.wait()

    @contextmanager
    def ready_worker(self) -> Iterator[None]:
        """Have a worker that has loaded Keras."""
        options = [*WORKER, "--scheduler-file", str(self.file)]
        process = forked.context().Process(target=_work, args=(options,))
        process.start()
        with self._awaited(process):
            yield
        process.join()

    @contextmanager
    def warm_workers(self, number: int, folder: Path) -> Iterator[None]:
        """Have workers, see :mod:`warm`, that find their modules in a folder."""
        own = {"file": self.file, "path": (folder,), "python": warm.folder() / "python"}
        processes = [_start("dask_worker", *WORKER, **own) for _ in range(number)]
        until(lambda: self.workers() == number)
        yield
        # They end when their scheduler does.
        self.process.kill()
        for process in processes:
            process.wait(LIMIT)

    @contextmanager
    def _awaited(self, process: Any) -> Iterator[None]:
        try:
            until(lambda: self.workers() == 1)
            yield
        finally:
            process.kill()


def _work(options: list[str]) -> None:
    from distributed.cli.dask_worker import main

    main(options)


def _start(
    command: str,
    *options: str,
    file: Path,
    path: tuple[Path, ...],
    python: str | Path = sys.executable,
) -> subprocess.Popen:
    own = {
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        # One lost worker is enough to give a task up, so that a test need not lose four.
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
    }
    return subprocess.Popen(
        [python, "-m", f"distributed.cli.{command}", *options] + ["--scheduler-file", str(file)],
        env=os.environ | own,
        cwd=file.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def scheduler(folder: Path) -> Iterator[Scheduler]:
    """Give a scheduler, and end it afterwards."""
    from distributed import Client

    file = folder / "scheduler.json"
    options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    process = _start("dask_scheduler", *options, file=file, path=())
    try:
        until(file.exists)
        with Client(scheduler_file=str(file)) as client:
            yield Scheduler(file, process, client)
    finally:
        process.kill()
        process.wait()
