"""What is found of a class, and how much of what is named is right, by its threshold."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from stages.reporting.figures.drawing import colours, panels, text
from stages.reporting.spelling.formats import title

STYLES = ("-", "--", "-.")


def thresholds(curve: pd.DataFrame, label: Any, at: float) -> Figure:
    """Draw precision, recall and a score by threshold, and a line at the one that is taken.

    A score that is not between 0 and 1, as costs are, has a panel of its own.
    """
    measures = [str(name) for name in curve if name != "threshold"]
    apart = bool(curve[measures[-1]].min() < 0)
    groups = [measures[:-1], measures[-1:]] if apart else [measures]
    figure, grid = panels(len(groups), across=1, width=4.4, height=3.1, least=0)
    style = dict(zip(measures, zip(colours(3), STYLES, strict=True), strict=True))
    for axes, own in zip(grid, groups, strict=True):
        for name in own:
            colour, line = style[name]
            axes.plot(
                curve["threshold"], curve[name], color=colour, linestyle=line, label=title(name)
            )
        axes.axvline(at, color="0.3", linewidth=1)
        axes.set(xlim=(-0.02, 1.02), xlabel=f"threshold of class {text(label)} (probability)")
        axes.set_ylabel("score" if own == measures[-1:] else "share or score")
        axes.legend(fontsize="small", title=f"line: {at:.2g}", title_fontsize="small")
        if not apart or own != measures[-1:]:
            axes.set_ylim(-0.02, 1.02)
    return figure
