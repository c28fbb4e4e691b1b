"""The two parts: the portfolio, and how seconds grow with the number of distinct shapes.

Interleaved, so that what else the machine does falls on all alike: in each round every search is
made by everyone, in an order of the round's own and with a sample of the round's own.
"""

from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np

from benchmarks.measure import MeasurementError, run_child
from benchmarks.options import Options
from benchmarks.portfolio import LABELS, LOOP, NAMES, OURS, QUICK, SCIKERAS, Asked

#: Fits of a peer's sample beyond the first, and fits that are trained again by plain Keras.
SAMPLE, QUICK_SAMPLE = 4, 1
AUDITED, QUICK_AUDITED = 3, 1

#: In float32 rounding grows in fits whose arithmetic is chaotic; in float64 all are to agree.
FLOAT_TYPES = "float32", "float64"

#: How many shapes differ, and what they are of.
SHAPES = {"widths": (1, 5, 15, 60, 200), "depths": (1, 2, 3, 4, 6, 8)}

#: Medians of rounds.
MEASURED = "seconds", "processor", "memory", "imports"


def run(options: Options) -> dict[str, Any]:
    """Measure the portfolio, or the searches of it that were asked for."""
    names = options.searches or (QUICK if options.quick else NAMES)
    measured = _measured([Asked(name) for name in names], (OURS, SCIKERAS, LOOP), options)
    return {"rounds": options.repeats, "searches": dict(zip(names, measured, strict=True))}


def run_shapes(options: Options) -> dict[str, Any]:
    """Measure searches of more and more shapes, beside SciKeras."""
    points = [
        (shape, count)
        for shape, counts in SHAPES.items()
        for count in (counts[1:2] if options.quick else counts)
    ]
    asked = [Asked(f"distinct_{shape}", {"count": count}) for shape, count in points]
    measured = _measured(asked, (OURS, SCIKERAS), options)
    return {
        "rounds": options.repeats,
        "points": [
            {"shape": shape, "count": count, **own}
            for (shape, count), own in zip(points, measured, strict=True)
        ],
    }


def _measured(
    asked: Sequence[Asked], peers: Sequence[str], options: Options
) -> list[dict[str, Any]]:
    """Return the medians and rounds of each peer on each search, and what a plan says of it."""
    rounds: list[dict[str, list[dict[str, Any]]]] = [{peer: [] for peer in peers} for _ in asked]
    for number in range(options.repeats):
        seed = [options.seed, number]
        order = np.random.default_rng(seed)
        for search, own in zip(asked, rounds, strict=True):
            for peer in order.permutation(list(peers)).tolist():
                about = f"{search}, round {number + 1} of {options.repeats}: {LABELS[peer]}"
                options.say(about)
                own[peer].append(_answer(search, peer, _sampling(options, seed)))
    return [
        {
            "facts": _facts(search, options),
            "peers": {peer: _summary(found) for peer, found in own.items()},
        }
        for search, own in zip(asked, rounds, strict=True)
    ]


def _sampling(options: Options, seed: list[int]) -> dict[str, Any]:
    number = None if options.full else QUICK_SAMPLE if options.quick else SAMPLE
    return {"sample": number, "seed": seed}


def _facts(search: Asked, options: Options) -> dict[str, Any]:
    """Return what a plan says, and how many fits agree in each float type."""
    audited = QUICK_AUDITED if options.quick else AUDITED
    answers = {}
    for name in FLOAT_TYPES:
        options.say(f"{search}: agreement in {name}")
        answers[name] = _answer(search, OURS, {"audited": audited, "float_type": name})
        if "error" in answers[name]:
            return answers[name]
    audits = {name: own["audit"] for name, own in answers.items()}
    return {**answers[FLOAT_TYPES[0]]["plan"], "audits": audits}


def _answer(search: Asked, peer: str, more: dict[str, Any]) -> dict[str, Any]:
    """Return what a new process says, or why it failed."""
    request = {"peer": peer, "name": search.name, "arguments": search.arguments, **more}
    try:
        return run_child("benchmarks.portfolio.child", request)[0]
    except MeasurementError as error:
        return {"error": str(error)}


def _summary(rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the medians over rounds, and the rounds."""
    failed = [own for own in rounds if "error" in own]
    if failed:
        return failed[0]
    medians = {name: median(own[name] for own in rounds) for name in MEASURED}
    phases = rounds[0].get("phases", {})
    return {
        **medians,
        "phases": {name: median(own["phases"].get(name, 0.0) for own in rounds) for name in phases},
        "rounds": list(rounds),
    }
