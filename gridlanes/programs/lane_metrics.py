"""Keras' metrics of all lanes at once."""

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from gridlanes.compat.compiled_models import CompiledMetric
from gridlanes.compat.keras import row_by_row
from gridlanes.errors import CannotRideError
from gridlanes.programs import lane_by_lane
from gridlanes.programs.lane_by_lane import Rows
from gridlanes.programs.sizes import Shapes

Tensor = Any


class Measure(NamedTuple):
    """A metric, and how it is formed for lanes.

    Attributes
    ----------
    metric : keras.metrics.Metric
    output : int
        Position of the output that it is of.
    weighted : bool
        Whether rows count by their weights.
    alone : bool
        Whether it sees one lane at a time.
    function : callable or None
        Of targets and outputs, whose mean over rows it is.
    names : list of str
        In the logs: one, or several where its result is a dict.
    kind : Any
        The types and shapes of its result.
    start : list of Tensor
        Its variables as an epoch begins.
    """

    metric: keras.metrics.Metric
    output: int
    weighted: bool
    alone: bool
    function: Callable | None
    names: list[str]
    kind: Any
    start: list[Tensor]


class Seen(NamedTuple):
    """What a loss or a metric sees of one output.

    Attributes
    ----------
    y, outputs : Tensor of shape (lanes x rows, ...)
    mask : Tensor of shape (lanes, rows)
        1 for a real row, 0 for one that only fills up.
    weight : Tensor of shape (lanes, rows)
        0 for a row that only fills up.
    given : Tensor of shape (lanes, rows), or None
        The weights if fits have any.
    size : Tensor of shape (lanes,)
        Real rows.
    """

    y: Tensor
    outputs: Tensor
    mask: Tensor
    weight: Tensor
    given: Tensor | None
    size: Tensor

    def rows(self, shapes: Shapes, *, weighted: bool) -> Rows:
        """Return the same lane by lane."""
        logits = getattr(self.outputs, "_keras_logits", None)
        return Rows(
            shapes.apart(self.y),
            shapes.apart(self.outputs),
            None if logits is None else shapes.apart(logits),
            self.given if weighted else None,
            self.size,
        )


def measure_of(own: CompiledMetric, *, alone: bool = False) -> Measure:
    """Return how a metric is formed for lanes.

    Raises
    ------
    CannotRideError
        If it does not begin alike in all epochs.
    """
    metric, result = own.metric, own.result
    # Keras puts the parts of a dict into the logs by their own names.
    names = sorted(result) if isinstance(result, dict) else [own.name]
    kind = keras.tree.map_structure(
        lambda value: tf.TensorSpec.from_tensor(tf.convert_to_tensor(value)), result
    )
    if own.start is None:
        raise CannotRideError(f"metric {metric.name!r} does not begin alike in all epochs")
    function = None if alone else row_by_row(metric)
    return Measure(metric, own.output, own.weighted, alone, function, names, kind, own.start)


def updated(measure: Measure, own: Sequence[Tensor], seen: Seen, shapes: Shapes) -> list[Tensor]:
    """Return the variables of a metric after one mini-batch.

    Parameters
    ----------
    measure : Measure
    own : sequence of Tensor of shape (lanes, ...)
        The variables before.
    seen : Seen
    shapes : Shapes
    """
    if measure.alone:
        rows = seen.rows(shapes, weighted=measure.weighted)
        return lane_by_lane.updated(measure.metric, own, rows)
    weight = seen.weight if measure.weighted else seen.mask
    if measure.function is not None:
        return _mean(measure.function(seen.y, seen.outputs), own, weight, shapes)
    return _mapped(measure.metric, own, seen, weight, shapes)


def results(measure: Measure, own: Sequence[Tensor]) -> list[Tensor]:
    """Return what is logged of a metric with these variables: shape (lanes, ...) each."""
    if measure.function is not None:
        found = tf.math.divide_no_nan(*own)
    elif measure.alone:
        found = lane_by_lane.results(measure.metric, own, measure.kind)
    else:
        found = tf.vectorized_map(partial(lane_by_lane.result_of, measure.metric), list(own))
    parts = [found[name] for name in measure.names] if isinstance(found, dict) else [found]
    return [tf.cast(part, keras.config.floatx()) for part in parts]


def of_measure(measure: Measure, values: Sequence[Tensor], start: int) -> list[Tensor]:
    """Return the variables of one metric for all lanes."""
    return [
        tf.ensure_shape(value, [None, *variable.shape])
        for variable, value in zip(measure.metric.variables, values[start:], strict=False)
    ]


def _mean(of_rows: Tensor, own: Sequence[Tensor], weight: Tensor, shapes: Shapes) -> list[Tensor]:
    """Return total and count of a mean over rows."""
    if len(of_rows.shape) > 1:
        of_rows = tf.reduce_mean(of_rows, axis=list(range(1, len(of_rows.shape))))
    total, count = own
    of_lanes = tf.cast(shapes.apart(of_rows), total.dtype) * tf.cast(weight, total.dtype)
    return [
        total + tf.reduce_sum(of_lanes, axis=1),
        count + tf.cast(tf.reduce_sum(weight, axis=1), count.dtype),
    ]


def _mapped(
    metric: keras.metrics.Metric,
    own: Sequence[Tensor],
    seen: Seen,
    weight: Tensor,
    shapes: Shapes,
) -> list[Tensor]:
    def lane(one: tuple) -> list[Tensor]:
        before, y, outputs, weight = one
        with warnings.catch_warnings():
            # Those that count would rather have whole numbers, which these are in their float type.
            warnings.filterwarnings("ignore", "You are passing weight as `float`")
            after: list[Tensor] = metric.stateless_update_state(
                list(before), y, outputs, sample_weight=weight
            )
        return after

    rows = shapes.apart(seen.y), shapes.apart(seen.outputs)
    after: list[Tensor] = tf.vectorized_map(lane, (tuple(own), *rows, weight))
    return after
