"""A compiled Keras model as pure functions of the weights and settings of many lanes.

A :class:`Network` owns one built model, the template, for all lanes of a structure. Its layers
are made to compute for all lanes at once, see :mod:`gridlanes.programs.lane_layers`.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from gridlanes.compat.keras import layers_of, metrics_container, other_operations, row_by_row
from gridlanes.networks.targets import for_network, is_sparse
from gridlanes.programs import lane_arithmetic
from gridlanes.programs.lane_layers import mapped, open_layer
from gridlanes.programs.layer_functions import takes_any_size
from gridlanes.programs.penalties import constrained, penalty
from gridlanes.programs.settings import Places
from gridlanes.programs.sizes import Shapes, sizes_of
from gridlanes.programs.traced_lanes import TracedLanes
from gridlanes.programs.weights import frozen, generators_of

Tensor = Any


class Variables(NamedTuple):
    """What lanes bring to a network.

    Attributes
    ----------
    trainable : Tensor of shape (lanes, weights)
    statistics : Tensor of shape (lanes, statistics)
    integers : Tensor of shape (lanes or 1, integers)
        One row if the random generators of all lanes are in the same state.
    settings : dict of str to Tensor of shape (lanes,)
    """

    trainable: Tensor
    statistics: Tensor
    integers: Tensor
    settings: Mapping[str, Tensor]


class Batch(NamedTuple):
    """Rows of all lanes, the end of a short mini-batch filled up.

    Attributes
    ----------
    X, y : Tensor of shape (lanes x rows, ...)
    weight : Tensor of shape (lanes, rows)
        0 for a row that only fills up.
    mask : Tensor of shape (lanes, rows)
        1 for a real row, 0 for one that only fills up.
    """

    X: Tensor
    y: Tensor
    weight: Tensor
    mask: Tensor


class Trained(NamedTuple):
    """What one mini-batch does to a network before its optimizer takes a step.

    Attributes
    ----------
    loss : Tensor of shape (lanes,)
    outputs : Tensor of shape (lanes x rows, width)
    statistics, integers : Tensor
        See :class:`Variables`.
    """

    loss: Tensor
    outputs: Tensor
    statistics: Tensor
    integers: Tensor


class Network:
    """A template whose variables, sizes and settings are arguments.

    Parameters
    ----------
    template : keras.Model
        Compiled; belongs to the network from here on.
    n_classes : int or None
        Of the target; None for a regression.
    places : Places
        Where lanes differ.

    Attributes
    ----------
    layers : list of keras.layers.Layer
        All of the template's, those of models in it too.
    sizes : Sizes
        Of the template.
    """

    def __init__(self, template: keras.Model, n_classes: int | None, places: Places) -> None:
        self.template, self.n_classes, self.places = template, n_classes, places
        self.sizes = sizes_of(template)
        self.loss_given = template.loss
        self._floats, _ = frozen(template)
        self.layers, self._generators = layers_of(template), generators_of(template)
        self._lanes = TracedLanes()
        loss = keras.losses.get(self.loss_given)
        is_object = isinstance(loss, keras.losses.Loss)
        self._loss = loss.call if is_object else loss
        self._reduction = loss.reduction if is_object else "sum_over_batch_size"
        self._weights = [
            (f"{number}.{variable.name}", variable)
            for number, layer in enumerate(self.layers)
            for variable in layer.trainable_variables
        ]
        for number, layer in enumerate(self.layers):
            open_layer(layer, number, self._lanes, places)
        for operation in other_operations(template):
            if not takes_any_size(operation):
                operation.call = mapped(operation, self._lanes)

    @cached_property
    def compiled_metrics(self) -> Any:
        """Keras' container of the metrics, built for the network's targets and outputs."""
        container = metrics_container(self.template)
        if container is not None and not container.built:
            width, dtype = self.sizes.width, keras.config.floatx()
            targets = for_network(
                np.zeros(1, int) if self.n_classes else np.zeros((1, width)),
                # However many classes there are, they are the network's outputs.
                n_classes=self.n_classes and max(width, 2),
                width=width,
                loss=self.loss_given,
                dtype=dtype,
            )
            outputs = np.zeros((1, width), dtype)
            container.build(targets, outputs)
            for metric in container.metrics:
                if row_by_row(metric) is None:
                    # Some make their variables when they see how many outputs there are.
                    metric.update_state(targets, outputs)
                    metric.reset_state()
        return container

    def targets(self, y: Tensor) -> Tensor:
        """Return targets, of which there is one for each row if the loss takes only one."""
        single = self.sizes.width == 1 or is_sparse(self.loss_given)
        if single:
            return tf.ensure_shape(y, [None, 1])
        # Metrics that keep a number for each class look at how many there are.
        return tf.ensure_shape(y, [None, self.sizes.width]) if self._width_is_known else y

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The metrics, in the order of their results."""
        return self.compiled_metrics.metrics if self.compiled_metrics is not None else []

    @cached_property
    def _width_is_known(self) -> bool:
        return self.sizes.width == 1 or any(row_by_row(metric) is None for metric in self.metrics)

    @property
    def constrained(self) -> bool:
        """Whether there are weights with a constraint."""
        return any(f"{name}_constraint" in self.places.choices for name, _ in self._weights)

    def outputs(self, shapes: Shapes, variables: Variables, X: Tensor) -> Tensor:
        """Return what the networks say of rows: (lanes x rows, outputs)."""
        self._enter(shapes, variables)
        return self._called(shapes, X, training=False)

    def training_loss(self, shapes: Shapes, variables: Variables, batch: Batch) -> Trained:
        """Return what one mini-batch does to the networks."""
        self._enter(shapes, variables, batch.mask)
        outputs = self._called(shapes, batch.X, training=True)
        loss = self._total(shapes, batch, outputs)
        statistics, lanes = variables.statistics, self._lanes
        if self._floats:
            statistics = shapes.flat([lanes.weights[id(v)] for v in self._floats])
        integers = variables.integers
        if self._generators:
            others = integers[:, : -2 * len(self._generators)]
            integers = tf.concat([others, *lanes.states.values()], axis=1)
        return Trained(loss, outputs, statistics, integers)

    def validation_loss(
        self, shapes: Shapes, variables: Variables, batch: Batch
    ) -> tuple[Tensor, Tensor]:
        """Return loss (with that of regularisers) and outputs for rows held out."""
        self._enter(shapes, variables, batch.mask)
        outputs = self._called(shapes, batch.X, training=False)
        return self._total(shapes, batch, outputs), outputs

    def gradients(self, tape: tf.GradientTape, loss: Tensor, trainable: Tensor) -> list[Tensor]:
        """Return the gradient of all weights, and per lookup of what an embedding found.

        Keras squares the gradient of an embedding before it adds up what belongs to one word.
        Where that matters, two more tensors follow: sums of squares and of absolute values.
        """
        zero = tf.UnconnectedGradients.ZERO
        lookups = [
            own for own in self._lanes.lookups if own.table.trainable and not self._penalised(own)
        ]
        found = [own.found for own in lookups]
        gradient, *parts = tape.gradient(loss, [trainable, *found], unconnected_gradients=zero)
        if not found:
            return [gradient]
        return [
            gradient,
            *(self._by_lookup(of_one, gradient, lookups, parts) for of_one in (tf.square, tf.abs)),
        ]

    def constrain(self, shapes: Shapes, trainable: Tensor, settings: Any) -> Tensor:
        """Return all weights after the constraints of their variables."""
        self._lanes.enter(shapes, {}, {}, settings, {})
        parts = dict(
            zip(
                map(id, self.template.trainable_variables),
                shapes.cut(trainable, shapes.trainable),
                strict=True,
            )
        )
        for name, variable in self._weights:
            place = f"{name}_constraint"
            if place in self.places.choices:
                own = parts[id(variable)]
                parts[id(variable)] = constrained(self._lanes, self.places, place, own)
        return shapes.flat(list(parts.values()))

    def _enter(self, shapes: Shapes, variables: Variables, mask: Tensor | None = None) -> None:
        """Give the template's layers the lanes that are traced next."""
        weights: dict[int, Tensor] = {}
        sizes: dict[int, Any] = {}
        for own, values, dimensions in (
            (self.template.trainable_variables, variables.trainable, shapes.trainable),
            (self._floats, variables.statistics, shapes.statistics),
        ):
            ids = [id(variable) for variable in own]
            weights |= zip(ids, shapes.cut(values, dimensions), strict=True)
            sizes |= zip(ids, dimensions, strict=True)
        count = len(self._generators)
        ends = range(-2 * count, 0, 2)
        states = {
            number: variables.integers[:, end : end + 2 or None]
            for number, end in zip(self._generators, ends, strict=True)
        }
        self._lanes.enter(shapes, weights, sizes, variables.settings, states, mask)

    def _called(self, shapes: Shapes, X: Tensor, *, training: bool) -> Tensor:
        """Return the outputs of the template, which takes a tensor for each of its inputs."""
        columns = [own[0] for own in shapes.inputs]
        inputs = X if len(columns) == 1 else tf.split(X, shapes.packed(*columns), axis=1)
        outputs = self.template(inputs, training=training)
        # Losses and metrics tell one output from several, and some metrics count them.
        for own in (outputs, getattr(outputs, "_keras_logits", None)):
            if own is not None and self._width_is_known:
                own.set_shape([None, self.sizes.width])
        return outputs

    def _total(self, shapes: Shapes, batch: Batch, outputs: Tensor) -> Tensor:
        """Return the loss of each lane, by Keras' reduction over its own rows, and penalties."""
        of_rows = shapes.apart(self._loss(batch.y, outputs))
        total = lane_arithmetic.mean(of_rows, batch.weight, self._count(shapes, batch))
        own = [
            penalty(self._lanes, f"{name}_regularizer", self._lanes.weights[id(variable)])
            for name, variable in self._weights
            if f"{name}_regularizer" in self.places.numbers
        ]
        return tf.add_n([total, *self._lanes.penalties, *own])

    def _count(self, shapes: Shapes, batch: Batch) -> Tensor:
        """Return what Keras' reduction divides the loss of each lane by."""
        if self._reduction == "sum":
            return shapes.once("one", lambda: tf.ones(shapes.lanes, batch.weight.dtype))
        by_weight = self._reduction == "mean_with_sample_weight"
        return tf.reduce_sum(batch.weight if by_weight else batch.mask, axis=1)

    def _penalised(self, lookup: Any) -> bool:
        """Return whether a table may be regularised, for which Keras sums its gradient first."""
        return any(
            variable is lookup.table and f"{name}_regularizer" in self.places.numbers
            for name, variable in self._weights
        )

    def _by_lookup(
        self, of_one: Callable, gradient: Tensor, lookups: list, parts: list[Tensor]
    ) -> Tensor:
        """Return a function of a gradient, summed over lookups where a weight is looked up."""
        shapes = self._lanes.shapes
        pieces = [of_one(piece) for piece in shapes.cut(gradient, shapes.trainable)]
        for number, variable in enumerate(self.template.trainable_variables):
            own = [
                _by_word(of_one(part), lookup.positions, shapes.trainable[number][0], shapes)
                for lookup, part in zip(lookups, parts, strict=True)
                if lookup.table is variable
            ]
            if own:
                pieces[number] = tf.add_n(own)
        return shapes.flat(pieces)


def _by_word(values: Tensor, positions: Tensor, words: Any, shapes: Shapes) -> Tensor:
    """Return values (lanes, lookups, columns) summed by position: (lanes, words, columns)."""
    first = tf.range(shapes.lanes, dtype=positions.dtype)[:, None] * tf.cast(words, positions.dtype)
    found: Tensor = tf.math.unsorted_segment_sum(values, positions + first, shapes.lanes * words)
    return found
