"""Which lanes share which program, and in which runs: decided before anything is trained."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from gridlanes import optimizers
from gridlanes.building import seeded
from gridlanes.errors import CannotRideError
from gridlanes.functional import Network, numbers_for
from gridlanes.lane import Lane, Request
from gridlanes.plan_text import told
from gridlanes.program import Program
from gridlanes.rider import Rider
from gridlanes.streams import Pool, make_pool
from gridlanes.survey import Survey, Surveyed

#: Seconds for the trace of a program, for a step whatever its size, for each of its lanes, for
#: each output of a layer and for each product: right to a factor of two or so on a small machine,
#: enough to divide work and to say what to expect.
TRACING, STEP, LANE, OUTPUT, PRODUCT = 0.5, 1.5e-4, 2e-6, 1.2e-8, 2e-11

#: How much shorter half the lanes must take for a second run to pay.
HALVED = 0.8


@dataclass(frozen=True, eq=False)
class Group:
    """Lanes that share a program.

    Attributes
    ----------
    program : Program
    pool : Pool
    riders : list of Rider
    fits : list of dict of int to list of int
        For each rider, by epoch, the positions of the requests that end there.
    """

    program: Program
    pool: Pool
    riders: list[Rider]
    fits: list[dict[int, list[int]]]


@dataclass(frozen=True, eq=False)
class Part:
    """Lanes of a group that run together: positions of its riders, with what they will cost."""

    group: Group
    lanes: list[int]
    seconds: float
    bytes: int


@dataclass(eq=False)
class Plan:
    """What is going to be trained, and how.

    Attributes
    ----------
    groups : list of Group
        One for each program.
    parts : list of Part
        The runs, the longest first.
    reasons : dict of int to str
        For each request that cannot ride, by position, why.
    failures : dict of int to Exception
        For each request that cannot be built, by position, what was raised.
    found : int
        Other fits, which are in a store.
    """

    groups: list[Group] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    reasons: dict[int, str] = field(default_factory=dict)
    failures: dict[int, Exception] = field(default_factory=dict)
    found: int = 0

    def lane_epochs(self, requests: Sequence[Request]) -> int:
        """Return the epochs of all lanes and of all fits by ``model.fit``."""
        lanes = [rider.lane.epochs for group in self.groups for rider in group.riders]
        return sum(lanes) + sum(requests[number].lane.epochs for number in self.reasons)

    @property
    def seconds(self) -> float:
        """Expected time of tracing and training in lanes."""
        traces = TRACING * len(self.groups)
        runs = sum(part.seconds for part in self.parts)
        longest = max([part.seconds for part in self.parts], default=0.0)
        return traces + max(longest, runs / cores())

    @property
    def bytes(self) -> int:
        """Expected peak of memory beyond TensorFlow itself."""
        data = sum(g.pool.X.nbytes + g.pool.y.nbytes + g.pool.weight.nbytes for g in self.groups)
        return data + sum(sorted((part.bytes for part in self.parts), reverse=True)[: cores()])

    def __str__(self) -> str:
        return told(self)


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def free_memory() -> int:
    """Return the bytes of memory that are free, or 4 GB where the system does not say."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 4 * 2**30


def make_plan(
    requests: Sequence[Request],
    survey: Survey,
    programs: dict[Any, list[Program]],
    cap: int | None = None,
) -> Plan:
    """Return how to train these fits.

    Parameters
    ----------
    requests : sequence of Request
    survey : Survey
    programs : dict
        Programs by structure; those that are missing are added, untraced.
    cap : int or None
        Bytes that training may take; None for half of what is free.
    """
    plan = Plan()
    by_structure: dict[Any, list[tuple[int, Surveyed]]] = {}
    for number, request in enumerate(requests):
        try:
            surveyed = survey.look(request.lane)
        except CannotRideError as error:
            plan.reasons[number] = str(error)
        except Exception as error:
            plan.failures[number] = error
        else:
            by_structure.setdefault(surveyed.structure, []).append((number, surveyed))
    for structure, members in by_structure.items():
        plan.groups.append(_group(requests, structure, members, programs))
    cap = free_memory() // 2 if cap is None else cap
    parts = [part for group in plan.groups for part in _parts(group, cap)]
    plan.parts = sorted(parts, key=lambda part: part.seconds, reverse=True)
    return plan


def _group(
    requests: Sequence[Request],
    structure: Any,
    members: list[tuple[int, Surveyed]],
    programs: dict[Any, list[Program]],
) -> Group:
    """Return the lanes of one structure; fits that differ in epochs only share a lane."""
    kinds = sorted({surveyed.kind for _, surveyed in members})
    choices: dict[str, list] = {}
    # Fits of equal networks share one object.
    given = {id(surveyed.settings): surveyed.settings for _, surveyed in members}
    for settings in given.values():
        for place, value in settings.items():
            if place.endswith("activation"):
                choices.setdefault(place, [])
                choices[place] += [value] * (value not in choices[place])
    program = _program(members[0][1].lane, kinds, choices, programs.setdefault(structure, []))
    kinds = program.kinds
    by_identity: dict[Any, list[tuple[int, Surveyed]]] = {}
    for number, surveyed in members:
        by_identity.setdefault(surveyed.identity, []).append((number, surveyed))
    ordered = sorted(by_identity.values(), key=lambda same: kinds.index(same[0][1].kind))
    numbers = {key: numbers_for(own, program.network.choices) for key, own in given.items()}
    ends_of: dict[tuple[int, ...], Counter[int]] = {}
    riders, fits = [], []
    for same in ordered:
        riders.append(_rider(same, requests, kinds, numbers, ends_of))
        ends: dict[int, list[int]] = {}
        for number, surveyed in same:
            ends.setdefault(surveyed.lane.epochs, []).append(number)
        fits.append(ends)
    network = program.network
    lanes = [rider.lane for rider in riders]
    pool = make_pool(lanes, network.width, network.loss_given, keras.config.floatx())
    return Group(program, pool, riders, fits)


def _program(
    lane: Lane, kinds: list[optimizers.Kind], choices: dict[str, list], known: list[Program]
) -> Program:
    """Return a program with room for these optimizers and activations, a known one if possible."""
    for program in known:
        places = program.network.choices
        has_room = all(set(values) <= set(places[place]) for place, values in choices.items())
        if has_room and set(kinds) <= set(program.kinds):
            return program
    template = seeded(lane.build, lane.seed)
    known.append(Program(Network(template, lane.n_classes, choices), kinds))
    return known[-1]


def _rider(
    same: list[tuple[int, Surveyed]],
    requests: Sequence[Request],
    kinds: list[optimizers.Kind],
    numbers: dict[int, dict[str, Any]],
    ends_of: dict[tuple[int, ...], Counter[int]],
) -> Rider:
    """Return the lane of fits that differ in epochs only; lanes share what is equal among them."""
    longest = max((surveyed for _, surveyed in same), key=lambda s: s.lane.epochs)
    rows = {id(X): X for number, _ in same for X in requests[number].rows}
    epochs = tuple(surveyed.lane.epochs for _, surveyed in same)
    return Rider(
        lane=longest.lane,
        start=longest.start,
        settings=numbers[id(longest.settings)],
        kind=kinds.index(longest.kind),
        constants=longest.constants,
        rate=longest.rate,
        snapshots=ends_of.setdefault(epochs, Counter(epochs)),
        rows=tuple(rows.values()),
    )


def _parts(group: Group, cap: int) -> list[Part]:
    """Divide the lanes of a group into runs that fit into memory and use all cores."""
    by_size: dict[int, list[int]] = {}
    for number, rider in enumerate(group.riders):
        by_size.setdefault(rider.lane.batch_size, []).append(number)
    each = cap // cores()
    parts = []
    for lanes in by_size.values():
        runs = -(-_cost(group, lanes).bytes // max(each, 1))
        parts += _divide(group, lanes, min(runs, len(lanes)))
    while True:
        longest = max(parts, key=lambda part: part.seconds)
        share = sum(part.seconds for part in parts) / cores()
        halves = _divide(group, longest.lanes, min(2, len(longest.lanes)))
        if longest.seconds <= share or halves[0].seconds > HALVED * longest.seconds:
            return parts
        parts.remove(longest)
        parts += halves


def _divide(group: Group, lanes: list[int], parts: int) -> list[Part]:
    """Deal lanes out to runs, so that each gets its share of every kind."""
    return [_cost(group, lanes[start::parts]) for start in range(parts)]


def _cost(group: Group, lanes: list[int]) -> Part:
    """Return lanes as a run with its expected time and memory."""
    riders = [group.riders[lane] for lane in lanes]
    network = group.program.network
    size = np.dtype(keras.config.floatx()).itemsize
    weights = len(riders[0].start.trainable)
    batch = max(rider.lane.batch_size for rider in riders)
    activations = batch * network.row_bytes // size
    steps = max(rider.lane.epochs * rider.lane.steps_per_epoch for rider in riders)
    # Three products for each weight and row: forward, and backward to inputs and to weights.
    each = LANE + OUTPUT * activations + PRODUCT * 6 * batch * weights
    slots = max(len(optimizers.slots_of(kind)) for kind in group.program.kinds)
    held = size * (weights * (8 + 3 * slots) + 8 * activations)
    return Part(group, lanes, steps * (STEP + len(lanes) * each), len(lanes) * held)
