"""A small fit as people write it, and the same by plain Keras."""

import functools

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import make_classification

from gridlanes import KerasClassifier

X, Y = make_classification(60, 4, random_state=0)
X = X.astype("float32")
#: All rows train, and are judged.
ONE_FOLD = [(np.arange(60), np.arange(60))]
LABELS = np.c_[Y, X[:, 0] > 0, X[:, 1] > 0].astype(int)


def network(hidden=3, units=1, last="sigmoid", features=4):
    layers = [keras.layers.Dense(hidden, "tanh"), keras.layers.Dense(units, last)]
    return keras.Sequential([keras.Input((features,)), *layers])


def plain(
    build=network, optimizer="sgd", loss="binary_crossentropy", y=Y, epochs=2, seed=3,
    batch_size=40, shuffle=True, metrics=("accuracy",), **held_out,
):  # fmt: skip
    """Return a model trained by the documented loop, and its history."""
    keras.utils.set_random_seed(seed)
    model = build()
    if not model.compiled:
        model.compile(optimizer, loss, metrics=list(metrics))
    history = {}
    for epoch in range(epochs):
        order = np.arange(len(X))
        if shuffle:
            order = np.random.default_rng([seed, epoch]).permutation(order)
        # As arrays, Keras would trace four functions to take the same batches from them.
        rows = tf.data.Dataset.from_tensor_slices((X[order], y[order])).batch(batch_size)
        run = model.fit(rows, shuffle=False, verbose=0, **held_out)
        for name, values in run.history.items():
            history.setdefault(name, []).extend(values)
    return model, history


#: The same for tests that only look at it.
plain_once = functools.cache(plain)


def classifier(build=network, **parameters):
    settings = {"epochs": 2, "batch_size": 40, "optimizer": "sgd", "random_state": 3}
    return KerasClassifier(build, **{**settings, **parameters})


def assert_same(fitted, model):
    for ours, theirs in zip(fitted.model_.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)
