"""The process of one measurement: imports a peer, runs it, writes down what it took.

Called by ``measure`` with a request on standard input, and nothing else.
"""

import importlib
import json
import math
import resource
import sys
import time
from pathlib import Path
from typing import Any


def main() -> None:
    """Measure what the request says."""
    request = json.load(sys.stdin)
    started = time.perf_counter()
    module = importlib.import_module(f"benchmarks.peers.{request['module']}")
    imported = time.perf_counter() - started

    from benchmarks.tasks import Task

    task = Task(**{**request["task"], "hidden": tuple(request["task"]["hidden"])})
    task.data()
    warm_seconds = 0.0
    if request["warmup"]:
        warm_seconds, _ = _timed(module.search, task, request["warmup"], request["options"])
    seconds, outcome = _timed(module.search, task, request["cells"], request["options"])
    measured = {
        "import": imported,
        "warmup": warm_seconds,
        "search": seconds,
        "phases": outcome.phases,
        "scores": outcome.scores,
        "counts": outcome.counts,
        # In kilobytes on Linux, in bytes on macOS.
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        * (1 if sys.platform == "darwin" else 1024),
    }
    Path(request["output"]).write_text(json.dumps(measured))


def _timed(search: Any, task: Any, cells: Any, options: dict[str, Any]) -> tuple[float, Any]:
    cells = None if cells is None else [tuple(cell) for cell in cells]
    started = time.perf_counter()
    outcome = search(task, cells, **options)
    seconds = time.perf_counter() - started
    scored = sum(math.isfinite(score) for *_, score in outcome.scores)
    expected = len(task.cells() if cells is None else cells)
    # A search records a fit that failed as one without a score: its time would mean nothing.
    if scored != expected:
        raise RuntimeError(f"{scored} of {expected} fits have a score")
    return seconds, outcome


if __name__ == "__main__":
    main()
