"""What a fit of this project is by definition, in plain Keras and without its code."""

from collections.abc import Sequence

import keras
import numpy as np

from benchmarks.network import compiled_model
from benchmarks.peers import Outcome
from benchmarks.sampling import Cell
from benchmarks.tasks import Task


def search(task: Task, cells: Sequence[Cell] | None) -> Outcome:
    """Search a task, see :mod:`benchmarks.peers`."""
    data = task.data()
    folds = list(task.splitter().split(*data))
    scores = []
    for number, fold in task.cells() if cells is None else cells:
        candidate = task.candidates()[number]
        train, test = folds[fold]
        X, y = (column[train] for column in data)
        keras.utils.set_random_seed(task.seed)
        model = compiled_model(X.shape[1], task.hidden, candidate)
        for epoch in range(candidate["epochs"]):
            order = np.random.default_rng([task.seed, epoch]).permutation(len(X))
            model.fit(
                X[order],
                y[order],
                batch_size=candidate["batch_size"],
                epochs=1,
                shuffle=False,
                verbose=0,
            )
        labels = model.predict(data[0][test], verbose=0)[:, 0] > 0.5
        scores.append((number, fold, float(np.mean(labels == data[1][test]))))
    return Outcome(scores)
