"""What ``docs/explain/scale.md`` says of growth, written from the results between two marks."""

import re
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.growth import LENGTHS, NEAR
from benchmarks.growth_figure import svg
from benchmarks.growth_report import a_fit, checked, costs, grown, slices, useful, ways
from benchmarks.machine import told
from benchmarks.makespan import EPOCHS, NOISE

DOCS = Path(__file__).parent.parent / "docs"

BEGIN, END = "<!-- written from benchmarks/results, from here -->", "<!-- to here -->"

COMMAND = "python -m benchmarks --only scale --only growth"


def write(results: Mapping[str, Mapping[str, Any]], folder: Path = DOCS) -> None:
    """Write the section anew, and its figure, if both parts are there without an error."""
    both = [results.get(part, {"error": "missing"}) for part in ("scale", "growth")]
    if any("error" in part for part in both):
        return
    page = folder / "explain" / "scale.md"
    page.write_text(replaced(page.read_text(), section(*both)))
    (folder / "images" / "scale.svg").write_text(svg(*both))


def replaced(text: str, own: str) -> str:
    """Return a text with what stands between the marks replaced."""
    return re.sub(f"(?s)(?<={BEGIN}\n).*(?={END})", lambda _: f"\n{own}\n\n", text)


def section(scale: Mapping[str, Any], growth: Mapping[str, Any]) -> str:
    """Return the section."""
    caller, work = a_fit(scale["costs"])
    parts = [
        "## How it grows",
        f"Everything here is written by `{COMMAND}`. Measured on {told(scale['machine'])}",
        "### Measured",
        ways(scale),
        "What each step costs by itself, from which all that follows is simulated:",
        costs(scale["costs"]),
        "### Simulated",
        _about(scale),
        "Beside the searches above, on warm workers that share cores:",
        checked(growth),
        "![Seconds against workers](../images/scale.svg)",
        "Seconds, and how many times as fast as on one worker, against workers:",
        *_lengths(growth),
        "### Where it stops",
        f"The fewest workers with which a search is within {100 * NEAR:.0f} % of its fastest:",
        useful(growth),
        _why(caller, work),
        "### How large a task is",
        _slices(growth),
        slices(growth, all_of_them=False),
    ]
    return "\n\n".join(parts)


def _about(scale: Mapping[str, Any]) -> str:
    own = scale["costs"]
    return (
        "None of what follows is measured. Events are simulated: the caller plans, hands tasks "
        "out, longest first, to whoever is free, takes results back one after the other, stores "
        f"and scores them. Each worker takes {own['start'] + own['trace']:.1f} s to load "
        "TensorFlow and to trace before its first task, and tasks vary by "
        f"{100 * NOISE:.0f} %. What the caller spends on a fit is taken to be the same in a search "
        "of any size. Not simulated are networks that are slower than this machine's own, a "
        "scheduler that slows down with the number of workers, the caller's memory, and workers "
        "that are lost."
    )


def _lengths(growth: Mapping[str, Any]) -> list[str]:
    text = []
    for epochs in LENGTHS:
        longer = "" if epochs == EPOCHS else f", {epochs // EPOCHS} times as long"
        text += [f"Fits of up to {epochs:,} epochs{longer}:", grown(growth, epochs)]
    return text


def _why(caller: float, work: float) -> str:
    return (
        f"The caller has one thread of control. It spends about {1e6 * caller:,.0f} µs on each "
        f"fit, and a worker {1e3 * work:.2f} ms, for fits of up to {EPOCHS} epochs: however many "
        f"workers there are, the search cannot be more than {1 + work / caller:,.1f} times as "
        "fast as with one. What a fit costs a worker grows with epochs, rows and the network, "
        "what it costs the caller hardly does, so that fits that take 10 times as long have use "
        "for about 10 times as many workers. Small searches are bounded by the start of workers, "
        "and by the slowest task, which cannot be shorter than one lane's steps."
    )


def _slices(growth: Mapping[str, Any]) -> str:
    beyond = [own["beyond best"] for own in growth["searches"]]
    return (
        "The planner divides the lanes for as many workers as there are, by what it expects of a "
        f"run. Over all {len(beyond)} searches above its tasks make training at most "
        f"{100 * max(beyond):.0f} % longer, {100 * median(beyond):.1f} % in the median, than the "
        "best of the other sizes that were tried, from one lane a task to all. Fits of up to "
        f"{EPOCHS} epochs:"
    )
