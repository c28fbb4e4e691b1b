"""Rows and weights of all lanes as matrices to compute with."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from gridlanes.programs.lane_arithmetic import reshaped, weighted
from gridlanes.programs.sizes import Dimension
from gridlanes.programs.traced_lanes import TracedLanes

Tensor = Any


def matrices_of(lanes: TracedLanes, x: Tensor, columns: Dimension) -> Tensor:
    """Return rows of shape (lanes x rows, ..., columns) as (lanes, numbers, columns)."""
    before = tf.shape(x) if len(x.shape) > 2 else lanes.shapes.packed(-1, columns)
    return reshaped(x, lanes.shapes.packed(lanes.shapes.lanes, -1, columns), before)


def row_of(lanes: TracedLanes, variable: keras.Variable) -> Tensor:
    """Return a weight with one dimension to add it to matrices: shape (lanes, 1, columns)."""
    (columns,), packed = lanes.sizes[id(variable)], lanes.shapes.packed
    count = lanes.shapes.lanes
    return reshaped(lanes.weights[id(variable)], packed(count, 1, columns), packed(count, columns))


def ones_of(lanes: TracedLanes, x: Tensor, matrices: Tensor) -> Tensor:
    """Return a 1 for each row of matrices that were made of x: shape (lanes, 1, numbers)."""
    shapes = lanes.shapes
    if len(x.shape) > 2:
        return tf.ones_like(matrices[:, None, :, 0])
    shape = [shapes.lanes, 1, shapes.rows]
    return shapes.once("ones", lambda: tf.ones(shape, keras.config.floatx()))


def weighted_along(
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
