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


def fit_by_batches(
    model_of, X, y, *, epochs, batch_size, seed, inputs=lambda X: X, targets=lambda y: y
):
    """The same mini-batch by mini-batch: most of ``model.fit`` without a graph is its data set."""
    keras.utils.set_random_seed(seed)
    model = model_of()
    losses = []
    for epoch in range(epochs):
        order = np.random.default_rng([seed, epoch]).permutation(len(X))
        batches = [order[start : start + batch_size] for start in range(0, len(X), batch_size)]
        said = [_step(model, inputs(X[own]), targets(y[own])) for own in batches]
        losses.append(np.average(said, weights=[len(own) for own in batches]))
    return model, losses


def _step(model, *columns):
    tensors = keras.tree.map_structure(keras.ops.convert_to_tensor, columns)
    return model.train_on_batch(*tensors, return_dict=True)["loss"]
