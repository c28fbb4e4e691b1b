"""Convolutions over one axis with a kernel for each lane, of whatever size a run brings.

A convolution is a product of matrices: a row of the one is a window of the inputs. So is its
gradient with respect to the inputs, whose windows are cut from the gradient of the outputs.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from gridlanes.compat.tensorflow_math import differentiated

Tensor = Any


class Windows(NamedTuple):
    """Where windows lie along an axis.

    Attributes
    ----------
    positions : Tensor of shape (outputs, kernel size)
        Of the padded inputs, for each output.
    outputs : Tensor of shape (padded inputs, kernel size)
        The other way round: to which output a number goes with a weight of the kernel; the
        number of outputs stands for none.
    before, after : Tensor
        How many zeros are put at the ends.
    """

    positions: Tensor
    outputs: Tensor
    before: Tensor
    after: Tensor


def windows_of(layer: keras.layers.Layer, length: Tensor, size: Tensor) -> Windows:
    """Return the windows of a convolution over so many steps.

    Parameters
    ----------
    layer : keras.layers.Conv1D
    length : Tensor
        Of the axis.
    size : int or Tensor
        Of the kernel.
    """
    stride, dilation = layer.strides[0], layer.dilation_rate[0]
    reach = (size - 1) * dilation
    before = after = tf.zeros_like(length)
    if layer.padding == "causal":
        before = before + reach
    elif layer.padding == "same":
        count = -(-length // stride)
        missing = tf.maximum((count - 1) * stride + reach + 1 - length, 0)
        before, after = missing // 2, missing - missing // 2
    padded = length + before + after
    count = (padded - reach - 1) // stride + 1
    offsets = tf.range(size) * dilation
    positions = tf.range(count)[:, None] * stride + offsets
    distance = tf.range(padded)[:, None] - offsets
    output = distance // stride
    fits = (distance >= 0) & (distance % stride == 0) & (output < count)
    return Windows(positions, tf.where(fits, output, count), before, after)


@differentiated
def _convolved(
    x: Tensor, kernel: Tensor, positions: Tensor, outputs: Tensor
) -> tuple[Tensor, Callable]:
    """Return convolutions of shape (lanes, rows, outputs, filters).

    ``x`` has shape (lanes, rows, padded inputs, channels), ``kernel`` (lanes, size, channels,
    filters); for the others see :class:`Windows`.
    """
    lanes, size, channels, filters = tf.unstack(tf.shape(kernel))
    windows = _cut(x, positions, lanes, size * channels)
    products = tf.matmul(windows, tf.reshape(kernel, [lanes, -1, filters]))
    shape = tf.stack([lanes, tf.shape(x)[1], tf.shape(positions)[0], filters])

    def gradient(g: Tensor) -> tuple[Tensor | None, ...]:
        rows = tf.reshape(g, [lanes, -1, filters])
        of_kernel = tf.matmul(windows, rows, transpose_a=True)
        # An output more, of zeros, for weights that meet none.
        more = _cut(tf.pad(g, [[0, 0], [0, 0], [0, 1], [0, 0]]), outputs, lanes, size * filters)
        turned = tf.reshape(tf.transpose(kernel, [0, 1, 3, 2]), [lanes, -1, channels])
        of_x = tf.reshape(tf.matmul(more, turned), tf.shape(x))
        return of_x, tf.reshape(of_kernel, tf.shape(kernel)), None, None

    return tf.reshape(products, shape), gradient


def _cut(values: Tensor, positions: Tensor, lanes: Tensor, width: Tensor) -> Tensor:
    """Return windows of values (lanes, rows, steps, columns): (lanes, windows, width)."""
    found = tf.gather(values, tf.reshape(positions, [-1]), axis=2)
    return tf.reshape(found, tf.stack([lanes, -1, width]))


def convolved(layer: keras.layers.Layer, x: Tensor, kernel: Tensor, size: Tensor) -> Tensor:
    """Return what a layer makes of inputs, without its bias: (lanes, rows, outputs, filters).

    Parameters
    ----------
    layer : keras.layers.Conv1D
    x : Tensor of shape (lanes, rows, inputs, channels)
    kernel : Tensor of shape (lanes, size, channels of a group, filters)
    size : int or Tensor
    """
    own = windows_of(layer, tf.shape(x)[2], size)
    padded = tf.pad(x, [[0, 0], [0, 0], [own.before, own.after], [0, 0]])
    groups = [
        _convolved(*group, own.positions, own.outputs)
        for group in zip(_groups(layer, padded), _groups(layer, kernel), strict=True)
    ]
    return groups[0] if len(groups) == 1 else tf.concat(groups, axis=-1)


def _groups(layer: keras.layers.Layer, values: Tensor) -> list[Tensor]:
    """Return values cut along the last axis into as many parts as a layer has groups."""
    return [values] if layer.groups == 1 else tf.split(values, layer.groups, axis=-1)
