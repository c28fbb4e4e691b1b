"""A search that can be killed: run by tests in processes that share what is imported here."""

import json
from pathlib import Path

import numpy as np
from keras import Input, Sequential, layers

from gridlanes import GridSearchCV, KerasClassifier, Store

RNG = np.random.default_rng(3)
X = RNG.normal(size=(30, 4)).astype("float32")
Y = (X[:, 0] > 0).astype(int)

#: Twelve lanes in three runs, with six snapshots each.
GRID = {
    "activation": ["relu", "tanh"],
    "optimizer": ["adam", "sgd"],
    "batch_size": [4, 5, 8],
    "epochs": [5, 10, 20, 40, 60, 80],
}
FITS = 2 * 2 * 3 * 6 * 2


def build(activation="relu"):
    return Sequential(
        [
            Input((4,)),
            layers.Dense(3, activation=activation),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


class Recorded(Store):
    """A store that notes what is looked up, found and reported stored."""

    def __init__(self, path, notes):
        super().__init__(path)
        self.notes = Path(notes)

    def note(self, what, keys):
        with self.notes.open("a") as file:
            file.write(json.dumps([what, [f"{key.hex()} {epochs}" for key, epochs in keys]]) + "\n")

    def find(self, keys):
        found = super().find(keys)
        self.note("missing", [key for key in keys if key not in found])
        return found

    def keep(self, records):
        super().keep(records)
        self.note("stored", records)


def search(memory=None, **options):
    return GridSearchCV(
        KerasClassifier(build, random_state=7),
        GRID,
        cv=2,
        memory=memory,
        scoring="neg_log_loss",
        **options,
    )


def run(path, notes):
    """Search with a store; called in a process that may be killed at any moment."""
    memory = Recorded(path, notes)
    found = search(memory, refit=False).fit(X, Y)
    memory.note(str(found.fit_report_.trained), [])


def results(found):
    """Return all scores as text, to the last bit."""
    return {
        name: [float(value).hex() for value in values]
        for name, values in found.cv_results_.items()
        if "score" in name and "time" not in name
    }
