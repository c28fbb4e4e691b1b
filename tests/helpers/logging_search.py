"""A search that notes which process trains which candidate."""

import os

import numpy as np

from gridlanes import GridSearchCV, KerasClassifier


def logged(path, units=2):
    """Build a network, and note in which process and for which candidate."""
    import keras

    with open(path, "a") as notes:  # noqa: PTH123 - goes to the workers as it is
        notes.write(f"{os.getpid()} {units}\n")
    model = keras.Sequential(
        [keras.Input((3,)), keras.layers.Dense(units), keras.layers.Dense(1, "sigmoid")]
    )
    # A graph takes longer to trace than this network to train.
    model.compile("sgd", "binary_crossentropy", run_eagerly=True)
    return model


def logging_search(path, memory, units, **options):
    estimator = KerasClassifier(logged, path=str(path), units=1, epochs=1, random_state=0)
    return GridSearchCV(
        *(estimator, {"units": units}),
        cv=[(np.arange(40), np.arange(40, 60))],
        **{"engine": "keras", "memory": memory, "refit": False, "n_jobs": 2, **options},
    )
