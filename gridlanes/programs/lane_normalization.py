"""Normalizations whose weights, moments and settings are those of each lane."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from gridlanes.errors import CannotRideError
from gridlanes.programs.lane_arithmetic import kept_where, plus, product, scaled
from gridlanes.programs.lane_matrices import matrices_of, ones_of, row_of, weighted_along
from gridlanes.programs.traced_lanes import TracedLanes

Tensor = Any


def batch_normalization(
    layer: keras.layers.BatchNormalization, number: int, lanes: TracedLanes
) -> Callable:
    """Return the call of a layer that takes its moments over the real rows of each lane."""

    def call(inputs: Tensor, training: bool = False, mask: Any = None) -> Tensor:
        axis, last = layer.axis % len(inputs.shape), len(inputs.shape) - 1
        if mask is not None and axis != last:
            raise CannotRideError(f"layer {layer.name!r} is behind a mask along another axis")
        x = inputs if axis == last else tf.experimental.numpy.moveaxis(inputs, axis, last)
        (channels,) = lanes.sizes[id(layer.moving_mean)]
        matrices = matrices_of(lanes, x, channels)
        ones = ones_of(lanes, x, matrices)
        moving = layer.moving_mean, layer.moving_variance
        if training and layer.trainable:
            mean, variance = _moments(lanes, x, matrices, ones, mask)
            kept, new = f"{number}.momentum", f"{number}.momentum.complement"
            for variable, value in zip(moving, (mean, variance), strict=True):
                lanes.weights[id(variable)] = lanes.weights[id(variable)] * lanes.setting(
                    kept, 2
                ) + tf.squeeze(value, 1) * lanes.setting(new, 2)
        else:
            mean, variance = (row_of(lanes, variable) for variable in moving)
        factor = 1 / tf.sqrt(variance + lanes.setting(f"{number}.epsilon", 3))
        if layer.gamma is not None:
            factor *= row_of(lanes, layer.gamma)
        bias = -mean * factor
        if layer.beta is not None:
            bias += row_of(lanes, layer.beta)
        outputs = lanes.shapes.like(scaled(matrices, factor, bias, ones), x, channels)
        return outputs if axis == last else tf.experimental.numpy.moveaxis(outputs, last, axis)

    return call


def _moments(
    lanes: TracedLanes, x: Tensor, matrices: Tensor, ones: Tensor, mask: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Return mean and variance over the real rows: both of shape (lanes, 1, channels).

    A mask says which places of them count.
    """
    real = tf.expand_dims(lanes.mask, 1)
    if len(x.shape) > 2:
        places = tf.shape(matrices)[1] // lanes.shapes.rows
        real = tf.repeat(real, places, axis=2)
    if mask is None:
        weight = real / tf.maximum(tf.reduce_sum(real, axis=2, keepdims=True), 1)
    else:
        counts = tf.reshape(mask, tf.shape(ones))
        matrices = kept_where(matrices, tf.reshape(mask, tf.shape(matrices[:, :, :1])), 0.0)
        real *= tf.cast(counts, real.dtype)
        weight = real / (tf.reduce_sum(real, axis=2, keepdims=True) + keras.config.epsilon())
    mean = product(weight, matrices)
    distance = plus(matrices, -mean, ones)
    return mean, product(weight, tf.square(distance))


def layer_normalization(
    layer: keras.layers.LayerNormalization, _number: int, lanes: TracedLanes
) -> Callable:
    """Return the call of a layer that normalizes each row along some axes."""
    axes = [layer.axis] if isinstance(layer.axis, int) else list(layer.axis)

    def call(inputs: Tensor) -> Tensor:
        rank = len(inputs.shape)
        own = sorted(axis % rank for axis in axes)
        how = {"epsilon": layer.epsilon, "rms_scaling": layer.rms_scaling}
        outputs = keras.ops.layer_normalization(inputs, axis=own, **how)
        beta = None if layer.rms_scaling else layer.beta
        return _with_weights(lanes, outputs, own, layer.gamma, beta)

    return call


def rms_normalization(
    layer: keras.layers.RMSNormalization, _number: int, lanes: TracedLanes
) -> Callable:
    """Return the call of a layer that divides by the root of the mean square."""
    axes = [layer.axis] if isinstance(layer.axis, int) else list(layer.axis)

    def call(x: Tensor) -> Tensor:
        own = sorted(axis % len(x.shape) for axis in axes)
        outputs = keras.ops.rms_normalization(x, axis=own, epsilon=layer.epsilon)
        return _with_weights(lanes, outputs, own, layer.scale, None)

    return call


def group_normalization(
    layer: keras.layers.GroupNormalization, _number: int, lanes: TracedLanes
) -> Callable:
    """Return the call of a layer that normalizes groups of channels, which come last."""

    def call(inputs: Tensor) -> Tensor:
        sizes, last = tf.shape(inputs), len(inputs.shape) - 1
        apart = tf.reshape(
            inputs, tf.stack([sizes[0], -1, layer.groups, sizes[last] // layer.groups])
        )
        turned = tf.reshape(
            tf.transpose(apart, [0, 2, 1, 3]), tf.stack([sizes[0], layer.groups, -1])
        )
        mean = tf.reduce_mean(turned, axis=2, keepdims=True)
        distance = turned - mean
        variance = tf.reduce_mean(tf.square(distance), axis=2, keepdims=True)
        outputs = distance * tf.math.rsqrt(variance + layer.epsilon)
        back = tf.stack([sizes[0], layer.groups, -1, sizes[last] // layer.groups])
        outputs = tf.reshape(tf.transpose(tf.reshape(outputs, back), [0, 2, 1, 3]), sizes)
        outputs.set_shape(inputs.shape)
        return _with_weights(lanes, outputs, [last], layer.gamma, layer.beta)

    return call


def _with_weights(
    lanes: TracedLanes, x: Tensor, axes: Sequence[int], factor: Any, bias: Any
) -> Tensor:
    """Return rows times one variable plus another along some axes; either may be missing."""
    if factor is None and bias is None:
        return x
    own = [None if variable is None else lanes.weights[id(variable)] for variable in (factor, bias)]
    return weighted_along(lanes, x, axes, *own)
