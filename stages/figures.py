"""The figures of the report, by Seaborn, as SVG and PNG with deterministic bytes.

Every function returns a Matplotlib figure and leaves the files to :func:`save`.
"""

import numbers
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

# A report is made without a screen; set before pyplot opens one.
mpl.use("agg")

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

#: Told apart by colour-blind readers.
PALETTE = "colorblind"

#: Dots an inch of the PNG files.
RESOLUTION = 120


def violins(candidates: pd.DataFrame, hyperparameter: str, scoring: str) -> Figure:
    """Draw the mean scores of all candidates by one hyperparameter: a violin and a point each."""
    values = candidates[hyperparameter]
    order = [str(value) for value in sorted(values.unique(), key=_number_or_text)]
    table = candidates.assign(value=values.astype(str)).dropna(subset="mean_test_score")
    figure, axes = _figure()
    if not table.empty:
        shared = {"data": table, "x": "value", "y": "mean_test_score", "order": order, "ax": axes}
        sns.violinplot(
            **shared,
            hue="value",
            hue_order=order,
            palette=PALETTE,
            inner=None,
            cut=0,
            density_norm="width",
            linewidth=0.8,
            alpha=0.5,
            legend=False,
        )
        # Without jitter: its random offsets would differ from run to run.
        sns.stripplot(**shared, color="0.2", size=2.5, jitter=False)
    axes.set(xlabel=hyperparameter, ylabel=f"mean {scoring} over folds")
    return figure


def folds(scores: pd.DataFrame, scorers: Sequence[str]) -> Figure:
    """Draw the scores of each fold, a panel for each scorer."""
    figure, panels = _figure(columns=len(scorers))
    for axes, scorer in zip([panels] if len(scorers) == 1 else panels, scorers, strict=True):
        sns.stripplot(data=scores, y=scorer, color="0.2", jitter=False, ax=axes)
        axes.axhline(scores[scorer].mean(), color=sns.color_palette(PALETTE)[0])
        axes.set(xlabel="all folds", ylabel=f"{scorer} (line: mean)")
    return figure


def curves(history: pd.DataFrame, measures: Sequence[str]) -> Figure:
    """Draw loss and metrics by epoch, the mean over folds and a band from lowest to highest."""
    figure, panels = _figure(columns=len(measures))
    for axes, measure in zip([panels] if len(measures) == 1 else panels, measures, strict=True):
        sns.lineplot(
            data=history,
            x="epoch",
            y=measure,
            errorbar=("pi", 100),
            marker="o",
            color=sns.color_palette(PALETTE)[0],
            ax=axes,
        )
        axes.set(xlabel="epoch", ylabel=f"{measure} on training rows")
        axes.xaxis.get_major_locator().set_params(integer=True)
    return figure


def save(figure: Figure, folder: Path, name: str) -> None:
    """Write ``name.svg`` and ``name.png`` and close the figure."""
    # The salt replaces random ids, and the dates and versions are left out.
    with mpl.rc_context({"svg.hashsalt": "gridlanes", "svg.fonttype": "none"}):
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None, "Creator": None})
    figure.savefig(folder / f"{name}.png", dpi=RESOLUTION, metadata={"Software": None})
    plt.close(figure)


def _figure(columns: int = 1) -> tuple[Figure, Any]:
    sns.set_theme(style="whitegrid", palette=PALETTE)
    size = (5 if columns == 1 else 3.4 * columns, 3.2)
    return plt.subplots(ncols=columns, figsize=size, layout="constrained")


def _number_or_text(value: object) -> tuple[int, float, str]:
    """Sort numbers by size before texts by letter."""
    if isinstance(value, numbers.Real):
        return (0, float(value), "")
    return (1, 0.0, str(value))
