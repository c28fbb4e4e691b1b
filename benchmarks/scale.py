"""The part ``scale``: one search on more and more workers of this machine, and what it costs.

The ways to search are processes that stay (``searching``), so that all are warm and their rounds
can be interleaved. The costs (``costs``) are those that the part ``growth`` simulates with.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import IO, Any

import numpy as np

from benchmarks.machine import machine
from benchmarks.measure import ENVIRONMENT, ROOT, MeasurementError, run_python
from benchmarks.options import Options

#: Backend and workers; joblib's "loky" with one worker would be the threads of this process.
WAYS = ("threads", 0), ("loky", 2), ("loky", 4), ("dask", 1), ("dask", 2), ("dask", 4)

LIBRARIES = "tensorflow", "keras", "scikit-learn", "numpy", "joblib", "distributed"

#: Learning rates of a search, of 243 fits each, and of the one that warms workers.
RATES, QUICK, WARM = 20, 4, 4


def run(options: Options) -> dict[str, Any]:
    """Measure costs, then the ways to search."""
    try:
        options.say("scale: costs")
        costs = json.loads(run_python("-m", "benchmarks.costs", str(options.repeats))[1])
        about = {"machine": machine(LIBRARIES), "rounds": options.repeats}
        return about | {"costs": costs, "ways": _ways(options)}
    except MeasurementError as error:
        return {"error": str(error)}


def _ways(options: Options) -> list[dict[str, Any]]:
    """Return the medians of all ways, and their rounds."""
    rounds: dict[tuple[str, int], list[dict[str, Any]]] = {way: [] for way in WAYS}
    with ExitStack() as stack:
        searching = {}
        for way in WAYS:
            options.say(f"scale: {way[0]}, {way[1]} workers, warming")
            searching[way] = stack.enter_context(_searching(*way))
            searching[way](WARM)
        for number in range(options.repeats):
            order = np.random.default_rng([options.seed, number]).permutation(len(WAYS))
            for way in (WAYS[own] for own in order):
                options.say(f"scale, round {number + 1} of {options.repeats}: {way[0]}, {way[1]}")
                rounds[way].append(searching[way](QUICK if options.quick else RATES))
    return [
        {
            "backend": backend,
            "workers": workers,
            "fits": made[0]["fits"],
            "seconds": median(own["seconds"] for own in made),
            "training": median(_training(own["phases"]) for own in made),
            "rounds": made,
        }
        for (backend, workers), made in rounds.items()
    ]


def _training(phases: dict[str, float]) -> float:
    """Return the seconds between planning and scoring."""
    return sum(phases.get(name, 0.0) for name in ("tasks", "trace", "run"))


@contextmanager
def _searching(backend: str, workers: int) -> Iterator[Any]:
    """Start a process that searches; yield what makes it search once."""
    with tempfile.TemporaryFile("w+") as messages:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "benchmarks.searching", backend, str(workers)],
            cwd=ROOT,
            env=os.environ | ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=messages,
            text=True,
        )

        def search(rates: int) -> dict[str, Any]:
            answer = _asked(process, rates)
            if not answer:
                raise MeasurementError(f"{backend}, {workers} workers: {_last(messages)}")
            found: dict[str, Any] = json.loads(answer)
            return found

        try:
            yield search
        finally:
            process.communicate()


def _asked(process: subprocess.Popen, rates: int) -> str:
    """Return what a process answers, nothing if it has ended."""
    if process.stdin is None or process.stdout is None:
        return ""
    try:
        print(rates, file=process.stdin, flush=True)
    except BrokenPipeError:
        return ""
    return str(process.stdout.readline())


def _last(messages: IO[str]) -> str:
    messages.seek(0)
    lines = messages.read().strip().splitlines()
    return lines[-1].replace(f"{ROOT}/", "") if lines else "ended"
