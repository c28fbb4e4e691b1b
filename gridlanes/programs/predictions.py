"""What the networks of finished lanes say of rows."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from gridlanes.programs.bitwise_equality import filled
from gridlanes.programs.held_out import whole_packets
from gridlanes.programs.program import Program

#: Bytes of a lane's activations in one call, so that the number of rows in a call, by which
#: products of matrices are computed, does not depend on how many lanes there are.
BYTES_AT_ONCE = 2**18

#: Returns what the lanes in some rows of the state bring to a call for so many rows of data.
Brought = Callable[[list[int], int], tuple[Any, Any]]


def outputs_by_lane(
    program: Program,
    wanted: Iterable[tuple[int, Sequence[NDArray]]],
    brought: Brought,
    data: Any,
    row_bytes: int,
) -> dict[tuple[int, int], NDArray]:
    """Return outputs by row of the state and identity of the rows that were asked for.

    Parameters
    ----------
    program : Program
    wanted : iterable of (int, sequence of ndarray)
        By row of the state, the rows of data that its lane's outputs are wanted for.
    brought : callable
    data : Tensor of shape (rows, ...)
        Those that the lanes train on.
    row_bytes : int
        Of one row's activations.
    """
    lanes_of: dict[int, tuple[NDArray, list[int]]] = {}
    for row, asked in wanted:
        for X in asked:
            lanes_of.setdefault(id(X), (X, []))[1].append(row)
    size = filled(BYTES_AT_ONCE // row_bytes + 1)
    outputs: dict[tuple[int, int], NDArray] = {}
    for key, (X, own) in lanes_of.items():
        arguments = brought(own, min(size, filled(len(X))))
        function = program.outputs((*arguments, data))
        parts = [
            function(*arguments, tf.constant(whole_packets(X[start : start + size]))).numpy()
            for start in range(0, max(1, len(X)), size)
        ]
        of_lanes = np.concatenate(parts, axis=1)[:, : len(X)]
        outputs |= {(row, key): of_lanes[number] for number, row in enumerate(own)}
    return outputs
