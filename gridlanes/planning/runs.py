"""How the lanes of a program are divided into runs, and what a run is expected to cost."""

import heapq
import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import keras

from gridlanes.planning.costs import running, tracing
from gridlanes.planning.joblib_backend import Backend
from gridlanes.planning.machine import cores
from gridlanes.programs.mini_batches import Pool, make_pool, pool_key
from gridlanes.programs.planned_lane import PlannedLane
from gridlanes.programs.program import Program

#: Seconds until a worker process has loaded TensorFlow, for a task that goes to it and back, and
#: of that for the caller, who hands out one after the other.
STARTING, TASK, HANDING = 4.0, 0.02, 0.003

#: Seconds beyond its fixed ones after which a run should have come back, since it is lost with
#: its worker.
LONGEST = 300.0

#: Quarters of a doubling by which the size of runs may depart from the rule.
SIZES = range(-8, 9)

#: How much shorter half the lanes must take for a second run to pay.
HALVED = 0.8


@dataclass(frozen=True, eq=False)
class Group:
    """Lanes that share a program.

    Attributes
    ----------
    program : Program
    planned_lanes : list of PlannedLane
    fits : list of dict of int to list of int
        For each of these lanes, by epoch, the positions of the requests that end there.
    folds : int
        How many of a search's splits they are on.
    """

    program: Program
    planned_lanes: list[PlannedLane]
    fits: list[dict[int, list[int]]]
    folds: int


@dataclass(frozen=True, eq=False)
class Part:
    """Lanes of a group that run together, with what they are expected to cost.

    Attributes
    ----------
    group : Group
    pool : Pool
        Of their rows, which runs share.
    lanes : list of int
        Positions among the group's planned lanes.
    seconds : float
    fixed : float
        Those of the seconds that do not depend on the number of lanes.
    bytes : int
    in_turn : float
        Those of the seconds in which threads wait for each other.
    """

    group: Group
    pool: Pool
    lanes: list[int]
    seconds: float
    fixed: float
    bytes: int
    in_turn: float


def divided(groups: Sequence[Group], cap: int, backend: Backend) -> list[Part]:
    """Divide the lanes of all groups into runs that fit into memory and use all workers.

    Parameters
    ----------
    groups : sequence of Group
    cap : int
        Bytes that training may take on one machine; workers elsewhere are taken to have as much
        for each of their cores.
    backend : Backend

    Returns
    -------
    list of Part
        The longest first.
    """
    each = max(1, cap // (cores() if backend.remote else backend.workers))
    wholes = _wholes(groups)
    if backend.remote:
        parts = _for_workers(wholes, each, backend.workers)
    else:
        parts = [part for group in groups for part in _for_threads(wholes, group, each, backend)]
    return sorted(parts, key=lambda part: part.seconds, reverse=True)


def seconds(parts: Sequence[Part], backend: Backend) -> dict[str, float]:
    """Return the expected time of tracing and training, by what it goes to.

    Threads trace each program once, one after the other; every process that is not this one has to
    start, and to trace what it meets.
    """
    if not parts:
        return {}
    programs = {id(part.group): part.group.program for part in parts}.values()
    own = [part.seconds for part in parts]
    at_once = min(len(parts), backend.workers)
    running = f"runs, {at_once} at once" if at_once > 1 else "runs"
    training = {running: max(*own, sum(own) / backend.workers)}
    traced = sum(map(tracing, programs))
    if not backend.remote:
        return {"tracing": traced, **training}
    met = min(1, -(-len(parts) // backend.workers) / len(programs))
    return {
        "starting workers": STARTING,
        "tracing": traced * met,
        "handing out": TASK * len(parts) / backend.workers,
        **training,
    }


def shares(parts: Sequence[Part], workers: int) -> list[list[Part]]:
    """Return which runs each worker gets if all of them take as long as expected.

    A worker that is free takes the longest run that is left.
    """
    _, positions = shared_out([TASK + part.seconds for part in parts], workers)
    return [[parts[number] for number in own] for own in positions]


def _wholes(groups: Sequence[Group]) -> list[Part]:
    """Return lanes as few runs: those of a program with equal sizes and batch size together."""
    alike: dict[Hashable, tuple[Group, Hashable, list[int]]] = {}
    pooled: dict[Hashable, list[tuple[PlannedLane, Any]]] = {}
    for group in groups:
        loss = group.program.network.objective.given
        for number, planned in enumerate(group.planned_lanes):
            lane, sizes = planned.lane, planned.sizes
            rows = pool_key(lane, sizes.width, loss)
            run = id(group), sizes, lane.batch_size, rows
            alike.setdefault(run, (group, rows, []))[2].append(number)
            pooled.setdefault(rows, []).append((planned, loss))
    pools = {
        key: make_pool(
            [planned.lane for planned, _ in members],
            members[0][0].sizes.width,
            members[0][1],
            keras.config.floatx(),
        )
        for key, members in pooled.items()
    }
    return [_part(group, pools[rows], lanes) for group, rows, lanes in alike.values()]


def _for_threads(wholes: Sequence[Part], group: Group, each: int, backend: Backend) -> list[Part]:
    """Halve the longest run of a group while that shortens the whole."""
    parts: list[Part] = []
    for whole in wholes:
        if whole.group is group:
            parts += _divide(whole, _least(whole, each))
    while True:
        longest = max(parts, key=lambda part: part.seconds)
        share = sum(part.seconds for part in parts) / backend.workers
        halves = _divide(longest, 2)
        half = halves[0].seconds + sum(part.in_turn for part in halves[1:])
        if longest.seconds <= share or half > HALVED * longest.seconds:
            return parts
        parts.remove(longest)
        parts += halves


def _for_workers(wholes: Sequence[Part], each: int, workers: int) -> list[Part]:
    """Divide runs so that the last worker is done as soon as may be.

    Of each whole, ``f`` seconds are spent in every one of its runs, and ``v`` are shared by them.
    With runs of ``t`` seconds beyond ``f``, workers spend ``f v / t`` on having several, and the
    last one may end ``t`` after the others: their sum over ``workers``, and ``t``, are least
    together for ``t = sqrt(sum(f v) / workers)``. That is right on average; how the runs of some
    size happen to come out on these workers is tried for sizes around it.
    """
    costs = [(whole.fixed + TASK, whole.seconds - whole.fixed) for whole in wholes]
    least = [
        max(_least(whole, each), math.ceil(v / LONGEST))
        for whole, (_, v) in zip(wholes, costs, strict=True)
    ]
    span = math.sqrt(sum(f * v for f, v in costs) / workers)

    def runs_of(factor: float) -> list[int]:
        return [
            min(len(whole.lanes), max(fewest, round(v / (span * factor))))
            for whole, fewest, (_, v) in zip(wholes, least, costs, strict=True)
        ]

    def end(runs: list[int]) -> float:
        """Return when the last worker is done, and all tasks have been handed out."""
        pairs = zip(runs, costs, strict=True)
        own = sorted(((f + v / number, number) for number, (f, v) in pairs), reverse=True)
        last = max(shared_out([s for s, number in own for _ in range(number)], workers)[0])
        return last + HANDING * sum(runs)

    best = min((runs_of(2 ** (k / 4)) for k in SIZES), key=end) if span else least
    return [part for whole, runs in zip(wholes, best, strict=True) for part in _divide(whole, runs)]


def shared_out(durations: Sequence[float], workers: int) -> tuple[list[float], list[list[int]]]:
    """Hand tasks out in their order to whoever is free; return ends, and positions by worker."""
    free = [(0.0, worker) for worker in range(workers)]
    own: list[list[int]] = [[] for _ in range(workers)]
    for number, duration in enumerate(durations):
        busy, worker = heapq.heappop(free)
        own[worker].append(number)
        heapq.heappush(free, (busy + duration, worker))
    ends = {worker: busy for busy, worker in free}
    return [ends[worker] for worker in range(workers)], own


def _least(whole: Part, each: int) -> int:
    """Return the least number of runs of so many bytes at most, or of one lane."""
    lanes = len(whole.lanes)
    return -(-lanes // max(1, each * lanes // whole.bytes))


def _divide(whole: Part, runs: int) -> list[Part]:
    """Deal lanes out to runs, so that each gets its share of every kind."""
    runs = max(1, min(runs, len(whole.lanes)))
    return [_part(whole.group, whole.pool, whole.lanes[start::runs]) for start in range(runs)]


def _part(group: Group, pool: Pool, lanes: list[int]) -> Part:
    """Return lanes as a run with its expected time and memory."""
    own = [group.planned_lanes[lane] for lane in lanes]
    return Part(group, pool, lanes, *running(group.program, own))
