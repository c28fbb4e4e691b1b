"""Arithmetic of many lanes whose gradient is written out.

TensorFlow's own gradients look at shapes at every step where sizes are open, which takes longer
than the arithmetic of a small network. Sums over rows are products with ones: in a sum over any
but the last axis a lane's numbers would be rounded by where they stand in the array, and turning
the array takes twenty times as long.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from gridlanes.compat.tensorflow_math import differentiated

Tensor = Any


@differentiated
def product(x: Tensor, kernel: Tensor) -> tuple[Tensor, Callable]:
    """Return x kernel of shapes (lanes, rows, ins) and (lanes, ins, outs)."""

    def gradient(g: Tensor) -> tuple[Tensor, Tensor]:
        return tf.matmul(g, kernel, transpose_b=True), tf.matmul(x, g, transpose_a=True)

    return tf.matmul(x, kernel), gradient


@differentiated
def plus(x: Tensor, bias: Tensor, ones: Tensor) -> tuple[Tensor, Callable]:
    """Return x + bias of shapes (lanes, rows, outs) and (lanes, 1, outs).

    ``ones`` has shape (lanes, 1, rows).
    """
    return x + bias, lambda g: (g, tf.matmul(ones, g), None)


@differentiated
def scaled(x: Tensor, factor: Tensor, bias: Tensor, ones: Tensor) -> tuple[Tensor, Callable]:
    """Return x factor + bias of shapes (lanes, rows, outs) and twice (lanes, 1, outs).

    ``ones`` has shape (lanes, 1, rows).
    """

    def gradient(g: Tensor) -> tuple[Tensor | None, ...]:
        return g * factor, tf.matmul(ones, g * x), tf.matmul(ones, g), None

    return x * factor + bias, gradient


def weighted(x: Tensor, factor: Tensor | None, bias: Tensor | None, ones: Tensor) -> Tensor:
    """Return x factor + bias, as :func:`scaled`, where one of the two may be missing."""
    if factor is None:
        return plus(x, bias, ones)
    if bias is None:
        return scaled(x, factor, tf.zeros_like(factor), ones)
    return scaled(x, factor, bias, ones)


def repeated(x: Tensor, shape: Tensor, axes: Sequence[int]) -> Tensor:
    """Return x repeated along some axes, in which its size is 1, until it has a shape."""
    if not axes:
        return x

    @differentiated
    def repeat(x: Tensor) -> tuple[Tensor, Callable]:
        repeats = tf.broadcast_to(x, shape)
        return repeats, lambda g: tf.reduce_sum(g, axis=list(axes), keepdims=True)

    return repeat(x)


@differentiated
def mean(of_rows: Tensor, weight: Tensor, count: Tensor) -> tuple[Tensor, Callable]:
    """Return the weighted sum over rows by a count, 0 if that is 0: shape (lanes,).

    Numbers and weights have shape (lanes, rows), counts (lanes,).
    """

    def gradient(g: Tensor) -> tuple[Tensor | None, ...]:
        return weight * tf.expand_dims(tf.math.divide_no_nan(g, count), 1), None, None

    total = tf.reduce_sum(of_rows * weight, axis=1)
    return tf.math.divide_no_nan(total, count), gradient


@differentiated
def dropped(x: Tensor, kept: Tensor, scale: Tensor) -> tuple[Tensor, Callable]:
    """Return x scale where it is kept, else 0; ``kept`` has the shape of x, ``scale`` rank."""

    def gradient(g: Tensor) -> tuple[Tensor | None, ...]:
        return tf.where(kept, g * scale, 0), None, None

    return tf.where(kept, x * scale, 0), gradient


def kept_where(x: Tensor, which: Tensor, other: float) -> Tensor:
    """Return x where a condition holds, else a number; ``which`` is broadcast to the shape of x."""

    @differentiated
    def keep(x: Tensor) -> tuple[Tensor, Callable]:
        return tf.where(which, x, other), lambda g: tf.where(which, g, 0)

    return keep(x)


@differentiated
def chosen_where(which: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Callable]:
    """Return x where a condition holds, else y; ``which`` is broadcast to the shape of both."""
    zero = tf.zeros([], x.dtype)
    return tf.where(which, x, y), lambda g: (
        None,
        tf.where(which, g, zero),
        tf.where(which, zero, g),
    )


def reshaped(x: Tensor, shape: Tensor, before: Tensor) -> Tensor:
    """Return a tensor in another shape; ``before`` is the one that it has."""

    @differentiated
    def move(x: Tensor) -> tuple[Tensor, Callable]:
        return tf.reshape(x, shape), lambda g: tf.reshape(g, before)

    return move(x)
