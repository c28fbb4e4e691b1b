"""Scikit-learn's ``MLPClassifier`` under ``GridSearchCV``: as many fits, as many gradient steps.

What differs: it has no RMSprop and no choice of initialiser, so the 9 pairs of optimizer and
initialiser become 9 pairs of solver and learning rate; SGD has Nesterov momentum 0.9; initial
weights are Glorot's for all. Network, activations, epochs (``tol=0`` and a patience without end
keep it from stopping early), batch sizes and folds are those of the task, and there is no penalty.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier

from benchmarks.peers import Outcome
from benchmarks.peers.results import candidates_of, fold_scores
from benchmarks.sampling import Cell
from benchmarks.tasks import Task

SOLVERS = [("adam", rate) for rate in (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)]
SOLVERS += [("sgd", rate) for rate in (1e-3, 1e-2, 3e-2, 1e-1)]


def search(task: Task, cells: Sequence[Cell] | None, n_jobs: int) -> Outcome:
    """Search a task, see :mod:`benchmarks.peers`."""
    numbers = candidates_of(task, cells)
    grid = task.candidates()
    X, y = task.data()
    grid_search = GridSearchCV(
        MLPClassifier(
            task.hidden, alpha=0.0, tol=0.0, n_iter_no_change=10**6, random_state=task.seed
        ),
        [translated(task, grid[number]) for number in numbers],
        scoring="accuracy",
        cv=task.splitter(),
        n_jobs=n_jobs,
        refit=False,
    ).fit(X, y)
    return Outcome(fold_scores(grid_search.cv_results_, numbers, task.folds))


def translated(task: Task, candidate: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the counterpart of a candidate, a list of one value for each parameter."""
    optimizers, inits = task.grid["optimizer"], task.grid["init"]
    pair = optimizers.index(candidate["optimizer"]) * len(inits) + inits.index(candidate["init"])
    solver, learning_rate = SOLVERS[pair]
    activation = candidate["activation"]
    return {
        "activation": ["logistic" if activation == "sigmoid" else activation],
        "solver": [solver],
        "learning_rate_init": [learning_rate],
        "max_iter": [candidate["epochs"]],
        "batch_size": [candidate["batch_size"]],
    }
