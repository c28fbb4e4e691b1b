"""The cross-validation of the base model: scores by fold beside the baselines, training curves."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from stages.reporting.figures.drawing import PALETTE, PANEL, colours, panels, text, wrapped
from stages.reporting.spelling.formats import score_label, title

#: How a candidate's curve is drawn, so that colour is not all that tells it.
STYLES = ("-", "--", ":", "-.", (0, (3, 1, 1, 1, 1, 1)))


def folds(scores: pd.DataFrame, baselines: pd.DataFrame, scorers: Sequence[str]) -> Figure:
    """Draw the score of each fold, a column for each model and a panel for each scorer."""
    models = ["network", *baselines["model"].unique()]
    figure, grid = panels(len(scorers), width=3.6, height=4.4)
    for axes, scorer in zip(grid, scorers, strict=True):
        for place, model in enumerate(models):
            own = baselines.loc[baselines["model"] == model, scorer]
            values = (scores[scorer] if model == "network" else own).dropna()
            colour = sns.color_palette(PALETTE)[0 if model == "network" else 1]
            axes.plot([place] * len(values), values, "o", color=colour, markersize=4, alpha=0.6)
            axes.plot([place - 0.3, place + 0.3], [values.mean()] * 2, color="0.1")
        axes.set(xticks=range(len(models)), xlabel="model")
        axes.set_ylabel(score_label(scorer), fontsize="small")
        axes.set_xticklabels([title(model) for model in models], rotation=35, ha="right")
        axes.grid(visible=False, axis="x")
    return figure


def curves(history: pd.DataFrame, measures: Sequence[str]) -> Figure:
    """Draw loss and metrics by epoch, the mean over folds and a band from lowest to highest."""
    figure, grid = panels(len(measures), across=1, width=4.2, height=2.7, least=0)
    for axes, measure in zip(grid, measures, strict=True):
        _band(axes, history, measure, sns.color_palette(PALETTE)[0], STYLES[0])
        _epochs(axes, measure)
    return figure


def candidates(
    history: pd.DataFrame,
    named: dict[str, list[int]],
    measures: Sequence[str],
    units: Mapping[int, str],
) -> Figure:
    """Draw the curves of some candidates, the mean over folds and the folds' spread.

    Parameters
    ----------
    history : DataFrame
        Columns ``candidate``, ``fold``, ``epoch`` and the measures.
    named : dict of str to list of int
        A row of panels each: its name and its candidates.
    measures : sequence of str
    units : mapping of int to str
        By candidate what stands behind its name in the legend.
    """
    across, width, height = len(measures), PANEL, 2.7
    figure, grid = panels(len(named) * across, across, width, height)
    rows = [(name, own, measure) for name, own in named.items() for measure in measures]
    for place, (axes, (name, group, measure)) in enumerate(zip(grid, rows, strict=True)):
        for number, colour in zip(group, colours(len(group)), strict=True):
            own = history[history["candidate"] == number]
            style = STYLES[group.index(number) % len(STYLES)]
            unit = f" ({text(units[number], 16)})" if number in units else ""
            _band(axes, own, measure, colour, style, label=f"{number}{unit}")
        _epochs(axes, measure)
        axes.set_ylabel("")
        # A row has one scale of colours, which its first panel tells, and the last one the epochs.
        if place + across < len(grid):
            axes.set_xlabel("")
        axes.set_title(wrapped(f"{name}: {_of_rows(measure)}", width - 0.9), pad=24)
        if place % across == 0:
            axes.legend(
                loc="lower left", bbox_to_anchor=(0, 1), ncols=len(group), frameon=False,
                borderpad=0.2, borderaxespad=0.2, columnspacing=1.2, handletextpad=0.4,
            )  # fmt: skip
    return figure


def _band(
    axes: Axes,
    history: pd.DataFrame,
    measure: str,
    colour: Any,
    style: Any,
    label: str | None = None,
) -> None:
    of_epochs = history.groupby("epoch")[measure]
    mean = of_epochs.mean()
    axes.fill_between(mean.index, of_epochs.min(), of_epochs.max(), color=colour, alpha=0.15)
    marker = "o" if len(mean) < 15 else ""
    axes.plot(mean.index, mean, marker=marker, linestyle=style, color=colour, label=label)


def _epochs(axes: Axes, measure: str) -> None:
    axes.set(xlabel="epoch", ylabel=_of_rows(measure))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))


def _of_rows(measure: str) -> str:
    """Return what Keras logs under a name, and of which rows."""
    if measure == "learning_rate":
        return "learning rate"
    held_out = measure.startswith("val_")
    rows = "rows held out" if held_out else "training rows"
    return f"{text(measure.removeprefix('val_'))} on {rows}"
