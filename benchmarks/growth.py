"""The part ``growth``: searches of up to a million fits on up to a thousand workers, simulated.

Nothing is measured: the costs are those that the part ``scale`` has left. The same searches as it
measured are simulated too, which says how far the simulation can be trusted.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.makespan import EPOCHS, grow
from benchmarks.options import Options
from benchmarks.slices import about, chosen, compared

RESULTS = Path(__file__).parent / "results"

FITS = 1_000, 10_000, 100_000, 1_000_000
WORKERS = 1, 2, 4, 10, 30, 100, 300, 1_000

#: Epochs of the longest fits: those of the tutorial, and fits that take 10 and 100 times as long.
LENGTHS = EPOCHS, 10 * EPOCHS, 100 * EPOCHS

#: More workers than the fewest that are as fast to this share are of no use.
NEAR = 0.1


def run(options: Options) -> dict[str, Any]:
    """Simulate with the costs in the folder of results."""
    file = (options.output or RESULTS) / "scale.json"
    measured = json.loads(file.read_text())
    options.say("growth: simulating")
    if "error" in measured:
        return {"error": measured["error"]}
    # The machine that was measured, whatever machine simulates.
    return {"machine": measured["machine"], "quick": measured["quick"]} | simulated(measured)


def simulated(measured: Mapping[str, Any]) -> dict[str, Any]:
    """Return all that is simulated, as plain data.

    Parameters
    ----------
    measured : mapping
        See :mod:`benchmarks.scale`.
    """
    costs = measured["costs"]
    searches = [
        {"epochs": epochs, **compared(fits, workers, costs, epochs)}
        for epochs in LENGTHS
        for fits in FITS
        for workers in WORKERS
    ]
    return {
        "checked": [checked(way, measured) for way in measured["ways"] if way["backend"] == "dask"],
        "searches": searches,
        "useful": [
            useful([own for own in searches if (own["epochs"], own["fits"]) == (epochs, fits)])
            for epochs in LENGTHS
            for fits in FITS
        ],
    }


def checked(way: Mapping[str, Any], measured: Mapping[str, Any]) -> dict[str, Any]:
    """Return a measured search beside its simulation, on workers that are warm and share cores."""
    workers, costs = way["workers"], measured["costs"]
    slices = chosen(way["fits"], workers, costs)
    own = grow(slices, costs, workers, cold=False, crowding=crowding(workers, measured))
    return {
        "workers": workers,
        "fits": way["fits"],
        "measured": way["seconds"],
        "measured training": way["training"],
        **about(slices, own),
        "deviation": own.seconds / way["seconds"] - 1,
        "training error": own.training / way["training"] - 1,
    }


def crowding(workers: int, measured: Mapping[str, Any]) -> float:
    """Return how much longer a task takes on the measured machine for other workers' sake."""
    if workers == 1:
        return 1.0
    crowded: float = measured["costs"]["crowding"]
    return crowded * max(1.0, workers / measured["machine"]["cores"])


def useful(searches: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return where one search, on few workers to many, stops to become faster."""
    best = min(own["seconds"] for own in searches)
    last = next(own for own in searches if own["seconds"] <= (1 + NEAR) * best)
    return {
        "epochs": last["epochs"],
        "fits": last["fits"],
        "workers": last["workers"],
        "seconds": last["seconds"],
        "speed-up": searches[0]["seconds"] / last["seconds"],
        "bound": last["bound"],
    }
