"""The figures of the portfolio, beside the page of results."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator

from benchmarks import drawing
from benchmarks.portfolio import LABELS, LOOP, OURS, SCIKERAS
from benchmarks.portfolio.summary import ratio

#: Peer, clock, how it is called and its marker.
POINTS = (
    (SCIKERAS, "processor", "SciKeras, processor time", "o"),
    (SCIKERAS, "seconds", "SciKeras, wall time", "+"),
    (LOOP, "processor", "model.fit loop, processor time", "x"),
)


def write(results: Mapping[str, Mapping[str, Any]], folder: Path) -> None:
    """Draw the parts that there are."""
    for part, draw in {"portfolio": portfolio, "shapes": shapes}.items():
        if part in results:
            (folder / f"{part}.svg").write_text(draw(results[part]))


def portfolio(result: Mapping[str, Any]) -> str:
    """Return how many times as long peers take, a line for each search."""
    searches = result["searches"]
    # The fastest on top; a search that failed below all.
    names = sorted(searches, key=lambda name: ratio(searches[name], SCIKERAS, "processor") or 0)
    figure, axes = drawing.subplots(1, 1, figsize=(7.2, 1.4 + 0.28 * len(names)))
    for peer, clock, label, marker in POINTS:
        own = {name: ratio(searches[name], peer, clock) for name in names}
        found = [(value, names.index(name)) for name, value in own.items() if value is not None]
        axes.plot(*_columns(found), marker, label=label)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_yticks(range(len(names)), names)
    axes.set(xscale="log", xlabel="times as long as gridlanes")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return drawing.svg(figure)


def shapes(result: Mapping[str, Any]) -> str:
    """Return seconds against the number of distinct widths, and of depths."""
    points = result["points"]
    kinds = list(dict.fromkeys(own["shape"] for own in points))
    figure, grid = drawing.subplots(1, len(kinds), figsize=(7.2, 3.6), sharey=True, squeeze=False)
    for axes, kind in zip(grid[0], kinds, strict=True):
        _lines(axes, [own for own in points if own["shape"] == kind])
        axes.set(xscale="log", yscale="log", xlabel=f"distinct {kind}")
        counts = [own["count"] for own in points if own["shape"] == kind]
        axes.set_xticks(counts, map(str, counts))
        axes.minorticks_off()
    grid[0][0].set_ylabel("seconds")
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return drawing.svg(figure)


def _lines(axes: Axes, points: list[Mapping[str, Any]]) -> None:
    for peer in (SCIKERAS, OURS):
        found = [
            (own["count"], own["peers"][peer]["seconds"])
            for own in points
            if "seconds" in own["peers"][peer]
        ]
        axes.plot(*_columns(found), "o-", label=LABELS[peer])


def _columns(pairs: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """Return pairs as two lists, also where there are none."""
    return [first for first, _ in pairs], [second for _, second in pairs]
