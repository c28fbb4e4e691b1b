"""The network of every Keras peer, written as a build function."""

from collections.abc import Mapping, Sequence
from typing import Any

import keras


def create_model(
    meta: Mapping[str, Any], hidden: Sequence[int], activation: str, init: str
) -> keras.Model:
    """Return an uncompiled multi-layer perceptron for a binary target.

    Parameters
    ----------
    meta : mapping
        ``n_features_in_`` is the number of features; SciKeras and gridlanes both pass it.
    hidden : sequence of int
        Units of each hidden layer.
    activation, init : str
        Activation of the hidden layers and initialiser of all kernels.
    """
    return keras.Sequential(
        [
            keras.Input((meta["n_features_in_"],)),
            *(
                keras.layers.Dense(units, activation=activation, kernel_initializer=init)
                for units in hidden
            ),
            keras.layers.Dense(1, activation="sigmoid", kernel_initializer=init),
        ]
    )


def compiled_model(
    features: int, hidden: Sequence[int], candidate: Mapping[str, Any], **settings: Any
) -> keras.Model:
    """Return a model of a candidate, compiled for plain ``model.fit``.

    Parameters
    ----------
    features : int
    hidden : sequence of int
    candidate : mapping
        See :class:`benchmarks.tasks.Task`.
    **settings
        More arguments of ``keras.Model.compile``.
    """
    model = create_model(
        {"n_features_in_": features}, hidden, candidate["activation"], candidate["init"]
    )
    optimizer = keras.optimizers.get(candidate["optimizer"])
    if "optimizer__learning_rate" in candidate:
        optimizer.learning_rate = candidate["optimizer__learning_rate"]
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"], **settings)
    return model
