"""Which figures a report holds, and what each shows in words for those who do not see it."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from stages.reporting.figures import data_set, folds, predictions
from stages.reporting.figures.drawing import save
from stages.reporting.figures.illustration import NAMED, Illustration
from stages.reporting.figures.search import of_search, stopped
from stages.reporting.figures.winner import of_winner
from stages.reporting.spelling.formats import distance, number, percent, title
from stages.reporting.words.choice import scorers
from stages.reporting.words.names import class_name, short
from stages.study.counts import count, in_digits, listed
from stages.study.predictions import each_row_once, repeats_in, seeds_in
from stages.study.progress import phase, progress
from stages.study.training_curves import last_epochs, measures


def draw(shown: Sequence[Illustration], folder: Path) -> None:
    """Draw figures into a new folder."""
    folder.mkdir()
    phase("drawing figures", total=len(shown))
    for done, own in enumerate(shown):
        progress(done, f"{done + 1} of {len(shown)}")
        save(own.draw(), folder, own.name)


def illustrations(content: dict[str, Any]) -> Iterator[Illustration]:
    """Return the figures of a report, in their order."""
    yield from of_winner(content)
    yield from of_search(content)
    yield from _cross_validation(content)
    yield _data(content)


def _cross_validation(content: dict[str, Any]) -> Iterator[Illustration]:
    summary, said = content["summary"], each_row_once(content["own_predictions"])
    repeats = repeats_in(content["own_predictions"])
    seeds = seeds_in(content["own_predictions"])
    over = f", means over {seeds} seeds" if seeds > 1 else ""
    which = f" of the first of {repeats} repeats" if repeats > 1 else ""
    which += f" with the first of {seeds} seeds" if seeds > 1 else ""
    means = ", ".join(f"{title(name)} {number(own['mean'])}" for name, own in summary.items())
    yield Illustration(
        "folds",
        "folds",
        f"Scores of the base model on each fold{over}, beside baselines on the same folds; a line "
        f"at the mean. {' '.join(scorers(summary))}".rstrip(),
        f"Mean of the base model over folds: {means}.",
        partial(folds.folds, content["scores"], content["baselines"], list(summary)),
    )
    if content["profile"]["task"] == "classification":
        right = percent((said["truth"].astype(str) == said["predicted"].astype(str)).mean())
        most = said["truth"].value_counts(normalize=True).max()
        yield Illustration(
            "predictions",
            "predictions",
            f"The base model's out-of-fold predictions{which}: ROC, precision-recall, calibration "
            "(ten bins of as many rows each) and confusion, all folds' rows together. It is right "
            f"for {right} of the {count(len(said), 'row')} that folds test; always saying the most "
            f"frequent class of these would be right for {percent(most)}.",
            f"{right} of {len(said)} rows are classified rightly out of fold; the areas under the "
            "curves stand in the figure's legends.",
            partial(predictions.of_classes, said, content["profile"].get("positive")),
        )
    else:
        far = (said["truth"] - said["predicted"]).abs()
        yield Illustration(
            "predictions",
            "predictions",
            f"The base model's out-of-fold predictions{which}: predicted against true, and "
            f"residuals. On average it is off by {distance(far.mean())}; the median of these rows "
            f"would be off by {distance((said['truth'] - said['truth'].median()).abs().mean())}.",
            f"Half of the {len(said)} rows are predicted to within {far.median():.4g} of the true "
            f"{content['profile']['target']}, 90 % to within {far.quantile(0.9):.4g}.",
            partial(predictions.of_numbers, said, content["profile"]["target"]),
        )
    shown = measures(content["curves"])
    ends = last_epochs(content["curves"])[shown].mean()
    yield Illustration(
        "curves",
        "training",
        f"Training curves of the base model: mean over folds{' and seeds' * (seeds > 1)}, and a "
        f"band from the lowest fold to the highest.{stopped(content['curves'])}"
        f"{_fell(content['curves'])}",
        f"After the last epoch: {', '.join(f'{own} {number(ends[own])}' for own in shown)}.",
        partial(folds.curves, content["curves"], shown),
    )


def _fell(curves: pd.DataFrame) -> str:
    """Return what training did to the loss, as a mean over fits."""
    then, now = curves.loc[curves["epoch"] == 1, "loss"].mean(), last_epochs(curves)["loss"].mean()
    if curves["loss"].isna().any() or not now < then or number(now) == number(then):
        return ""
    return f" The training loss falls from {number(then)} in the first epoch to {number(now)}."


def _of_the_table(profile: dict[str, Any]) -> str:
    """Return what the figure of the data shows: how unequal classes are, and where values miss."""
    said = []
    if "classes" in profile:
        rows = {own["label"]: own["rows"] for own in profile["classes"]}
        few, most = min(rows, key=rows.__getitem__), max(rows, key=rows.__getitem__)
        share = percent(rows[few] / sum(rows.values()))
        said.append(
            f"The smallest class, {short(few)}, has {share} of the rows."
            if rows[few] < rows[most]
            else f"Each class has {count(rows[few], 'row')}."
        )
    gaps = {name: own["missing"] for name, own in profile["features"].items() if own["missing"]}
    if not gaps:
        return " ".join([*said, "No value is missing."])
    name = max(gaps, key=gaps.__getitem__)
    of = f"{count(len(gaps), 'feature')} of {len(profile['features'])}"
    share = percent(gaps[name] / profile["rows"])
    return " ".join([*said, f"Values miss in {of}; {short(name)} lacks most, {share}."])


def _data(content: dict[str, Any]) -> Illustration:
    profile = content["profile"]
    gaps = [(name, own["missing"]) for name, own in profile["features"].items() if own["missing"]]
    missing = listed((f"{name} in {count(rows, 'row')}" for name, rows in gaps), NAMED) or "nothing"
    if "classes" in profile:
        target = listed(
            (
                f"{class_name(own['label'])} has {count(own['rows'], 'row')}"
                for own in profile["classes"]
            ),
            NAMED,
        )
    else:
        ends = profile["target_range"]
        target = (
            f"{profile['target']} from {in_digits(ends['minimum'])} to {in_digits(ends['maximum'])}"
        )
    # In the order of time some rows are tested by no fold.
    of_tested = " of the rows that folds test" * ("time" in profile and "classes" not in profile)
    return Illustration(
        "data",
        "data",
        f"The target{of_tested}, and missing values by feature. {_of_the_table(profile)}",
        f"Target: {target}. Missing: {missing}.",
        partial(data_set.data, profile, each_row_once(content["own_predictions"])["truth"]),
    )
