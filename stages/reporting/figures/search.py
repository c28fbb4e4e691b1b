"""Which figures show the candidates of a search: by hyperparameter, by pairs, as they trained."""

import itertools
import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pandas as pd

from stages.reporting.evidence.drawn_values import in_parts, is_number
from stages.reporting.evidence.verdict import hyperparameters
from stages.reporting.figures import drawn, folds, grid
from stages.reporting.figures.illustration import NAMED, Illustration
from stages.reporting.spelling.formats import brief, percent, title
from stages.reporting.spelling.parameters import in_order
from stages.reporting.words.names import short
from stages.reporting.words.search import by_value, of_effects, of_losses, of_pair
from stages.reporting.words.target import units
from stages.study.counts import count
from stages.study.training_curves import ends_apart, last_epochs, measures

#: Heat maps are of so many pairs at most: those that explain most of the scores' variance.
PAIRS = 9

#: Hyperparameters that are drawn: those by which the scores differ most.
MOST = 9

#: Candidates whose training curves are drawn, from either end.
SHOWN = 3


def of_search(content: dict[str, Any]) -> Iterator[Illustration]:
    """Return the figures that show the candidates of a search.

    A caption says what its figure shows; the first one of a kind how to read it, too. Of
    candidates that all failed there is nothing to show.
    """
    table, scoring = content["candidates"], content["best"]["scoring"]
    if table["mean_test_score"].isna().all():
        return
    every, axes = hyperparameters(table), content.get("spans")
    shares = content["verdict"]["shares"].get("hyperparameters", {})
    counted = in_parts(table, axes)
    between = between_values(counted, every)
    names = telling(every, between)
    left = (
        f" Of {count(len(every), 'hyperparameter')} these {len(names)} are drawn, by which the "
        "means differ most."
    ) * (len(every) > len(names))
    yield from _by_each(content, names, counted, shares, left)
    yield from _of_pairs(counted, every, shares or between, scoring, drawn=bool(axes))
    effects = [f"{short(name)} {percent(shares[name])}" for name in names if name in shares]
    explained = f" Explained variance: {', '.join(effects)}." if effects else ""
    yield Illustration(
        "effects",
        "effects",
        f"{of_effects(counted, names, scoring)} A line shows the mean {title(scoring)} at each "
        f"value, a band the middle 80 % of the candidates.{_taken(axes)}{left}",
        f"Mean {title(scoring)} at each value of {', '.join(map(short, names))}.{explained}",
        partial(grid.main_effects, counted, names, shares, scoring),
    )
    yield from _trained(content)


def _taken(axes: Any) -> str:
    return " Numbers that were drawn are taken together in parts of their range." * bool(axes)


def between_values(table: pd.DataFrame, names: Sequence[str]) -> dict[str, float]:
    """Return by hyperparameter the variance of the mean scores at its values."""
    known = table.dropna(subset="mean_test_score")
    groups = {name: known.groupby(name)["mean_test_score"] for name in names}
    # Of one value it would be what rounding leaves.
    return {
        name: float(own.transform("mean").var(ddof=0)) if own.ngroups > 1 else 0.0
        for name, own in groups.items()
    }


def telling(names: Sequence[str], between: dict[str, float]) -> list[str]:
    """Return those by which the scores differ most, ``MOST`` at most, in the order of names."""
    if len(names) <= MOST:
        return list(names)
    most = sorted(names, key=lambda name: -between[name])[:MOST]
    return [name for name in names if name in most and between[name] > 0] or most


def _by_each(
    content: dict[str, Any],
    names: Sequence[str],
    counted: pd.DataFrame,
    shares: dict[str, Any],
    others: str,
) -> Iterator[Illustration]:
    """Show all scores by each hyperparameter, and say with the first what others there are."""
    table, axes = content["candidates"], content.get("spans")
    scoring, told = content["best"]["scoring"], set()
    for place, name in enumerate(names, 1):
        by = grid.second(name, names, table, shares)
        how, over, left = _how_violins(), axes is not None and name in axes, ""
        if axes is not None and over:
            how, left = _how_drawn(), _left(table, name)
            draw = partial(drawn.over_values, table, name, by, axes[name], scoring)
        else:
            # A grid has as many candidates of each pair of values, a random search some of few.
            by = by if axes is None else None
            draw = partial(grid.violins, table, name, by, scoring)
        best = f"Highest mean {title(scoring)} by {short(name)}: {_by_value(counted, name, 'max')}."
        guide = how if over not in told else ""
        told.add(over)
        caption = f"{by_value(counted, name, scoring)}{guide}{left}{others * (place == 1)}"
        # A hyperparameter may have any name, a file may not.
        yield Illustration(f"violins_{place}", "violins", caption, best, draw)


def _how_violins() -> str:
    return (
        f" A point is a candidate, a line the median of several; {grid.MANY} or more that differ "
        "have an outline, as wide as there are candidates."
    )


def _how_drawn() -> str:
    return " A point is a candidate, a line the median of a part of the axis."


def _left(table: pd.DataFrame, name: str) -> str:
    without = int((~table[name].map(is_number)).sum())
    return f" {count(without, 'candidate')} without a number there left out." * bool(without)


def _of_pairs(
    table: pd.DataFrame, names: Sequence[str], shares: dict[str, Any], scoring: str, *, drawn: bool
) -> Iterator[Illustration]:
    """Show the best score of each pair of values."""
    bests = [grid.pair_bests(table, *pair) for pair in pairs(names, table, shares)]
    # One scale, so that colours can be compared from pair to pair.
    ends = _ends(bests)
    how = (
        f" A square is the best candidate that has both values, whatever else it has; colours are "
        f"the same in all pairs, dark {brief(ends[0])}, bright {brief(ends[1])}."
    )
    # As a grid has not.
    how += " Squares of more candidates have more chances to hold a high one." * drawn
    for place, own in enumerate(bests, 1):
        said, both = of_pair(own, scoring), (own.columns.name, own.index.name)
        yield Illustration(
            f"pair_{place}",
            "pairs",
            said + how * (place == 1),
            f"Best {title(scoring)} by {' and '.join(map(short, both))}. {said}",
            partial(grid.heat_map, own, ends, scoring),
        )


def pairs(
    names: Sequence[str], table: pd.DataFrame, shares: dict[str, float]
) -> list[tuple[str, str]]:
    """Return the pairs of hyperparameters to draw, those first that explain most together."""
    varied = [name for name in names if not table[name].eq(table[name].iloc[0]).all()]
    both = itertools.combinations(varied, 2)

    def explained(pair: tuple[str, str]) -> float:
        one, other = pair
        together = (f"{one} with {other}", f"{other} with {one}", one, other)
        return -sum(shares.get(name, 0) for name in together)

    return sorted(both, key=explained)[:PAIRS]


def _ends(tables: Sequence[pd.DataFrame]) -> tuple[float, float]:
    """Return the lowest and the highest score of all tables."""
    scores = [own.to_numpy(float).ravel() for own in tables]
    known = [score for own in scores for score in own.tolist() if math.isfinite(score)]
    return min(known, default=0.0), max(known, default=1.0)


def _by_value(table: pd.DataFrame, name: str, how: str) -> str:
    scores = table.groupby(name)["mean_test_score"].agg(how).dropna()
    order = [value for value in in_order(table[name]) if value in scores.index]
    said = ", ".join(f"{short(value)} {brief(scores[value])}" for value in order[:NAMED])
    return (said or "no candidate has a score") + " and more" * (len(order) > NAMED)


def _trained(content: dict[str, Any]) -> Iterator[Illustration]:
    """Show how the best candidates and the worst were trained."""
    history = content["cell_curves"]
    if history.empty:
        return
    known = set(history["candidate"])
    ranked = content["candidates"].dropna(subset="mean_test_score")
    ranked = ranked.sort_values(["rank_test_score", "candidate"])
    order = ranked["candidate"].tolist()
    # Of few candidates the better half is the best.
    best = [own for own in order[: min(SHOWN, (len(order) + 1) // 2)] if own in known]
    worst = [own for own in order[::-1][:SHOWN] if own in known and own not in best]
    if not best:
        return
    rows = {"best candidates": best} | ({"worst candidates": worst} if worst else {})
    last = {own: _last(history, own) for own in best + worst}
    losses = [f"candidate {own} {brief(loss)}" for own, loss in last.items()]
    of_targets = {own: name for own, name in units(ranked).items() if own in best + worst}
    apart = (
        " Losses are in the unit of the transformed target: candidates of different "
        "transformations (in the legend) cannot be compared."
        if len(set(of_targets.values())) > 1
        else ""
    )
    said = "" if apart else f"{of_losses(last, best, worst)} "
    named = of_targets if apart else {}
    yield Illustration(
        "cells",
        "curves",
        f"{said}Lines are means over folds of the best candidates and the worst, bands go from the "
        f"lowest fold to the highest.{stopped(history)}{apart}",
        f"Loss after the last epoch: {', '.join(losses)}.{apart}",
        partial(folds.candidates, history, rows, measures(history)[:2], named),
    )


def stopped(history: pd.DataFrame) -> str:
    """Say what a mean over folds is where some of them have stopped early."""
    apart = ends_apart(history)
    return " Each epoch shows the folds that had not stopped before it." if apart else ""


def _last(history: pd.DataFrame, candidate: int) -> float:
    own = history[history["candidate"] == candidate]
    return float(last_epochs(own)["loss"].mean())
