"""The state of many lanes as tensors: made, read, changed and thinned out lane by lane."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from gridlanes.networks.lane import Lane
from gridlanes.programs import optimizers
from gridlanes.programs.mini_batches import Epochs, stream_key
from gridlanes.programs.planned_lane import PlannedLane
from gridlanes.programs.program import Program
from gridlanes.programs.training_step import Batches, State
from gridlanes.programs.weights import Weights, integers_in_lanes


def initial_state(program: Program, lanes: Sequence[PlannedLane]) -> State:
    """Return the state before training of lanes that are ordered by kind."""
    starts = [planned.start for planned in lanes]
    integers = integers_in_lanes(starts, [planned.integer_places for planned in lanes])
    trainable = np.stack([start.trainable for start in starts])
    dtype, width = trainable.dtype, trainable.shape[1]
    slots = []
    for number, kind in enumerate(program.kinds):
        own = [planned.constants for planned in lanes if planned.kind == number]
        values = [
            np.array([constants[name] if name else 0.0 for constants in own], dtype)
            for name in optimizers.slots_of(kind)
        ]
        slots.append(tuple(tf.constant(value[:, None].repeat(width, 1)) for value in values))
    count = len(lanes)
    return State(
        tf.constant(trainable),
        tf.constant(np.stack([start.statistics for start in starts])),
        tf.constant(integers),
        tuple(slots),
        tf.zeros(count, dtype),
        program.network.objective.start(count),
    )


def keep(state: State, rows: NDArray[np.int64], by_kind: Sequence[int]) -> State:
    """Return the state of some of the lanes, of which there were so many of each kind."""
    ends = np.cumsum(by_kind)
    kept = np.split(rows, np.searchsorted(rows, ends[:-1]))
    slots = tuple(
        tuple(tf.gather(slot, own - (end - size)) for slot in slots)
        for slots, own, end, size in zip(state.slots, kept, ends, by_kind, strict=True)
    )
    others: State = tf.nest.map_structure(
        lambda value: tf.gather(value, rows), state._replace(slots=())
    )
    return others._replace(slots=slots)


def finished(
    state: State, rows: Sequence[int], kinds: Sequence[optimizers.Kind], by_kind: Sequence[int]
) -> State:
    """Return the state of lanes of which those in some rows have ended.

    Where an optimizer keeps an average of the weights, it takes their place in the end.
    """
    trainable, first = None, 0
    for kind, slots, count in zip(kinds, state.slots, by_kind, strict=True):
        own = [row for row in rows if first <= row < first + count]
        if own and optimizers.AVERAGED in kind.flags:
            trainable = state.trainable.numpy().copy() if trainable is None else trainable
            trainable[own] = slots[-1].numpy()[np.array(own) - first]
        first += count
    return state if trainable is None else state._replace(trainable=tf.constant(trainable))


def weights_at(state: State, rows: Sequence[int]) -> dict[int, Weights]:
    """Return the variables of some lanes by row."""
    arrays = [value.numpy()[rows] for value in state[:3]]
    return {row: Weights(*own) for row, *own in zip(rows, *arrays, strict=True)}


def put_weights(state: State, changed: dict[int, Weights]) -> State:
    """Return a state in which some lanes, by row, have other variables."""
    if not changed:
        return state
    arrays = [value.numpy().copy() for value in state[:3]]
    for row, weights in changed.items():
        for array, values in zip(arrays, weights.arrays, strict=True):
            array[row] = values
    return state._replace(
        trainable=tf.constant(arrays[0]),
        statistics=tf.constant(arrays[1]),
        integers=tf.constant(arrays[2]),
    )


@dataclass(frozen=True, eq=False)
class Arranged:
    """What lanes bring to every step, in the order of their rows in the state.

    Attributes
    ----------
    settings : dict of str to Tensor of shape (lanes,)
    constants : list of dict of str to Tensor of shape (lanes of the kind, 1 or variables)
    by_kind : list of int
        How many lanes are of each kind.
    sizes : ndarray of shape (sizes,)
        Of the network, see :class:`gridlanes.programs.sizes.Sizes`.
    streams : list of Lane
        One for each stream of mini-batches.
    stream : ndarray of shape (lanes,)
    schedules : dict of int to ndarray of shape (steps,)
        Those that change, by row.
    """

    settings: dict[str, Any]
    constants: list[dict[str, Any]]
    by_kind: list[int]
    sizes: NDArray[np.int32]
    streams: list[Lane]
    stream: NDArray[np.int32]
    schedules: dict[int, NDArray]

    @property
    def arguments(self) -> tuple:
        """The last arguments of the function that takes steps."""
        by_kind, sizes = tf.constant(self.by_kind, tf.int32), tf.constant(self.sizes)
        return self.settings, self.constants, by_kind, sizes

    def batches(self, epochs: Epochs, fixed: NDArray, *, begins: bool) -> Batches:
        """Return mini-batches with the learning rates of every step.

        ``fixed`` has the rates of lanes without a schedule, by row.
        """
        rates = np.broadcast_to(fixed, (*epochs.count.shape[:2], len(fixed))).copy()
        for row, table in self.schedules.items():
            rates[..., row] = table[epochs.count[..., self.stream[row]] - 1]
        arrays = (epochs.rows, epochs.sizes, epochs.count, rates, self.stream, begins)
        return Batches(*(tf.constant(array) for array in arrays))


def arrange(program: Program, lanes: Sequence[PlannedLane], dtype: Any) -> Arranged:
    """Return what these lanes, ordered by kind, bring to every step."""
    constants, by_kind = [], []
    for number, kind in enumerate(program.kinds):
        own = [planned.constants for planned in lanes if planned.kind == number]
        by_kind.append(len(own))
        constants.append(
            {
                name: tf.constant(_constants([one[name] for one in own], dtype))
                for name in optimizers.constant_names(kind)
            }
        )
    streams = {stream_key(planned.lane): planned.lane for planned in lanes}
    position = {key: number for number, key in enumerate(streams)}
    return Arranged(
        settings={place: _column(lanes, place, dtype) for place in lanes[0].settings},
        constants=constants,
        by_kind=by_kind,
        sizes=lanes[0].sizes.vector(),
        streams=list(streams.values()),
        stream=np.array([position[stream_key(planned.lane)] for planned in lanes], np.int32),
        schedules=program.schedules(
            {
                row: (planned.rate, planned.lane.epochs * planned.lane.steps_per_epoch)
                for row, planned in enumerate(lanes)
                if planned.scheduled
            }
        ),
    )


def _constants(values: Sequence[Any], dtype: Any) -> NDArray:
    """Return numbers of lanes, one each or one for each variable: shape (lanes, numbers)."""
    return np.array(values, dtype).reshape(len(values), -1 if values else 1)


def _column(lanes: Sequence[PlannedLane], place: str, dtype: Any) -> Any:
    """Return one setting of all lanes: whole numbers choose, others measure."""
    values = [planned.settings[place] for planned in lanes]
    return tf.constant(np.array(values, np.int32 if isinstance(values[0], int) else dtype))
