"""One measurement of one peer on one task, in a process of its own.

A fresh process, so that imports are timed each time and no peer inherits another's graphs, threads
or memory.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks.peers import Peer
from benchmarks.sampling import Cell, cells_of, estimate
from benchmarks.tasks import Task

ROOT = Path(__file__).parent.parent
ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "KERAS_BACKEND": "tensorflow",
    "JAX_PLATFORMS": "cpu",
    # MLPClassifier warns in each fit that its epochs were too few.
    "PYTHONWARNINGS": "ignore",
}
#: Seconds between two looks at the memory of the worker processes.
INTERVAL = 0.2


class MeasurementError(Exception):
    """A peer failed; the message is the end of what it wrote."""


@dataclass(frozen=True)
class Measurement:
    """What a peer took.

    Attributes
    ----------
    fits : int
        That the peer made, without its warm-up.
    imports : float
        Seconds to import the peer's libraries.
    search : float
        Seconds for all fits of the task: measured, or estimated from the sample.
    measured : float
        Seconds that the peer searched here, its warm-up included.
    memory : int
        Peak resident memory in bytes, with worker processes.
    phases : dict of str to float
        Seconds by phase, if the peer tells.
    scores : list of (candidate, fold, accuracy)
    counts : dict
        What became of the fits, if the peer tells.
    """

    fits: int
    imports: float
    search: float
    measured: float
    memory: int
    phases: dict[str, float]
    scores: list[tuple[int, int, float]]
    counts: dict[str, Any]

    @property
    def accuracy(self) -> float:
        """The mean over the fits made, which shows that networks were trained."""
        return sum(score for *_, score in self.scores) / len(self.scores)

    def as_dict(self) -> dict[str, Any]:
        """Return what goes into the results."""
        values = asdict(self) | {"accuracy": self.accuracy}
        del values["scores"], values["counts"]
        return values


def measure(
    peer: Peer,
    task: Task,
    *,
    candidates: Sequence[int] | None = None,
    cells: Sequence[Cell] | None = None,
) -> Measurement:
    """Run a peer on a task.

    Parameters
    ----------
    peer : Peer
    task : Task
    candidates : sequence of int, optional
        A sample, the longest first, from which the time of all is estimated.
    cells : sequence of (candidate, fold), optional
        The only fits to make, with no estimate.

    Raises
    ------
    MeasurementError
    """
    warmup: list[Cell] = []
    if candidates is not None:
        warmup, cells = cells_of(task, candidates[-1:]), cells_of(task, candidates)
    request = {"module": peer.module, "options": peer.options, "task": asdict(task)}
    result, peak = run_child("benchmarks.child", {**request, "cells": cells, "warmup": warmup})
    search = result["search"]
    if candidates is not None:
        search = estimate(task, len(result["scores"]), search, len(warmup), result["warmup"])
    return Measurement(
        fits=len(result["scores"]),
        imports=result["import"],
        search=search,
        measured=result["search"] + result["warmup"],
        memory=max(result["peak"], peak),
        phases=result["phases"],
        scores=[(number, fold, score) for number, fold, score in result["scores"]],
        counts=result["counts"],
    )


def run_python(*arguments: str, cwd: Path = ROOT) -> tuple[float, str]:
    """Run Python in a new process; return its seconds from start to end, and what it printed.

    Raises
    ------
    MeasurementError
    """
    environment = os.environ | ENVIRONMENT
    # A stage that DVC runs keeps its fits beside DVC's cache; this one is to use its own folder.
    environment.pop("DVC_ROOT", None)
    started = time.perf_counter()
    process = subprocess.run(  # noqa: S603
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    seconds = time.perf_counter() - started
    if process.returncode != 0:
        raise _failure(process.returncode, process.stderr, cwd)
    return seconds, process.stdout


def run_child(module: str, request: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Send a request to a new process; return its answer and the peak of all its processes.

    Parameters
    ----------
    module : str
        Reads the request from standard input, and writes its answer to the file that
        ``request["output"]`` names.
    request : dict

    Raises
    ------
    MeasurementError
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("request", "messages", "output")]
        paths[0].write_text(json.dumps({**request, "output": str(paths[2])}))
        with paths[0].open() as stdin, paths[1].open("w") as messages:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", module],
                cwd=ROOT,
                env=os.environ | ENVIRONMENT,
                stdin=stdin,
                stdout=messages,
                stderr=messages,
            )
            peak = _watched(process)
        if process.returncode != 0:
            raise _failure(process.returncode, paths[1].read_text(errors="replace"), ROOT)
        return json.loads(paths[2].read_text()), peak


def _failure(status: int, messages: str, folder: Path) -> MeasurementError:
    lines = messages.strip().splitlines()
    message = lines[-1] if lines else f"exit status {status}"
    # Where the folder lies is not for the results.
    return MeasurementError(message.replace(f"{folder}/", ""))


def _watched(process: subprocess.Popen) -> int:
    """Wait for a process; return the peak of the memory that it and its children held at once.

    The process itself knows its own peak exactly; only what several hold together must be watched.
    """
    peak = 0
    while True:
        try:
            process.wait(INTERVAL)
        except subprocess.TimeoutExpired:
            peak = max(peak, _memory(process.pid))
        else:
            return peak


def _memory(pid: int) -> int:
    total = 0
    try:
        parent = psutil.Process(pid)
        for process in [parent, *parent.children(recursive=True)]:
            total += process.memory_info().rss
    except psutil.NoSuchProcess:  # it ended meanwhile
        return 0
    return total
