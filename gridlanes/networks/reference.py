"""A fit by plain ``model.fit``: the numbers that every faster way must agree with.

The contract, in plain Keras::

    keras.utils.set_random_seed(seed)
    model = build()
    for epoch in range(epochs):
        order = numpy.random.default_rng([seed, epoch]).permutation(len(X))
        model.fit(X[order], y[order], batch_size=batch_size, epochs=1, shuffle=False)

Layers of the model that learn from rows what text and numbers there are, and have not, are adapted
to ``X`` before it is trained, see :mod:`gridlanes.networks.front`.

It is run as one call of ``fit`` over a data set that yields those very batches, so that
callbacks see one training run with all its epochs.
"""

import contextlib
import copy
import itertools
import time
from collections.abc import Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from gridlanes.compat.compiled_models import given_metrics
from gridlanes.compat.random_seed import forget_kernels
from gridlanes.networks.front import adapt
from gridlanes.networks.inputs import as_inputs
from gridlanes.networks.lane import Lane, LaneResult, Request, as_history, check_finite
from gridlanes.networks.seeding import own_globals, seeded
from gridlanes.networks.shapes import as_outputs, total_width
from gridlanes.networks.shared_traces import shared_traces
from gridlanes.networks.targets import for_network

#: Fits after which TensorFlow is made to forget the kernels of their data sets.
FITS_REMEMBERED = 8

_fits = itertools.count(1)

#: Rows in one call of a network for its predictions; bounds the memory of wide activations.
ROWS_PER_CALL = 4096


def train(request: Request, verbose: int | str = 0) -> LaneResult:
    """Train one lane with ``model.fit``, see :func:`run`.

    Raises
    ------
    DivergedError
        If the loss ends as NaN or infinite.
    """
    result = run(request, verbose)
    check_finite(request.lane, result)
    return result


def run(request: Request, verbose: int | str = 0) -> LaneResult:
    """Train one lane with ``model.fit``, wherever it ends.

    Parameters
    ----------
    request : Request
        Each callback of its lane is copied first: what it remembers belongs to one fit.
    verbose : int or str
        As in ``keras.Model.fit``.
    """
    lane, started = request.lane, time.perf_counter()
    with own_globals(lane.seed):
        model = lane.build()
        adapt(model, lane)
        history = _fit(lane, model, 0, verbose)
    seconds = time.perf_counter() - started
    outputs = tuple(predict(model, X, lane.columns) for X in request.rows)
    state = tuple(keras.ops.convert_to_numpy(variable) for variable in _variables(model))
    return LaneResult(history, model.loss, lambda: model, outputs, seconds, state)


def untrained(lane: Lane) -> LaneResult:
    """Return what a fit begins with: a network with its first weights, and no history."""
    model = seeded(lane.build, lane.seed)
    adapt(model, lane)
    return LaneResult({}, model.loss, lambda: model, (), 0.0, ())


def go_on(
    lane: Lane, model: keras.Model, first: int, verbose: int | str = 0
) -> dict[str, list[float]]:
    """Train a model further, as a lane asks for, and return the history of that.

    Parameters
    ----------
    lane : Lane
    model : keras.Model
        Compiled; its weights and the state of its optimizer are changed.
    first : int
        Number of the first epoch, counted from 0: it decides the order of rows.
    verbose : int or str

    Raises
    ------
    DivergedError
        If the loss ends as NaN or infinite.
    """
    with own_globals(lane.seed):
        history = _fit(lane, model, first, verbose)
    check_finite(lane, LaneResult(history, model.loss, lambda: model, (), 0.0, ()))
    return history


def _fit(lane: Lane, model: keras.Model, first: int, verbose: int | str) -> dict[str, list[float]]:
    with _metrics_left_as_found(model), shared_traces(model):
        history = model.fit(
            _batches(lane, model, first),
            epochs=first + lane.epochs,
            initial_epoch=first,
            steps_per_epoch=lane.steps_per_epoch,
            validation_data=_validation(lane, model),
            validation_batch_size=lane.validation_batch_size,
            shuffle=False,
            callbacks=list(copy.deepcopy(lane.callbacks)),
            verbose=verbose,
        ).history
    if next(_fits) % FITS_REMEMBERED == 0:
        forget_kernels()
    return as_history(history)


@contextlib.contextmanager
def _metrics_left_as_found(model: keras.Model) -> Iterator[None]:
    """Let metrics that were given as objects count for one fit only.

    Keras does not reset at the first epoch what it has yet to build, and several fits may be given
    the same object.
    """
    metrics = given_metrics(model)
    found = [[variable.numpy() for variable in metric.variables] for metric in metrics]
    try:
        yield
    finally:
        for metric, values in zip(metrics, found, strict=True):
            # Some make their variables, or more of them, when they first see targets.
            metric.reset_state()
            for variable, value in zip(metric.variables, values, strict=False):
                variable.assign(value)


def restored(lane: Lane, state: tuple[NDArray, ...]) -> keras.Model:
    """Return the trained model of a lane from the values of its variables."""
    model = seeded(lane.build, lane.seed)
    adapt(model, lane)
    model.optimizer.build(model.trainable_variables)
    for variable, value in zip(_variables(model), state, strict=True):
        variable.assign(value)
    return model


def _variables(model: keras.Model) -> list[keras.Variable]:
    """Return what training changes: weights, statistics, generators and the optimizer's slots."""
    layers = [*model.trainable_variables, *model.non_trainable_variables]
    return [*layers, *model.optimizer.variables]


def predict(
    model: keras.Model, X: NDArray, columns: Sequence[str] = (), at_once: int = ROWS_PER_CALL
) -> NDArray:
    """Return the outputs of a network, shape (rows, outputs).

    The network is called rather than its ``predict``, which traces a graph for every new model
    (0.1 s) and gives the same numbers to the rounding of its float type. ``columns`` are the names
    of those of ``X``, see :func:`gridlanes.networks.inputs.shares`; ``at_once`` is how many rows
    there are in a call.
    """
    chunks = range(0, len(X), at_once)
    outputs = [
        model(as_inputs(model, X[start : start + at_once], columns), training=False)
        for start in chunks
    ]
    rows = [
        np.concatenate([keras.ops.convert_to_numpy(own) for own in keras.tree.flatten(output)], -1)
        for output in outputs
    ]
    return np.concatenate(rows)


def _batches(lane: Lane, model: keras.Model, first: int) -> tf.data.Dataset:
    """Return the mini-batches of a run in their order, the last of an epoch short.

    Orders are drawn epoch by epoch: kept for a whole run they could outgrow the data.
    """
    inputs, *others = as_columns(lane, model, (lane.X, lane.y, lane.sample_weight))
    columns = keras.tree.map_structure(tf.convert_to_tensor, (inputs, *others))

    def epoch_batches(epoch: tf.Tensor) -> tf.data.Dataset:
        order = tf.numpy_function(lambda e: lane.order(int(e)), [epoch], tf.int64)
        order.set_shape([len(lane.X)])
        return tf.data.Dataset.from_tensor_slices(order).batch(lane.batch_size)

    batches = tf.data.Dataset.range(first, first + lane.epochs).flat_map(epoch_batches)
    return batches.map(
        lambda rows: keras.tree.map_structure(lambda column: tf.gather(column, rows), columns)
    )


def _validation(lane: Lane, model: keras.Model) -> tuple | None:
    """Return the rows held out in the form of ``model.fit``."""
    return None if lane.validation is None else as_columns(lane, model, lane.validation)


def as_columns(
    lane: Lane, model: keras.Model, data: tuple[NDArray, NDArray, NDArray | None]
) -> tuple:
    """Return rows (an array for each input), targets and, if there are any, weights for Keras."""
    X, y, weight = data
    inputs = as_inputs(model, X, lane.columns)
    target = for_network(
        y,
        n_classes=lane.n_classes,
        width=total_width(model, X.shape),
        loss=model.loss,
        dtype=keras.config.floatx(),
    )
    targets = as_outputs(model, target)
    columns = (tuple(inputs) if isinstance(inputs, list) else inputs, targets)
    return columns if weight is None else (*columns, weight)
