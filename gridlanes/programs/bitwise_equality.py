"""Keeps a lane's numbers the same to the last bit, whichever lanes stand beside it.

Which instructions compute a number, and so how it is rounded, depends in TensorFlow on its place
in an array and on the shape of that array. Checked with TensorFlow 2.21 on x86-64:

- ``exp``, ``log``, ``pow`` and the like round the last numbers of an array, those that fill no
  packet, otherwise than the others. So rows come in whole packets, and powers are padded. So do
  reciprocals of roots and the gradient of a root: these are traced as divisions.
- Sums over any but the last axis add up a packet that spans two lanes in another order. So sums
  over rows are products with ones, see :mod:`gridlanes.programs.lane_arithmetic`, and all others
  are traced over the last axis, see :func:`gridlanes.compat.tensorflow_math.exact_reductions`.
- Products of matrices of which one is shared by all lanes become a single one, whose columns are
  computed otherwise at its edges. So rows that all lanes see are repeated for each.
- A small product of matrices that is alone is computed otherwise than one of several. So a lane
  that is alone gets company.
"""

import math
from collections.abc import Iterable
from typing import Any

import tensorflow as tf

from gridlanes.compat.tensorflow_math import PACKET_BYTES

Tensor = Any

#: Numbers of four bytes in a packet; packets of larger ones fit as well.
PACKET = PACKET_BYTES // 4

#: Products of matrices with more multiplications are computed alike, alone or not; the gates of
#: recurrent cells, of which there are up to four in a kernel, may have a product each.
LARGE = 4 * 128 * 128


def filled(rows: int) -> int:
    """Return the number of rows that whole packets hold, so many or the next larger one."""
    return -(-rows // PACKET) * PACKET


def power(base: Tensor, exponent: Tensor) -> Tensor:
    """Return a power of numbers, which does not depend on how many there are.

    The two are broadcast to one shape.
    """
    shape = tf.broadcast_dynamic_shape(tf.shape(base), tf.shape(exponent))
    own = [tf.broadcast_to(values, shape) for values in (base, exponent)]
    return tf.pow(*(tf.stack([values] * PACKET) for values in own))[0]


def for_each(values: Tensor, lanes: Tensor) -> Tensor:
    """Return what all lanes see as if each had its own: a copy for each row of ``lanes``."""
    shape = tf.concat([tf.shape(lanes)[:1], tf.shape(values)], axis=0)
    return tf.broadcast_to(values, shape)


def needs_company(shapes: Iterable[tuple[int, ...]], rows: int) -> bool:
    """Return whether a lane of a network must not be alone in a program.

    Parameters
    ----------
    shapes : iterable of tuple of int
        Of the network's weights.
    rows : int
        In one call of the network.
    """
    # Whichever of a weight's sizes are rows of the matrix in a product, and which are columns.
    return any(
        sum(side > 1 for side in shape) > 1 and rows * math.prod(shape) <= LARGE for shape in shapes
    )
