"""The scores of candidates over a number that was drawn: a point each, and medians of parts."""

import itertools
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import NullLocator

from stages.reporting.evidence.drawn_values import Span, is_number
from stages.reporting.figures.drawing import (
    LETTERS,
    MARKERS,
    colours,
    legend_above,
    panels,
    points,
    text,
    texts,
    wrapped,
)
from stages.reporting.spelling.formats import score_label
from stages.reporting.spelling.parameters import in_order


def over_values(
    candidates: pd.DataFrame, name: str, by: str | None, span: Span, scoring: str
) -> Figure:
    """Draw the mean score of each candidate over its value, in colours by a second one.

    Candidates without a number there are left out.
    """
    known = candidates["mean_test_score"].notna() & candidates[name].map(is_number)
    table = candidates[known]
    wide, high = 3.8, 3.1
    figure, (axes,) = panels(1, width=wide, height=high, least=0)
    groups: list[Any] = in_order(candidates[by]) if by is not None else [None]
    shades, handles = colours(len(groups)), []
    for number, (group, colour) in enumerate(zip(groups, shades, strict=True)):
        own = table if by is None else table[table[by] == group]
        style: dict[str, Any] = {"color": colour, "marker": MARKERS[number % len(MARKERS)]}
        handles.append(Line2D([], [], linestyle="", **style))
        values, scores = own[name].to_numpy(float), own["mean_test_score"].to_numpy()
        style |= {"markersize": 5, "alpha": 0.75, "markeredgewidth": 0}
        points(axes, values, scores, len(table), **style)
    _medians(axes, table, name, span)
    axes.set_xlabel(wrapped(text(name, 60), wide - 1))
    axes.set_ylabel(wrapped(f"mean {score_label(scoring)}", high - 1))
    if span.log:
        axes.set_xscale("log")
        axes.xaxis.set_minor_locator(NullLocator())
    named = [f"{edge:.3g}" for edge in span.edges]
    tilted = sum(len(own) + 1 for own in named) > (wide - 0.8) * LETTERS
    style = {"rotation": 35, "ha": "right"} if tilted else {}
    axes.set_xticks(span.edges, named, **style)
    if by is not None:
        legend_above(figure, text(by), texts(groups), handles)
    return figure


def _medians(axes: Any, table: pd.DataFrame, name: str, span: Span) -> None:
    """Draw the median score of each part of the axis, as a line from its begin to its end."""
    values, scores = table[name].to_numpy(float), table["mean_test_score"].to_numpy()
    edges = span.edges
    parts = np.searchsorted(edges[1:-1], values, side="right")
    for number, (low, high) in enumerate(itertools.pairwise(edges)):
        if (parts == number).any():
            axes.plot([low, high], [np.median(scores[parts == number])] * 2, color="0.1")
