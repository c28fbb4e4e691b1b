"""The figure of ``docs/scale.md``: seconds against workers, simulated lines and measured points."""

import io
import re
from collections.abc import Mapping
from typing import Any

import matplotlib as mpl

# Drawn without a screen; set before pyplot opens one.
mpl.use("agg")

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axes import Axes

PALETTE = "colorblind"


def svg(scale: Mapping[str, Any], growth: Mapping[str, Any]) -> str:
    """Return the figure, the same to the byte for the same results."""
    sns.set_theme(style="whitegrid", palette=PALETTE, rc={"axes.titlesize": "medium"})
    lengths = sorted({own["epochs"] for own in growth["searches"]})
    figure, grid = plt.subplots(
        1, len(lengths), figsize=(3.6 * len(lengths), 4.2), layout="constrained", sharey=True
    )
    for axes, epochs in zip(grid, lengths, strict=True):
        _lines(axes, growth, epochs)
        axes.set(xscale="log", yscale="log", xlabel="workers")
        axes.set_title(f"fits of up to {epochs:,} epochs")
    grid[0].set_ylabel("seconds")
    _measured(grid[0], scale, growth)
    handles, labels = grid[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    content = io.BytesIO()
    # The salt replaces random ids, and dates and versions are left out.
    with mpl.rc_context({"svg.hashsalt": "gridlanes", "svg.fonttype": "none"}):
        figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    drawn = content.getvalue().decode()
    return re.sub(r"(?m)[ \t]+$", "", drawn)


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
