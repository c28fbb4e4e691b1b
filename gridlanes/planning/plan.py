"""A plan in words."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from gridlanes.runs import shares

if TYPE_CHECKING:
    from gridlanes.places import Place
    from gridlanes.plan import Plan
    from gridlanes.runs import Group, Part


def told(plan: "Plan") -> str:
    """Return what would be trained how, a line for each program, run and kind of exception."""
    lines = [
        (
            f"{_count(len(plan.groups), 'program')}, {_count(len(plan.parts), 'run')}, "
            f"{_count(sum(len(g.riders) for g in plan.groups), 'lane')}, about "
            f"{plan.seconds:.1f} s and {plan.bytes / 2**20:.0f} MB{_where(plan.place)}"
        )
    ]
    for number, group in enumerate(plan.groups, start=1):
        own = [part for part in plan.parts if part.group is group]
        lines += [f"program {number}: {_describe(group)}", *_counted(map(_run, own))]
    if plan.place.remote and plan.parts:
        given = shares(plan.parts, plan.place.workers)
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


def _where(place: "Place") -> str:
    return f" on {_count(place.workers, 'worker')} by {place.name}" if place.name else ""


def _run(part: "Part") -> str:
    sizes = {part.group.riders[lane].lane.batch_size for lane in part.lanes}
    return (
        f"run of {_count(len(part.lanes), 'lane')}, batch size "
        f"{', '.join(map(str, sorted(sizes)))}: about {part.seconds:.1f} s, "
        f"{part.bytes / 2**20:.0f} MB, graph mode"
    )


def _share(parts: list["Part"]) -> str:
    lanes, seconds = sum(len(part.lanes) for part in parts), sum(part.seconds for part in parts)
    return f"{_count(len(parts), 'run')} of {_count(lanes, 'lane')}, about {seconds:.1f} s"


def _counted(lines: Iterable[str], of: str = "") -> Iterator[str]:
    """Yield lines, those that are the same as one with their number."""
    for line, number in Counter(lines).items():
        if of:
            yield f"  {_count(number, of)}: {line}"
        else:
            yield f"  {number} x {line}" if number > 1 else f"  {line}"


def _describe(group: "Group") -> str:
    """Return what the lanes of a group have in common and where they differ."""
    lanes = [rider.lane for rider in group.riders]
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
    epochs = sorted({epoch for rider in group.riders for epoch in rider.snapshots})
    shared.append("epochs " + ", ".join(map(str, epochs)))
    seeds = len({lane.seed for lane in lanes})
    shared.append(f"{_count(seeds, 'seed')}, {_count(len({id(lane.X) for lane in lanes}), 'fold')}")
    return "; ".join(shared)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
