"""The process of one measurement: imports a peer, makes its table, then starts the clocks.

Called by ``measure`` with a request on standard input, and nothing else.
"""

import contextlib
import importlib
import json
import math
import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from benchmarks.portfolio import MODULES, OURS

KILOBYTE = 1024


def main() -> None:
    """Measure what the request says."""
    request = json.load(sys.stdin)
    started = time.perf_counter()
    peer = importlib.import_module(f"benchmarks.portfolio.{MODULES[request['peer']]}")
    searches = importlib.import_module("benchmarks.portfolio.searches")
    imports = time.perf_counter() - started
    if "float_type" in request:
        # Before the first layer, which settles it.
        sys.modules["keras"].config.set_floatx(request["float_type"])
    search = getattr(searches, request["name"])(**request["arguments"])
    before = resident()
    if "audited" in request:
        answer = {"plan": peer.plan(search), "audit": peer.audit(search, request["audited"])}
    elif request["peer"] == OURS:
        answer, *times = timed(peer.whole, search)
        answer |= dict(zip(("seconds", "processor"), times, strict=True))
    else:
        answer = sampled(peer, search, request["sample"], request["seed"])
    beyond = max(0, peak() - before)
    Path(request["output"]).write_text(json.dumps({"imports": imports, "memory": beyond, **answer}))


def sampled(peer: Any, search: Any, number: int | None, seed: list[int]) -> dict[str, Any]:
    """Make some fits; return the estimated times of the search, and what each fit took."""
    from benchmarks.portfolio.sampling import drawn, estimate, refit_steps, steps_of

    steps, candidates = steps_of(search), search.candidates()
    made: dict[tuple[int, int], tuple[float, float]] = {}
    for cell in drawn(steps, number, seed):
        candidate, fold = cell
        score, *times = timed(peer.fit, search, candidates[candidate], fold)
        if not math.isfinite(score):
            raise RuntimeError(f"the fit of candidate {candidate} on fold {fold} has no score")
        made[cell] = times[0], times[1]
    refit = refit_steps(search)
    wall, processor = ({cell: times[clock] for cell, times in made.items()} for clock in range(2))
    return {
        "seconds": estimate(wall, steps, refit),
        "processor": estimate(processor, steps, refit),
        "sampled": [
            {"candidate": cell[0], "fold": cell[1], "steps": steps[cell]}
            | {"seconds": wall[cell], "processor": processor[cell]}
            for cell in made
        ],
    }


def timed(function: Callable[..., Any], *arguments: Any) -> tuple[Any, float, float]:
    """Return what a function returns, its seconds, and the processor seconds of this process."""
    started, used = time.perf_counter(), time.process_time()
    returned = function(*arguments)
    return returned, time.perf_counter() - started, time.process_time() - used


def resident() -> int:
    """Return the bytes of memory that are held now; :func:`peak` forgets what was before."""
    # Linux alone can forget: elsewhere making the table counts too.
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    held: int = psutil.Process().memory_info().rss
    return held


def peak() -> int:
    """Return the most bytes of memory that were held at once."""
    status = Path("/proc/self/status")
    if status.exists():
        # Unlike the figure below, not that of the process that started this one if it is larger.
        found = re.search(r"^VmHWM:\s*(\d+) kB", status.read_text(), re.MULTILINE)
        if found:
            return int(found[1]) * KILOBYTE
    # In kilobytes on Linux, in bytes on macOS.
    unit = 1 if sys.platform == "darwin" else KILOBYTE
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    main()
