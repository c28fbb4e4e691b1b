"""Convolutions over one or more axes with a kernel for each lane, of whatever size a run brings.

A convolution is a product of matrices: a row of the one is a window of the inputs. So is its
gradient with respect to the inputs, whose windows are cut from the gradient of the outputs; and so
is a transposed convolution, which is that gradient. Where each group of channels has a kernel of
its own, a group is to the product what a lane is.
"""

import functools
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from gridlanes.compat.tensorflow_math import differentiated
from gridlanes.programs.sizes import Dimension

Tensor = Any


class Windows(NamedTuple):
    """Which places of the inputs and of the outputs meet, and by which weight of the kernel.

    Attributes
    ----------
    inputs, outputs : int or Tensor
        How many places there are.
    there : Tensor of shape (outputs, kernel size)
        The input that an output has from a weight; the number of inputs stands for none.
    back : Tensor of shape (inputs, kernel size)
        The output that an input goes to by a weight; the number of outputs stands for none.
    """

    inputs: Dimension
    outputs: Dimension
    there: Tensor
    back: Tensor


def windows_of(
    layer: keras.layers.Layer, lengths: Sequence[Dimension], kernel: Sequence[Dimension]
) -> tuple[Windows, list[Dimension]]:
    """Return the windows of a convolution, over all axes in one, and the lengths of its outputs.

    Parameters
    ----------
    layer : keras.layers.Layer
        Its strides, dilations and padding are asked for.
    lengths, kernel : sequence of int or Tensor
        Of the inputs and of the kernel along each axis.
    """
    more: Any = [None] * len(lengths)
    turned = "Transpose" in type(layer).__name__
    if turned:
        given = layer.output_padding
        more = given if isinstance(given, (list, tuple)) else [given] * len(lengths)
    settings = zip(layer.strides, layer.dilation_rate, more, strict=True)
    tables, outputs = _tables(tuple(settings), layer.padding, turned=turned)(
        tf.stack(list(lengths)), tf.stack(list(kernel))
    )
    return Windows(*tables), outputs


@functools.cache
def _tables(
    settings: tuple[tuple[int, int, int | None], ...], padding: str, *, turned: bool
) -> Callable:
    """Return a function of lengths and kernel sizes: windows over all axes, lengths of the outputs.

    It is traced once in a process: to write these tables into a graph takes longer than anything
    else of a convolution.

    Parameters
    ----------
    settings : tuple of (stride, dilation, output padding)
        For each axis.
    padding : str
        As Keras names it.
    turned : bool
        Whether the convolution is a transposed one.
    """

    def tables(lengths: Tensor, kernel: Tensor) -> tuple[Windows, list[Tensor]]:
        axes = []
        for axis, (stride, dilation, more) in enumerate(settings):
            own = lengths[axis], kernel[axis], stride, dilation, padding
            axes.append(_turned(*own, more) if turned else _along(*own))
        return reduce(_both, axes), [own.outputs for own in axes]

    sizes = tf.TensorSpec([len(settings)], tf.int32)
    traced: Callable = tf.function(tables, autograph=False).get_concrete_function(sizes, sizes)
    return traced


def _along(length: Dimension, size: Dimension, stride: int, dilation: int, padding: str) -> Windows:
    """Return the windows of a convolution along one axis."""
    reach = (size - 1) * dilation
    before, padded = tf.zeros_like(length), length
    if padding == "causal":
        before, padded = before + reach, length + reach
    elif padding == "same":
        count = -(-length // stride)
        missing = tf.maximum((count - 1) * stride + reach + 1 - length, 0)
        before, padded = missing // 2, length + missing
    count = (padded - reach - 1) // stride + 1
    offsets = tf.range(size) * dilation - before
    found = tf.range(count)[:, None] * stride + offsets
    distance = tf.range(length)[:, None] - offsets
    output = distance // stride
    fits = (distance >= 0) & (distance % stride == 0) & (output < count)
    return Windows(
        length,
        count,
        tf.where((found >= 0) & (found < length), found, length),
        tf.where(fits, output, count),
    )


def _turned(
    length: Dimension, size: Dimension, stride: int, dilation: int, padding: str, more: int | None
) -> Windows:
    """Return the windows of a transposed convolution along one axis: another one's, turned round.

    Its outputs are as many as Keras has of them, with ``more`` of them at the end.
    """
    reach = (size - 1) * dilation + 1
    if more is not None:
        outputs = (length - 1) * stride + (reach if padding == "valid" else reach % 2) + more
    elif padding == "valid":
        outputs = length * stride + tf.maximum(reach - stride, 0)
    else:
        outputs = length * stride
    own = _along(outputs, size, stride, dilation, padding)
    return Windows(own.outputs, own.inputs, own.back, own.there)


def _both(first: Windows, second: Windows) -> Windows:
    """Return the windows over two axes, the places of which are counted row by row."""

    def crossed(one: Tensor, two: Tensor, ends: tuple[Dimension, Dimension]) -> Tensor:
        one, two = one[:, None, :, None], two[None, :, None, :]
        found = tf.where((one < ends[0]) & (two < ends[1]), one * ends[1] + two, ends[0] * ends[1])
        sizes = tf.shape(found)
        return tf.reshape(found, [sizes[0] * sizes[1], sizes[2] * sizes[3]])

    return Windows(
        first.inputs * second.inputs,
        first.outputs * second.outputs,
        crossed(first.there, second.there, (first.inputs, second.inputs)),
        crossed(first.back, second.back, (first.outputs, second.outputs)),
    )


@differentiated
def convolved(x: Tensor, kernel: Tensor, there: Tensor, back: Tensor) -> tuple[Tensor, Callable]:
    """Return convolutions of shape (lanes, rows, outputs, filters).

    ``x`` has shape (lanes, rows, inputs, channels), ``kernel`` (lanes, size, channels, filters);
    for the others see :class:`Windows`.
    """
    lanes, size, channels, filters = tf.unstack(tf.shape(kernel))
    windows = _cut(x, there, lanes, size * channels)
    products = tf.matmul(windows, tf.reshape(kernel, [lanes, -1, filters]))
    shape = tf.stack([lanes, tf.shape(x)[1], tf.shape(there)[0], filters])

    def gradient(g: Tensor) -> tuple[Tensor | None, ...]:
        rows = tf.reshape(g, [lanes, -1, filters])
        of_kernel = tf.matmul(windows, rows, transpose_a=True)
        turned = tf.reshape(tf.transpose(kernel, [0, 1, 3, 2]), [lanes, -1, channels])
        of_x = tf.matmul(_cut(g, back, lanes, size * filters), turned)
        return tf.reshape(of_x, tf.shape(x)), tf.reshape(of_kernel, tf.shape(kernel)), None, None

    return tf.reshape(products, shape), gradient


def _cut(values: Tensor, positions: Tensor, lanes: Tensor, width: Tensor) -> Tensor:
    """Return windows of values (lanes, rows, places, columns): (lanes, windows, width)."""
    # A place more, of zeros, stands for none.
    more = tf.pad(values, [[0, 0], [0, 0], [0, 1], [0, 0]])
    found = tf.gather(more, tf.reshape(positions, [-1]), axis=2)
    return tf.reshape(found, tf.stack([lanes, -1, width]))


def in_groups(x: Tensor, kernel: Tensor, windows: Windows, groups: Dimension) -> Tensor:
    """Return convolutions whose channels fall into groups: (lanes, rows, outputs, filters).

    Parameters
    ----------
    x : Tensor of shape (lanes, rows, inputs, channels)
    kernel : Tensor of shape (lanes, size, channels of a group, filters)
        With the filters of one group after those of another.
    windows : Windows
    groups : int or Tensor
    """
    tables = windows.there, windows.back
    if isinstance(groups, int) and groups == 1:
        return convolved(x, kernel, *tables)
    outputs = convolved(_by_group(x, groups), _by_group(kernel, groups), *tables)
    apart = tf.reshape(outputs, tf.concat([[-1, groups], tf.shape(outputs)[1:]], axis=0))
    turned = tf.transpose(apart, [0, 2, 3, 1, 4])
    return tf.reshape(turned, tf.concat([tf.shape(turned)[:3], [-1]], axis=0))


def _by_group(values: Tensor, groups: Dimension) -> Tensor:
    """Return values of shape (lanes, ..., groups x columns) as (lanes x groups, ..., columns)."""
    sizes = tf.shape(values)
    columns = sizes[3] // groups
    apart = tf.reshape(values, tf.concat([sizes[:3], [groups, columns]], axis=0))
    turned = tf.transpose(apart, [0, 3, 1, 2, 4])
    return tf.reshape(turned, tf.stack([sizes[0] * groups, sizes[1], sizes[2], columns]))
