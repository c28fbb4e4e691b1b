"""The parts ``scale`` and ``growth`` as Markdown: for the results, and for the documentation."""

from collections.abc import Mapping
from typing import Any

from benchmarks.makespan import BATCH_SIZES, EPOCHS, FITS_A_LANE, KILO, MICRO, Slice, work_of
from benchmarks.tables import seconds_told, table

#: What each bound is called in sentences.
BOUNDS = {
    "work": "the work",
    "start": "the start of workers",
    "caller": "the caller",
    "slowest task": "the slowest task",
}

#: Costs with their unit, in the order of a fit's way.
COSTS = {
    "prepare": ("preparing", "µs a fit"),
    "find": ("looking it up in the store, with building networks", "µs a fit"),
    "plan": ("planning", "µs a fit"),
    "pack": ("packing", "µs a lane"),
    "parcel": ("what goes out", "bytes a lane"),
    "task": ("handing a task out and hearing of its end, by Dask", "µs a task"),
    "kilobyte": ("the same for what it holds", "µs a kilobyte"),
    "result": ("what comes back", "bytes a fit"),
    "take": ("taking it back", "µs a fit"),
    "keep": ("storing it", "µs a fit"),
    "score": ("scoring", "µs a fit"),
    "latency": ("a task's way while nobody is busy", "µs"),
    "start": ("a worker loads TensorFlow", "s"),
    "trace": ("a worker traces a program", "s"),
    "run": ("a worker, for a task", "µs"),
    "snapshot": ("a worker, for the end of a fit", "µs"),
    "crowding": ("two busy workers on this machine slow each other down", "times"),
}


def scale(_: str, result: Mapping[str, Any]) -> str:
    """Return the measured part as a section of the results."""
    if "error" in result:
        return f"## Scale\n\nfailed: `{result['error']}`"
    text = ["## Scale", ways(result), "What it costs, each by itself:", costs(result["costs"])]
    about = (
        "Runs of the tutorial's lanes on one worker, 3 epochs, with one snapshot a lane or three, "
        "beside what the planner expects of them, which counts no snapshots:"
    )
    headers = ["batch size", "lanes", "steps", "fits", "s", "planner"]
    rows = [
        [*(own[name] for name in ("batch size", "lanes", "steps", "fits")), *told]
        for own in result["costs"]["runs"]
        for told in [map(seconds_told, (own["seconds"], own["expected"]))]
    ]
    return "\n\n".join([*text, about, table(rows, headers)])


def growth(_: str, result: Mapping[str, Any]) -> str:
    """Return the simulated part as a section of the results."""
    if "error" in result:
        return f"## Growth\n\nfailed: `{result['error']}`"
    about = (
        "Simulated from the costs under Scale (`benchmarks/makespan.py`); `docs/explain/scale.md` "
        "says what follows. Training is from packing to the last result; `best` is the shortest "
        "with any of the other sizes of tasks that were tried."
    )
    return "\n\n".join(["## Growth", about, slices(result, all_of_them=True)])


def ways(result: Mapping[str, Any]) -> str:
    """Return the measured searches."""
    about = (
        f"One search of {result['ways'][0]['fits']:,} fits into an empty store, with workers that "
        f"are warm; medians of {result['rounds']} round(s). Four workers share the cores of this "
        "machine with each other, and all of them with the caller."
    )
    rows = [
        [
            own["backend"],
            own["workers"] or result["machine"]["cores"],
            seconds_told(own["seconds"]),
            seconds_told(own["training"]),
        ]
        for own in result["ways"]
    ]
    headers = ["by", "workers", "search (s)", "of which training (s)"]
    return f"{about}\n\n{table(rows, headers)}"


def costs(own: Mapping[str, Any]) -> str:
    """Return what was measured by itself."""
    rows = [[said, _plain(own[name]), unit] for name, (said, unit) in COSTS.items()]
    for size, each in own["batch sizes"].items():
        rows.append([f"a step, batch size {size}", _plain(each["step"]), "µs"])
        rows.append([f"each of its lanes, batch size {size}", _plain(each["lane"]), "µs"])
    return table(rows, ["what", "cost", ""])


def checked(result: Mapping[str, Any]) -> str:
    """Return the simulation beside what was measured."""
    rows = [
        [
            own["workers"],
            seconds_told(own["measured"]),
            seconds_told(own["seconds"]),
            f"{100 * own['deviation']:+.0f} %",
            seconds_told(own["measured training"]),
            seconds_told(own["training"]),
            f"{100 * own['training error']:+.0f} %",
        ]
        for own in result["checked"]
    ]
    headers = ["Dask workers", "measured (s)", "simulated (s)", "error"]
    return table(rows, [*headers, "training measured (s)", "simulated (s)", "error"])


def grown(result: Mapping[str, Any], epochs: int) -> str:
    """Return seconds and speed-up of all searches of one length."""
    own = [one for one in result["searches"] if one["epochs"] == epochs]
    workers = sorted({one["workers"] for one in own})
    rows = []
    for fits in sorted({one["fits"] for one in own}):
        line = [one for one in own if one["fits"] == fits]
        first = line[0]["seconds"]
        cells = [f"{seconds_told(one['seconds'])} ({first / one['seconds']:,.1f})" for one in line]
        rows.append([f"{fits:,}", *cells])
    return table(rows, ["fits", *(f"{count:,}" for count in workers)])


def useful(result: Mapping[str, Any]) -> str:
    """Return where searches stop to become faster."""
    rows = [
        [
            f"{own['epochs']:,}",
            f"{own['fits']:,}",
            f"{own['workers']:,}",
            seconds_told(own["seconds"]),
            f"{own['speed-up']:,.1f}",
            BOUNDS[own["bound"]],
        ]
        for own in result["useful"]
    ]
    headers = ["epochs up to", "fits", "workers of use", "s", "speed-up", "what bounds it"]
    return table(rows, headers)


def slices(result: Mapping[str, Any], *, all_of_them: bool) -> str:
    """Return the planner's tasks beside the best."""
    shown = [
        own
        for own in result["searches"]
        if all_of_them or (own["epochs"] == EPOCHS and own["workers"] in (10, 100, 1000))
    ]
    rows = [
        [
            f"{own['epochs']:,}",
            f"{own['fits']:,}",
            f"{own['workers']:,}",
            f"{own['tasks']:,}",
            " / ".join(f"{lanes:,}" for lanes in own["lanes a task"].values()),
            seconds_told(own["average"]),
            seconds_told(own["best"]),
            f"{100 * own['beyond best']:.1f} %",
        ]
        for own in shown
    ]
    sizes = ", ".join(map(str, BATCH_SIZES))
    headers = ["epochs up to", "fits", "workers", "tasks", f"lanes a task, batch size {sizes}"]
    return table(rows, [*headers, "training (s)", "best (s)", "longer by"])


def a_fit(own: Mapping[str, Any], epochs: int = EPOCHS) -> tuple[float, float]:
    """Return what a fit takes of the caller and of a worker, in seconds, in tasks of 100 lanes."""
    per_fit = ("prepare", "find", "plan", "take", "keep", "score")
    caller = sum(own[name] for name in per_fit) + own["pack"] / FITS_A_LANE
    caller += own["kilobyte"] / KILO * (own["result"] + own["parcel"] / FITS_A_LANE)
    sliced = [Slice(size, 100, epochs) for size in BATCH_SIZES]
    work = sum(work_of(one, own) for one in sliced) / sum(one.fits for one in sliced)
    return caller * MICRO, work


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"
