"""Keras' metrics of all lanes at once."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from gridlanes.compat.keras import row_by_row
from gridlanes.programs.sizes import Shapes

Tensor = Any


def measure(
    metrics: Sequence[keras.metrics.Metric],
    values: tuple,
    y: Tensor,
    outputs: Tensor,
    mask: Tensor,
    shapes: Shapes,
) -> tuple:
    """Return the variables of metrics after one mini-batch.

    Parameters
    ----------
    metrics : sequence of keras.metrics.Metric
    values : tuple of Tensor of shape (lanes, ...)
        Their variables before.
    y, outputs : Tensor of shape (lanes x rows, ...)
    mask : Tensor of shape (lanes, rows)
    shapes : Shapes
    """
    updated: list[Tensor] = []
    for metric in metrics:
        own = _of_metric(metric, values, len(updated))
        function = row_by_row(metric)
        if function is None:
            updated += _mapped(metric, own, y, outputs, mask, shapes)
        else:
            updated += _mean(function(y, outputs), own, mask, shapes)
    return tuple(updated)


def results(metrics: Sequence[keras.metrics.Metric], values: tuple) -> tuple:
    """Return metrics from their variables: a tensor of shape (lanes,) each."""
    found, start = [], 0
    for metric in metrics:
        own = _of_metric(metric, values, start)
        start += len(own)
        if row_by_row(metric) is None:
            result = tf.vectorized_map(metric.stateless_result, list(own))
        else:
            result = tf.math.divide_no_nan(*own)
        found.append(tf.cast(result, keras.config.floatx()))
    return tuple(found)


def _of_metric(metric: keras.metrics.Metric, values: tuple, start: int) -> list[Tensor]:
    """Return the variables of one metric for all lanes."""
    return [
        tf.ensure_shape(value, [None, *variable.shape])
        for variable, value in zip(metric.variables, values[start:], strict=False)
    ]


def _mean(of_rows: Tensor, own: Sequence[Tensor], mask: Tensor, shapes: Shapes) -> list[Tensor]:
    """Return total and count of a mean over rows."""
    if len(of_rows.shape) > 1:
        of_rows = tf.reduce_mean(of_rows, axis=list(range(1, len(of_rows.shape))))
    total, count = own
    of_lanes = tf.cast(shapes.apart(of_rows), total.dtype) * tf.cast(mask, total.dtype)
    return [
        total + tf.reduce_sum(of_lanes, axis=1),
        count + tf.cast(tf.reduce_sum(mask, axis=1), count.dtype),
    ]


def _mapped(
    metric: keras.metrics.Metric,
    own: Sequence[Tensor],
    y: Tensor,
    outputs: Tensor,
    mask: Tensor,
    shapes: Shapes,
) -> list[Tensor]:
    def lane(one: tuple) -> list[Tensor]:
        before, y, outputs, mask = one
        after: list[Tensor] = metric.stateless_update_state(
            list(before), y, outputs, sample_weight=mask
        )
        return after

    rows = shapes.apart(y), shapes.apart(outputs)
    after: list[Tensor] = tf.vectorized_map(lane, (tuple(own), *rows, mask))
    return after
