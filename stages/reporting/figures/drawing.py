"""What all figures share: the theme, panels, text that is the user's, files."""

import io
import math
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

# A report is made without a screen; set before pyplot opens one.
mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from stages.reporting.labels import labels

#: Told apart by colour-blind readers.
PALETTE = "colorblind"

#: Dots an inch of the PNG files.
RESOLUTION = 120

#: Points of a figure that are drawn as shapes; more become a picture inside the SVG.
SHAPES = 1500

#: Letters of a label; a value found in a file may be of any length.
WIDTH = 24


def panels(
    count: int, across: int = 3, width: float = 3.4, height: float = 3.2
) -> tuple[Figure, list[Axes]]:
    """Return a figure and its axes, a list of ``count`` with ``across`` in a row at most."""
    sns.set_theme(style="whitegrid", palette=PALETTE, rc={"axes.titlesize": "medium"})
    columns = min(count, across)
    rows = math.ceil(count / columns)
    figure, grid = plt.subplots(
        rows,
        columns,
        figsize=(max(width * columns, 5), height * rows),
        layout="constrained",
        squeeze=False,
    )
    axes = list(grid.flat)
    for unused in axes[count:]:
        unused.remove()
    return figure, axes[:count]


def colours(count: int) -> list[Any]:
    """Return so many colours that can be told apart as far as that is possible."""
    return list(sns.color_palette(PALETTE if count <= 8 else "viridis", count))


def text(own: object, width: int = WIDTH) -> str:
    """Return a user's text as it is, shortened; Matplotlib reads ``$`` as mathematics."""
    shown = " ".join(str(own).split())
    shown = shown if len(shown) <= width else f"{shown[: width - 1]}…"
    return _no_mathematics(shown)


def texts(values: Sequence[object], width: int = WIDTH) -> list[str]:
    """Return a user's texts as they are, shortened so that those that differ still do."""
    return [_no_mathematics(own) for own in labels(values, width)]


def _no_mathematics(shown: str) -> str:
    return shown.replace("$", r"\$")


def spread(positions: ArrayLike, seed: int, width: float) -> np.ndarray:
    """Return positions moved sideways by up to half a width, the same in every run."""
    at, generator = np.asarray(positions), np.random.default_rng(seed)
    return at + generator.uniform(-width / 2, width / 2, len(at))


def points(axes: Axes, x: Any, y: Any, among: int, marker: str = "o", **style: Any) -> None:
    """Draw points, as a picture where a figure has many: so many among all its panels."""
    axes.plot(x, y, marker, rasterized=among > SHAPES, **style)


def nothing(axes: Axes, said: str) -> None:
    """Say in a panel why it is empty."""
    axes.text(0.5, 0.5, said, ha="center", va="center", transform=axes.transAxes, wrap=True)
    axes.set(xticks=[], yticks=[])


def save(figure: Figure, folder: Path, name: str) -> None:
    """Write ``name.svg`` and ``name.png`` and close the figure."""
    content = io.BytesIO()
    with (
        # The salt replaces random ids, and the dates and versions are left out.
        mpl.rc_context({"svg.hashsalt": "gridlanes", "svg.fonttype": "none"}),
        warnings.catch_warnings(),
    ):
        # A user's text may be in letters that Matplotlib's own font lacks; a browser's has them.
        warnings.filterwarnings("ignore", "Glyph")
        figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
        # What has been laid out for one file stands in the other too.
        figure.set_layout_engine("none")
        figure.savefig(folder / f"{name}.png", dpi=RESOLUTION, metadata={"Software": None})
    (folder / f"{name}.svg").write_text(_shortened(content.getvalue().decode()), encoding="utf-8")
    plt.close(figure)


def _shortened(svg: str) -> str:
    """Return an SVG whose places have two digits after the point, a third of its size less."""
    return re.sub(r' (?:d|x|y)="[^"]*"', lambda place: re.sub(r"(\.\d\d)\d+", r"\1", place[0]), svg)
