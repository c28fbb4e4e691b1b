"""Which lanes share which program: decided before anything is trained."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import keras

from gridlanes import optimizers
from gridlanes.errors import CannotRideError
from gridlanes.functional import numbers_for
from gridlanes.keras_private import gpu_memory
from gridlanes.lane import Lane, Request
from gridlanes.machine import cores, free_memory
from gridlanes.places import Place
from gridlanes.plan_text import told
from gridlanes.program import Program, Spec
from gridlanes.rider import Rider
from gridlanes.runs import Group, Part, divided, seconds
from gridlanes.streams import make_pool
from gridlanes.survey import Survey, Surveyed


@dataclass(eq=False)
class Plan:
    """What is going to be trained, and how.

    Attributes
    ----------
    groups : list of Group
        One for each program.
    place : Place
        Where it is going to be trained.
    parts : list of Part
        The runs, the longest first.
    reasons : dict of int to str
        For each request that cannot ride, by position, why.
    failures : dict of int to Exception
        For each request that cannot be built, by position, what was raised.
    found : int
        Other fits, which are in a store.
    """

    place: Place = field(default_factory=Place)
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
        return seconds(self.parts, self.place)

    @property
    def data(self) -> int:
        """Bytes of all rows to train on, which each process has once."""
        return sum(g.pool.X.nbytes + g.pool.y.nbytes + g.pool.weight.nbytes for g in self.groups)

    @property
    def bytes(self) -> int:
        """Expected peak of memory beyond TensorFlow itself, of all workers together."""
        largest = sorted((part.bytes for part in self.parts), reverse=True)[: self.place.workers]
        return self.data * (self.place.workers if self.place.remote else 1) + sum(largest)

    def __str__(self) -> str:
        return told(self)


def make_plan(
    requests: Sequence[Request],
    survey: Survey,
    programs: dict[Any, list[Program]],
    cap: int | None = None,
    place: Place | None = None,
) -> Plan:
    """Return how to train these fits.

    Parameters
    ----------
    requests : sequence of Request
    survey : Survey
    programs : dict
        Programs by structure; those that are missing are added, untraced.
    cap : int or None
        Bytes that training may take; None for half of what is free, on the GPU if there is one.
    place : Place, optional
        Where it is going to be trained; without it, in a thread for each core.
    """
    plan = Plan(place or Place(workers=cores()))
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
    cap = (gpu_memory() or free_memory()) // 2 if cap is None else cap
    plan.parts = divided(plan.groups, cap, plan.place)
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
    known.append(Program(Spec(lane.build, lane.seed, lane.n_classes, choices, kinds)))
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
