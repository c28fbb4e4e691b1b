"""Ten lines of plain Keras: the contract of a fit, without this project's code."""

import keras
import numpy as np


def fit(
    model_of,
    X,
    y,
    *,
    epochs,
    batch_size,
    seed,
    weight=None,
    inputs=lambda X: X,
    targets=lambda y: y,
):
    keras.utils.set_random_seed(seed)
    model = model_of()
    losses = []
    for epoch in range(epochs):
        order = np.random.default_rng([seed, epoch]).permutation(len(X))
        history = model.fit(
            inputs(X[order]),
            targets(y[order]),
            sample_weight=None if weight is None else weight[order],
            batch_size=batch_size,
            epochs=1,
            shuffle=False,
            verbose=0,
        )
        losses += history.history["loss"]
    return model, losses
