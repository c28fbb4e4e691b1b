"""Which figures the base model's cross-validation has, and what each shows in words."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pandas as pd

from stages.reporting.figures import folds, predictions
from stages.reporting.figures.illustration import Illustration
from stages.reporting.figures.search import stopped
from stages.reporting.spelling.formats import distance, number, percent, title
from stages.reporting.words.choice import scorers
from stages.study.counts import count
from stages.study.predictions import each_row_once, repeats_in, seeds_in
from stages.study.training_curves import last_epochs, measures


def of_base_model(content: dict[str, Any]) -> Iterator[Illustration]:
    """Return its figures, in their order."""
    own, profile = content["own_predictions"], content["profile"]
    seeds, repeats = seeds_in(own), repeats_in(own)
    which = f" of the first of {repeats} repeats" if repeats > 1 else ""
    which += f" with the first of {seeds} seeds" if seeds > 1 else ""
    yield _folds(content, seeds)
    of_task = _of_classes if profile["task"] == "classification" else _of_numbers
    yield of_task(each_row_once(own), profile, which)
    yield _curves(content["curves"], seeds)


def _folds(content: dict[str, Any], seeds: int) -> Illustration:
    summary = content["summary"]
    over = f", means over {seeds} seeds" if seeds > 1 else ""
    means = ", ".join(f"{title(name)} {number(own['mean'])}" for name, own in summary.items())
    return Illustration(
        "folds",
        "folds",
        f"Scores of the base model on each fold{over}, beside baselines on the same folds; a line "
        f"at the mean. {' '.join(scorers(summary))}".rstrip(),
        f"Mean of the base model over folds: {means}.",
        partial(folds.folds, content["scores"], content["baselines"], list(summary)),
    )


def _of_classes(said: pd.DataFrame, profile: dict[str, Any], which: str) -> Illustration:
    right = percent((said["truth"].astype(str) == said["predicted"].astype(str)).mean())
    most = said["truth"].value_counts(normalize=True).max()
    return Illustration(
        "predictions",
        "predictions",
        f"The base model's out-of-fold predictions{which}: ROC, precision-recall, calibration "
        "(ten bins of as many rows each) and confusion, all folds' rows together. It is right "
        f"for {right} of the {count(len(said), 'row')} that folds test; always saying the most "
        f"frequent class of these would be right for {percent(most)}.",
        f"{right} of {len(said)} rows are classified rightly out of fold; the areas under the "
        "curves stand in the figure's legends.",
        partial(predictions.of_classes, said, profile.get("positive")),
    )


def _of_numbers(said: pd.DataFrame, profile: dict[str, Any], which: str) -> Illustration:
    far = (said["truth"] - said["predicted"]).abs()
    return Illustration(
        "predictions",
        "predictions",
        f"The base model's out-of-fold predictions{which}: predicted against true, and "
        f"residuals. On average it is off by {distance(far.mean())}; the median of these rows "
        f"would be off by {distance((said['truth'] - said['truth'].median()).abs().mean())}.",
        f"Half of the {len(said)} rows are predicted to within {far.median():.4g} of the true "
        f"{profile['target']}, 90 % to within {far.quantile(0.9):.4g}.",
        partial(predictions.of_numbers, said, profile["target"]),
    )


def _curves(curves: pd.DataFrame, seeds: int) -> Illustration:
    shown = measures(curves)
    ends = last_epochs(curves)[shown].mean()
    return Illustration(
        "curves",
        "training",
        f"Training curves of the base model: mean over folds{' and seeds' * (seeds > 1)}, and a "
        f"band from the lowest fold to the highest.{stopped(curves)}{_fell(curves)}",
        f"After the last epoch: {', '.join(f'{own} {number(ends[own])}' for own in shown)}.",
        partial(folds.curves, curves, shown),
    )


def _fell(curves: pd.DataFrame) -> str:
    """Return what training did to the loss, as a mean over fits."""
    then, now = curves.loc[curves["epoch"] == 1, "loss"].mean(), last_epochs(curves)["loss"].mean()
    if curves["loss"].isna().any() or not now < then or number(now) == number(then):
        return ""
    return f" The training loss falls from {number(then)} in the first epoch to {number(now)}."
