"""The table of the study: how its rows share the classes, and what is missing."""

from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from stages.reporting.figures.drawing import PALETTE, PANEL, nothing, panels, text

#: Bars that have room.
BARS = 20


def data(profile: dict[str, Any], truth: pd.Series) -> Figure:
    """Draw the balance of the classes, or how the target is spread, and missing values."""
    figure, (target, missing) = panels(2, across=2, width=PANEL, height=3.1)
    if "classes" in profile:
        largest = sorted(profile["classes"], key=lambda own: -own["rows"])
        _bars(target, [(own["label"], own["rows"]) for own in largest])
        target.set(xlabel="rows", title="Class balance")
        target.set_ylabel(f"class of {text(profile['target'])}")
    else:
        target.hist(truth, bins=30, color=sns.color_palette(PALETTE)[0])
        target.set(xlabel=text(profile["target"]), ylabel="rows", title="Target")
    features = profile["features"].items()
    gaps = [(name, 100 * own["missing"] / profile["rows"]) for name, own in features]
    gaps = sorted((own for own in gaps if own[1]), key=lambda own: -own[1])
    missing.set_title("Missing values")
    if gaps:
        _bars(missing, gaps)
        missing.set(xlabel="share of rows (%)", ylabel="feature")
    else:
        nothing(missing, "no value is missing")
    return figure


def _bars(axes: Axes, named: list[tuple[Any, float]]) -> None:
    shown = named[:BARS]
    axes.barh(range(len(shown)), [own for _, own in shown], color=sns.color_palette(PALETTE)[0])
    axes.set_yticks(range(len(shown)), [text(name, 20) for name, _ in shown])
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    if len(named) > BARS:
        axes.annotate(f"and {len(named) - BARS} more", (1, 0), (-4, 4), "axes fraction",
                      "offset points", ha="right")  # fmt: skip
