"""The sizes of a network: numbers that a run brings to a program that knows none of them."""

import copy
import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from gridlanes.compat.keras_attention import projections_of
from gridlanes.compat.keras_layers import layers_of
from gridlanes.compat.tensorflow_math import differentiated
from gridlanes.programs.lane_arithmetic import reshaped
from gridlanes.programs.layer_calls import Called, calls_of
from gridlanes.programs.supported import CELLS, CONVOLUTIONS, HEADS
from gridlanes.programs.weights import frozen

Tensor = Any

#: A whole number, or the tensor that will hold one.
Dimension = Any


class Sizes(NamedTuple):
    """How large the parts of one network are.

    Attributes
    ----------
    inputs : tuple of tuple of int
        The shape of a row for each input.
    trainable, statistics : tuple of tuple of int
        The shapes of the variables, see :class:`gridlanes.programs.weights.Weights`.
    places : tuple of tuple of int
        For each layer the lengths of its inputs, without channels; empty unless it asks for them.
    width : int
        Of the network's outputs together.
    row_numbers : int
        Numbers that all layers put out for one row, and those of a convolution's windows.
    row_products : int
        Multiplications of numbers by weights for one row.
    """

    inputs: tuple[tuple[int, ...], ...]
    trainable: tuple[tuple[int, ...], ...]
    statistics: tuple[tuple[int, ...], ...]
    places: tuple[tuple[int, ...], ...]
    width: int
    row_numbers: int
    row_products: int

    @property
    def weights(self) -> int:
        """The number of weights that training changes."""
        return sum(map(math.prod, self.trainable))

    def vector(self) -> NDArray[np.int32]:
        """Return the sizes that a program asks for, one after the other."""
        shapes = (*self.inputs, *self.trainable, *self.statistics, *self.places)
        return np.array([size for shape in shapes for size in shape], np.int32)


def sizes_of(model: keras.Model) -> Sizes:
    """Return the sizes of a built model."""
    calls = calls_of(model)
    layers = [(layer, calls[id(layer)]) for layer in layers_of(model)]
    kernels = [_kernel(*own) for own in layers]
    numbers = sum(math.prod(_known(called.output[1:])) * called.times for _, called in layers)
    numbers += sum(places * ins for places, ins, _ in kernels if places > 1)
    return Sizes(
        tuple(tuple(own.shape[1:]) for own in model.inputs),
        tuple(tuple(own.shape) for own in model.trainable_variables),
        tuple(tuple(own.shape) for own in frozen(model)[0]),
        tuple(_places(*own) for own in layers),
        sum(int(own.shape[-1]) for own in model.outputs),
        int(numbers),
        int(sum(map(math.prod, kernels))),
    )


def _places(layer: keras.layers.Layer, called: Called) -> tuple[int, ...]:
    asks = type(layer).__name__ in CONVOLUTIONS | {"TimeDistributed"}
    return tuple(called.inputs[0][1:-1]) if asks else ()


def _kernel(layer: keras.layers.Layer, called: Called) -> tuple[int, int, int]:
    """Return at how many places of a row a layer's kernel is used, its rows and its columns."""
    if type(layer).__name__ in CELLS:
        shapes = layer.kernel.shape, layer.recurrent_kernel.shape
        return called.times, sum(shape[0] for shape in shapes), shapes[0][1]
    if type(layer).__name__ in HEADS:
        # A step by all weights, and in each head by every step that it may attend to.
        steps, others = (own.shape[1] for own in keras.tree.flatten(layer.input)[:2])
        _, heads, columns = projections_of(layer)["query"].kernel.shape
        weights = sum(math.prod(own.shape) for own in layer.weights)
        return steps, heads * others, 2 * columns + weights // (heads * others)
    kernel = getattr(layer, "kernel", getattr(layer, "depthwise_kernel", None))
    if kernel is None:
        return 0, 0, 0
    places = math.prod(_known(called.output[1:-1])) * called.times
    return places, math.prod(kernel.shape[:-1]), kernel.shape[-1]


def _known(shape: Sequence[int | None]) -> list[int]:
    """Return a shape without the sizes that a layer leaves open."""
    return [side for side in shape if side is not None]


class Shapes:
    """Sizes in a graph, and what is computed of them once instead of at every step.

    Parameters
    ----------
    like : Sizes
        Of the template; of another network only the numbers may differ, not how many there are.
    vector : Tensor of shape (sizes,), or None
        See :meth:`Sizes.vector`; without it the sizes are those of the template.
    lanes, rows : Tensor
        How many lanes there are, and rows for each of them.

    Attributes
    ----------
    sized : bool
        Whether all sizes but these are known.
    """

    def __init__(self, like: Sizes, vector: Tensor | None, lanes: Tensor, rows: Tensor) -> None:
        self._graph = tf.compat.v1.get_default_graph()
        self._known: dict[Hashable, Any] = {}
        self.lanes, self.rows, self.sized = lanes, rows, vector is None
        numbers = like.vector().tolist()
        numbers = iter(numbers if vector is None else tf.unstack(vector, num=len(numbers)))
        self.inputs, self.trainable, self.statistics, self.places = (
            [[next(numbers) for _ in shape] for shape in shapes]
            for shapes in (like.inputs, like.trainable, like.statistics, like.places)
        )

    def of_lanes(self, lanes: Tensor) -> "Shapes":
        """Return the same sizes for another number of lanes."""
        own = copy.copy(self)
        own.lanes, own._known = lanes, {}  # noqa: SLF001
        return own

    def once(self, key: Hashable, make: Callable[[], Tensor]) -> Tensor:
        """Return what ``make`` returns, computed where the sizes are: before any loop begins."""
        if key not in self._known:
            with self._graph.as_default():
                self._known[key] = make()
        return self._known[key]

    def in_steps(self, key: Hashable, steps: Dimension) -> "Shapes":
        """Return the same sizes where each step of a row is a row; ``key`` is of whose steps."""
        known: Shapes = self.once(("in steps", key), lambda: copy.copy(self))
        if known.rows is self.rows:
            known._known = {}
            known.rows = self.once(("rows", key), lambda: self.rows * steps)
        return known

    def packed(self, *dimensions: Dimension) -> Tensor:
        """Return a shape."""
        key = tuple(one if isinstance(one, int) else id(one) for one in dimensions)
        return self.once(key, lambda: tf.stack(list(dimensions)))

    def split(self, values: Tensor, shapes: Sequence[Sequence[Dimension]]) -> list[Tensor]:
        """Part values of shape (lanes, numbers) into those of each shape: (lanes, its numbers)."""
        if len(shapes) == 1:
            return [values]
        sizes = self.packed(*self._numbers(shapes))
        parts: list[Tensor] = tf.split(values, sizes, axis=1, num=len(shapes))
        return parts

    def _numbers(self, shapes: Sequence[Sequence[Dimension]]) -> list[Dimension]:
        """Return how many numbers there are of each shape."""
        own: list[Dimension] = self.once(
            ("numbers", id(shapes)), lambda: [_product(shape) for shape in shapes]
        )
        return own

    def cut(self, values: Tensor, shapes: Sequence[Sequence[Dimension]]) -> list[Tensor]:
        r"""Cut values of shape (lanes, numbers) into tensors of shape (lanes, \*shape) each."""
        if not shapes:
            return []

        @differentiated
        def cut(values: Tensor) -> tuple[list[Tensor], Callable]:
            own = [
                tf.reshape(part, self.packed(self.lanes, *shape))
                for part, shape in zip(self.split(values, shapes), shapes, strict=True)
            ]
            return own, lambda *g: self.flat(g)

        own: list[Tensor] = cut(values)
        return own

    def flat(
        self, parts: Sequence[Tensor], shapes: Sequence[Sequence[Dimension]] | None = None
    ) -> Tensor:
        """Return tensors of shape (lanes, ...) as one of shape (lanes, numbers).

        The shapes of the parts are asked for where there may be no lanes.
        """
        sizes = [-1] * len(parts) if shapes is None else self._numbers(shapes)
        rows = [
            tf.reshape(part, self.packed(self.lanes, size))
            for part, size in zip(parts, sizes, strict=True)
        ]
        return rows[0] if len(rows) == 1 else tf.concat(rows, axis=1)

    def spread(self, values: Tensor) -> Tensor:
        """Return a number for each variable that is trained as one for each of its weights."""
        shapes = self.trainable

        def variables() -> Tensor:
            return tf.repeat(range(len(shapes)), self.packed(*self._numbers(shapes)))

        return tf.gather(values, self.once("variables", variables), axis=1)

    def apart(self, x: Tensor) -> Tensor:
        """Return (lanes x rows, ...) as (lanes, rows, ...)."""
        merged, split = self._shapes(x, x.shape[1:], 1)
        return reshaped(x, split, merged)

    def together(self, x: Tensor) -> Tensor:
        """Return (lanes, rows, ...) as (lanes x rows, ...)."""
        merged, split = self._shapes(x, x.shape[2:], 2)
        return reshaped(x, merged, split)

    def like(self, x: Tensor, given: Tensor, last: Dimension) -> Tensor:
        """Return (lanes, numbers, last) in the shape (lanes x rows, ..., last).

        All but the last dimension are those of ``given``.
        """
        before = self.packed(self.lanes, -1, last)
        if len(given.shape) == 2:
            return reshaped(x, self.packed(-1, last), before)
        shape = tf.concat([tf.shape(given)[:-1], [last]], axis=0)
        return reshaped(x, shape, before)

    def _shapes(self, x: Tensor, known: Any, skip: int) -> tuple[Tensor, Tensor]:
        """Return the shape of rows together and apart, whose last dimensions are those of x.

        One dimension may be left to be found out, so that most shapes are known before a loop.
        """
        dimensions = [
            tf.shape(x)[skip + n] if size is None and n + 1 < len(known) else size
            for n, size in enumerate(known)
        ]
        if dimensions and dimensions[-1] is None:
            dimensions[-1] = -1
        rows = self.once("rows", lambda: self.lanes * self.rows)
        begins = [rows], [self.lanes, self.rows]
        if any(tf.is_tensor(size) for size in dimensions):
            merged, split = (tf.stack([*begin, *dimensions]) for begin in begins)
        else:
            merged, split = (self.packed(*begin, *dimensions) for begin in begins)
        return merged, split


def _product(shape: Sequence[Dimension]) -> Dimension:
    product: Dimension = 1
    for dimension in shape:
        product = product * dimension
    return product
