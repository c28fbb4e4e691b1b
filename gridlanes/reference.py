"""A fit by plain ``model.fit``: the numbers that every faster way must agree with.

The contract, in plain Keras::

    keras.utils.set_random_seed(seed)
    model = build()
    for epoch in range(epochs):
        order = numpy.random.default_rng([seed, epoch]).permutation(len(X))
        model.fit(X[order], y[order], batch_size=batch_size, epochs=1, shuffle=False)

It is run as one call of ``fit`` over a data set that yields those very batches, so that
callbacks see one training run with all its epochs.
"""

import copy
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state
from numpy.typing import NDArray

from gridlanes.lane import Lane, LaneResult
from gridlanes.targets import for_network

#: Rows in one call of a network for its predictions; bounds the memory of wide activations.
ROWS_PER_CALL = 4096


def train(lane: Lane, callbacks: Sequence[Any] | None = None, verbose: int | str = 0) -> LaneResult:
    """Train one lane with ``model.fit``.

    Parameters
    ----------
    lane : Lane
    callbacks : sequence of keras.callbacks.Callback, optional
        Copied first: what a callback remembers belongs to one fit.
    verbose : int or str
        As in ``keras.Model.fit``.
    """
    with _own_globals():
        keras.utils.set_random_seed(lane.seed)
        model = lane.build()
        history = model.fit(
            _batches(lane, model),
            epochs=lane.epochs,
            steps_per_epoch=lane.steps_per_epoch,
            shuffle=False,
            callbacks=copy.deepcopy(list(callbacks or [])),
            verbose=verbose,
        )
    return LaneResult(model, history.history)


def predict(model: keras.Model, X: NDArray) -> NDArray:
    """Return the outputs of a network, shape (rows, outputs).

    The network is called rather than its ``predict``, which traces a graph for every new model
    (0.1 s) and gives the same numbers to the rounding of its float type.
    """
    chunks = range(0, len(X), ROWS_PER_CALL)
    outputs = [model(X[start : start + ROWS_PER_CALL], training=False) for start in chunks]
    return np.concatenate([keras.ops.convert_to_numpy(output) for output in outputs])


@contextmanager
def _own_globals() -> Iterator[None]:
    """Leave the caller's random states and layer names as they were.

    ``set_random_seed`` seeds Python's and NumPy's global generators, which are the caller's. Keras
    numbers layers and metrics over the life of the process; counting from the start makes the
    names in a model and its history depend on that model only.
    """
    states = random.getstate(), np.random.get_state()
    names = global_state.get_global_attribute("object_name_uids")
    global_state.set_global_attribute("object_name_uids", None)
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        global_state.set_global_attribute("object_name_uids", names)


def _batches(lane: Lane, model: keras.Model) -> tf.data.Dataset:
    """Return the mini-batches of the whole run in their order, the last of an epoch short.

    Orders are drawn epoch by epoch: kept for a whole run they could outgrow the data.
    """
    target = for_network(
        lane.y,
        n_classes=lane.n_classes,
        width=model.output_shape[-1],
        loss=model.loss,
        dtype=keras.config.floatx(),
    )
    weights = [] if lane.sample_weight is None else [lane.sample_weight]
    columns = [tf.convert_to_tensor(column) for column in (lane.X, target, *weights)]

    def epoch_batches(epoch: tf.Tensor) -> tf.data.Dataset:
        order = tf.numpy_function(lambda e: lane.order(int(e)), [epoch], tf.int64)
        order.set_shape([len(lane.X)])
        return tf.data.Dataset.from_tensor_slices(order).batch(lane.batch_size)

    batches = tf.data.Dataset.range(lane.epochs).flat_map(epoch_batches)
    return batches.map(lambda rows: tuple(tf.gather(column, rows) for column in columns))
