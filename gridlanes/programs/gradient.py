"""The gradients of lanes, and how they are bounded.

The gradient of a word is a sum over its occurrences in a mini-batch. Keras keeps its terms apart:
it squares and bounds each of them before they are added up.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import tensorflow as tf

from gridlanes.programs.sizes import Shapes

Tensor = Any


class Looked(NamedTuple):
    """What comes back to the rows of a table that were looked up.

    Attributes
    ----------
    variable : int
        The table's number among the trainable variables.
    positions : Tensor of shape (lanes, lookups)
    terms : Tensor of shape (lanes, lookups, columns)
    """

    variable: int
    positions: Tensor
    terms: Tensor


class Gradient(NamedTuple):
    """The gradient of some lanes.

    Attributes
    ----------
    total : Tensor of shape (lanes, weights)
    shapes : Shapes
        For these lanes.
    looked : tuple of Looked
        The terms of which the gradients of tables are sums.
    """

    total: Tensor
    shapes: Shapes
    looked: tuple[Looked, ...] = ()

    def square(self) -> Tensor:
        """Return the squared gradient."""
        return self.summed(tf.square)

    def size(self) -> Tensor:
        """Return the absolute gradient."""
        return self.summed(tf.abs)

    def summed(self, function: Callable[[Tensor], Tensor]) -> Tensor:
        """Return a function of each term, summed by weight: shape (lanes, weights)."""
        if not self.looked:
            return function(self.total)
        shapes, tables = self.shapes, {own.variable for own in self.looked}
        pieces = [
            None if number in tables else function(piece)
            for number, piece in enumerate(shapes.split(self.total, shapes.trainable))
        ]
        for number in tables:
            own = [one for one in self.looked if one.variable == number]
            pieces[number] = tf.add_n([self._by_word(one, function(one.terms)) for one in own])
        return shapes.flat(pieces, shapes.trainable)

    def squared_norms(self) -> list[Tensor]:
        """Return the sum of all squared terms of each variable: shape (lanes, 1)."""
        pieces = self.shapes.split(self.total, self.shapes.trainable)
        norms = [tf.reduce_sum(tf.square(piece), axis=1, keepdims=True) for piece in pieces]
        for number in {own.variable for own in self.looked}:
            terms = [own.terms for own in self.looked if own.variable == number]
            of_terms = [tf.reduce_sum(tf.square(own), axis=[1, 2])[:, None] for own in terms]
            norms[number] = tf.add_n(of_terms)
        return norms

    def _by_word(self, looked: Looked, values: Tensor) -> Tensor:
        """Return values of shape (lanes, lookups, columns), summed by their positions."""
        shapes, positions = self.shapes, looked.positions
        words = shapes.trainable[looked.variable][0]
        firsts = tf.range(shapes.lanes, dtype=positions.dtype)[:, None]
        rows = positions + firsts * tf.cast(words, positions.dtype)
        return tf.math.unsorted_segment_sum(values, rows, shapes.lanes * words)


def parted(g: Gradient, counts: Tensor, kinds: int) -> list[Gradient]:
    """Return the gradients of lanes of each kind, which stand together, so many of each."""
    if kinds == 1:
        return [g]

    def parts(values: Tensor) -> list[Tensor]:
        own: list[Tensor] = tf.split(values, counts, num=kinds)
        return own

    def shapes_of_each() -> list[Shapes]:
        return [g.shapes.of_lanes(count) for count in tf.unstack(counts, num=kinds)]

    shapes = g.shapes.once("kinds", shapes_of_each)
    looked = [
        [
            Looked(own.variable, *pair)
            for pair in zip(parts(own.positions), parts(own.terms), strict=True)
        ]
        for own in g.looked
    ]
    return [
        Gradient(total, own, tuple(one[number] for one in looked))
        for number, (total, own) in enumerate(zip(parts(g.total), shapes, strict=True))
    ]


def clipped_by_value(g: Gradient, bound: Tensor) -> Gradient:
    """Return the gradient, each term of it within a bound of shape (lanes, 1)."""

    def clipped(values: Tensor) -> Tensor:
        own = bound if len(values.shape) == 2 else bound[..., None]
        return tf.clip_by_value(values, -own, own)

    looked = tuple(own._replace(terms=clipped(own.terms)) for own in g.looked)
    return Gradient(g.summed(clipped), g.shapes, looked)


def clipped_by_norm(g: Gradient, bound: Tensor) -> Gradient:
    """Return the gradient, that of each variable shortened to a bound of shape (lanes, 1)."""
    norms = [tf.maximum(tf.sqrt(own), bound) for own in g.squared_norms()]
    pieces = g.shapes.split(g.total, g.shapes.trainable)
    pieces = [piece * bound / norm for piece, norm in zip(pieces, norms, strict=True)]
    looked = tuple(
        own._replace(terms=own.terms * bound[..., None] / norms[own.variable][..., None])
        for own in g.looked
    )
    return Gradient(tf.concat(pieces, axis=1), g.shapes, looked)


def clipped_by_global_norm(g: Gradient, bound: Tensor) -> Gradient:
    """Return the gradient, shortened so that all of it is no longer than a bound.

    Where its norm is not finite it becomes NaN. From here on Keras adds up the terms of a word.
    """
    norm = tf.sqrt(tf.add_n(g.squared_norms()))
    return Gradient(g.total * (bound * tf.minimum(1 / norm, 1 / bound) + (norm - norm)), g.shapes)
