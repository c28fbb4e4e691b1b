"""A loop of plain ``model.fit`` over candidates and folds.

By default as the guides write it. The best settings skip XLA, whose compiling costs more than such
short runs gain, run an epoch as one call into TensorFlow, and predict by calling the model, which
saves the tracing of ``predict``.
"""

from collections.abc import Sequence

import keras
import numpy as np
from sklearn.metrics import accuracy_score

from benchmarks.network import compiled_model
from benchmarks.peers import Outcome
from benchmarks.sampling import Cell
from benchmarks.tasks import Task


def search(task: Task, cells: Sequence[Cell] | None, best: bool) -> Outcome:
    """Search a task, see :mod:`benchmarks.peers`."""
    X, y = task.data()
    folds = list(task.splitter().split(X, y))
    candidates = task.candidates()
    scores = []
    for number, fold in task.cells() if cells is None else cells:
        candidate = candidates[number]
        train, test = folds[fold]
        epochs, batch_size = candidate["epochs"], candidate["batch_size"]
        settings = {}
        if best:
            settings = {
                "jit_compile": False,
                "steps_per_execution": -(-len(train) // batch_size),
            }
        keras.utils.set_random_seed(task.seed)
        model = compiled_model(X.shape[1], task.hidden, candidate, **settings)
        model.fit(X[train], y[train], epochs=epochs, batch_size=batch_size, verbose=0)
        if best:
            outputs = keras.ops.convert_to_numpy(model(X[test], training=False))
        else:
            outputs = model.predict(X[test], verbose=0)
        labels = (outputs[:, 0] > 0.5).astype(np.int64)
        scores.append((number, fold, float(accuracy_score(y[test], labels))))
    return Outcome(scores)
