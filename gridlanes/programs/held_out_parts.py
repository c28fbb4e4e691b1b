"""Rows held out, measured mini-batch by mini-batch as ``model.fit`` cuts them."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from gridlanes.programs.bitwise_equality import filled

Tensor = Any

#: Rows in a mini-batch of those held out, which Keras does not take from that of training.
ROWS_BY_KERAS = 32


def padded(rows: int, *, by_batch: bool) -> int:
    """Return how many rows there have to be room for, so many or more."""
    return -(-rows // ROWS_BY_KERAS) * ROWS_BY_KERAS if by_batch else filled(rows)


def in_parts(
    part: Callable[[Sequence[Tensor], tuple], tuple[Tensor, tuple]],
    columns: Sequence[Tensor],
    start: tuple,
    rows: Tensor,
) -> tuple[Tensor, tuple]:
    """Return the mean loss over rows held out, and the variables of the metrics after them.

    Parameters
    ----------
    part : callable
        Returns the loss of one mini-batch, shape (lanes,), and the variables after it, given
        columns and the variables before.
    columns : sequence of Tensor of shape (lanes, rows, ...)
        The last one is 1 for a row and 0 for one that only fills up.
    start : tuple of Tensor of shape (lanes, ...)
    rows : Tensor
        In a mini-batch.
    """
    mask = columns[-1]

    def body(number: Tensor, total: Tensor, before: tuple) -> tuple:
        own = [column[:, number * rows : (number + 1) * rows] for column in columns]
        count = tf.reduce_sum(own[-1], axis=1)
        loss, after = part(own, before)
        there = count > 0
        kept = tuple(
            tf.where(tf.reshape(there, [-1, *[1] * (new.shape.rank - 1)]), new, old)
            for old, new in zip(before, after, strict=True)
        )
        return number + 1, total + tf.where(there, loss * count, tf.zeros_like(loss)), kept

    parts = tf.shape(mask)[1] // rows
    begin = 0, tf.zeros_like(mask[:, 0]), start
    _, total, measured = tf.while_loop(
        lambda number, *_: number < parts, body, begin, parallel_iterations=1
    )
    return total / tf.reduce_sum(mask, axis=1), measured
