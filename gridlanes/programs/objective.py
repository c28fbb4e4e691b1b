"""The losses and metrics of a compiled template, for all lanes at once."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from gridlanes.compat.compiled_models import (
    compiled_losses,
    compiled_metrics,
    loss_trackers,
    metrics_container,
)
from gridlanes.networks.shapes import as_outputs
from gridlanes.networks.targets import for_network, is_sparse
from gridlanes.programs import lane_arithmetic, lane_by_lane, lane_metrics
from gridlanes.programs.lane_metrics import Measure, Seen
from gridlanes.programs.objective_description import (
    check_losses,
    is_loss_of_rows,
    is_metric_alone,
)
from gridlanes.programs.settings import loss_weight
from gridlanes.programs.sizes import Shapes

Tensor = Any


class Batch(NamedTuple):
    """Rows of all lanes, the end of a short mini-batch filled up.

    Attributes
    ----------
    X, y : Tensor of shape (lanes x rows, ...)
    weight : Tensor of shape (lanes, rows)
        0 for a row that only fills up.
    mask : Tensor of shape (lanes, rows)
        1 for a real row, 0 for one that only fills up.
    size : Tensor of shape (lanes,)
        Real rows, the first ones.
    """

    X: Tensor
    y: Tensor
    weight: Tensor
    mask: Tensor
    size: Tensor


class Objective:
    """What a template is compiled with, made for its targets and outputs when first asked for.

    Parameters
    ----------
    template : keras.Model
        Compiled.
    n_classes : int or None
        Of the target; None for a regression.
    weighted : bool
        Whether rows have weights, for losses and metrics that see one lane at a time.

    Attributes
    ----------
    widths : list of int
        Of the template's outputs.
    given : Any
        The loss as it was given to ``compile``.
    """

    def __init__(self, template: keras.Model, n_classes: int | None, *, weighted: bool) -> None:
        self._template, self._n_classes, self._weighted = template, n_classes, weighted
        self.widths = [int(own.shape[-1]) for own in template.outputs]
        self.given = template.loss
        self._plain = n_classes is not None and not is_sparse(self.given)

    @cached_property
    def _example(self) -> tuple[Any, Any]:
        """Targets and outputs of one row, as Keras' containers want to see them."""
        width, dtype = sum(self.widths), keras.config.floatx()
        targets = for_network(
            np.zeros(1, int) if self._n_classes else np.zeros((1, width)),
            # However many classes there are, they are the network's outputs.
            n_classes=self._n_classes and max(width, 2),
            width=width,
            loss=self.given,
            dtype=dtype,
        )
        outputs = np.zeros((1, width), dtype)
        return tuple(
            keras.tree.map_structure(tf.constant, as_outputs(self._template, own))
            for own in (targets, outputs)
        )

    @cached_property
    def losses(self) -> list[tuple[int, keras.losses.Loss, bool]]:
        """The output of each loss, the loss, and whether it sees one lane at a time."""
        targets, _ = self._example
        found = compiled_losses(self._template, targets)
        check_losses(found)
        return [
            (own.output, own.loss, not is_loss_of_rows(own.loss, plain=self._plain))
            for own in found
        ]

    @cached_property
    def measures(self) -> list[Measure]:
        """What is logged besides the loss, in the order of its values."""
        losses = self.losses
        found = compiled_metrics(self._template, *self._example)
        own = [
            lane_metrics.measure_of(one, alone=is_metric_alone(one.metric, plain=self._plain))
            for one in found
        ]
        trackers = loss_trackers(self._template) if len(losses) > 1 else []
        return own + [lane_metrics.measure_of(tracker) for tracker in trackers]

    @property
    def container(self) -> Any:
        """Keras' container of the metrics, in which callbacks look up which way is better."""
        return metrics_container(self._template)

    @property
    def names(self) -> list[str]:
        """Names in the logs, those of the loss first."""
        return ["loss", *(name for measure in self.measures for name in measure.names)]

    @property
    def shapes(self) -> list[Any]:
        """The shape of each of these but the loss, for one lane."""
        return [own.shape for m in self.measures for own in keras.tree.flatten(m.kind)]

    @cached_property
    def by_batch(self) -> bool:
        """Whether a measurement depends on how its rows are cut into mini-batches."""
        reductions = {getattr(loss, "reduction", None) for _, loss, _ in self.losses}
        alone = [alone for *_, alone in self.losses]
        alone += [measure.alone for measure in self.measures]
        return (
            len(self.losses) > 1 or any(alone) or not reductions <= {"sum_over_batch_size", "mean"}
        )

    @cached_property
    def width_is_known(self) -> bool:
        """Whether a program is for one number of outputs."""
        mapped = any(measure.function is None for measure in self.measures)
        alone = any(alone for *_, alone in self.losses)
        return len(self.widths) > 1 or self.widths == [1] or mapped or alone

    def targets(self, y: Tensor) -> Tensor:
        """Return targets, of which there is one for each row if the loss takes only one."""
        if self.widths == [1] or is_sparse(self.given):
            return tf.ensure_shape(y, [None, 1])
        # Metrics that keep a number for each class look at how many there are.
        return tf.ensure_shape(y, [None, sum(self.widths)]) if self.width_is_known else y

    def of_batch(
        self, shapes: Shapes, batch: Batch, outputs: Sequence[Tensor], settings: Any
    ) -> tuple[Tensor, list[Tensor]]:
        """Return the loss of each lane without penalties, and what it is the sum of.

        The latter are losses before their weights, as they are logged: shape (lanes,) each.
        """
        each = [
            self._alone_or_not(shapes, self._seen(batch, outputs, output), loss, alone=alone)
            for output, loss, alone in self.losses
        ]
        total = [
            own * settings[loss_weight(output)] if loss_weight(output) in settings else own
            for own, (output, _, _) in zip(each, self.losses, strict=True)
        ]
        return total[0] if len(total) == 1 else tf.add_n(total), each

    def measured(
        self,
        shapes: Shapes,
        values: tuple,
        batch: Batch,
        outputs: Sequence[Tensor],
        losses: Sequence[Tensor],
    ) -> tuple:
        """Return the variables of the metrics after one mini-batch.

        Parameters
        ----------
        shapes : Shapes
        values : tuple of Tensor of shape (lanes, ...)
            The variables before.
        batch : Batch
        outputs, losses : sequence of Tensor
            Of the networks, and what :meth:`of_batch` says of them.
        """
        updated: list[Tensor] = []
        first = len(self.measures) - len(losses)
        for number, measure in enumerate(self.measures):
            own = lane_metrics.of_measure(measure, values, len(updated))
            if len(losses) > 1 and number >= first:
                total, count = own
                updated += [total + losses[number - first], count + 1]
            else:
                seen = self._seen(batch, outputs, measure.output)
                updated += lane_metrics.updated(measure, own, seen, shapes)
        return tuple(updated)

    def start(self, lanes: Any) -> tuple:
        """Return the variables of the metrics of so many lanes as an epoch begins."""
        return tuple(
            tf.zeros(tf.concat([[lanes], value.shape], axis=0), value.dtype) + value
            for measure in self.measures
            for value in measure.start
        )

    def results(self, values: tuple) -> tuple:
        """Return what is logged of metrics with these variables: shape (lanes, ...) each."""
        found: list[Tensor] = []
        start = 0
        for measure in self.measures:
            own = lane_metrics.of_measure(measure, values, start)
            start += len(own)
            found += lane_metrics.results(measure, own)
        return tuple(found)

    def _seen(self, batch: Batch, outputs: Sequence[Tensor], output: int) -> Seen:
        """Return what a loss or a metric sees of one output."""
        y = batch.y
        if len(self.widths) > 1:
            start = sum(self.widths[:output])
            y = y[:, start : start + self.widths[output]]
        weight = batch.weight if self._weighted else None
        return Seen(y, outputs[output], batch.mask, batch.weight, weight, batch.size)

    def _alone_or_not(
        self, shapes: Shapes, seen: Seen, loss: keras.losses.Loss, *, alone: bool
    ) -> Tensor:
        """Return a loss of each lane, by Keras' reduction over its own rows."""
        if alone:
            return lane_by_lane.loss_of(loss, seen.rows(shapes, weighted=True))
        of_rows = shapes.apart(loss.call(seen.y, seen.outputs))
        if loss.reduction == "sum":
            count = shapes.once("one", lambda: tf.ones(shapes.lanes, seen.weight.dtype))
        else:
            by_weight = loss.reduction == "mean_with_sample_weight"
            count = tf.reduce_sum(seen.weight if by_weight else seen.mask, axis=1)
        return lane_arithmetic.mean(of_rows, seen.weight, count)
