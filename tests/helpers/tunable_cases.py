"""A build function for KerasTuner, as its guides have them, and what tests make of it."""

import keras
import numpy as np

from gridlanes import KerasClassifier, Tunable

X = np.random.default_rng(0).normal(size=(30, 3))
Y = (X[:, 0] > 0).astype(int)


def build_model(hp):
    """Build a network as KerasTuner's guides do."""
    model = keras.Sequential([keras.Input((3,))])
    for i in range(hp.Int("num layers", 1, 2)):
        units = hp.Int(f"units_{i}", min_value=2, max_value=6, step=2)
        model.add(keras.layers.Dense(units, hp.Choice("activation", ["relu", "tanh"])))
    if hp.Boolean("dropout"):
        model.add(keras.layers.Dropout(hp.Float("rate", 0.1, 0.5)))
    model.add(keras.layers.Dense(1, "sigmoid"))
    rate = hp.Float("lr", min_value=1e-3, max_value=1e-1, sampling="log")
    model.compile(keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
    return model


MODEL = Tunable(build_model)


def classifier(model=MODEL, **parameters):
    return KerasClassifier(model, **{"epochs": 2, "batch_size": 8, "random_state": 1, **parameters})


def asked(ask):
    """Return what a search draws from for what a function asks for."""
    return Tunable(ask).param_distributions
