"""A compiled Keras model as pure functions of the weights and settings of many lanes.

A :class:`Network` owns one built model, the template, for all lanes of a structure. Its layers
are made to compute for all lanes at once, see :mod:`gridlanes.programs.lane_layers`.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from gridlanes.compat.keras_layers import layers_of, other_operations, own_weights
from gridlanes.programs.gradient import Gradient, Looked
from gridlanes.programs.lane_layers import mapped, open_layer
from gridlanes.programs.layer_functions import takes_any_size
from gridlanes.programs.objective import Batch, Objective
from gridlanes.programs.penalties import constrained, penalty
from gridlanes.programs.settings import Places
from gridlanes.programs.sizes import Shapes, sizes_of
from gridlanes.programs.supported import DROPOUTS
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


class Trained(NamedTuple):
    """What one mini-batch does to a network before its optimizer takes a step.

    Attributes
    ----------
    loss : Tensor of shape (lanes,)
    losses : list of Tensor of shape (lanes,)
        What it is the sum of, see :meth:`gridlanes.programs.objective.Objective.of_batch`.
    outputs : list of Tensor of shape (lanes x rows, width)
        One for each output of the template.
    statistics, integers : Tensor
        See :class:`Variables`.
    """

    loss: Tensor
    losses: list[Tensor]
    outputs: list[Tensor]
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
    weighted : bool
        Whether rows have weights.

    Attributes
    ----------
    layers : list of keras.layers.Layer
        All of the template's, those of models in it too.
    sizes : Sizes
        Of the template.
    objective : Objective
    """

    def __init__(
        self,
        template: keras.Model,
        n_classes: int | None,
        places: Places,
        *,
        weighted: bool = False,
    ) -> None:
        self.template, self.places = template, places
        self.sizes = sizes_of(template)
        self.objective = Objective(template, n_classes, weighted=weighted)
        self._floats, _ = frozen(template)
        self.layers, self._generators = layers_of(template), generators_of(template)
        self._lanes = TracedLanes()
        self._weights = [
            (f"{number}.{variable.name}", variable)
            for number, layer in enumerate(self.layers)
            for variable in own_weights(layer)
            if variable.trainable
        ]
        for number, layer in enumerate(self.layers):
            open_layer(layer, number, self._lanes, places)
        for operation in other_operations(template):
            if not takes_any_size(operation):
                operation.call = mapped(operation, self._lanes)

    @property
    def by_batch(self) -> bool:
        """Whether the loss of rows held out depends on how they are cut into mini-batches."""
        penalised = any("activity" in place for place in self.places.numbers)
        return penalised or self.objective.by_batch

    @property
    def always_draws(self) -> bool:
        """Whether there are layers that draw when they are not trained, too: Keras' cells."""
        return any(place.endswith(DROPOUTS) for place in self.places.numbers)

    @property
    def constrained(self) -> bool:
        """Whether there are weights with a constraint."""
        return any(f"{name}_constraint" in self.places.choices for name, _ in self._weights)

    def outputs(self, shapes: Shapes, variables: Variables, X: Tensor) -> Tensor:
        """Return what the networks say of rows: (lanes x rows, outputs)."""
        self._enter(shapes, variables)
        outputs = self._called(shapes, X, training=False)
        return outputs[0] if len(outputs) == 1 else tf.concat(outputs, axis=1)

    def training_loss(self, shapes: Shapes, variables: Variables, batch: Batch) -> Trained:
        """Return what one mini-batch does to the networks."""
        self._enter(shapes, variables, batch.mask)
        outputs = self._called(shapes, batch.X, training=True)
        loss, losses = self._total(shapes, batch, outputs)
        statistics, lanes = variables.statistics, self._lanes
        if self._floats:
            statistics = shapes.flat([lanes.weights[id(v)] for v in self._floats])
        return Trained(loss, losses, outputs, statistics, self._integers(variables))

    def validation_loss(self, shapes: Shapes, variables: Variables, batch: Batch) -> Trained:
        """Return what rows held out do to the networks; nothing to their statistics."""
        self._enter(shapes, variables, batch.mask)
        outputs = self._called(shapes, batch.X, training=False)
        loss, losses = self._total(shapes, batch, outputs)
        integers = self._integers(variables)
        return Trained(loss, losses, outputs, variables.statistics, integers)

    def gradients(self, tape: tf.GradientTape, loss: Tensor, trainable: Tensor) -> Gradient:
        """Return the gradient of all weights."""
        zero = tf.UnconnectedGradients.ZERO
        lookups = [
            own for own in self._lanes.lookups if own.table.trainable and not self._penalised(own)
        ]
        found = [own.found for own in lookups]
        total, *terms = tape.gradient(loss, [trainable, *found], unconnected_gradients=zero)
        numbers = {id(own): n for n, own in enumerate(self.template.trainable_variables)}
        looked = [
            Looked(numbers[id(lookup.table)], lookup.positions, own)
            for lookup, own in zip(lookups, terms, strict=True)
        ]
        return Gradient(total, self._lanes.shapes, tuple(looked))

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

    def _called(self, shapes: Shapes, X: Tensor, *, training: bool) -> list[Tensor]:
        """Return the outputs of the template, which takes a tensor for each of its inputs."""
        columns = [own[0] for own in shapes.inputs]
        inputs = X if len(columns) == 1 else tf.split(X, shapes.packed(*columns), axis=1)
        outputs: list[Tensor] = keras.tree.flatten(self.template(inputs, training=training))
        # Losses and metrics tell one output from several, and some metrics count them.
        if self.objective.width_is_known:
            for output, width in zip(outputs, self.objective.widths, strict=True):
                for own in (output, getattr(output, "_keras_logits", None)):
                    if own is not None:
                        own.set_shape([None, width])
        return outputs

    def _total(
        self, shapes: Shapes, batch: Batch, outputs: list[Tensor]
    ) -> tuple[Tensor, list[Tensor]]:
        """Return the loss of each lane with penalties, and what the losses of its outputs are."""
        total, losses = self.objective.of_batch(shapes, batch, outputs, self._lanes.settings)
        own = [
            penalty(self._lanes, f"{name}_regularizer", self._lanes.weights[id(variable)])
            for name, variable in self._weights
            if f"{name}_regularizer" in self.places.numbers
        ]
        return tf.add_n([total, *self._lanes.penalties, *own]), losses

    def _integers(self, variables: Variables) -> Tensor:
        """Return the integers of the lanes after the network was called."""
        if not self._generators:
            return variables.integers
        others = variables.integers[:, : -2 * len(self._generators)]
        return tf.concat([others, *self._lanes.states.values()], axis=1)

    def _penalised(self, lookup: Any) -> bool:
        """Return whether a table may be regularised, for which Keras sums its gradient first."""
        return any(
            variable is lookup.table and f"{name}_regularizer" in self.places.numbers
            for name, variable in self._weights
        )
