"""Which figures show the candidates of a search: by hyperparameter, by pairs, as they trained."""

import itertools
import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import pandas as pd

from stages.reporting.drawn_values import in_parts, is_number
from stages.reporting.figures import drawn, folds, grid
from stages.reporting.formats import number, percent, title
from stages.reporting.illustration import NAMED, Illustration
from stages.reporting.parameter_values import in_order
from stages.reporting.target_words import units
from stages.reporting.value_words import among, in_words
from stages.reporting.verdict import hyperparameters
from stages.study.counts import count
from stages.study.training_curves import ends_apart, last_epochs, measures

#: Heat maps are of so many pairs at most: those that explain most of the scores' variance.
PAIRS = 10

#: Cells whose training curves are drawn, from either end.
CELLS = 3


def of_search(content: dict[str, Any]) -> Iterator[Illustration]:
    """Return the figures that show the candidates of a search."""
    table, scoring = content["candidates"], content["best"]["scoring"]
    names, axes = hyperparameters(table), content.get("spans")
    shares = content["verdict"]["shares"].get("hyperparameters", {})
    counted = in_parts(table, axes)
    for place, name in enumerate(names, 1):
        best = f"Highest mean {title(scoring)} by {name}: {_by_value(counted, name, 'max')}."
        # A hyperparameter may have any name, a file may not.
        yield _scores_by(f"violins_{place}", name, content, shares, best)
    table = counted
    taken = " Numbers that were drawn are taken together in parts of their range." * bool(axes)
    means = [grid.pair_means(table, *pair) for pair in pairs(names, table, shares)]
    # One scale, so that colours can be compared from pair to pair.
    ends = _ends(means)
    for place, own in enumerate(means, 1):
        across, down = str(own.columns.name), str(own.index.name)
        yield Illustration(
            f"pair_{place}",
            "pairs",
            f"Mean {title(scoring)} by {across} and {down}, over all other hyperparameters.{taken}",
            _of_pair(table, across, down, scoring),
            partial(grid.heat_map, own, ends, scoring),
        )
    effects = [f"{name} {percent(shares[name])}" for name in names if name in shares]
    explained = f" Explained variance: {', '.join(effects)}." if effects else ""
    yield Illustration(
        "effects",
        "effects",
        f"Main effects: mean {title(scoring)} at each value, and a band with the middle 80 % "
        f"of the candidates.{taken}",
        f"Mean {title(scoring)} at each value of {', '.join(names)}.{explained}",
        partial(grid.main_effects, table, names, shares, scoring),
    )
    yield from _cells(content)


def _scores_by(
    file: str, name: str, content: dict[str, Any], shares: dict[str, Any], best: str
) -> Illustration:
    """Show all scores by one hyperparameter: as violins, over an axis if numbers were drawn."""
    table, scoring = content["candidates"], content["best"]["scoring"]
    axes = content.get("spans")
    by = grid.second(name, hyperparameters(table), table, shares)
    if axes is not None and name in axes:
        told = f", told apart by {by}" if by is not None else ""
        without = int((~table[name].map(is_number)).sum())
        left = f" {count(without, 'candidate')} without a number there left out." * bool(without)
        return Illustration(
            file,
            "violins",
            f"Mean {title(scoring)} of all candidates over {name}{told}: a point each, and a line "
            f"at the median of each part of the axis.{left}",
            best,
            partial(drawn.over_values, table, name, by, axes[name], scoring),
        )
    # A grid has as many candidates of each pair of values, a random search only some of few.
    by = by if axes is None else None
    split = f", split by {by}" if by is not None else ""
    return Illustration(
        file,
        "violins",
        f"Mean {title(scoring)} of all candidates by {name}{split}: a point each, and a line "
        "at the median.",
        best,
        partial(grid.violins, table, name, by, scoring),
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
    said = ", ".join(f"{in_words(value)} {number(scores[value])}" for value in order[:NAMED])
    return (said or "no candidate has a score") + " and more" * (len(order) > NAMED)


def _of_pair(table: pd.DataFrame, across: str, down: str, scoring: str) -> str:
    means = table.groupby([across, down], as_index=False)["mean_test_score"].mean().dropna()
    if means.empty:
        return f"No candidate has a {title(scoring)}."
    scores = means["mean_test_score"]
    ends = [
        f"{which} at {across} {among(means.loc[row, across])} with {down} "
        f"{among(means.loc[row, down])}, "
        f"{number(scores[row])}"
        for which, row in (("highest", scores.idxmax()), ("lowest", scores.idxmin()))
    ]
    return f"Mean {title(scoring)} by {across} and {down}: {'; '.join(ends)}."


def _cells(content: dict[str, Any]) -> Iterator[Illustration]:
    """Show how the best cells and the worst were trained."""
    history = content["cell_curves"]
    if history.empty:
        return
    known = set(history["candidate"])
    ranked = content["candidates"].dropna(subset="mean_test_score")
    ranked = ranked.sort_values(["rank_test_score", "candidate"])
    order = ranked["candidate"].tolist()
    best = [own for own in order[:CELLS] if own in known]
    worst = [own for own in order[::-1][:CELLS] if own in known and own not in best]
    if not best:
        return
    rows = {"the best cells": best} | ({"the worst cells": worst} if worst else {})
    losses = [f"cell {own} {number(_last(history, own))}" for own in best + worst]
    of_targets = {own: name for own, name in units(ranked).items() if own in best + worst}
    apart = (
        " Losses are in the unit of the transformed target: cells of different transformations "
        "(in the legend) cannot be compared."
        if len(set(of_targets.values())) > 1
        else ""
    )
    yield Illustration(
        "cells",
        "curves",
        "Training curves of the best cells and the worst: mean over folds, and a band from the "
        f"lowest fold to the highest.{stopped(history)}{apart}",
        f"Loss after the last epoch: {', '.join(losses)}.{apart}",
        partial(folds.cells, history, rows, measures(history)[:2], of_targets if apart else {}),
    )


def stopped(history: pd.DataFrame) -> str:
    """Say what a mean over folds is where some of them have stopped early."""
    apart = ends_apart(history)
    return " Each epoch shows the folds that had not stopped before it." if apart else ""


def _last(history: pd.DataFrame, candidate: int) -> float:
    own = history[history["candidate"] == candidate]
    return float(last_epochs(own)["loss"].mean())
