"""Losses and metrics that see the real rows of one lane, and nothing else.

Whatever a loss does with its rows, one that is given those of a single lane does what it does in
``model.fit``: a mean over all of them, a sort, a product of pairs. So it is called for one lane
after the other, with as many rows as the lane has in its mini-batch. That costs some microseconds
a lane and operation, where Keras' own functions of rows take all lanes in one.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from gridlanes.compat.tensorflow_math import differentiated
from gridlanes.errors import CannotRideError

Tensor = Any


class Rows(NamedTuple):
    """What a loss or a metric sees of all lanes.

    Attributes
    ----------
    y, outputs : Tensor of shape (lanes, rows, ...)
    logits : Tensor of shape (lanes, rows, ...), or None
        What the last activation was given, which Keras' cross-entropies look for.
    weight : Tensor of shape (lanes, rows), or None
        None where the fits have no weights: a loss may tell.
    size : Tensor of shape (lanes,)
        Real rows, the first ones of each lane.
    """

    y: Tensor
    outputs: Tensor
    logits: Tensor | None
    weight: Tensor | None
    size: Tensor


def loss_of(loss: keras.losses.Loss, rows: Rows) -> Tensor:
    """Return a loss of Keras, as reduced by itself: shape (lanes,).

    Raises
    ------
    CannotRideError
        If it is not one number, or keeps something from call to call.
    """
    given = [rows.outputs] if rows.logits is None else [rows.outputs, rows.logits]

    @differentiated
    def of_lanes(*given: Tensor) -> tuple[Tensor, Callable]:
        def lane(own: tuple) -> list[Tensor]:
            y, outputs, weight = _real(own)
            leaves = [outputs, *_logits(outputs)]
            value = loss(y, outputs, weight)
            if value.shape.rank != 0:
                raise CannotRideError(f"loss {loss.name!r} is several numbers")
            zero = tf.UnconnectedGradients.ZERO
            slopes = tf.gradients(value, leaves, unconnected_gradients=zero)
            return [value, *(_filled_up(slope, own[1]) for slope in slopes)]

        own = rows._replace(outputs=given[0], logits=given[1] if len(given) > 1 else None)
        kinds = [tf.TensorSpec([], own.outputs.dtype)]
        kinds += [tf.TensorSpec(one.shape[1:], one.dtype) for one in given]
        value, *slopes = _for_each(lane, own, [], kinds, f"loss {loss.name!r}")

        def gradient(g: Tensor) -> tuple[Tensor, ...]:
            return tuple(
                slope * tf.reshape(g, [-1, *[1] * (slope.shape.rank - 1)]) for slope in slopes
            )

        return value, gradient

    return of_lanes(*given)


def updated(metric: keras.metrics.Metric, values: Sequence[Tensor], rows: Rows) -> list[Tensor]:
    """Return the variables of a metric after a mini-batch: shape (lanes, ...) each."""

    def lane(own: tuple) -> list[Tensor]:
        y, outputs, weight = _real(own)
        before = list(own[5:])
        after: list[Tensor] = metric.stateless_update_state(
            before, y, outputs, sample_weight=weight
        )
        return [tf.convert_to_tensor(value) for value in after]

    kinds = [tf.TensorSpec(variable.shape, variable.dtype) for variable in metric.variables]
    return _for_each(lane, rows, values, kinds, f"metric {metric.name!r}")


def results(metric: keras.metrics.Metric, values: Sequence[Tensor], kind: Any) -> Any:
    """Return what a metric makes of its variables, nested as ``kind``: shape (lanes, ...) each."""
    own = partial(result_of, metric)
    return tf.map_fn(own, tuple(values), fn_output_signature=kind, parallel_iterations=1)


def result_of(metric: keras.metrics.Metric, values: Sequence[Tensor]) -> Any:
    """Return what a metric makes of the variables of one lane, of which it may return one."""
    with keras.StatelessScope(list(zip(metric.variables, values, strict=True))):
        return keras.tree.map_structure(
            lambda own: own.value if isinstance(own, keras.Variable) else tf.convert_to_tensor(own),
            metric.result(),
        )


def _for_each(
    lane: Callable, rows: Rows, others: Sequence[Tensor], kinds: list, name: str
) -> list[Tensor]:
    """Return what a function of one lane returns, for all of them."""
    present = [own is not None for own in (*rows, *others)]

    def one(given: tuple) -> Any:
        before = len(tf.compat.v1.get_default_graph().get_operations())
        parts = iter(given)
        found = lane(tuple(next(parts) if there else None for there in present))
        _check(tf.compat.v1.get_default_graph().get_operations()[before:], name)
        return found

    given = tuple(own for own in (*rows, *others) if own is not None)
    found: list[Tensor] = tf.map_fn(one, given, fn_output_signature=kinds, parallel_iterations=1)
    return found


def _real(own: tuple) -> tuple[Tensor, Tensor, Tensor | None]:
    """Return targets, outputs and weights of the real rows of a lane, of which there is one."""
    y, outputs, logits, weight, size = own[:5]
    size = tf.maximum(size, 1)
    kept = outputs[:size]
    if logits is not None:
        kept._keras_logits = logits[:size]  # noqa: SLF001
    return y[:size], kept, None if weight is None else weight[:size]


def _logits(outputs: Tensor) -> list[Tensor]:
    own = getattr(outputs, "_keras_logits", None)
    return [] if own is None else [own]


def _filled_up(values: Tensor, like: Tensor) -> Tensor:
    """Return values of real rows with zeros for those that only fill up."""
    missing = tf.shape(like)[0] - tf.shape(values)[0]
    padded = tf.pad(values, [[0, missing], *[[0, 0]] * (values.shape.rank - 1)])
    return tf.ensure_shape(padded, like.shape)


def _check(operations: Sequence[tf.Operation], name: str) -> None:
    """Raise if anything is kept from call to call: that would be shared by all lanes."""
    for own in operations:
        if own.op_def is not None and own.op_def.is_stateful and own.type != "Assert":
            raise CannotRideError(f"{name} draws, reads or keeps something by itself ({own.type})")
