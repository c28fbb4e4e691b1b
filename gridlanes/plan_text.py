"""A plan in words."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gridlanes.plan import Group, Plan


def told(plan: "Plan") -> str:
    """Return what would be trained how, a line for each program, run and kind of exception."""
    lines = [
        (
            f"{_count(len(plan.groups), 'program')}, {_count(len(plan.parts), 'run')}, "
            f"{_count(sum(len(g.riders) for g in plan.groups), 'lane')}, about "
            f"{plan.seconds:.1f} s and {plan.bytes / 2**20:.0f} MB"
        )
    ]
    for number, group in enumerate(plan.groups, start=1):
        lines += [f"program {number}: {_describe(group)}"]
        for part in plan.parts:
            if part.group is group:
                sizes = {group.riders[lane].lane.batch_size for lane in part.lanes}
                lines.append(
                    f"  run of {_count(len(part.lanes), 'lane')}, batch size "
                    f"{', '.join(map(str, sorted(sizes)))}: about {part.seconds:.1f} s, "
                    f"{part.bytes / 2**20:.0f} MB, graph mode"
                )
    if plan.found:
        lines.append(f"{_count(plan.found, 'fit')} in the store")
    for title, what in (("by model.fit", plan.reasons), ("cannot be built", plan.failures)):
        reasons = [str(reason) for reason in what.values()]
        lines += [
            f"{_count(reasons.count(reason), 'fit')} {title}: {reason}"
            for reason in dict.fromkeys(reasons)
        ]
    return "\n".join(lines)


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
