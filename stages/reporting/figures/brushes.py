"""What of an axis is picked in the explorer's chart, as parts of a Vega specification.

A brush is a signal of its own, ``brush_0`` and so on, in pixels from the top.
"""

from typing import Any

#: Pixels to either side of an axis where a brush starts.
REACH = 14


def signal(axis: int) -> dict[str, Any]:
    """Return the signal of an axis' brush: where it starts and ends; a click takes it away."""
    name, hit = f"brush_{axis}", f"@hit_{axis}"
    return {
        "name": name,
        "value": None,
        "on": [
            {
                "events": f"{hit}:pointerdown",
                "update": "[clamp(y(), 0, height), clamp(y(), 0, height)]",
            },
            {
                "events": f"[{hit}:pointerdown, window:pointerup] > window:pointermove!",
                "update": f"[{name}[0], clamp(y(), 0, height)]",
            },
        ],
    }


def marks(axis: int, last: int) -> list[dict[str, Any]]:
    """Return where an axis' brush starts, and the brush."""
    left = {"signal": f"width * {axis / last:.6f} - {REACH}"}
    name = f"brush_{axis}"
    return [
        {
            "type": "rect",
            "name": f"hit_{axis}",
            "encode": {
                "update": {
                    "x": left,
                    "width": {"value": 2 * REACH},
                    "y": {"value": -6},
                    "height": {"signal": "height + 12"},
                    "fill": {"value": "transparent"},
                    "cursor": {"value": "crosshair"},
                }
            },
        },
        {
            "type": "rect",
            "interactive": False,
            "encode": {
                "update": {
                    "x": left,
                    "width": {"value": 2 * REACH},
                    "y": {"signal": f"{name} ? min({name}[0], {name}[1]) : 0"},
                    "y2": {"signal": f"{name} ? max({name}[0], {name}[1]) : 0"},
                    "fill": {"signal": "accent"},
                    "fillOpacity": {"value": 0.25},
                    "stroke": {"signal": f"{name} ? accent : 'transparent'"},
                }
            },
        },
    ]
