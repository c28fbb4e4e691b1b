"""What the figures of a search show, in a sentence each that is computed from the same table."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from stages.reporting.spelling.formats import brief, title
from stages.reporting.spelling.labels import labels
from stages.reporting.spelling.parameters import in_order
from stages.reporting.spelling.values import among
from stages.reporting.words.names import LETTERS, short
from stages.study.counts import count, listed

#: Values that share a place and are named one by one.
NAMED = 3


def by_value(table: pd.DataFrame, name: str, scoring: str) -> str:
    """Say where the best candidate is on an axis, and how the medians of its values differ."""
    known, told = table.dropna(subset="mean_test_score"), _told(table[name])
    if known.empty:
        return f"No candidate could be scored by {title(scoring)}."
    if len(table[name].unique()) == 1:
        return f"All candidates have {short(name)} {_listed([table[name].iloc[0]], told)}."
    scores = known.groupby(name)["mean_test_score"]
    best = _at(scores.max())
    if len(best) == scores.ngroups > 1:
        first = (
            f"The best is {brief(known['mean_test_score'].max())} at every value of {short(name)}"
        )
    else:
        where = f"{short(name)} {_listed(best, told)}"
        first = f"The best, {brief(known['mean_test_score'].max())}, has {where}"
    medians = scores.median()
    low, high = medians.min(), medians.max()
    if scores.ngroups == 1:
        return f"{first}, the only value that has a score."
    if brief(low) == brief(high):
        return f"{first}; the median is {brief(high)} at every value."
    return (
        f"{first}; the median is highest at {_listed(_at(medians), told)} ({brief(high)}) and "
        f"lowest at {_listed(_at(-medians), told)} ({brief(low)})."
    )


def of_pair(bests: pd.DataFrame, scoring: str) -> str:
    """Say where the highest and the lowest of the best scores of pairs are.

    Parameters
    ----------
    bests : DataFrame
        As :func:`stages.reporting.figures.grid.pair_bests` returns it.
    scoring : str
    """
    scores = {
        (across, down): score
        for across, column in bests.items()
        for down, score in column.items()
        if not math.isnan(score)
    }
    names = labels([bests.columns.name, bests.index.name], LETTERS)
    named = _told(bests.columns), _told(bests.index)
    if not scores:
        return f"No candidate could be scored by {title(scoring)}."
    high, low = max(scores, key=scores.__getitem__), min(scores, key=scores.__getitem__)
    if brief(scores[low]) == brief(scores[high]):
        return f"The best of each pair of {' and '.join(names)} is {brief(scores[high])}."
    told = [brief(score) for score in scores.values()]
    ends = []
    for place in (high, low):
        others = told.count(brief(scores[place])) - 1
        values = (own[value] for own, value in zip(named, place, strict=True))
        pair = " and ".join(map(" ".join, zip(names, values, strict=True)))
        also = f", as {count(others, 'other pair')}" * bool(others)
        ends.append(f"with {pair} ({brief(scores[place])}{also})")
    return f"The best of a pair is highest {ends[0]} and lowest {ends[1]}."


def of_effects(table: pd.DataFrame, names: list[str], scoring: str) -> str:
    """Say by which hyperparameter the means differ most."""
    known = table.dropna(subset="mean_test_score")
    if known.empty:
        return f"No candidate could be scored by {title(scoring)}."
    means = {name: known.groupby(name)["mean_test_score"].mean() for name in names}
    name = max(means, key=lambda own: means[own].max() - means[own].min())
    low, high, told = means[name].min(), means[name].max(), _told(table[name])
    if brief(low) == brief(high):
        return "The means at the values of each hyperparameter are alike to three digits."
    return (
        f"The mean differs most by {short(name)}: {brief(low)} at "
        f"{_listed(_at(-means[name]), told)}, {brief(high)} at {_listed(_at(means[name]), told)}."
    )


def of_losses(last: Mapping[int, float], best: list[int], worst: list[int]) -> str:
    """Say what the losses of the best and the worst candidates are after their last epochs."""
    parts = [
        f"at {_range([last[own] for own in group])} {whose}"
        for whose, group in (("for the best candidates", best), ("for the worst", worst))
        if group
    ]
    return f"The loss on training rows ends {' and '.join(parts)}."


def _range(losses: list[float]) -> str:
    low, high = brief(min(losses)), brief(max(losses))
    return low if low == high else f"{low} to {high}"


def _at(scores: pd.Series) -> list[Any]:
    """Return the values whose scores are the highest, to the digits that are shown."""
    highest = brief(scores.max())
    return in_order([value for value, own in scores.items() if brief(own) == highest])


def _told(values: Iterable[Any]) -> dict[Any, str]:
    """Return values as a caption names them: short, and different where they differ."""
    different = list(dict.fromkeys(values))
    return dict(zip(different, labels([among(own) for own in different], LETTERS), strict=True))


def _listed(values: list[Any], told: Mapping[Any, str]) -> str:
    return listed([told[own] for own in values], NAMED)
