"""How a search would grow with its workers: simulated, event by event, from measured costs.

The caller is one thread of control: it plans, hands tasks out, takes results back, stores and
scores them. Workers do nothing but train. Nothing here measures or draws a clock, and a seed
decides what is random, so that the same costs give the same times.
"""

import heapq
import itertools
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

#: Tasks that joblib hands out before the first is done, for each worker.
AHEAD = 2

#: Standard deviation of the logarithm of a task's time.
NOISE = 0.1

SEED = 7

#: Of the tutorial's search: a lane serves fits of 5, 10 and 25 epochs on 512 rows.
FITS_A_LANE, EPOCHS, ROWS = 3, 25, 512
BATCH_SIZES = 8, 16, 64

MICRO, KILO = 1e-6, 1e3


class Slice(NamedTuple):
    """Lanes of one batch size that are one task."""

    batch_size: int
    lanes: int
    epochs: int = EPOCHS
    """Of the longest fit that a lane serves."""

    @property
    def fits(self) -> int:
        """Fits that end in it."""
        return FITS_A_LANE * self.lanes

    @property
    def steps(self) -> int:
        """Steps that each lane takes."""
        return self.epochs * -(-ROWS // self.batch_size)


class Ended(NamedTuple):
    """When tasks were done, and what the caller did meanwhile, in seconds."""

    seconds: float
    caller: float


class Grown(NamedTuple):
    """What a search takes, in seconds, and the least that each bound alone would let it take."""

    seconds: float
    training: float
    """From packing to the last result; what stands before and after does not depend on slices."""
    bounds: dict[str, float]

    @property
    def bound(self) -> str:
        """What most of the time is spent on or waiting for."""
        return max(self.bounds, key=lambda name: self.bounds[name])


def run(
    work: Sequence[float],
    send: Sequence[float],
    take: Sequence[float],
    workers: int,
    *,
    begin: float = 0.0,
    latency: float = 0.0,
) -> Ended:
    """Return when the last of some tasks has been taken back.

    Parameters
    ----------
    work : sequence of float
        Seconds of a worker for each task, in the order in which they are handed out.
    send, take : sequence of float
        Seconds of the caller for each task, on its way out and on its way back.
    workers : int
    begin : float
        Seconds that each worker takes before its first task.
    latency : float
        Seconds on each way, in which nobody is busy.
    """
    caller = 0.0
    # Time, a number that keeps the order of what happens at once, what happens, task, worker.
    events: list[tuple[float, int, str, int, int]] = []
    count = itertools.count()
    coming, ready = iter(range(len(work))), deque[int]()
    idle, cold = list(range(workers)), set(range(workers))

    def later(when: float, what: str, task: int, worker: int = -1) -> None:
        heapq.heappush(events, (when, next(count), what, task, worker))

    def sent(now: float) -> float:
        """Hand out the next task, if there is one, and return when the caller has done so."""
        task = next(coming, None)
        if task is None:
            return now
        later(now + send[task] + latency, "arrived", task)
        return now + send[task]

    for _ in range(AHEAD * workers):
        caller = sent(caller)
    while events:
        now, _, what, task, worker = heapq.heappop(events)
        if what == "arrived":
            ready.append(task)
        elif what == "done":
            heapq.heappush(idle, worker)
            # The way back is an event of its own, since others may be on theirs.
            later(now + latency, "back", task)
        else:
            caller = sent(max(caller, now)) + take[task]
        while ready and idle:
            task, worker = ready.popleft(), heapq.heappop(idle)
            later(now + work[task] + begin * (worker in cold), "done", task, worker)
            cold.discard(worker)
    return Ended(caller, sum(send) + sum(take))


def grow(
    slices: Sequence[Slice],
    costs: Mapping[str, Any],
    workers: int,
    *,
    cold: bool = True,
    crowding: float = 1.0,
    seed: int = SEED,
) -> Grown:
    """Return what a search takes.

    Parameters
    ----------
    slices : sequence of Slice
        In any order; the longest is handed out first.
    costs : mapping
        See :mod:`benchmarks.costs`.
    workers : int
    cold : bool
        Whether workers have to load TensorFlow and to trace the program.
    crowding : float
        How much longer a task takes since workers share cores.
    seed : int
        Of the noise.
    """
    slices = sorted(slices, key=lambda own: -work_of(own, costs))
    noise = np.random.default_rng(seed).lognormal(0, NOISE, len(slices))
    work = [
        crowding * slow * work_of(own, costs)
        for own, slow in zip(slices, noise.tolist(), strict=True)
    ]
    begin = costs["start"] + costs["trace"] if cold else 0.0
    send = [
        (costs["task"] + costs["parcel"] * own.lanes * costs["kilobyte"] / KILO) * MICRO
        for own in slices
    ]
    back = costs["take"] + costs["keep"] + costs["result"] * costs["kilobyte"] / KILO
    take = [back * own.fits * MICRO for own in slices]
    fits, lanes = sum(own.fits for own in slices), sum(own.lanes for own in slices)
    plan = (costs["prepare"] + costs["find"] + costs["plan"]) * fits * MICRO
    pack, score = costs["pack"] * lanes * MICRO, costs["score"] * fits * MICRO
    ended = run(work, send, take, workers, begin=begin, latency=costs["latency"] * MICRO)
    training = pack + ended.seconds
    bounds = {
        "work": sum(work) / workers,
        "start": begin,
        "caller": plan + pack + ended.caller + score,
        "slowest task": max(work),
    }
    return Grown(plan + training + score, training, bounds)


def work_of(own: Slice, costs: Mapping[str, Any]) -> float:
    """Return the seconds of a worker for a slice, whatever happens to slow it down."""
    step, lane = (costs["batch sizes"][str(own.batch_size)][name] for name in ("step", "lane"))
    each = costs["run"] + costs["snapshot"] * own.fits + own.steps * (step + lane * own.lanes)
    return MICRO * each
