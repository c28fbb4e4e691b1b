"""Layers that compute for all lanes at once, with the weights and settings of each lane.

The layers of a template are opened: what they would read of themselves they read of the lanes
that are traced. Layers with weights are written for all lanes here, or left to
``tf.vectorized_map``, which takes long to trace; where a layer looks across the rows of a
mini-batch, it leaves out those that only fill up a short one. All others compute row by row, and
see the rows of all lanes as rows.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from gridlanes.programs.lane_arithmetic import (
    chosen_where,
    kept_where,
    plus,
    product,
    repeated,
    reshaped,
    scaled,
    weighted,
)
from gridlanes.programs.lane_convolution import convolved
from gridlanes.programs.lane_noise import NOISES, noisy
from gridlanes.programs.penalties import watched
from gridlanes.programs.settings import Places
from gridlanes.programs.sizes import Dimension
from gridlanes.programs.supported import NOISE
from gridlanes.programs.traced_lanes import Lookup, TracedLanes

Tensor = Any

#: Takes a layer, its number and the lanes; returns the call.
Opened = Callable[[Any, int, TracedLanes], Callable[..., Tensor]]


def open_layer(layer: keras.layers.Layer, number: int, lanes: TracedLanes, places: Places) -> None:
    """Make a layer of a template compute for all lanes.

    Parameters
    ----------
    layer : keras.layers.Layer
    number : int
        Of the layer, with which its places begin.
    lanes : TracedLanes
    places : Places
    """
    kind = type(layer).__name__
    # What the template has in an open place is that of whichever network was seen first.
    if f"{number}.activation" in places.choices:
        layer.activation = _chosen_activation(lanes, f"{number}.activation", places)
    if kind in _OPENED:
        layer.call = _OPENED[kind](layer, number, lanes)
    elif kind in NOISES:
        # Where no lane has a rate, the layer does nothing.
        opened = f"{number}.{NOISE[kind]}" in places.numbers
        layer.call = noisy(layer, number, lanes) if opened else _unchanged
    elif layer.variables and kind != "Normalization":
        layer.call = mapped(layer, lanes)
    place = f"{number}.activity_regularizer"
    if place in places.numbers:
        layer.call = watched(layer.call, lanes, place)
    # Keras would add up what the outputs of all lanes cost.
    layer.activity_regularizer = None


def _unchanged(inputs: Tensor, training: bool = False) -> Tensor:  # noqa: ARG001
    return inputs


def _chosen_activation(
    lanes: TracedLanes, place: str, places: Places
) -> Callable[[Tensor], Tensor]:
    known: list[Callable[[Tensor], Tensor]] = [
        keras.activations.get(name) for name in places.choices[place]
    ]
    if len(known) == 1:
        return known[0]

    def activation(x: Tensor) -> Tensor:
        rows, result = lanes.shapes.apart(x), None
        for number, function in enumerate(known):
            chosen = tf.equal(lanes.setting(place, len(rows.shape)), number)
            own = lanes.shapes.together(kept_where(rows, chosen, 0.0))
            own = lanes.shapes.apart(function(own))
            result = own if result is None else chosen_where(chosen, own, result)
        return lanes.shapes.together(result)

    return activation


def mapped(operation: keras.Operation, lanes: TracedLanes) -> Callable[..., Tensor]:
    """Return the call of an operation that TensorFlow converts to one for all lanes."""
    own = operation.call
    variables = list(getattr(operation, "variables", ()))

    def call(*args: Any, **kwargs: Any) -> Tensor:
        given = keras.tree.flatten((args, kwargs))
        tensors = [number for number, one in enumerate(given) if tf.is_tensor(one)]

        def lane(one: tuple) -> Tensor:
            values, weights = one
            inputs = list(given)
            for number, value in zip(tensors, values, strict=True):
                inputs[number] = value
            own_args, own_kwargs = keras.tree.pack_sequence_as((args, kwargs), inputs)
            with keras.StatelessScope(zip(variables, weights, strict=True)):
                return own(*own_args, **own_kwargs)

        weights = tuple(lanes.weights[id(variable)] for variable in variables)
        rows = tuple(lanes.shapes.apart(given[number]) for number in tensors)
        outputs = tf.vectorized_map(lane, (rows, weights))
        return keras.tree.map_structure(lanes.shapes.together, outputs)

    return call


def _matrices(lanes: TracedLanes, x: Tensor, columns: Dimension) -> Tensor:
    """Return rows of shape (lanes x rows, ..., columns) as (lanes, numbers, columns)."""
    before = tf.shape(x) if len(x.shape) > 2 else lanes.shapes.packed(-1, columns)
    return reshaped(x, lanes.shapes.packed(lanes.shapes.lanes, -1, columns), before)


def _row(lanes: TracedLanes, variable: keras.Variable) -> Tensor:
    """Return a weight with one dimension to add it to matrices: shape (lanes, 1, columns)."""
    (columns,), packed = lanes.sizes[id(variable)], lanes.shapes.packed
    count = lanes.shapes.lanes
    return reshaped(lanes.weights[id(variable)], packed(count, 1, columns), packed(count, columns))


def _ones(lanes: TracedLanes, x: Tensor, matrices: Tensor) -> Tensor:
    """Return a 1 for each row of matrices that were made of x: shape (lanes, 1, numbers)."""
    shapes = lanes.shapes
    if len(x.shape) > 2:
        return tf.ones_like(matrices[:, None, :, 0])
    shape = [shapes.lanes, 1, shapes.rows]
    return shapes.once("ones", lambda: tf.ones(shape, keras.config.floatx()))


def _dense(layer: keras.layers.Dense, _number: int, lanes: TracedLanes) -> Callable:
    def call(inputs: Tensor, training: bool = False) -> Tensor:  # noqa: ARG001
        ins, outs = lanes.sizes[id(layer.kernel)]
        matrices = _matrices(lanes, inputs, ins)
        outputs = product(matrices, lanes.weights[id(layer.kernel)])
        if layer.bias is not None:
            outputs = plus(outputs, _row(lanes, layer.bias), _ones(lanes, inputs, matrices))
        outputs = lanes.shapes.like(outputs, inputs, outs)
        return outputs if layer.activation is None else layer.activation(outputs)

    return call


def _convolution(layer: keras.layers.Conv1D, _number: int, lanes: TracedLanes) -> Callable:
    def call(inputs: Tensor) -> Tensor:
        size, _, filters = lanes.sizes[id(layer.kernel)]
        rows, kernel = lanes.shapes.apart(inputs), lanes.weights[id(layer.kernel)]
        outputs = lanes.shapes.together(convolved(layer, rows, kernel, size))
        if layer.bias is not None:
            matrices = _matrices(lanes, outputs, filters)
            own = plus(matrices, _row(lanes, layer.bias), _ones(lanes, outputs, matrices))
            outputs = lanes.shapes.like(own, outputs, filters)
        return outputs if layer.activation is None else layer.activation(outputs)

    return call


def _embedding(layer: keras.layers.Embedding, _number: int, lanes: TracedLanes) -> Callable:
    def call(inputs: Tensor) -> Tensor:
        table = lanes.weights[id(layer.embeddings)]
        words, columns = lanes.sizes[id(layer.embeddings)]
        positions = tf.cast(inputs, "int32") if inputs.dtype.is_floating else inputs
        count = tf.cast(words, positions.dtype)
        # As Keras does: from the end.
        positions = tf.where(positions < 0, positions + count, positions)
        positions = tf.reshape(positions, lanes.shapes.packed(lanes.shapes.lanes, -1))
        known = (positions >= 0) & (positions < count)
        positions = tf.where(known, positions, 0)
        found = tf.gather(table, positions, axis=1, batch_dims=1)
        lanes.lookups.append(Lookup(layer.embeddings, positions, found))
        # TensorFlow would end the run, and with it the other lanes.
        found = kept_where(found, known[..., None], float("nan"))
        return tf.reshape(found, tf.concat([tf.shape(inputs), [columns]], axis=0))

    return call


def _batch_normalization(
    layer: keras.layers.BatchNormalization, number: int, lanes: TracedLanes
) -> Callable:
    def call(inputs: Tensor, training: bool = False, mask: Any = None) -> Tensor:  # noqa: ARG001
        axis, last = layer.axis % len(inputs.shape), len(inputs.shape) - 1
        x = inputs if axis == last else tf.experimental.numpy.moveaxis(inputs, axis, last)
        (channels,) = lanes.sizes[id(layer.moving_mean)]
        matrices = _matrices(lanes, x, channels)
        ones = _ones(lanes, x, matrices)
        moving = layer.moving_mean, layer.moving_variance
        if training and layer.trainable:
            mean, variance = _moments(lanes, x, matrices, ones)
            kept, new = f"{number}.momentum", f"{number}.momentum.complement"
            for variable, value in zip(moving, (mean, variance), strict=True):
                lanes.weights[id(variable)] = lanes.weights[id(variable)] * lanes.setting(
                    kept, 2
                ) + tf.squeeze(value, 1) * lanes.setting(new, 2)
        else:
            mean, variance = (_row(lanes, variable) for variable in moving)
        factor = 1 / tf.sqrt(variance + lanes.setting(f"{number}.epsilon", 3))
        if layer.gamma is not None:
            factor *= _row(lanes, layer.gamma)
        bias = -mean * factor
        if layer.beta is not None:
            bias += _row(lanes, layer.beta)
        outputs = lanes.shapes.like(scaled(matrices, factor, bias, ones), x, channels)
        return outputs if axis == last else tf.experimental.numpy.moveaxis(outputs, last, axis)

    return call


def _moments(
    lanes: TracedLanes, x: Tensor, matrices: Tensor, ones: Tensor
) -> tuple[Tensor, Tensor]:
    """Return mean and variance over the real rows: both of shape (lanes, 1, channels)."""
    real = tf.expand_dims(lanes.mask, 1)
    if len(x.shape) > 2:
        places = tf.shape(matrices)[1] // lanes.shapes.rows
        real = tf.repeat(real, places, axis=2)
    weight = real / tf.maximum(tf.reduce_sum(real, axis=2, keepdims=True), 1)
    mean = product(weight, matrices)
    distance = plus(matrices, -mean, ones)
    return mean, product(weight, tf.square(distance))


def _layer_normalization(
    layer: keras.layers.LayerNormalization, _number: int, lanes: TracedLanes
) -> Callable:
    axes = [layer.axis] if isinstance(layer.axis, int) else list(layer.axis)

    def call(inputs: Tensor) -> Tensor:
        rank = len(inputs.shape)
        own = sorted(axis % rank for axis in axes)
        how = {"epsilon": layer.epsilon, "rms_scaling": layer.rms_scaling}
        outputs = keras.ops.layer_normalization(inputs, axis=own, **how)
        if layer.gamma is None and layer.beta is None:
            return outputs
        gamma, beta = (
            None if variable is None else lanes.weights[id(variable)]
            for variable in (layer.gamma, None if layer.rms_scaling else layer.beta)
        )
        return _weighted(lanes, outputs, own, gamma, beta)

    return call


def _weighted(
    lanes: TracedLanes, x: Tensor, axes: Sequence[int], gamma: Tensor | None, beta: Tensor | None
) -> Tensor:
    r"""Return x gamma + beta of rows (lanes x rows, ...) and weights of shape (lanes, \*sizes).

    The sizes are those of some axes, sorted. Turned so that these come last, it is a product and a
    sum of matrices, whose gradients are sums over rows.
    """
    others = [axis for axis in range(len(x.shape)) if axis not in axes]
    order = [*others, *axes]
    turned = x if order == sorted(order) else tf.transpose(x, order)
    count = lanes.shapes.lanes
    factor, bias = (
        None if weight is None else tf.reshape(weight, [count, 1, -1]) for weight in (gamma, beta)
    )
    width = tf.shape(gamma if gamma is not None else beta)
    matrices = tf.reshape(turned, [count, -1, tf.reduce_prod(width[1:])])
    ones = tf.ones_like(matrices[:, None, :, 0])
    outputs = tf.reshape(weighted(matrices, factor, bias, ones), tf.shape(turned))
    outputs.set_shape(turned.shape)
    return outputs if turned is x else tf.transpose(outputs, np.argsort(order))


def _prelu(layer: keras.layers.PReLU, _number: int, lanes: TracedLanes) -> Callable:
    def call(inputs: Tensor) -> Tensor:
        alpha, below = lanes.weights[id(layer.alpha)], tf.nn.relu(-inputs)
        sizes = tf.concat([[lanes.shapes.lanes], tf.shape(inputs)[1:]], axis=0)
        spread = repeated(alpha, sizes, list(layer.shared_axes or ()))
        own = _weighted(lanes, below, list(range(1, len(inputs.shape))), spread, None)
        return tf.nn.relu(inputs) - own

    return call


_OPENED: dict[str, Opened] = {
    "BatchNormalization": _batch_normalization,
    "Conv1D": _convolution,
    "Dense": _dense,
    "Embedding": _embedding,
    "LayerNormalization": _layer_normalization,
    "PReLU": _prelu,
}
