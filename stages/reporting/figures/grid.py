"""The scores of a search by its hyperparameters: points and violins, heat maps, main effects."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from stages.reporting.figures.drawing import (
    LETTERS,
    MARKERS,
    PANEL,
    colours,
    legend_above,
    nothing,
    numbers_in,
    panels,
    points,
    spread,
    text,
    texts,
    wrapped,
)
from stages.reporting.spelling.formats import brief, percent, score_label
from stages.reporting.spelling.parameters import PART, in_order

#: A violin is split by a second hyperparameter of so many values at most.
SPLITS = 6

#: Values of a hyperparameter that have room on an axis.
VALUES = 12

#: Letters of a value on an axis, as many as ``0.00096 to 0.0031`` has.
LABEL = 17

#: Letters of labels that have room in an inch.
SMALLER = 13

#: A violin is drawn of so many candidates with so many different scores: of fewer it would be a
#: shape that the kernel makes, not the scores.
MANY, DIFFERENT = 10, 5

#: Squares of a heat map that are drawn as shapes; more become a picture.
SQUARES = 400


def violins(candidates: pd.DataFrame, name: str, by: str | None, scoring: str) -> Figure:
    """Draw the mean scores of all candidates by one hyperparameter, split by a second one."""
    order = in_order(candidates[name])
    table = candidates.dropna(subset="mean_test_score")
    wide, high = min(3.3 + 0.15 * len(order), 5.5), 3.1
    figure, (axes,) = panels(1, width=wide, height=high, least=0)
    groups: list[Any] = in_order(candidates[by]) if by is not None else [None]
    width = 0.8 / len(groups)
    shades, handles = colours(len(groups)), []
    for number, (group, colour) in enumerate(zip(groups, shades, strict=True)):
        own = table if by is None else table[table[by] == group]
        at = np.arange(len(order)) - 0.4 + width * (number + 0.5)
        style = {"color": colour, "marker": MARKERS[number % len(MARKERS)]}
        handles.append(Line2D([], [], linestyle="", **style))
        for place, value in zip(at, order, strict=True):
            scores = own.loc[own[name] == value, "mean_test_score"].to_numpy()
            _scores(axes, place, scores, width * 0.9, len(table), style)
    axes.set(xticks=range(len(order)), xlim=(-0.5, len(order) - 0.5))
    axes.set_xlabel(wrapped(text(name, 60), wide - 1))
    axes.set_ylabel(wrapped(f"mean {score_label(scoring)}", high - 1))
    _value_labels(axes, order, "x", wide - 0.8)
    axes.grid(visible=False, axis="x")
    if by is not None:
        legend_above(figure, text(by), texts(groups), handles)
    return figure


def _scores(
    axes: Any, place: float, scores: np.ndarray, width: float, among: int, style: dict[str, Any]
) -> None:
    """Draw the scores of one group: its points, a line at their median, a violin of many."""
    if not len(scores):
        return
    if len(scores) >= MANY and len(np.unique(scores)) >= DIFFERENT:
        parts = axes.violinplot(scores, [place], widths=width, showextrema=False, points=60)
        for body in parts["bodies"]:
            body.set(facecolor=style["color"], edgecolor=style["color"], alpha=0.3, linewidth=0.8)
    if len(scores) > 1:
        axes.plot([place - width / 3, place + width / 3], [np.median(scores)] * 2, color="0.1")
    shaken = spread(np.full(len(scores), place), len(scores), width * 0.5 * (len(scores) > 1))
    size = 3 if len(scores) >= MANY else 4.5
    points(axes, shaken, scores, among, markersize=size, alpha=0.8, markeredgewidth=0, **style)


def second(
    name: str, names: Sequence[str], candidates: pd.DataFrame, shares: dict[str, Any]
) -> str | None:
    """Return the hyperparameter that splits the violins of another.

    It is the one that explains most of the scores' variance, of those with few values.
    """
    few = [own for own in names if own != name and 1 < candidates[own].nunique() <= SPLITS]
    return max(few, key=lambda own: shares.get(own, 0), default=None)


def pair_bests(candidates: pd.DataFrame, across: str, down: str) -> pd.DataFrame:
    """Return the highest mean score of the candidates that have each pair of values.

    A mean over all other hyperparameters would say of a pair whose best is the winner that it is
    poor, where most of the others ruin it; the figure of main effects shows means.
    """
    table = candidates.pivot_table(
        index=down, columns=across, values="mean_test_score", aggfunc="max", dropna=False
    )
    rows, columns = in_order(candidates[down]), in_order(candidates[across])
    return table.reindex(index=rows, columns=columns)


def heat_map(bests: pd.DataFrame, limits: tuple[float, float], scoring: str) -> Figure:
    """Draw the scores of :func:`pair_bests`, in colours between two scores.

    Each square holds its number; where there are too many for that, a bar tells the colours.
    """
    rows, columns = bests.index.tolist(), bests.columns.tolist()
    # Labels of parts are tilted, which takes room.
    tilted = 0.7 if any(PART.fullmatch(str(own)) for own in columns) else 0
    few = len(rows) <= VALUES and len(columns) <= VALUES
    wide, high = max(1.7 + 0.67 * len(columns), 3.2), max(1.3 + 0.36 * len(rows), 2.2)
    if not few:
        wide, high = min(wide, 9), min(high, 8)
    figure, (axes,) = panels(1, width=wide, height=high + tilted, least=0)
    # A title begins where the labels of the rows end.
    beside = 0.4 + max(map(len, texts(rows, LABEL))) / SMALLER
    axes.set_title(wrapped(f"best {score_label(scoring)}", wide - beside))
    if bests.isna().all(axis=None):
        nothing(axes, "no candidate has a score")
        return figure
    scores = bests.to_numpy(float)
    mesh = axes.pcolormesh(
        np.ma.masked_invalid(scores), cmap="viridis", vmin=limits[0], vmax=limits[1],
        edgecolors="white" if few else "none", linewidth=1.5, rasterized=scores.size > SQUARES,
    )  # fmt: skip
    if few:
        numbers_in(axes, mesh, scores, brief)
    else:
        figure.colorbar(mesh, ax=axes, fraction=0.05)
    axes.grid(visible=False)
    axes.invert_yaxis()
    axes.spines[:].set_visible(False)
    axes.set_xlabel(text(bests.columns.name))
    axes.set_ylabel(wrapped(text(bests.index.name), high - 1))
    axes.set(xticks=np.arange(len(columns)) + 0.5, yticks=np.arange(len(rows)) + 0.5)
    _value_labels(axes, columns, "x", 0.67 * len(columns))
    _value_labels(axes, rows, "y")
    return figure


def main_effects(
    candidates: pd.DataFrame, names: Sequence[str], shares: dict[str, Any], scoring: str
) -> Figure:
    """Draw the mean score at each value of each hyperparameter, and how far candidates spread.

    The band holds the middle 80 % of them; a title holds the explained variance.
    """
    across, width, height = 2, PANEL, 2.6
    figure, grid = panels(len(names), across, width, height)
    low, high = candidates["mean_test_score"].quantile([0.02, 0.98])
    for place, (axes, name, said) in enumerate(zip(grid, names, texts(names), strict=True)):
        order = in_order(candidates[name])
        scores = candidates.groupby(name)["mean_test_score"]
        at = range(len(order))
        means, lower, upper = (
            own.reindex(order)
            for own in (scores.mean(), scores.quantile(0.1), scores.quantile(0.9))
        )
        (colour,) = colours(1)
        axes.fill_between(at, lower, upper, color=colour, alpha=0.2)
        axes.plot(at, means, "o-", color=colour, markersize=4.5)
        explained = f": {percent(shares[name])} of the variance" if name in shares else ""
        axes.set_title(wrapped(f"{said}{explained}", width - 0.9))
        axes.set(xticks=at, xlim=(-0.3, len(order) - 0.7))
        if high > low:
            axes.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
        # All panels have one scale, which the first of a row tells.
        if place % across == 0:
            axes.set_ylabel(wrapped(f"mean {score_label(scoring)}", height - 0.6))
        elif high > low:
            axes.tick_params(labelleft=False)
        _value_labels(axes, order, "x", width - 0.7)
    return figure


def _value_labels(axes: Any, values: Sequence[Any], axis: str, inches: float = 0) -> None:
    """Name values on an axis: all, or so many that there is room for.

    The values across have so many inches together.
    """
    step = -(-len(values) // VALUES)
    shown = [own if n % step == 0 else "" for n, own in enumerate(texts(values, LABEL))]
    if axis == "x":
        tilted = _are_long(values, shown, inches)
        style = {"rotation": 35, "ha": "right"} if tilted else {"rotation": 0, "ha": "center"}
        axes.set_xticklabels(shown, **style)
    else:
        axes.set_yticklabels(shown, rotation=0)


def _are_long(values: Sequence[Any], shown: Sequence[str], inches: float) -> bool:
    """Return whether labels have no room side by side, each with one letter's distance."""
    parts = any(PART.fullmatch(str(value)) for value in values)
    named = [own for own in shown if own]
    return parts or (max(map(len, named), default=0) + 1) * len(named) > inches * LETTERS
