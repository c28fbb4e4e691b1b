"""What a model says of rows that it was not trained on, beside the truth.

Curves are of the folds together: each row is predicted by the network whose training rows it was
not among.
"""

from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from sklearn.calibration import calibration_curve
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from stages.reporting.figures.drawing import (
    PALETTE,
    PANEL,
    colours,
    numbers_in,
    panels,
    points,
    text,
)
from stages.reporting.spelling.parameters import in_order
from stages.study.predictions import PROBABILITY

#: Classes that are drawn one by one: the largest ones.
CLASSES = 8

#: Bins of the calibration curve, of as many rows each.
BINS = 10

#: Points of a curve, and rows that are drawn as points, at most.
POINTS, ROWS = 1000, 5000

STYLES = ("-", "--", ":", "-.")


def of_classes(predictions: pd.DataFrame, positive: Any = None) -> Figure:
    """Draw ROC, precision-recall, calibration and confusion of out-of-fold predictions.

    Of two classes the positive one is drawn, the second unless another is named; of more each one
    against the rest. Where all rows are of one class, there is nothing to tell it from.
    """
    shown = _classes(predictions, positive)
    figure, (roc, precision, calibration, confusion) = panels(4, across=2, width=PANEL, height=3.1)
    for number, (label, colour) in enumerate(zip(shown, colours(len(shown)), strict=True)):
        truth = (predictions["truth"].astype(str) == label).to_numpy()
        said = predictions[f"{PROBABILITY}{label}"].to_numpy()
        style: dict[str, Any] = {"color": colour, "linestyle": STYLES[number % len(STYLES)]}
        _roc(roc, truth, said, label, style)
        _precision(precision, truth, said, label, style)
        _calibration(calibration, truth, said, label, style)
    roc.plot([0, 1], [0, 1], color="0.5", linewidth=1)
    roc.set(xlabel="false positive rate (share)", ylabel="true positive rate (share)", title="ROC")
    precision.set(xlabel="recall (share)", ylabel="precision (share)", title="Precision-recall")
    calibration.plot([0, 1], [0, 1], color="0.5", linewidth=1)
    calibration.set(xlabel="predicted probability", ylabel="share that was so", title="Calibration")
    for axes in (roc, precision, calibration):
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        title = "class (area, all rows)" if axes is not calibration else "class"
        if shown:
            axes.legend(title=title, title_fontsize="small", fontsize="small")
    _confusion(confusion, predictions)
    return figure


def _classes(predictions: pd.DataFrame, positive: Any) -> list[str]:
    """Return the classes to draw: the positive one of two, else the largest that were tested."""
    labels = [
        name.removeprefix(PROBABILITY)
        for name in predictions.columns.astype(str)
        if name.startswith(PROBABILITY)
    ]
    counts = predictions["truth"].astype(str).value_counts()
    if len(counts) == 1:
        return []
    if len(labels) == 2:
        return labels[1:] if positive is None else [str(positive)]
    tested = [label for label in labels if label in counts]
    return sorted(tested, key=lambda label: -counts[label])[:CLASSES]


def _roc(axes: Axes, truth: Any, said: Any, label: str, style: dict[str, Any]) -> None:
    false, true, _ = roc_curve(truth, said)
    false, true = _thinned(false, true)
    axes.plot(false, true, label=f"{text(label, 16)} ({roc_auc_score(truth, said):.3f})", **style)


def _precision(axes: Axes, truth: Any, said: Any, label: str, style: dict[str, Any]) -> None:
    precision, recall, _ = precision_recall_curve(truth, said)
    area = average_precision_score(truth, said)
    precision, recall = _thinned(precision, recall)
    axes.plot(recall, precision, label=f"{text(label, 16)} ({area:.3f})", **style)
    axes.axhline(truth.mean(), color="0.5", linewidth=1)


def _thinned(*sides: Any) -> Any:
    """Return a curve in no more points than can be seen."""
    places = np.unique(np.linspace(0, len(sides[0]) - 1, POINTS).round().astype(int))
    return (own[places] for own in sides)


def _calibration(axes: Axes, truth: Any, said: Any, label: str, style: dict[str, Any]) -> None:
    was, expected = calibration_curve(truth, said, n_bins=BINS, strategy="quantile")
    axes.plot(expected, was, marker="o", markersize=4, label=text(label, 16), **style)


def _confusion(axes: Axes, predictions: pd.DataFrame) -> None:
    labels = in_order([*predictions["truth"], *predictions["predicted"]])
    # Scikit-learn's warns of a single class.
    found = pd.crosstab(predictions["truth"], predictions["predicted"])
    counts = found.reindex(index=labels, columns=labels, fill_value=0).to_numpy()
    few = len(labels) <= CLASSES
    mesh = axes.pcolormesh(counts, cmap="Blues", rasterized=not few)
    if few:
        numbers_in(axes, mesh, counts, str)
    else:
        axes.figure.colorbar(mesh, ax=axes, label="rows")
    axes.invert_yaxis()
    axes.grid(visible=False)
    axes.set(xlabel="predicted class", ylabel="true class", title="Confusion (rows)")
    shown = [text(label, 12) for label in labels]
    step = -(-len(labels) // 16)
    ticks = np.arange(0, len(labels), step)
    axes.set(xticks=ticks + 0.5, yticks=ticks + 0.5)
    axes.set_xticklabels(shown[::step], rotation=0 if few and max(map(len, shown)) < 6 else 35)
    axes.set_yticklabels(shown[::step], rotation=0)


def of_numbers(predictions: pd.DataFrame, target: str) -> Figure:
    """Draw predicted against true values, and the residuals by what was predicted.

    Of a large table ``ROWS`` rows are drawn, the same in every run.
    """
    if len(predictions) > ROWS:
        predictions = predictions.sample(ROWS, random_state=0)
    truth = predictions["truth"].to_numpy(float)
    said = predictions["predicted"].to_numpy(float)
    colour = sns.color_palette(PALETTE)[0]
    figure, (against, left) = panels(2, across=2, width=PANEL, height=3.1)
    style: dict[str, Any] = {"color": colour, "markersize": 3.5, "alpha": 0.6}
    points(against, truth, said, len(said), **style)
    ends = [min(truth.min(), said.min()), max(truth.max(), said.max())]
    against.plot(ends, ends, color="0.4", linewidth=1)
    against.set(xlabel=f"true {text(target)}", ylabel=f"predicted {text(target)}")
    against.set_title("Predicted against true")
    points(left, said, truth - said, len(said), **style)
    left.axhline(0, color="0.4", linewidth=1)
    left.set(xlabel=f"predicted {text(target)}", ylabel=f"true minus predicted {text(target)}")
    left.set_title("Residuals")
    return figure
