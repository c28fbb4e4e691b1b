"""How scores of two snapshots can be compared: whether they measure the same, on which folds."""

from collections.abc import Mapping
from typing import Any, Literal

from stages.reporting.comparing.snapshot import Snapshot
from stages.reporting.evidence.tested_rows import shared_folds
from stages.reporting.spelling.parameters import at
from stages.study.scorers import is_of_a_class
from stages.study.sections.scoring import choosing

#: Without one of these in common scores do not measure the same.
MEASURES = ("data.target", "data.task", "data.weights")

#: What changes the folds by intent. Whatever else does is seen by the rows that they test.
FOLDS = ("seed", "grid_search.cv", "data.groups", "data.time", "data.sheet")

#: Rows of the same places are others; how folds are drawn may come to the same.
HOLDOUT, SPLIT = "preprocess.holdout", "grid_search.split"

#: "shared" is paired by the folds that both have, all of one side's; "unknown" is what no test is
#: known for, "none" what does not measure the same.
Test = Literal["paired", "shared", "unpaired", "unknown", "none"]


def comparability(then: Snapshot, now: Snapshot) -> tuple[Test, list[str]]:
    """Return how scores can be compared, and what is not the same if not fold by fold."""
    different = _measured(then, now)
    if different:
        return "none", different
    # An empty mapping is no time either.
    if at(then.params, "data.time") or at(now.params, "data.time"):
        return "unknown", []
    without = [
        side.name for side in (then, now) if at(side.params, "data.groups") and side.ratio is None
    ]
    if without:
        return "unknown", without
    different = [path for path in FOLDS if at(then.params, path) != at(now.params, path)]
    different += [HOLDOUT] * (_said(then, HOLDOUT) != _said(now, HOLDOUT))
    different += ["the raw table"] * (then.table != now.table)
    return ("unpaired", different) if different else _by_folds(then, now)


def _by_folds(then: Snapshot, now: Snapshot) -> tuple[Test, list[str]]:
    """Return how scores on the same table can be compared, by which rows are tested together."""
    drawn = [SPLIT] * (_said(then, SPLIT) != _said(now, SPLIT))
    if folds_of_both(then, now):
        return "shared", drawn
    if then.scores.shape[1] != now.scores.shape[1]:
        return "unpaired", drawn or ["the number of folds"]
    unknown = [f"{side.name} does not hold its own" for side in (then, now) if side.tested is None]
    if then.tested is None or now.tested is None or not then.tested.equals(now.tested):
        return "unpaired", unknown or drawn or ["other rows or targets"]
    return "paired", []


def folds_of_both(then: Snapshot, now: Snapshot) -> list[tuple[int, int]]:
    """Return the folds that both have where one has more; nothing if either has others besides."""
    sides = (then.scores.shape[1], now.scores.shape[1])
    if then.tested is None or now.tested is None or sides[0] == sides[1]:
        return []
    shared = shared_folds(then.tested, now.tested)
    return shared if len(shared) == min(sides) > 1 else []


def _said(side: Snapshot, path: str) -> Any:
    """Return what a revision says, where an empty mapping says nothing."""
    return at(side.params, path) or None


def _measured(then: Snapshot, now: Snapshot) -> list[str]:
    """Return what is not the same of what scores measure."""
    then_by, now_by = (chooser(side.params) for side in (then, now))
    paths = [*MEASURES, *["data.positive"] * is_of_a_class(now_by)]
    different = ["grid_search.scoring"] * (then_by != now_by)
    different += [path for path in paths if at(then.params, path) != at(now.params, path)]
    one, other = _classes(then), _classes(now)
    other_classes = one is not None and other is not None and one != other
    return different or ["classes"] * other_classes


def chooser(params: Mapping[str, Any]) -> str:
    """Return the name of the scorer that chooses, of parameters that need not be today's."""
    scoring = at(params, "grid_search.scoring")
    try:
        return choosing(scoring, at(params, "grid_search.refit"))
    except ValueError:
        return str(scoring)


def _classes(side: Snapshot) -> set[Any] | None:
    if side.tested is None or at(side.params, "data.task") != "classification":
        return None
    return set(side.tested["truth"])
