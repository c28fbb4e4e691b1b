"""Which lanes share which program: decided before anything is trained."""

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from gridlanes.compat.tensorflow import gpu_memory
from gridlanes.errors import CannotRideError
from gridlanes.networks.lane import Request
from gridlanes.planning.fit_survey import Survey
from gridlanes.planning.joblib_backend import Backend
from gridlanes.planning.machine import cores, free_memory
from gridlanes.planning.plan import Plan
from gridlanes.planning.runs import Group, divided
from gridlanes.planning.surveyed import Surveyed
from gridlanes.programs import optimizers
from gridlanes.programs.planned_lane import PlannedLane
from gridlanes.programs.program import Program, Spec
from gridlanes.programs.settings import Places, numbers_for, places_of


def make_plan(
    requests: Sequence[Request],
    survey: Survey,
    programs: dict[Any, list[Program]],
    cap: int | None = None,
    backend: Backend | None = None,
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
    backend : Backend, optional
        Where it is going to be trained; without it, in a thread for each core.
    """
    plan, started = Plan(backend or Backend(workers=cores())), time.perf_counter()
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
        plan.groups.append(_group(requests, structure, members, programs, survey))
    cap = (gpu_memory() or free_memory()) // 2 if cap is None else cap
    plan.parts = divided(plan.groups, cap, plan.backend)
    plan.building = time.perf_counter() - started
    return plan


def _group(
    requests: Sequence[Request],
    structure: Any,
    members: list[tuple[int, Surveyed]],
    programs: dict[Any, list[Program]],
    survey: Survey,
) -> Group:
    """Return the lanes of one structure; fits that differ in epochs only share a lane."""
    kinds = sorted({surveyed.kind for _, surveyed in members})
    # Fits of equal networks share one object.
    given = {id(surveyed.description): surveyed.description for _, surveyed in members}
    places = places_of(own.settings for own in given.values())
    known = programs.setdefault(structure, [])
    program = _known(known, kinds, places)
    if program is None:
        first = members[0][1]
        lane, sized = first.lane, first.description.sized
        weighted = lane.sample_weight is not None
        spec = Spec(lane.build, lane.seed, lane.n_classes, places, kinds, sized, weighted)
        program = Program(spec, survey.template(structure))
        known.append(program)
    kinds = program.kinds
    by_identity: dict[Any, list[tuple[int, Surveyed]]] = {}
    for number, surveyed in members:
        by_identity.setdefault(surveyed.identity, []).append((number, surveyed))
    ordered = sorted(by_identity.values(), key=lambda same: kinds.index(same[0][1].kind))
    numbers = {key: numbers_for(own.settings, program.spec.places) for key, own in given.items()}
    ends_of: dict[tuple[int, ...], Counter[int]] = {}
    planned_lanes, fits = [], []
    for same in ordered:
        planned_lanes.append(_planned_lane(same, requests, kinds, numbers, ends_of))
        ends: dict[int, list[int]] = {}
        for number, surveyed in same:
            ends.setdefault(surveyed.lane.epochs, []).append(number)
        fits.append(ends)
    folds = len({requests[number].fold for number, _ in members})
    return Group(program, planned_lanes, fits, folds)


def _known(programs: list[Program], kinds: list[optimizers.Kind], places: Places) -> Program | None:
    """Return a program with room for these optimizers and places, None without one."""
    for program in programs:
        if program.spec.places.hold(places) and set(kinds) <= set(program.kinds):
            return program
    return None


def _planned_lane(
    same: list[tuple[int, Surveyed]],
    requests: Sequence[Request],
    kinds: list[optimizers.Kind],
    numbers: dict[int, dict[str, Any]],
    ends_of: dict[tuple[int, ...], Counter[int]],
) -> PlannedLane:
    """Return the lane of fits that differ in epochs only; lanes share what is equal among them."""
    longest = max((surveyed for _, surveyed in same), key=lambda s: s.lane.epochs)
    rows = {id(X): X for number, _ in same for X in requests[number].rows}
    epochs = tuple(surveyed.lane.epochs for _, surveyed in same)
    return PlannedLane(
        lane=longest.lane,
        start=longest.start,
        settings=numbers[id(longest.description)],
        sizes=longest.description.sizes,
        integer_places=longest.description.integer_places,
        kind=kinds.index(longest.kind),
        constants=longest.constants,
        rate=longest.rate,
        snapshots=ends_of.setdefault(epochs, Counter(epochs)),
        rows=tuple(rows.values()),
    )
