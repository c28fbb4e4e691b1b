"""The figure of ``docs/explain/scale.md``: seconds against workers, simulated and measured."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from benchmarks import drawing


def svg(scale: Mapping[str, Any], growth: Mapping[str, Any]) -> str:
    """Return the figure, the same to the byte for the same results."""
    lengths = sorted({own["epochs"] for own in growth["searches"]})
    figure, grid = drawing.subplots(1, len(lengths), figsize=(3.6 * len(lengths), 4.2), sharey=True)
    for axes, epochs in zip(grid, lengths, strict=True):
        _lines(axes, growth, epochs)
        axes.set(xscale="log", yscale="log", xlabel="workers")
        axes.set_title(f"fits of up to {epochs:,} epochs")
    grid[0].set_ylabel("seconds")
    _measured(grid[0], scale, growth)
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    return drawing.svg(figure)


def _lines(axes: Axes, growth: Mapping[str, Any], epochs: int) -> None:
    own = [one for one in growth["searches"] if one["epochs"] == epochs]
    for fits in sorted({one["fits"] for one in own}, reverse=True):
        line = [one for one in own if one["fits"] == fits]
        workers, seconds = zip(*((one["workers"], one["seconds"]) for one in line), strict=True)
        axes.plot(workers, seconds, "-", label=f"{fits:,} fits, simulated")


def _measured(axes: Axes, scale: Mapping[str, Any], growth: Mapping[str, Any]) -> None:
    dask = [own for own in scale["ways"] if own["backend"] == "dask"]
    about = f"{dask[0]['fits']:,} fits on warm workers of {scale['machine']['cores']} cores"
    points = {
        f"{about}, measured": ("o", [(own["workers"], own["seconds"]) for own in dask]),
        f"{about}, simulated": (":", [(o["workers"], o["seconds"]) for o in growth["checked"]]),
    }
    for label, (style, found) in points.items():
        axes.plot(*zip(*found, strict=True), style, color="black", label=label)
