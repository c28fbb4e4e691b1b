"""The scores of a search by its hyperparameters: violins, heat maps, main effects."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from stages.reporting.figures.drawing import (
    PALETTE,
    colours,
    nothing,
    panels,
    points,
    spread,
    text,
    texts,
)
from stages.reporting.formats import percent, score_label
from stages.reporting.parameter_values import PART, in_order

#: A violin is split by a second hyperparameter of so many values at most.
SPLITS = 6

#: Values of a hyperparameter that have room on an axis.
VALUES = 12


def violins(candidates: pd.DataFrame, name: str, by: str | None, scoring: str) -> Figure:
    """Draw the mean scores of all candidates by one hyperparameter, split by a second one."""
    order = in_order(candidates[name])
    table = candidates.dropna(subset="mean_test_score")
    figure, (axes,) = panels(1, width=min(5 + 0.25 * len(order), 8), height=3.6)
    groups: list[Any] = in_order(candidates[by]) if by is not None else [None]
    width = 0.8 / len(groups)
    names = texts(groups)
    for number, (group, colour) in enumerate(zip(groups, colours(len(groups)), strict=True)):
        own = table if by is None else table[table[by] == group]
        at = np.arange(len(order)) - 0.4 + width * (number + 0.5)
        label = None if by is None else names[number]
        axes.plot([], [], "s", color=colour, label=label)
        for place, value in zip(at, order, strict=True):
            scores = own.loc[own[name] == value, "mean_test_score"].to_numpy()
            _violin(axes, place, scores, width * 0.9, colour, among=len(table))
    axes.set(xlabel=text(name, 60), ylabel=f"mean {score_label(scoring)}", xticks=range(len(order)))
    _value_labels(axes, order, "x")
    axes.grid(visible=False, axis="x")
    if by is not None:
        axes.legend(title=text(by), ncols=1, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _violin(
    axes: Any, place: float, scores: np.ndarray, width: float, colour: Any, among: int
) -> None:
    """Draw one violin, cut at its highest and lowest score, with its points."""
    if len(np.unique(scores)) > 1:
        parts = axes.violinplot(scores, [place], widths=width, showextrema=False, points=60)
        for body in parts["bodies"]:
            body.set(facecolor=colour, edgecolor=colour, alpha=0.45, linewidth=0.8)
    if len(scores):
        axes.plot([place - width / 4, place + width / 4], [np.median(scores)] * 2, color="0.1")
    shaken = spread(np.full(len(scores), place), len(scores), width * 0.5)
    style: dict[str, Any] = {"color": "0.2", "markersize": 2, "alpha": 0.7, "markeredgewidth": 0}
    points(axes, shaken, scores, among, **style)


def second(
    name: str, names: Sequence[str], candidates: pd.DataFrame, shares: dict[str, Any]
) -> str | None:
    """Return the hyperparameter that splits the violins of another.

    It is the one that explains most of the scores' variance, of those with few values.
    """
    few = [own for own in names if own != name and 1 < candidates[own].nunique() <= SPLITS]
    return max(few, key=lambda own: shares.get(own, 0), default=None)


def pair_means(candidates: pd.DataFrame, across: str, down: str) -> pd.DataFrame:
    """Return the mean score of each pair of values, averaged over all other hyperparameters."""
    table = candidates.pivot_table(
        index=down, columns=across, values="mean_test_score", aggfunc="mean", dropna=False
    )
    rows, columns = in_order(candidates[down]), in_order(candidates[across])
    return table.reindex(index=rows, columns=columns)


def heat_map(means: pd.DataFrame, limits: tuple[float, float], scoring: str) -> Figure:
    """Draw the mean scores of :func:`pair_means`, in colours between two scores."""
    rows, columns = means.index.tolist(), means.columns.tolist()
    # Labels of parts are tilted, which takes room.
    tilted = 0.7 if any(PART.fullmatch(str(own)) for own in columns) else 0
    figure, (axes,) = panels(
        1, width=2.8 + 0.6 * len(columns), height=max(1.6 + 0.4 * len(rows), 3) + tilted
    )
    if means.isna().all(axis=None):
        nothing(axes, "no candidate has a score")
        return figure
    sns.heatmap(
        means.to_numpy(),
        cmap="viridis",
        vmin=limits[0],
        vmax=limits[1],
        annot=len(rows) <= VALUES and len(columns) <= VALUES,
        fmt=".3f",
        annot_kws={"fontsize": "small"},
        cbar_kws={"label": f"mean {score_label(scoring)}"},
        ax=axes,
    )
    axes.grid(visible=False)
    axes.set(xlabel=text(means.columns.name), ylabel=text(means.index.name))
    axes.set(xticks=np.arange(len(columns)) + 0.5, yticks=np.arange(len(rows)) + 0.5)
    _value_labels(axes, columns, "x")
    _value_labels(axes, rows, "y")
    return figure


def main_effects(
    candidates: pd.DataFrame, names: Sequence[str], shares: dict[str, Any], scoring: str
) -> Figure:
    """Draw the mean score at each value of each hyperparameter, and how far candidates spread.

    The band holds the middle 80 % of them; a title holds the explained variance.
    """
    figure, grid = panels(len(names), height=2.9)
    low, high = candidates["mean_test_score"].quantile([0.02, 0.98])
    for axes, name in zip(grid, names, strict=True):
        order = in_order(candidates[name])
        scores = candidates.groupby(name)["mean_test_score"]
        at = range(len(order))
        means, lower, upper = (
            own.reindex(order)
            for own in (scores.mean(), scores.quantile(0.1), scores.quantile(0.9))
        )
        axes.fill_between(at, lower, upper, color=sns.color_palette(PALETTE)[0], alpha=0.2)
        axes.plot(at, means, "o-", color=sns.color_palette(PALETTE)[0])
        explained = f", {percent(shares[name])} of the variance" if name in shares else ""
        axes.set_title(f"{text(name)}{explained}", fontsize="small")
        axes.set(xticks=at, xlabel=text(name), ylabel=score_label(scoring))
        if high > low:
            axes.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
        _value_labels(axes, order, "x")
    return figure


def _value_labels(axes: Any, values: Sequence[Any], axis: str) -> None:
    """Name values on an axis: all, or so many that there is room for."""
    step = -(-len(values) // VALUES)
    shown = [own if n % step == 0 else "" for n, own in enumerate(texts(values, 16))]
    if axis == "x":
        tilted = _are_long(values, shown)
        style = {"rotation": 35, "ha": "right"} if tilted else {"rotation": 0, "ha": "center"}
        axes.set_xticklabels(shown, **style)
    else:
        axes.set_yticklabels(shown, rotation=0)


def _are_long(values: Sequence[Any], shown: Sequence[str]) -> bool:
    """Return whether labels have no room side by side."""
    parts = any(PART.fullmatch(str(value)) for value in values)
    return parts or max(map(len, shown), default=0) * len(values) > 45
