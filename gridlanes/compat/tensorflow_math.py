"""Sums, roots and gradients of TensorFlow as lanes need them, by names that are not public.

Checked with TensorFlow 2.21.0.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.eager import record
from tensorflow.python.framework import tensor_util
from tensorflow.python.ops import array_ops, gen_math_ops, math_grad

#: Of one instruction of Eigen, as TensorFlow's wheels are compiled.
PACKET_BYTES = 32


@contextmanager
def exact_reductions() -> Iterator[None]:
    """Trace sums and means over last axes, reciprocal roots and gradients of roots as divisions.

    See :mod:`gridlanes.programs.bitwise_equality` for what that is good for.
    """
    names = ("_sum", "mean", "rsqrt", "sqrt_grad")
    given = {name: getattr(gen_math_ops, name) for name in names}
    infer = math_grad._InferGradientReductionAxes  # noqa: SLF001

    def over_last_axes(reduce: Callable) -> Callable:
        def reduced(input: Any, axis: Any, keep_dims: bool = False, name: Any = None) -> Any:  # noqa: A002
            axes, rank = tensor_util.constant_value(axis), input.shape.rank
            if axes is None or rank is None:
                return reduce(input, axis, keep_dims, name=name)
            axes = sorted({int(one) % rank for one in np.ravel(axes)})
            others = [one for one in range(rank) if one not in axes]
            inner = input.shape[max(axes, default=-1) + 1 :].num_elements()
            packet = PACKET_BYTES // input.dtype.size
            if not axes or (inner is not None and (inner < packet or inner % packet == 0)):
                return reduce(input, axis, keep_dims, name=name)
            moved = array_ops.transpose(input, [*others, *axes])
            total = reduce(moved, list(range(len(others), rank)), False, name=name)
            if keep_dims:
                for one in axes:
                    total = array_ops.expand_dims(total, one)
            return total

        return reduced

    gen_math_ops._sum = over_last_axes(given["_sum"])  # noqa: SLF001
    gen_math_ops.mean = over_last_axes(given["mean"])
    gen_math_ops.rsqrt = lambda x, name=None: _reciprocal_root(x)  # noqa: ARG005
    gen_math_ops.sqrt_grad = lambda y, dy, name=None: _where_not_0(dy, dy * 0.5 / y)  # noqa: ARG005
    math_grad._InferGradientReductionAxes = lambda *shapes: infer(*_rows_alike(*shapes))  # noqa: SLF001
    try:
        yield
    finally:
        for name, function in given.items():
            setattr(gen_math_ops, name, function)
        math_grad._InferGradientReductionAxes = infer  # noqa: SLF001


def differentiated(function: Callable) -> Callable:
    """Return a function of tensors whose gradient is written out.

    What ``tf.custom_gradient`` does, whose copies of all that goes in and out take three times as
    long to trace, and time in every step.

    Parameters
    ----------
    function : callable
        Returns a tensor or a list of tensors, none of them an argument, and a function of their
        gradients that returns that of each argument, None for no gradient.
    """

    @functools.wraps(function)
    def recorded(*tensors: Any) -> Any:
        with record.stop_recording():
            outputs, gradient = function(*tensors)

        def backward(*gradients: Any) -> Any:
            found = gradient(*gradients)
            return list(found) if isinstance(found, tuple) else [found]

        made = outputs if isinstance(outputs, list) else [outputs]
        record.record_operation(function.__name__, made, list(tensors), backward)
        return outputs

    return recorded


@differentiated
def _reciprocal_root(x: Any) -> tuple[Any, Callable]:
    y = 1 / tf.sqrt(x)
    return y, lambda dy: _where_not_0(dy, dy * -0.5 * y * y * y)


def _where_not_0(dy: Any, gradient: Any) -> Any:
    """Return a gradient, 0 where none comes back: so are TensorFlow's at the root of 0."""
    return tf.where(tf.not_equal(dy, 0), gradient, 0)


def _rows_alike(x: tf.TensorShape, y: tf.TensorShape) -> tuple[tf.TensorShape, tf.TensorShape]:
    """Return shapes of tensors whose first dimensions are alike if both are open.

    They are lanes, or the rows of all lanes. TensorFlow would find out at every step whether one
    of the two is repeated, and add up over axes that are not known when it is traced.
    """
    if x.rank and x.rank == y.rank and x[0] is None and y[0] is None:
        return tf.TensorShape([2, *x[1:]]), tf.TensorShape([2, *y[1:]])
    return x, y
