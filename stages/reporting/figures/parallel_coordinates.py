"""The explorer's chart: parallel coordinates of candidates, as a Vega specification.

Which candidates are on is the signal ``on``, which the page's script sets.
"""

from typing import Any

import numpy as np

from stages.reporting.figures import brushes
from stages.reporting.spelling.labels import labels

#: Pixels: of the chart, and around it.
HEIGHT, PADDING = 300, {"left": 60, "right": 70, "top": 40, "bottom": 10}

#: Labels of an axis.
LABELS = 12

#: Lines up to which each is so many pixels wide; of more they are the last number's.
WIDTHS = {30: 2.5, 150: 1.8}
THIN = 1.2


def chart(own: dict[str, Any]) -> dict[str, Any]:
    """Return the Vega specification of what ``pages.explorer.cells`` returns."""
    names = [*own["names"], "mean"]
    ends = [score for score in own["mean"] if score is not None]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    score = {
        "name": "score",
        "type": "linear",
        "domain": [low, high if high > low else low + 1],
        "range": {"scheme": "viridis", "extent": {"signal": "shades"}},
    }
    return {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "height": HEIGHT,
        "padding": PADDING,
        "autosize": "none",
        "signals": _signals(len(names)),
        "data": _data(own, names, low, high),
        "scales": [score],
        "marks": _marks(own, len(names)),
    }


def _signals(axes: int) -> list[dict[str, Any]]:
    return [
        {"name": "width", "value": 600},
        {"name": "ink", "value": "#1a1a1a"},
        {"name": "paper", "value": "#fff"},
        {"name": "accent", "value": "#00567f"},
        # Neither the brightest on white nor the darkest on black could be seen.
        {"name": "shades", "value": [0, 0.88]},
        {"name": "on", "value": {}},
        {"name": "picked", "value": -1},
        *(brushes.signal(axis) for axis in range(axes)),
    ]


def _data(own: dict[str, Any], names: list[str], low: float, high: float) -> list[dict[str, Any]]:
    path = {"type": "formula", "as": "path", "expr": _path(len(names) - 1)}
    picked = {"type": "filter", "expr": "datum.i === picked"}
    return [
        {"name": "cells", "values": _lines(own, low, high), "transform": [path]},
        {"name": "picked", "source": "cells", "transform": [picked]},
        {"name": "axes", "values": _axes(names)},
        {"name": "ticks", "values": _ticks(own, low, high)},
    ]


def _marks(own: dict[str, Any], axes: int) -> list[dict[str, Any]]:
    score = {"scale": "score", "field": "m"}
    return [
        _line_mark("cells", "on[datum.i] ? 0.75 : 0.04", _width(own), score),
        _line_mark("picked", "1", 4, {"signal": "accent"}),
        *_axis_marks(),
        *(mark for axis in range(axes) for mark in brushes.marks(axis, axes - 1)),
    ]


def _width(own: dict[str, Any]) -> float:
    """Return how wide lines are: of few, each has to be seen by itself."""
    return next((width for most, width in WIDTHS.items() if len(own["drawn"]) <= most), THIN)


def _lines(own: dict[str, Any], low: float, high: float) -> list[dict[str, Any]]:
    """Return a line for each drawn candidate: its heights on the axes, 0 to 1, and its score."""
    # Moved a little, so that candidates of one value do not lie on each other. Numbers that were
    # drawn stand where they are.
    shift = np.random.default_rng(0).uniform(-0.28, 0.28, (len(own["rank"]), len(own["names"])))
    lines = []
    # The best ones last, on top of the others.
    for cell in sorted(own["drawn"], key=lambda cell: -own["rank"][cell]):
        heights = [
            round(places[codes[cell]] + shift[cell, axis] / len(places) * (ticks is None), 4)
            for axis, (codes, places, ticks) in enumerate(
                zip(own["codes"], own["places"], own["ticks"], strict=True)
            )
        ]
        score = own["mean"][cell]
        scaled = None if score is None else round((score - low) / (high - low or 1), 4)
        lines.append({"i": cell, "p": [*heights, scaled], "m": score})
    return lines


def _path(last: int) -> str:
    """Return the expression of a line; without a score it ends before the last axis."""
    parts = [f"(width * {axis / last:.6f}) + ',' + (1 - datum.p[{axis}]) * height"
             for axis in range(last + 1)]  # fmt: skip
    *inner, score = (f"{'M' if axis == 0 else 'L'}' + {part}" for axis, part in enumerate(parts))
    path = " + '".join(inner)
    return f"'{path} + (isValid(datum.p[{last}]) ? '{score} : '')"


def _axes(names: list[str]) -> list[dict[str, Any]]:
    last = len(names) - 1
    shown = [*names[:-1], "mean score"]
    # Of letters, beside the next name; the page scrolls axes that would be nearer.
    room = min(max(130 // len(names), 13), 24)
    return [{"x": axis / last, "name": name} for axis, name in enumerate(labels(shown, room))]


def _ticks(own: dict[str, Any], low: float, high: float) -> list[dict[str, Any]]:
    """Return the labels of all axes: where they are across and up, 0 to 1."""
    last = len(own["names"])
    ticks = []
    for axis, (values, places) in enumerate(zip(own["values"], own["places"], strict=True)):
        if own["ticks"][axis] is not None:
            ticks += [
                {"x": axis / last, "y": place, "label": label}
                for place, label in _short(own["ticks"][axis])
            ]
            continue
        step = -(-len(values) // LABELS)
        ticks += [
            {"x": axis / last, "y": places[code], "label": value}
            for code, value in enumerate(labels(values, 16))
            if code % step == 0
        ]
    scores = np.linspace(low, high, 6 if high > low else 1)
    ticks += [
        {"x": 1, "y": (score - low) / (high - low or 1), "label": f"{score:.3f}"}
        for score in scores.tolist()
    ]
    return ticks


def _short(ticks: list[tuple[float, str]]) -> list[tuple[float, str]]:
    places, said = [place for place, _ in ticks], [label for _, label in ticks]
    return list(zip(places, labels(said, 16), strict=True))


def _line_mark(data: str, opacity: str, width: float, stroke: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "path",
        "interactive": False,
        "from": {"data": data},
        "encode": {
            "enter": {"strokeWidth": {"value": width}},
            "update": {
                "path": {"field": "path"},
                "stroke": [{"test": "!isValid(datum.m)", "value": "#888"}, stroke],
                "strokeOpacity": {"signal": opacity},
            },
        },
    }


def _axis_marks() -> list[dict[str, Any]]:
    across = {"signal": "datum.x * width"}
    name = {
        "x": across,
        "y": {"value": -16},
        "align": {"value": "center"},
        "fontWeight": {"value": "bold"},
        "text": {"field": "name"},
    }
    tick = {
        "x": {"signal": "datum.x * width + (datum.x == 1 ? 8 : -8)"},
        "y": {"signal": "(1 - datum.y) * height"},
        "align": {"signal": "datum.x == 1 ? 'left' : 'right'"},
        "baseline": {"value": "middle"},
        "text": {"field": "label"},
    }
    # Readable over the lines by a rim in the colour of the paper.
    rim = {"stroke": {"signal": "paper"}, "strokeWidth": {"value": 4}}
    line = {"x": across, "y2": {"signal": "height"}, "stroke": {"signal": "ink"}}
    return [
        _axis_mark("rule", "axes", line),
        _axis_mark("text", "axes", name),
        _axis_mark("text", "ticks", {**tick, **rim}),
        _axis_mark("text", "ticks", tick),
    ]


def _axis_mark(kind: str, data: str, encoded: dict[str, Any]) -> dict[str, Any]:
    text = {"fill": {"signal": "ink"}, "fontSize": {"value": 12}} if kind == "text" else {}
    return {
        "type": kind,
        "interactive": False,
        "from": {"data": data},
        "encode": {"update": {**text, **encoded}},
    }
