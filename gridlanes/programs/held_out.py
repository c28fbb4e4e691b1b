"""The rows held out of training on which lanes are measured at the end of each epoch."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from gridlanes.networks.lane import Lane
from gridlanes.programs.bitwise_equality import filled
from gridlanes.programs.mini_batches import target_of
from gridlanes.programs.planned_lane import PlannedLane

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


def held_out(lanes: Sequence[PlannedLane], loss: Any, dtype: np.dtype) -> list[HeldOut]:
    """Return the rows held out of some lanes whose networks have this loss.

    Lanes are measured together that fill as many packets: how a lane's numbers are rounded must
    not depend on how many rows others have.
    """
    lengths: dict[int, dict[int, list[int]]] = {}
    for number, planned in enumerate(lanes):
        if planned.lane.validation:
            X = planned.lane.validation[0]
            lengths.setdefault(filled(len(X)), {}).setdefault(id(X), []).append(number)
    found = []
    for rows, numbers in lengths.items():
        own = [lanes[first] for first, *_ in numbers.values()]
        columns = zip(*(_set(planned, loss, dtype) for planned in own), strict=True)
        position = {n: place for place, same in enumerate(numbers.values()) for n in same}
        numbers_of_row = own[0].sizes.row_numbers + own[0].lane.X[:1].size
        at_once = max(1, AT_ONCE // (rows * numbers_of_row * dtype.itemsize))
        sets = tuple(tf.constant(np.stack(column)) for column in columns)
        found.append(HeldOut(sets, position, at_once))
    return found


def _set(planned: PlannedLane, loss: Any, dtype: np.dtype) -> tuple[NDArray, ...]:
    """Return the rows held out of one lane with targets, weights and mask."""
    lane: Lane = planned.lane
    assert lane.validation is not None
    X, y, weight = lane.validation
    targets = target_of(lane, y, planned.sizes.width, loss, str(dtype))
    mask = (np.arange(filled(len(X))) < len(X)).astype(dtype)
    weights = mask if weight is None else whole_packets(weight) * mask
    return whole_packets(X), whole_packets(targets), weights, mask


def whole_packets(rows: NDArray) -> NDArray:
    """Return rows, the last one repeated until they fill whole packets."""
    return np.concatenate([rows, rows[-1:].repeat(filled(len(rows)) - len(rows), axis=0)])
