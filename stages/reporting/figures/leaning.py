"""What a network leans on: drops of the score by column; and its score by training rows."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from stages.reporting.figures.drawing import colours, panels, points, texts
from stages.reporting.spelling.formats import score_label, title


def importance(
    of_folds: pd.DataFrame, columns: Mapping[str, Mapping[str, float]], name: str
) -> Figure:
    """Draw by column the mean drop of the score, and that of each fold.

    Parameters
    ----------
    of_folds : DataFrame
        The mean drops, features down and folds across.
    columns : mapping of str to mapping
        Those to draw, in their order, with their ``mean``.
    name : str
        Of the scorer.
    """
    figure, (axes,) = panels(1, width=4.4, height=1.2 + 0.27 * len(columns), least=0)
    blue, orange = colours(2)
    places = range(len(columns))
    axes.barh(places, [own["mean"] for own in columns.values()], color=blue, alpha=0.5, height=0.6)
    for place, column in enumerate(columns):
        own = of_folds.loc[column].to_numpy()
        points(axes, own, [place] * len(own), of_folds.size, color=orange, markersize=4)
    axes.axvline(0, color="0.3", linewidth=1)
    axes.set_yticks(places, texts(list(columns)))
    axes.set_xlabel(f"drop of {title(name)} when shuffled")
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.grid(visible=False, axis="y")
    return figure


def learning_curve(table: pd.DataFrame, name: str) -> Figure:
    """Draw the score by training rows: that of each fold, and a line through the means."""
    rows = table.groupby("share")["rows"].mean()
    means = table.groupby("share")["score"].mean()
    figure, (axes,) = panels(1, width=4.4, height=3.1, least=0)
    blue, orange = colours(2)
    points(axes, table["rows"], table["score"], len(table), color=orange, markersize=4)
    axes.plot(rows, means, color=blue, marker="o", markersize=5)
    axes.set(xlabel="training rows of a fold", ylabel=score_label(name))
    return figure
