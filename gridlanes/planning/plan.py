"""What is going to be trained and how, as plain data and in words."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gridlanes.networks.lane import Request
from gridlanes.planning.joblib_backend import Backend
from gridlanes.planning.runs import Group, Part, seconds, shares


@dataclass(eq=False)
class Plan:
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
    found : int
        Other fits, which are in a store.
    """

    backend: Backend = field(default_factory=Backend)
    groups: list[Group] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    reasons: dict[int, str] = field(default_factory=dict)
    failures: dict[int, Exception] = field(default_factory=dict)
    found: int = 0

    def lane_epochs(self, requests: Sequence[Request]) -> int:
        """Return the epochs of all lanes and of all fits by ``model.fit``."""
        lanes = [planned.lane.epochs for group in self.groups for planned in group.planned_lanes]
        return sum(lanes) + sum(requests[number].lane.epochs for number in self.reasons)

    @property
    def seconds(self) -> float:
        """Expected time of tracing and training in lanes."""
        return seconds(self.parts, self.backend)

    @property
    def data(self) -> int:
        """Bytes of all rows to train on, which each process has once."""
        return sum(g.pool.X.nbytes + g.pool.y.nbytes + g.pool.weight.nbytes for g in self.groups)

    @property
    def bytes(self) -> int:
        """Expected peak of memory beyond TensorFlow itself, of all workers together."""
        largest = sorted((part.bytes for part in self.parts), reverse=True)[: self.backend.workers]
        return self.data * (self.backend.workers if self.backend.remote else 1) + sum(largest)

    def __str__(self) -> str:
        return in_words(self)


def in_words(plan: Plan) -> str:
    """Return what would be trained how, a line for each program, run and kind of exception."""
    lines = [
        (
            f"{_count(len(plan.groups), 'program')}, {_count(len(plan.parts), 'run')}, "
            f"{_count(sum(len(g.planned_lanes) for g in plan.groups), 'lane')}, about "
            f"{plan.seconds:.1f} s and {plan.bytes / 2**20:.0f} MB{_where(plan.backend)}"
        )
    ]
    for number, group in enumerate(plan.groups, start=1):
        own = [part for part in plan.parts if part.group is group]
        lines += [f"program {number}: {_describe(group)}", *_counted(map(_run, own))]
    if plan.backend.remote and plan.parts:
        given = shares(plan.parts, plan.backend.workers)
        lines += [f"to each worker {plan.data / 2**20:.1f} MB of data once, and"]
        lines += _counted(map(_share, given), "worker")
    if plan.found:
        lines.append(f"{_count(plan.found, 'fit')} in the store")
    for title, what in (("by model.fit", plan.reasons), ("cannot be built", plan.failures)):
        reasons = [str(reason) for reason in what.values()]
        lines += [
            f"{_count(reasons.count(reason), 'fit')} {title}: {reason}"
            for reason in dict.fromkeys(reasons)
        ]
    return "\n".join(lines)


def _where(backend: Backend) -> str:
    return f" on {_count(backend.workers, 'worker')} by {backend.name}" if backend.name else ""


def _run(part: Part) -> str:
    sizes = {part.group.planned_lanes[lane].lane.batch_size for lane in part.lanes}
    return (
        f"run of {_count(len(part.lanes), 'lane')}, batch size "
        f"{', '.join(map(str, sorted(sizes)))}: about {part.seconds:.1f} s, "
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
    differing = {
        place: values for place, values in group.program.network.choices.items() if len(values) > 1
    }
    fits = sum(len(numbers) for ends in group.fits for numbers in ends.values())
    chosen = sorted({value for values in differing.values() for value in values})
    shared = [
        f"{_count(len(lanes), 'lane')} for {_count(fits, 'fit')}",
        "optimizers " + ", ".join(kind.name for kind in group.program.kinds),
    ]
    if chosen:
        shared.append("activations " + ", ".join(chosen))
    epochs = sorted({epoch for planned in group.planned_lanes for epoch in planned.snapshots})
    shared.append("epochs " + ", ".join(map(str, epochs)))
    seeds = len({lane.seed for lane in lanes})
    shared.append(f"{_count(seeds, 'seed')}, {_count(len({id(lane.X) for lane in lanes}), 'fold')}")
    return "; ".join(shared)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
