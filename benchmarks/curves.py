"""The parts ``candidates``, ``rows`` and ``width``: this project against a plain loop as they grow.

The loop has its best settings. It runs on a sample along ``candidates``; the searches of the other
two have 12 fits, which both make in full. Every point is measured once.
"""

from dataclasses import dataclass
from typing import Any

from benchmarks.measure import MeasurementError, measure
from benchmarks.options import Options
from benchmarks.peers import LOOP, OURS, PEERS
from benchmarks.sampling import sample_candidates
from benchmarks.tasks import Task, with_candidates, with_size


@dataclass(frozen=True)
class Point:
    """A task on a curve; ``sampled`` says whether the loop makes only some of its fits."""

    label: str
    task: Task
    sampled: bool = False


CURVES: dict[str, list[Point]] = {
    "candidates": [
        Point(f"{candidates:,}", with_candidates(candidates), sampled=True)
        for candidates in (27, 81, 243, 729, 2430)
    ],
    "rows": [
        Point(f"{rows:,}", with_size(rows, 12, epochs=2, batch_size=256))
        for rows in (768, 5_000, 50_000, 500_000)
    ],
    "width": [
        *(
            Point(f"{units:,}", with_size(768, units, epochs=10, batch_size=16))
            for units in (12, 64, 256, 1024)
        ),
        Point("1,024 (20,000 rows)", with_size(20_000, 1024, epochs=5, batch_size=64)),
    ],
}

#: What each curve holds fixed, for its table.
SETTINGS = {
    "candidates": "The tutorial's task, with fewer optimizers and initialisers or with learning "
    "rates added; the loop on a sample of 9 fits, scaled up.",
    "rows": "Synthetic rows; network 8-12-8-1, 2 epochs, batch size 256, 4 candidates, 3 folds.",
    "width": "768 synthetic rows unless said otherwise; network 8-units-8-1, 10 epochs, batch size "
    "16 (20,000 rows: 5 epochs, 64), 4 candidates, 3 folds.",
}


def run(name: str, options: Options) -> dict[str, Any]:
    """Measure one curve, or its second point only in a quick run."""
    points = CURVES[name][1:2] if options.quick else CURVES[name]
    rows = []
    for point in points:
        row: dict[str, Any] = {name: point.label, "fits": len(point.task.cells())}
        sample = None
        if point.sampled:
            sample = sample_candidates(point.task, [options.seed], smaller=True)
        for peer, candidates in ((OURS, None), (LOOP, sample)):
            options.say(f"{name}, {point.label}: {PEERS[peer].label}")
            try:
                measured = measure(PEERS[peer], point.task, candidates=candidates)
                row[peer] = measured.as_dict()
            except MeasurementError as error:
                row[peer] = {"error": str(error)}
        rows.append(row)
    return {"settings": SETTINGS[name], "points": rows}
