"""What is going to be trained and how, as plain data and in words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gridlanes.compat.notebook import Shown, table
from gridlanes.networks.lane import Request
from gridlanes.planning.costs import FIRST, holding
from gridlanes.planning.joblib_backend import Backend
from gridlanes.planning.runs import Group, Part, seconds, shares

#: The columns of a table of programs.
_COLUMNS = ("program", "trains", "runs", "seconds one by one", "MB of the largest")


@dataclass(eq=False)
class Plan(Shown):
    """What is going to be trained, and how.

    Attributes
    ----------
    groups : list of Group
        One for each program.
    backend : Backend
        Where it is going to be trained.
    parts : list of Part
        The runs, the longest first.
    reasons : dict of int to str
        For each request that cannot ride, by position, why.
    failures : dict of int to Exception
        For each request that cannot be built, by position, what was raised.
    building : float
        Seconds that it took to build all networks and to find this plan.
    found : int
        Other fits, which are in a store.
    unprepared : list of Exception
        What was raised for each fit whose rows or parameters cannot be used.
    elsewhere : list of str
        For each fit that scikit-learn trains by itself, why.
    later : list of str
        For each fit of an estimator with networks inside that goes on when these are trained, why.
    """

    backend: Backend = field(default_factory=Backend)
    groups: list[Group] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    reasons: dict[int, str] = field(default_factory=dict)
    failures: dict[int, Exception] = field(default_factory=dict)
    building: float = 0.0
    found: int = 0
    unprepared: list[Exception] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    later: list[str] = field(default_factory=list)

    def lane_epochs(self, requests: Sequence[Request]) -> int:
        """Return the epochs of all lanes and of all fits by ``model.fit``."""
        lanes = [planned.lane.epochs for group in self.groups for planned in group.planned_lanes]
        return sum(lanes) + sum(requests[number].lane.epochs for number in self.reasons)

    @property
    def seconds(self) -> float:
        """Expected time of building, tracing and training in lanes."""
        return sum(self.seconds_by.values())

    @property
    def seconds_by(self) -> dict[str, float]:
        """The same by what it goes to; runs that go on at once take less than one by one."""
        return {"building networks": self.building, **seconds(self.parts, self.backend)}

    @property
    def data(self) -> int:
        """Bytes of all rows to train on, which each process has once."""
        pools = {id(part.pool): part.pool for part in self.parts}.values()
        return sum(pool.X.nbytes + pool.y.nbytes + pool.weight.nbytes for pool in pools)

    @property
    def bytes(self) -> int:
        """Expected peak of memory beyond the libraries' own, of all workers together."""
        if not self.parts:
            return 0
        processes = self.backend.workers if self.backend.remote else 1
        programs = FIRST + sum(holding(group.program) for group in self.groups)
        largest = sorted((part.bytes for part in self.parts), reverse=True)[: self.backend.workers]
        return int(processes * (programs + self.data) + sum(largest))

    def __str__(self) -> str:
        return in_words(self)

    def _html_repr(self) -> str:
        programs = [_cells(self, number, group) for number, group in enumerate(self.groups, 1)]
        others = [(fits, title, reason) for fits, title, reason in _others(self)]
        if self.found:
            others = [(_count(self.found, "fit"), "in the store", ""), *others]
        parts = [table(_summary(self), programs, _COLUMNS if programs else ())]
        parts += [table("Seconds of the whole", _spent(self))] * bool(self.parts)
        parts += [table("Other fits", others)] * bool(others)
        return "".join(parts)


def in_words(plan: Plan) -> str:
    """Return what would be trained how, a line for each program, run and kind of exception."""
    lines = [_summary(plan)]
    if plan.parts:
        lines.append("; ".join(f"{what} {spent} s" for what, spent in _spent(plan)))
    for number, group in enumerate(plan.groups, start=1):
        own = [part for part in plan.parts if part.group is group]
        lines += [f"program {number}: {_describe(group)}", *_counted(map(_run, own))]
    if plan.backend.remote and plan.parts:
        given = shares(plan.parts, plan.backend.workers)
        lines += [f"to each worker {plan.data / 2**20:.1f} MB of data once, and"]
        lines += _counted(map(_share, given), "worker")
    if plan.found:
        lines.append(f"{_count(plan.found, 'fit')} in the store")
    lines += [f"{fits} {title}: {reason}" for fits, title, reason in _others(plan)]
    return "\n".join(lines)


def _summary(plan: Plan) -> str:
    return (
        f"{_count(len(plan.groups), 'program')}, {_count(len(plan.parts), 'run')}, "
        f"{_count(sum(len(g.planned_lanes) for g in plan.groups), 'lane')}, about "
        f"{plan.seconds:.1f} s and {plan.bytes / 2**20:.0f} MB{_where(plan.backend)}"
    )


def _spent(plan: Plan) -> list[tuple[str, str]]:
    return [(what, f"{spent:.2f}") for what, spent in plan.seconds_by.items()]


def _others(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Yield how many fits are not in a program, what is done with them, and why."""
    for title, what in (
        ("by model.fit", plan.reasons.values()),
        ("cannot be built", plan.failures.values()),
        ("cannot be prepared", plan.unprepared),
        ("by scikit-learn", plan.elsewhere),
        ("may ask for more when these are trained", plan.later),
    ):
        reasons = [str(reason) for reason in what]
        for reason in dict.fromkeys(reasons):
            yield _count(reasons.count(reason), "fit"), title, reason


def _cells(plan: Plan, number: int, group: Group) -> tuple[object, ...]:
    """Return what a notebook shows of a program."""
    own = [part for part in plan.parts if part.group is group]
    most = max((part.bytes for part in own), default=0)
    seconds = sum(part.seconds for part in own)
    return number, _describe(group), len(own), f"{seconds:.1f}", f"{most / 2**20:.0f}"


def _where(backend: Backend) -> str:
    return f" on {_count(backend.workers, 'worker')} by {backend.name}" if backend.name else ""


def _run(part: Part) -> str:
    first = part.group.planned_lanes[part.lanes[0]]
    return (
        f"run of {_count(len(part.lanes), 'lane')}, {_count(first.sizes.weights, 'weight')} each, "
        f"batch size {first.lane.batch_size}: about {part.seconds:.1f} s, "
        f"{part.bytes / 2**20:.0f} MB, graph mode"
    )


def _share(parts: list[Part]) -> str:
    lanes, seconds = sum(len(part.lanes) for part in parts), sum(part.seconds for part in parts)
    return f"{_count(len(parts), 'run')} of {_count(lanes, 'lane')}, about {seconds:.1f} s"


def _counted(lines: Iterable[str], of: str = "") -> Iterator[str]:
    """Yield lines, those that are the same as one with their number."""
    for line, number in Counter(lines).items():
        if of:
            yield f"  {_count(number, of)}: {line}"
        else:
            yield f"  {number} x {line}" if number > 1 else f"  {line}"


def _describe(group: Group) -> str:
    """Return what the lanes of a group have in common and where they differ."""
    lanes = [planned.lane for planned in group.planned_lanes]
    fits = sum(len(numbers) for ends in group.fits for numbers in ends.values())
    chosen = sorted(_activations(group))
    shared = [
        f"{_count(len(lanes), 'lane')} for {_count(fits, 'fit')}",
        _count(len({planned.sizes for planned in group.planned_lanes}), "size"),
        "optimizers " + ", ".join(kind.name for kind in group.program.kinds),
    ]
    if chosen:
        shared.append("activations " + ", ".join(chosen))
    epochs = sorted({epoch for planned in group.planned_lanes for epoch in planned.snapshots})
    shared.append("epochs " + ", ".join(map(str, epochs)))
    seeds = len({lane.seed for lane in lanes})
    shared.append(f"{_count(seeds, 'seed')}, {_count(group.folds, 'fold')}")
    return "; ".join(shared)


def _activations(group: Group) -> set[str]:
    """Return the activations of layers in which lanes differ in it."""
    chosen: set[str] = set()
    for place, known in group.program.spec.places.choices.items():
        own = {known[planned.settings[place]] for planned in group.planned_lanes}
        if place.endswith("activation") and len(own) > 1:
            chosen |= own
    return chosen


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
