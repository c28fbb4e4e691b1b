"""The part of scikit-learn's results that every search peer reads alike."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.sampling import Cell
from benchmarks.tasks import Task


def candidates_of(task: Task, cells: Sequence[Cell] | None) -> list[int]:
    """Return the numbers of the candidates to search, each to be fitted on all folds."""
    if cells is None:
        return list(range(len(task.candidates())))
    return list(dict.fromkeys(candidate for candidate, _ in cells))


def fold_scores(
    cv_results: Mapping[str, Any], candidates: Sequence[int], folds: int
) -> list[tuple[int, int, float]]:
    """Return (candidate, fold, accuracy) of each fit from ``cv_results_``."""
    return [
        (candidate, fold, float(cv_results[f"split{fold}_test_score"][row]))
        for row, candidate in enumerate(candidates)
        for fold in range(folds)
    ]
