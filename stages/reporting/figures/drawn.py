"""The scores of candidates over a number that was drawn: a point each, and medians of parts."""

import itertools
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from stages.reporting.drawn_values import Span, is_number
from stages.reporting.figures.drawing import colours, panels, points, text, texts
from stages.reporting.formats import score_label
from stages.reporting.parameter_values import in_order

#: How the points of a group are drawn, so that colour is not all that tells them apart.
MARKERS = ("o", "s", "^", "D", "v", "P")


def over_values(
    candidates: pd.DataFrame, name: str, by: str | None, span: Span, scoring: str
) -> Figure:
    """Draw the mean score of each candidate over its value, in colours by a second one.

    Candidates without a number there are left out.
    """
    known = candidates["mean_test_score"].notna() & candidates[name].map(is_number)
    table = candidates[known]
    figure, (axes,) = panels(1, width=6, height=3.6)
    groups: list[Any] = in_order(candidates[by]) if by is not None else [None]
    names = texts(groups)
    for number, (group, colour) in enumerate(zip(groups, colours(len(groups)), strict=True)):
        own = table if by is None else table[table[by] == group]
        marker = MARKERS[number % len(MARKERS)]
        label = None if by is None else names[number]
        style: dict[str, Any] = {
            "color": colour,
            "markersize": 5,
            "alpha": 0.75,
            "markeredgewidth": 0,
        }
        axes.plot([], [], marker, color=colour, label=label)
        points(
            axes,
            own[name].to_numpy(float),
            own["mean_test_score"].to_numpy(),
            len(table),
            marker=marker,
            **style,
        )
    _medians(axes, table, name, span)
    axes.set(xlabel=text(name, 60), ylabel=f"mean {score_label(scoring)}")
    if span.log:
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xticks(span.edges, [f"{edge:.3g}" for edge in span.edges])
    if by is not None:
        axes.legend(title=text(by), ncols=1, loc="center left", bbox_to_anchor=(1, 0.5))
    return figure


def _medians(axes: Any, table: pd.DataFrame, name: str, span: Span) -> None:
    """Draw the median score of each part of the axis, as a line from its begin to its end."""
    values, scores = table[name].to_numpy(float), table["mean_test_score"].to_numpy()
    edges = span.edges
    parts = np.searchsorted(edges[1:-1], values, side="right")
    for number, (low, high) in enumerate(itertools.pairwise(edges)):
        if (parts == number).any():
            axes.plot([low, high], [np.median(scores[parts == number])] * 2, color="0.1")
