"""``gridlanes.GridSearchCV`` over ``gridlanes.KerasClassifier``: the one being measured."""

from collections.abc import Sequence
from dataclasses import asdict

# Loaded here, like every peer's libraries, though gridlanes itself would wait for the first fit.
import gridlanes.networks.building
import gridlanes.planning.planner
import gridlanes.planning.stored_fits
import gridlanes.workers.execute_plan  # noqa: F401
from benchmarks.network import create_model
from benchmarks.peers import Outcome
from benchmarks.peers.results import candidates_of, fold_scores
from benchmarks.sampling import Cell
from benchmarks.tasks import Task
from gridlanes import GridSearchCV, KerasClassifier


def search(
    task: Task, cells: Sequence[Cell] | None, *, memory: str | None = None, refit: bool = False
) -> Outcome:
    """Search a task, see :mod:`benchmarks.peers`; ``memory`` is the file of a store."""
    numbers = candidates_of(task, cells)
    candidates = task.candidates()
    X, y = task.data()
    grid_search = GridSearchCV(
        KerasClassifier(create_model, hidden=task.hidden, random_state=task.seed),
        task.grid
        if cells is None
        else [{k: [v] for k, v in candidates[n].items()} for n in numbers],
        scoring="accuracy",
        cv=task.splitter(),
        refit=refit,
        memory=memory,
    ).fit(X, y)
    scores = fold_scores(grid_search.cv_results_, numbers, task.folds)
    return Outcome(scores, dict(grid_search.timings_), asdict(grid_search.fit_report_))
