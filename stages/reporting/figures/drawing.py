"""What all figures share: the theme, panels, text that is the user's, files."""

import io
import math
import re
import textwrap
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from stages.reporting.spelling.labels import labels

#: Told apart by colour-blind readers.
PALETTE = "colorblind"

#: One scale of type for all figures: in points, of which 9 are 12 pixels of the page.
SIZES = {
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.fontsize": 9,
    "legend.title_fontsize": 9,
}

#: Inches of a panel, of which two stand beside text, and one fits a phone.
PANEL = 3.2

#: Letters of the scale's text that have room in an inch.
LETTERS = 12

#: Dots an inch of what is drawn as a picture.
RESOLUTION = 120

#: Points of a figure that are drawn as shapes; more become a picture inside the SVG.
SHAPES = 1500

#: How the points of a group are drawn, so that colour is not all that tells them apart.
MARKERS = ("o", "s", "^", "D", "v", "P")

#: Letters of a label; a value found in a file may be of any length.
WIDTH = 24


def panels(
    count: int, across: int = 3, width: float = 3.4, height: float = 3.2, least: float = 5
) -> tuple[Figure, list[Axes]]:
    """Return a figure and its axes, a list of ``count`` with ``across`` in a row at most."""
    sns.set_theme(style="whitegrid", palette=PALETTE, rc={"axes.titlelocation": "left", **SIZES})
    columns = min(count, across)
    rows = math.ceil(count / columns)
    figure = Figure(figsize=(max(width * columns, least), height * rows), dpi=RESOLUTION)
    # Its metrics lay out the figure.
    FigureCanvasAgg(figure)
    grid = figure.subplots(rows, columns, squeeze=False)
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


def wrapped(said: str, inches: float) -> str:
    """Return a label in lines that fit into so many inches, so that a figure cuts none off.

    Words in brackets, as a unit is, stand in a line of their own where there are several.
    """
    room = max(int(inches * LETTERS), 12)
    parts = [said] if len(said) <= room else said.replace(" (", "\n(").split("\n")
    return "\n".join(line for part in parts for line in textwrap.wrap(part, room))


def legend_above(figure: Figure, title: str, names: Sequence[str], handles: Sequence[Any]) -> None:
    """Name what is told apart, in lines above the panels, which keep their width."""
    room = figure.get_figwidth() * LETTERS
    # A handle is as wide as five letters.
    across = max(int(room // (max(map(len, names)) + 5)), 1)
    legend = figure.legend(
        handles,
        names,
        title=title,
        ncols=min(across, len(names)),
        loc="upper left",
        bbox_to_anchor=(0, 1),
        alignment="left",
        frameon=False,
        columnspacing=1.2,
        handletextpad=0.3,
    )
    with _any_letters():
        high = legend.get_window_extent().height / figure.bbox.height
        figure.tight_layout()
    figure.subplots_adjust(top=figure.subplotpars.top - high)


def _no_mathematics(shown: str) -> str:
    return shown.replace("$", r"\$")


def spread(positions: ArrayLike, seed: int, width: float) -> np.ndarray:
    """Return positions moved sideways by up to half a width, the same in every run."""
    at, generator = np.asarray(positions), np.random.default_rng(seed)
    return at + generator.uniform(-width / 2, width / 2, len(at))


def points(axes: Axes, x: Any, y: Any, among: int, marker: str = "o", **style: Any) -> None:
    """Draw points, as a picture where a figure has many: so many among all its panels."""
    axes.plot(x, y, marker, linestyle="", rasterized=among > SHAPES, **style)


def numbers_in(axes: Axes, mesh: Any, values: np.ndarray, told: Callable[[Any], str]) -> None:
    """Write the values of a mesh into its squares, in white where these are dark."""
    shades = mesh.to_rgba(values)[..., :3] @ [0.2126, 0.7152, 0.0722]
    for (row, column), value in np.ndenumerate(values):
        if np.isfinite(value):
            ink = "black" if shades[row, column] > 0.4 else "white"
            axes.text(
                column + 0.5, row + 0.5, told(value), color=ink, ha="center", va="center", size=9
            )


def nothing(axes: Axes, said: str) -> None:
    """Say in a panel why it is empty."""
    axes.text(0.5, 0.5, said, ha="center", va="center", transform=axes.transAxes, wrap=True)
    axes.set(xticks=[], yticks=[])


@contextmanager
def _any_letters() -> Iterator[None]:
    """Say nothing of texts that have no room, or that Matplotlib's own font lacks letters for.

    A browser's fonts have them; labels that leave no room for a panel are cut off.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph")
        warnings.filterwarnings("ignore", "Tight layout not applied")
        yield


def save(figure: Figure, folder: Path, name: str) -> None:
    """Write ``name.svg``."""
    content = io.BytesIO()
    with (
        # The salt replaces random ids, and the dates and versions are left out.
        mpl.rc_context({"svg.hashsalt": "gridlanes", "svg.fonttype": "none"}),
        _any_letters(),
    ):
        # A layout of labels that are measured once; `savefig` and a constrained layout do so five
        # times, which was half of the time of a report.
        if figure.get_layout_engine() is None:
            figure.tight_layout()
        canvas = FigureCanvasSVG(figure)
        canvas.print_svg(content, metadata={"Date": None, "Creator": None})  # type: ignore[no-untyped-call]
    (folder / f"{name}.svg").write_text(_shortened(content.getvalue().decode()), encoding="utf-8")


def _shortened(svg: str) -> str:
    """Return an SVG whose places have two digits after the point, a third of its size less."""
    return re.sub(r' (?:d|x|y)="[^"]*"', lambda place: re.sub(r"(\.\d\d)\d+", r"\1", place[0]), svg)
