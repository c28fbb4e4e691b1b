"""The rows held out of training on which lanes are measured at the end of each epoch."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from gridlanes.programs.bitwise_equality import filled
from gridlanes.programs.held_out_parts import ROWS_BY_KERAS, padded
from gridlanes.programs.mini_batches import target_of
from gridlanes.programs.planned_lane import PlannedLane
from gridlanes.programs.program import Program

#: Rows, targets, weights and mask.
_Set = tuple[NDArray, NDArray, NDArray, NDArray]

#: Bytes of rows and activations of lanes that are measured in one call.
AT_ONCE = 2**26


class HeldOut(NamedTuple):
    """Sets of rows, as many in each once they fill whole packets.

    Attributes
    ----------
    sets : tuple of Tensor of shape (sets, rows, ...)
        Rows, targets, weights, and a mask that is 1 for a row and 0 for one that only fills up.
    position : dict of int to int
        Which of the sets a lane has, by the lane's number.
    at_once : int
        How many lanes are measured in one call at most.
    """

    sets: tuple[Any, ...]
    position: Mapping[int, int]
    at_once: int


def held_out(
    lanes: Sequence[PlannedLane], loss: Any, dtype: np.dtype, *, by_batch: bool
) -> list[HeldOut]:
    """Return the rows held out of some lanes whose networks have this loss.

    They fill mini-batches if measurements depend on those, else packets. Lanes with as much room
    are measured together: how a lane's numbers are rounded must not depend on how many rows others
    have.
    """
    groups: dict[int, dict[tuple, tuple[_Set, list[int]]]] = {}
    for number, planned in enumerate(lanes):
        validation = planned.lane.validation
        if validation is not None:
            room = padded(len(validation[0]), by_batch=by_batch)
            same = groups.setdefault(room, {})
            key = tuple(map(id, validation))
            if key not in same:
                same[key] = _set(planned, validation, loss, dtype, room), []
            same[key][1].append(number)
    numbers = lanes[0].sizes.row_numbers + lanes[0].lane.X[:1].size
    found = []
    for rows, alike in groups.items():
        sets, members = zip(*alike.values(), strict=True)
        columns = tuple(tf.constant(np.stack(column)) for column in zip(*sets, strict=True))
        position = {number: place for place, own in enumerate(members) for number in own}
        found.append(
            HeldOut(columns, position, max(1, AT_ONCE // (rows * numbers * dtype.itemsize)))
        )
    return found


def measured(
    program: Program,
    held_out: HeldOut,
    lanes: Sequence[int],
    brought: Callable[[list[int], int], tuple[Any, Any]],
) -> Iterator[tuple[list[int], list[NDArray], NDArray]]:
    """Measure lanes on the rows held out of them.

    Parameters
    ----------
    program : Program
    held_out : HeldOut
    lanes : sequence of int
        Their numbers, by row of the state; those that have none of these sets are left out.
    brought : callable
        Returns what the lanes in some rows of the state bring to a call for so many rows of data.

    Yields
    ------
    rows : list of int
        Of the state.
    values : list of ndarray of shape (lanes, ...)
        Losses, and what each metric says.
    integers : ndarray of shape (lanes, integers)
        Where the call has left the generators of each lane.
    """
    watched = [row for row, number in enumerate(lanes) if number in held_out.position]
    for start in range(0, len(watched), held_out.at_once):
        rows = watched[start : start + held_out.at_once]
        own, sizes = brought(rows, held_out.sets[0].shape[1])
        which = [held_out.position[lanes[row]] for row in rows]
        # One that is alone may be there twice.
        which = which * (own.trainable.shape[0] // len(rows))
        arguments = (own, sizes, held_out.sets, tf.constant(which))
        loss, results, integers = program.validation(arguments)(*arguments)
        *values, after = (value.numpy()[: len(rows)] for value in (loss, *results, integers))
        yield rows, values, after


def calls(planned: PlannedLane) -> int:
    """Return how often Keras calls a network to measure it on the rows held out of a lane."""
    validation = planned.lane.validation
    return -(-len(validation[0]) // ROWS_BY_KERAS) if validation else 0


def _set(planned: PlannedLane, validation: tuple, loss: Any, dtype: np.dtype, room: int) -> _Set:
    """Return the rows held out of one lane with targets, weights and mask."""
    X, y, weight = validation
    targets = target_of(planned.lane, y, planned.sizes.width, loss, str(dtype))
    mask = (np.arange(room) < len(X)).astype(dtype)
    weights = mask if weight is None else _filled_up(weight, room) * mask
    return _filled_up(X, room), _filled_up(targets, room), weights, mask


def whole_packets(rows: NDArray) -> NDArray:
    """Return rows, the last one repeated until they fill whole packets."""
    return _filled_up(rows, filled(len(rows)))


def _filled_up(rows: NDArray, room: int) -> NDArray:
    return np.concatenate([rows, rows[-1:].repeat(room - len(rows), axis=0)])
