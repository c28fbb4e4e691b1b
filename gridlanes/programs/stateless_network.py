"""A compiled Keras model as pure functions of one lane's weights and settings.

A :class:`Network` owns one built model, the template, for all lanes of a structure. Where lanes
differ, the template's layers are made to read the lane's setting instead of their own.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from gridlanes.compat.keras import metrics_container
from gridlanes.networks.shapes import as_inputs
from gridlanes.networks.targets import for_network
from gridlanes.programs.lane_layers import LOOKUPS, MASK, LaneSettings, open_layer
from gridlanes.programs.network_description import layers_of
from gridlanes.programs.weights import frozen, unflat

Tensor = Any


def numbers_for(settings: Mapping[str, Any], choices: Mapping[str, list]) -> dict[str, Any]:
    """Return one model's settings as the numbers that :class:`Network` reads.

    Constants derived from a setting are formed in double precision, as Keras does.
    """
    numbers: dict[str, Any] = {}
    for place, value in settings.items():
        if place.endswith("activation"):
            numbers[place] = choices[place].index(value)
        elif place.endswith("regularizer"):
            # Keras passes them through ops.cast, which rounds Python's floats.
            strengths = np.asarray(value, np.float32).tolist()
            numbers[place + ".l1"], numbers[place + ".l2"] = strengths
        else:
            numbers[place] = value
            if place.endswith("rate"):
                numbers[place + ".scale"] = 1 / (1 - value) if value < 1 else 0.0
                numbers[place + ".sd"] = math.sqrt(value / (1 - value)) if value < 1 else 0.0
    return numbers


@dataclass
class Network:
    """A template whose variables and settings are arguments.

    Attributes
    ----------
    template : keras.Model
        Compiled; belongs to the network from here on.
    n_classes : int or None
        Of the target; None for a regression.
    choices : dict of str to list of str
        The activations among which lanes choose, by place.
    """

    template: keras.Model
    n_classes: int | None
    choices: Mapping[str, list]
    _lane: dict[str, Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.floats, self.integers = frozen(self.template)
        self.loss_given = self.template.loss
        self.width = int(self.template.output_shape[-1])
        loss = keras.losses.get(self.loss_given)
        is_object = isinstance(loss, keras.losses.Loss)
        self._loss = loss.call if is_object else loss
        self._reduction = loss.reduction if is_object else "sum_over_batch_size"
        for number, layer in enumerate(layers_of(self.template)):
            open_layer(layer, LaneSettings(self._lane, f"{number}.", self.choices))

    @cached_property
    def compiled_metrics(self) -> Any:
        """Keras' container of the metrics, built for the network's targets and outputs."""
        container = metrics_container(self.template)
        if container is not None and not container.built:
            outputs = np.zeros((1, self.width), keras.config.floatx())
            targets = for_network(
                np.zeros(1, int) if self.n_classes else np.zeros((1, self.width)),
                n_classes=self.n_classes,
                width=self.width,
                loss=self.loss_given,
                dtype=keras.config.floatx(),
            )
            container.build(targets, outputs)
        return container

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The metrics, in the order of their results."""
        return self.compiled_metrics.metrics if self.compiled_metrics is not None else []

    @property
    def row_bytes(self) -> int:
        """Bytes of all layers' outputs for one row."""
        shapes = [layer.output.shape[1:] for layer in layers_of(self.template)]
        size = np.dtype(keras.config.floatx()).itemsize
        return int(sum(math.prod(shape) for shape in shapes) * size)

    def outputs(
        self, trainable: Tensor, statistics: Tensor, integers: Tensor, settings: Any, X: Tensor
    ) -> Tensor:
        """Return what one lane's network says of rows: (rows, outputs)."""
        self._enter(settings)
        variables = self._variables(trainable, statistics, integers)
        outputs, _ = self.template.stateless_call(
            *variables, as_inputs(self.template, X), training=False
        )
        return outputs

    def training_loss(
        self,
        trainable: Tensor,
        statistics: Tensor,
        integers: Tensor,
        settings: Any,
        batch: tuple[Tensor, Tensor, Tensor, Tensor],
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return loss, outputs, statistics and integers of one lane after one mini-batch.

        Parameters
        ----------
        batch : tuple
            Rows, targets, row weights (0 for padding) and the mask of real rows, each of the
            padded length.
        """
        X, y, row_weight, mask = batch
        self._enter({**settings, MASK: mask})
        variables = self._variables(trainable, statistics, integers)
        outputs, frozen, losses = self.template.stateless_call(
            *variables, as_inputs(self.template, X), training=True, return_losses=True
        )
        total = tf.add_n([self.mean_loss(y, outputs, row_weight, mask), *losses])
        states = dict(zip(map(id, self.template.non_trainable_variables), frozen, strict=True))
        return (
            total,
            outputs,
            _concat([states[id(v)] for v in self.floats], statistics),
            _concat([states[id(v)] for v in self.integers], integers),
        )

    def gradients(self, tape: tf.GradientTape, loss: Tensor, trainable: Tensor) -> list[Tensor]:
        """Return the gradient of a lane's weights, and per lookup of what an embedding found.

        Keras squares the gradient of an embedding before it adds up what belongs to one word.
        Where that matters, two more vectors follow: sums of squares and of absolute values.
        """
        zero = tf.UnconnectedGradients.ZERO
        lookups = self._lane.get(LOOKUPS, [])
        found = [outputs for _, _, outputs in lookups]
        gradient, *parts = tape.gradient(loss, [trainable, *found], unconnected_gradients=zero)
        if not found:
            return [gradient]
        return [
            gradient,
            *(self._by_lookup(of_one, gradient, lookups, parts) for of_one in (tf.square, tf.abs)),
        ]

    def _by_lookup(
        self, of_one: Callable, gradient: Tensor, lookups: list, parts: list[Tensor]
    ) -> Tensor:
        """Return a function of a gradient, summed over lookups where a weight is looked up."""
        variables = self.template.trainable_variables
        pieces = [of_one(piece) for piece in unflat(gradient, variables)]
        for number, variable in enumerate(variables):
            own = [
                (tf.reshape(positions, [-1]), tf.reshape(part, [-1, variable.shape[-1]]))
                for (layer, positions, _), part in zip(lookups, parts, strict=True)
                if layer.trainable_variables and layer.trainable_variables[0] is variable
            ]
            if own:
                pieces[number] = tf.add_n(
                    [
                        tf.math.unsorted_segment_sum(
                            of_one(part), tf.cast(positions, tf.int32), variable.shape[0]
                        )
                        for positions, part in own
                    ]
                )
        return tf.concat([tf.reshape(piece, [-1]) for piece in pieces], axis=0)

    def validation_loss(
        self,
        trainable: Tensor,
        statistics: Tensor,
        integers: Tensor,
        settings: Any,
        batch: tuple[Tensor, Tensor, Tensor, Tensor],
    ) -> tuple[Tensor, Tensor]:
        """Return loss (with that of regularisers) and outputs of one lane on rows held out.

        ``batch`` is as in :meth:`training_loss`.
        """
        X, y, row_weight, mask = batch
        self._enter({**settings, MASK: mask})
        variables = self._variables(trainable, statistics, integers)
        outputs, _, losses = self.template.stateless_call(
            *variables, as_inputs(self.template, X), training=False, return_losses=True
        )
        return tf.add_n([self.mean_loss(y, outputs, row_weight, mask), *losses]), outputs

    def mean_loss(self, y: Tensor, outputs: Tensor, row_weight: Tensor, mask: Tensor) -> Tensor:
        """Return the loss of one mini-batch, by Keras' reduction over its own rows."""
        total = tf.reduce_sum(self._loss(y, outputs) * row_weight)
        if self._reduction == "sum":
            return total
        by_weight = self._reduction == "mean_with_sample_weight"
        return tf.math.divide_no_nan(total, tf.reduce_sum(row_weight if by_weight else mask))

    def measure(self, values: tuple, y: Tensor, outputs: Tensor, mask: Tensor) -> tuple:
        """Return the variables of the metrics after one mini-batch."""
        updated: list[Tensor] = []
        for metric in self.metrics:
            own = list(values[len(updated) : len(updated) + len(metric.variables)])
            updated += metric.stateless_update_state(own, y, outputs, sample_weight=mask)
        return tuple(updated)

    def results(self, values: tuple) -> tuple:
        """Return the metrics from their variables."""
        results, start = [], 0
        for metric in self.metrics:
            own = list(values[start : start + len(metric.variables)])
            start += len(own)
            results.append(tf.cast(metric.stateless_result(own), keras.config.floatx()))
        return tuple(results)

    def constrained(self, trainable: Tensor) -> Tensor:
        """Return one lane's weights after the constraints of their variables."""
        variables = self.template.trainable_variables
        parts = unflat(trainable, variables)
        return tf.concat(
            [
                tf.reshape(v.constraint(part) if v.constraint else part, [-1])
                for part, v in zip(parts, variables, strict=True)
            ],
            axis=0,
        )

    def _enter(self, settings: Mapping[str, Tensor]) -> None:
        """Give the template's layers the settings of the lane that is traced next."""
        self._lane.clear()
        self._lane.update(settings)

    def _variables(self, trainable: Tensor, statistics: Tensor, integers: Tensor) -> Any:
        values = unflat(statistics, self.floats) + unflat(integers, self.integers)
        by_id = dict(zip(map(id, [*self.floats, *self.integers]), values, strict=True))
        frozen = [by_id[id(v)] for v in self.template.non_trainable_variables]
        return unflat(trainable, self.template.trainable_variables), frozen


def _concat(parts: list[Tensor], like: Tensor) -> Tensor:
    flat = [tf.reshape(tf.cast(part, like.dtype), [-1]) for part in parts]
    return tf.concat(flat, axis=0) if flat else like
