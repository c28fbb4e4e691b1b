"""What the layers of a template read of the lanes that are traced, and what they leave there.

A template's layers are called with the rows of all lanes, one lane after the other: shape
(lanes x rows, ...). A layer that has no weights, and for which a row is a row, need not know that
there are lanes. The others take the rows apart, see :mod:`gridlanes.programs.lane_layers`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from gridlanes.programs.sizes import Dimension, Shapes

Tensor = Any


class Lookup(NamedTuple):
    """What an embedding found.

    Attributes
    ----------
    table : keras.Variable
    positions : Tensor of shape (lanes, lookups)
    found : Tensor of shape (lanes, lookups, columns)
    """

    table: keras.Variable
    positions: Tensor
    found: Tensor


class TracedLanes:
    """The lanes that a template is called for.

    Attributes
    ----------
    shapes : Shapes
    weights : dict of int to Tensor of shape (lanes, ...)
        By identity of a variable of the template; a layer replaces what it changes.
    sizes : dict of int to list of int or Tensor
        The shapes of these, for one lane.
    settings : dict of str to Tensor of shape (lanes,)
        See :func:`gridlanes.programs.settings.numbers_for`.
    states : dict of int to Tensor of shape (lanes or 1, 2)
        Of the random generators, by the number of their layer; one if all lanes draw alike.
    mask : Tensor of shape (lanes, rows), or None
        1 for a row, 0 for one that only fills up.
    penalties : list of Tensor of shape (lanes,)
        What layers add to the loss.
    lookups : list of Lookup
    """

    shapes: Shapes
    weights: dict[int, Tensor]
    sizes: Mapping[int, list[Dimension]]
    settings: Mapping[str, Tensor]
    states: dict[int, Tensor]
    mask: Tensor | None
    penalties: list[Tensor]
    lookups: list[Lookup]

    def __init__(self) -> None:
        self._generator = keras.random.SeedGenerator(0)

    def enter(
        self,
        shapes: Shapes,
        weights: dict[int, Tensor],
        sizes: Mapping[int, list[Dimension]],
        settings: Mapping[str, Tensor],
        states: dict[int, Tensor],
        mask: Tensor | None = None,
    ) -> None:
        """Begin to trace some lanes."""
        self.shapes, self.weights, self.sizes = shapes, weights, sizes
        self.settings, self.states, self.mask = settings, states, mask
        self.penalties, self.lookups = [], []

    @contextmanager
    def in_steps(self, number: int, steps: Dimension) -> Iterator[None]:
        """Let layers take each step of rows for a row, inside a layer of that number."""
        given = self.shapes
        self.shapes = given.in_steps(number, steps)
        try:
            yield
        finally:
            self.shapes = given

    def setting(self, place: str, rank: int) -> Tensor:
        """Return a setting to compute with tensors of shape (lanes, ...) of that rank."""
        own = self.settings[place]
        return self.shapes.once(
            (place, rank, id(own)), lambda: tf.reshape(own, [-1] + [1] * (rank - 1))
        )

    def rows(self, rank: int) -> Tensor:
        """Return the mask to compute with tensors of shape (lanes, rows, ...) of that rank."""
        ones = [1] * (rank - 2)
        return tf.reshape(self.mask, self.shapes.packed(self.shapes.lanes, self.shapes.rows, *ones))

    def real(self) -> Tensor:
        """Return how many rows of a lane are real, at least 1: shape (lanes,)."""
        return tf.maximum(tf.reduce_sum(self.mask, axis=1), 1)

    def drawn(self, number: int, sample: Callable[[keras.random.SeedGenerator], Tensor]) -> Tensor:
        """Return what the generator of a layer draws for each lane, or for all of them alike.

        Parameters
        ----------
        number : int
            Of the layer.
        sample : callable
            Returns a tensor, given one of Keras' generators.

        Returns
        -------
        Tensor of shape (lanes or 1, ...)
        """
        generator = self._generator

        def one(state: Tensor) -> tuple[Tensor, Tensor]:
            state = tf.ensure_shape(state, generator.state.shape)
            with keras.StatelessScope([(generator.state, state)]) as scope:
                values = sample(generator)
            return values, scope.get_current_value(generator.state)

        states = self.states[number]
        if states.shape[0] == 1:
            values, after = (tf.expand_dims(part, 0) for part in one(states[0]))
        else:
            types = (keras.config.floatx(), states.dtype)
            values, after = tf.map_fn(one, states, fn_output_signature=types)
        self.states[number] = after
        return values
