"""What is searched: data, folds, network and grid, the same for every peer.

A task is plain data, so that it can be sent to the process that runs a peer. Nothing heavy is
imported here: a peer's imports are timed.
"""

import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sklearn.model_selection import StratifiedKFold

PIMA = Path(__file__).parent.parent / "data" / "raw" / "pima-indians-diabetes.csv"
FEATURES = 8

#: The grid of the tutorial: 243 candidates.
TUTORIAL_GRID: dict[str, list[Any]] = {
    "activation": ["tanh", "relu", "sigmoid"],
    "optimizer": ["rmsprop", "adam", "sgd"],
    "init": ["glorot_uniform", "normal", "uniform"],
    "epochs": [5, 10, 25],
    "batch_size": [8, 16, 64],
}


@dataclass(frozen=True)
class Task:
    """One grid search.

    Attributes
    ----------
    grid : dict of str to list
        A full product. Keys are ``activation``, ``optimizer``, ``init``, ``epochs``,
        ``batch_size`` and, optionally, ``optimizer__learning_rate``.
    hidden : sequence of int
        Units of the hidden layers.
    rows : int or None
        Rows of synthetic data; None for the Pima table.
    folds, seed : int
        Of the stratified, shuffled folds; the seed is also that of the fits.
    """

    grid: dict[str, list[Any]] = field(default_factory=lambda: TUTORIAL_GRID)
    hidden: tuple[int, ...] = (12, 8)
    rows: int | None = None
    folds: int = 3
    seed: int = 7

    def candidates(self) -> list[dict[str, Any]]:
        """Return the candidates in scikit-learn's order."""
        from sklearn.model_selection import ParameterGrid

        return list(ParameterGrid(self.grid))

    def cells(self) -> list[tuple[int, int]]:
        """Return all fits of the search, each as (number of the candidate, number of the fold)."""
        return [(c, f) for c in range(len(self.candidates())) for f in range(self.folds)]

    def splitter(self) -> "StratifiedKFold":
        """Return the cross-validation of every peer."""
        from sklearn.model_selection import StratifiedKFold

        return StratifiedKFold(self.folds, shuffle=True, random_state=self.seed)

    def data(self) -> "tuple[NDArray[np.float32], NDArray[np.int64]]":
        """Return the rows, scaled to [0, 1] beforehand for everyone, and the labels."""
        return _data(self.rows, self.seed)


@functools.cache
def _data(rows: int | None, seed: int) -> "tuple[NDArray[np.float32], NDArray[np.int64]]":
    """Return the data, which a process makes once, before the clock starts."""
    import numpy as np
    from sklearn.datasets import make_classification
    from sklearn.preprocessing import minmax_scale

    if rows is None:
        table = np.loadtxt(PIMA, delimiter=",", skiprows=1)
        X, y = table[:, :FEATURES], table[:, FEATURES]
    else:
        X, y = make_classification(rows, FEATURES, random_state=seed)
    return minmax_scale(X).astype("float32"), y.astype("int64")


def with_candidates(candidates: int) -> Task:
    """Return the tutorial's task cut down or extended to so many candidates.

    Each keeps all epochs and batch sizes. 27 leave out initialisers and optimizers, 81
    initialisers; 729 and 2430 cross the whole grid with 3 and 10 learning rates.
    """
    import numpy as np

    one = {"init": ["glorot_uniform"]}
    learning_rates = np.geomspace(1e-4, 1e-1, 10).tolist()
    changes: dict[int, dict[str, list[Any]]] = {
        27: {**one, "optimizer": ["adam"]},
        81: one,
        243: {},
        729: {"optimizer__learning_rate": learning_rates[3:6]},
        2430: {"optimizer__learning_rate": learning_rates},
    }
    return Task(grid={**TUTORIAL_GRID, **changes[candidates]})


def with_size(rows: int | None, units: int, epochs: int, batch_size: int) -> Task:
    """Return a search of 12 fits for the curves against rows and width: network 8-units-8-1."""
    grid = {
        "activation": ["tanh", "relu"],
        "optimizer": ["adam", "sgd"],
        "init": ["glorot_uniform"],
        "epochs": [epochs],
        "batch_size": [batch_size],
    }
    return Task(grid=grid, hidden=(units, 8), rows=rows)
