"""By what and in how many folds a target is scored."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from stages.study.errors import InputError
from stages.study.params import Params
from stages.study.prepared import Prepared
from stages.study.split_checks import check_inner_splits, check_permutations, check_splits
from stages.study.suggest.params_file import NONE, Entry
from stages.study.suggest.target import Goal

#: Above this share of one class, naming it is right too often for accuracy to tell much.
LARGEST = 0.8

#: What is scored, the search's scorer first: balanced, and not.
BINARY = ("accuracy", "roc_auc", "neg_log_loss"), ("average_precision", "roc_auc", "neg_log_loss")
SEVERAL = (
    ("accuracy", "roc_auc_ovr", "neg_log_loss"),
    ("balanced_accuracy", "roc_auc_ovr", "neg_log_loss"),
)
NUMBERS = ("r2", "neg_mean_absolute_error", "neg_root_mean_squared_error")

#: So many groups for each fold are enough, whatever the chance by which they are dealt out.
PLENTY = 20

#: Numbers of folds that are tried where groups or a time decide what can be.
TRIED = (10, 5, 4, 3, 2)


@dataclass(frozen=True)
class Folds:
    """How many folds there are: of the base model, around a search, and within one.

    Attributes
    ----------
    folds, outer, cv : int
    exchangeable : bool
        Whether labels may be permuted.
    """

    folds: int
    outer: int
    cv: int
    exchangeable: bool = True


def scorers(goal: Goal) -> tuple[list[str], str]:
    """Return what suits a target, the search's scorer first, and why if it is not the usual."""
    if goal.task == "regression":
        return [*NUMBERS], ""
    shares = goal.counts / len(goal.y)
    unbalanced = float(shares.iloc[0]) > LARGEST
    kinds = BINARY if len(shares) == 2 else SEVERAL
    why = f"{shares.iloc[0]:.1%} are {shares.index[0]}" if unbalanced else ""
    return [*kinds[unbalanced]], why


def of_rows(goal: Goal, current: Params) -> tuple[Folds, str]:
    """Return how many folds of single rows a target allows, and by what."""
    if goal.task == "regression":
        most, why = len(goal.y) // 2, f"{len(goal.y)} rows"
    else:
        rarest: Any = goal.counts.index[-1]
        most = int(goal.counts.iloc[-1])
        why = f"class {rarest} has {most} rows"
    outer = min(current.nested_cv.outer, most)
    # What an outer fold leaves to the search inside it.
    inside = most - math.ceil(most / outer) if outer else most
    if inside < 2:
        outer, inside = 0, most
    return Folds(
        min(current.cross_validate.folds, most), outer, min(current.grid_search.cv, inside)
    ), why


def of_column(
    goal: Goal, role: str, column: pd.Series, scoring: Sequence[str], current: Params
) -> Folds | None:
    """Return how many folds groups or times allow; None if not even two.

    Parameters
    ----------
    goal : Goal
    role : {"groups", "time"}
    column : Series
        Of the rows that ``goal`` keeps.
    scoring : sequence of str
        The search's scorer first.
    current : Params
    """
    empty = pd.DataFrame({"_": 0}, index=goal.y.index)
    positive = goal.data.get("positive", NONE).value
    whole = {"task": goal.task, "positive": positive, role: {"column": str(column.name)}}
    data = Prepared(empty, goal.y, whole, **{role: column})
    wanted = Folds(current.cross_validate.folds, current.nested_cv.outer, current.grid_search.cv)
    may = _holds(check_permutations, data)
    if role == "groups" and _plenty(goal, column, wanted):
        return replace(wanted, exchangeable=may)
    folds = _first(data, wanted.folds, current.seed, scoring)
    single = _first(data, wanted.cv, current.seed, scoring[:1])
    if not folds or not single:
        return None
    for outer, cv in itertools.product(_below(wanted.outer), _below(wanted.cv)):
        if _nests(data, outer, cv, current.seed, scoring[:1]):
            return Folds(folds, outer, cv, may)
    return Folds(folds, 0, single, may)


def _plenty(goal: Goal, groups: pd.Series, wanted: Folds) -> bool:
    """Return whether each class is in so many groups that no fold lacks it."""
    classes = goal.y if goal.task == "classification" else np.zeros(len(goal.y))
    fewest = int(groups.groupby(np.asarray(classes)).nunique().min())
    return fewest >= PLENTY * max(wanted.folds, wanted.outer, wanted.cv)


def _below(most: int) -> list[int]:
    return [most, *(number for number in TRIED if number < most)] if most else []


def _first(data: Prepared, most: int, seed: int, scoring: Sequence[str]) -> int:
    """Return the largest number of folds that can be; 0 if none."""
    can = (own for own in _below(most) if _holds(check_splits, data, own, seed, scoring, ""))
    return next(can, 0)


def _nests(data: Prepared, outer: int, cv: int, seed: int, scoring: Sequence[str]) -> bool:
    def check() -> None:
        check_splits(data, cv, seed, scoring, "")
        splits = check_splits(data, outer, seed, scoring, "")
        check_inner_splits(data, splits, cv, seed, scoring)

    return _holds(check)


def _holds(check: Callable[..., object], *given: Any) -> bool:
    """Return whether a check passes."""
    try:
        check(*given)
    except InputError:
        return False
    return True


def as_entries(folds: Folds, why: str, current: Params) -> dict[str, dict[str, Entry]]:
    """Return how many folds there are, and why if they are fewer than they were."""
    found = {
        ("cross_validate", "folds"): (folds.folds, current.cross_validate.folds),
        ("grid_search", "cv"): (folds.cv, current.grid_search.cv),
        ("nested_cv", "outer"): (folds.outer, current.nested_cv.outer),
    }
    changes: dict[str, dict[str, Entry]] = {}
    for (section, key), (number, before) in found.items():
        less = why if number != before else ""
        changes.setdefault(section, {})[key] = Entry(number, less)
    if current.nested_cv.permutations and not folds.exchangeable:
        why = "labels cannot be exchanged between rows"
        changes.setdefault("nested_cv", {})["permutations"] = Entry(0, why)
    return changes
