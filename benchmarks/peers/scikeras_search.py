"""SciKeras: ``KerasClassifier`` under scikit-learn's ``GridSearchCV``.

The stratified folds are passed explicitly: under scikit-learn 1.9, ``cv=3`` would take SciKeras'
classifier for a regressor and not stratify. ``random_state`` is left alone, as in the tutorial.
"""

from collections.abc import Sequence

from scikeras.wrappers import KerasClassifier
from sklearn.model_selection import GridSearchCV

from benchmarks.network import create_model
from benchmarks.peers import Outcome
from benchmarks.peers.results import candidates_of, fold_scores
from benchmarks.sampling import Cell
from benchmarks.tasks import Task

#: Arguments of the build function are written ``model__name``.
BUILD = ("activation", "init")


def search(task: Task, cells: Sequence[Cell] | None, n_jobs: int) -> Outcome:
    """Search a task, see :mod:`benchmarks.peers`."""
    numbers = candidates_of(task, cells)
    grid = task.candidates()
    X, y = task.data()
    grid_search = GridSearchCV(
        KerasClassifier(
            create_model,
            model__hidden=task.hidden,
            loss="binary_crossentropy",
            metrics=["accuracy"],
            verbose=0,
        ),
        [
            {f"model__{k}" if k in BUILD else k: [v] for k, v in grid[number].items()}
            for number in numbers
        ],
        scoring="accuracy",
        cv=task.splitter(),
        n_jobs=n_jobs,
        refit=False,
    ).fit(X, y)
    return Outcome(fold_scores(grid_search.cv_results_, numbers, task.folds))
