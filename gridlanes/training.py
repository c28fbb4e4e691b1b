"""Drives the lanes of one run through their epochs.

Numbers go in as NumPy arrays and come out as NumPy arrays; in between the state of all lanes
stays in TensorFlow. A lane leaves the run at its last epoch, or when a callback stops it, and
those that go on close ranks.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from gridlanes import optimizers
from gridlanes.functional import Weights
from gridlanes.keras_private import one_thread
from gridlanes.lane import Lane
from gridlanes.program import Batches, Program, State
from gridlanes.streams import Epoch, Pool, mini_batches, stream_key, target_of
from gridlanes.watching import Watch

#: Seconds between two looks at whether to stop.
PATIENCE = 0.2

#: Bytes of activations in one call for predictions.
PREDICTION_BYTES = 64 * 2**20


class Stopped(Exception):  # noqa: N818
    """The run was told to stop."""


@dataclass(frozen=True, eq=False)
class Rider:
    """A lane with what the plan has found out about it.

    Attributes
    ----------
    lane : Lane
        With the epochs of the longest fit that it serves.
    start : Weights
    settings : dict of str to number
    kind : int
        Position of its optimizer among the program's kinds.
    constants : dict of str to float
    rate : float or dict
        Learning rate, or the configuration of a schedule.
    snapshots : tuple of int
        Epochs, counted from 1, at which a fit ends.
    rows : tuple of ndarray
        Rows for which outputs are wanted at each snapshot.
    """

    lane: Lane
    start: Weights
    settings: Mapping[str, Any]
    kind: int
    constants: Mapping[str, float]
    rate: Any
    snapshots: tuple[int, ...]
    rows: tuple[NDArray, ...] = ()


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A lane at the end of one of its fits."""

    weights: Weights
    history: dict[str, list[float]]
    outputs: tuple[NDArray, ...]


@dataclass(eq=False)
class Run:
    """Lanes that go through a program together.

    Attributes
    ----------
    riders : list of Rider
        Ordered by kind.
    metrics : bool
        Whether metrics are computed.
    """

    program: Program
    pool: Pool
    riders: list[Rider]
    metrics: bool
    stop: Event
    report: Callable[[int], None] = lambda _: None
    histories: list[dict[str, list[float]]] = field(init=False)
    snapshots: list[dict[int, Snapshot]] = field(init=False)

    def __post_init__(self) -> None:
        self.histories = [{} for _ in self.riders]
        self.snapshots = [{} for _ in self.riders]
        metrics = [self.program.network.compiled_metrics]
        self._watches = {
            number: Watch(rider.lane.callbacks, metrics)
            for number, rider in enumerate(self.riders)
            if rider.lane.callbacks
        }
        self._alive = np.arange(len(self.riders))
        self._gather()
        self._state = self._initial_state()
        self._data = (self.pool.X, self.pool.y, self.pool.weight)
        self._data = tf.nest.map_structure(tf.constant, self._data)

    def prepare(self) -> None:
        """Trace what the run needs; Keras must be in the caller's thread for that."""
        batches = self._batches(mini_batches(self._streams, self.pool, 0).part(0, 1))
        self._step = self.program.steps(
            (self._state, batches, self._data, *self._own),
            uneven=len({rider.lane.steps_per_epoch for rider in self.riders}) > 1,
            one_generator=self._one_generator(),
            metrics=self.metrics,
        )
        if any(rider.rows for rider in self.riders):
            self.program.outputs((*self._state[:3], self._settings, self._data[0]))
        if any(rider.lane.validation for rider in self.riders):
            self.program.validation((*self._state[:3], self._settings, self._data))
        if self.metrics:
            self.program.results(self._state.metrics)

    def train(self) -> float:
        """Train all lanes; return the seconds that it took.

        Raises
        ------
        Stopped
        """
        started = time.perf_counter()
        with one_thread():
            for epoch in range(max(rider.lane.epochs for rider in self.riders)):
                self._one_epoch(epoch)
                self._end_epoch(epoch)
                if not len(self._alive):
                    break
        return time.perf_counter() - started

    def _one_epoch(self, epoch: int) -> None:
        zeros = tf.nest.map_structure(tf.zeros_like, (self._state.loss, self._state.metrics))
        self._state = self._state._replace(loss=zeros[0], metrics=zeros[1])
        batches = mini_batches(self._streams, self.pool, epoch)
        start, size = 0, 1
        while start < len(batches.rows):
            began = time.perf_counter()
            part = batches.part(start, start + size)
            self._state = self._step(self._state, self._batches(part), self._data, *self._own)
            # Reading a number waits for the graph to end.
            self._state.loss.numpy()
            start += size
            if self.stop.is_set():
                raise Stopped
            per_step = (time.perf_counter() - began) / len(part.rows)
            size = max(1, int(PATIENCE / per_step))

    def _end_epoch(self, epoch: int) -> None:
        logs = self._logs()
        self.report(len(self._alive))
        going = []
        for row, number in enumerate(self._alive):
            rider, watch = self.riders[number], self._watches.get(number)
            for name, values in logs.items():
                if not np.isnan(values[row]) or name in {"loss", "val_loss"}:
                    self.histories[number].setdefault(name, []).append(float(values[row]))
            goes_on = epoch + 1 < rider.lane.epochs
            if watch is not None:
                latest = {name: values[-1] for name, values in self.histories[number].items()}
                goes_on &= watch.epoch_end(epoch, self._weights(row), latest)
            going.append(goes_on)
        self._take_snapshots(epoch, np.array(going))
        if not all(going):
            self._close_ranks(np.flatnonzero(going))

    def _logs(self) -> dict[str, NDArray]:
        """Return the logs of the epoch, an array of shape (lanes,) each."""
        rows = np.array([len(self.riders[number].lane.X) for number in self._alive])
        logs = {"loss": self._state.loss.numpy() / rows}
        names = [metric.name for metric in self.program.network.metrics]
        if self.metrics:
            results = self.program.results(self._state.metrics)(*self._state.metrics)
            logs |= {name: value.numpy() for name, value in zip(names, results, strict=True)}
        return logs | self._validation_logs(names)

    def _validation_logs(self, names: list[str]) -> dict[str, NDArray]:
        logs: dict[str, NDArray] = {}
        groups: dict[int, list[int]] = {}
        for row, number in enumerate(self._alive):
            validation = self.riders[number].lane.validation
            if validation is not None:
                groups.setdefault(id(validation), []).append(row)
        for rows in groups.values():
            data = self._validation_data(self.riders[self._alive[rows[0]]].lane)
            arguments = (*self._of_lanes(rows), data)
            loss, results = self.program.validation(arguments)(*arguments)
            for name, values in zip(["loss", *names], [loss, *results], strict=True):
                column = logs.setdefault(f"val_{name}", np.full(len(self._alive), np.nan))
                column[rows] = values.numpy()
        return logs

    def _validation_data(self, lane: Lane) -> tuple:
        X, y, weight = lane.validation or (None, None, None)
        network, dtype = self.program.network, self.pool.weight.dtype
        targets = target_of(lane, y, network.width, network.loss_given, str(dtype))
        weight = np.ones(len(X), dtype) if weight is None else weight
        return tf.constant(X), tf.constant(targets), tf.constant(weight, dtype)

    def _take_snapshots(self, epoch: int, going: NDArray) -> None:
        ending = []
        for row, number in enumerate(self._alive):
            rider, watch = self.riders[number], self._watches.get(number)
            due = not going[row] if watch else epoch + 1 in rider.snapshots
            if due and watch and (weights := watch.train_end()) is not None:
                self._put(row, weights)
            if due:
                ending.append(row)
        outputs = self._outputs(ending)
        for row in ending:
            number = self._alive[row]
            rider = self.riders[number]
            history = {name: list(values) for name, values in self.histories[number].items()}
            snapshot = Snapshot(
                self._weights(row), history, tuple(outputs[row, id(X)] for X in rider.rows)
            )
            self.snapshots[number][epoch + 1] = snapshot

    def _outputs(self, ending: Sequence[int]) -> dict[tuple[int, int], NDArray]:
        """Return outputs by row and identity of the rows that were asked for."""
        wanted: dict[int, tuple[NDArray, list[int]]] = {}
        for row in ending:
            for X in self.riders[self._alive[row]].rows:
                wanted.setdefault(id(X), (X, []))[1].append(row)
        outputs = {}
        for key, (X, rows) in wanted.items():
            arguments = self._of_lanes(rows)
            size = max(1, PREDICTION_BYTES // (self.program.network.row_bytes * len(rows)))
            function = self.program.outputs((*arguments, self._data[0]))
            parts = [
                function(*arguments, tf.constant(X[start : start + size])).numpy()
                for start in range(0, len(X), size)
            ]
            of_lanes = np.concatenate(parts, axis=1)
            outputs |= {(row, key): values for row, values in zip(rows, of_lanes, strict=True)}
        return outputs

    def _close_ranks(self, going: NDArray) -> None:
        """Go on with some of the lanes."""
        by_kind = np.split(going, np.searchsorted(going, np.cumsum(self._sizes)[:-1]))
        starts = np.cumsum([0, *self._sizes[:-1]])
        slots = tuple(
            tuple(tf.gather(slot, own - start) for slot in slots)
            for slots, own, start in zip(self._state.slots, by_kind, starts, strict=True)
        )
        parts = tf.nest.map_structure(
            lambda value: tf.gather(value, going), self._state._replace(slots=())
        )
        self._alive = self._alive[going]
        self._state = parts._replace(slots=slots)
        if len(going):
            self._gather()

    def _gather(self) -> None:
        """Arrange what belongs to the lanes that are alive."""
        riders = [self.riders[number] for number in self._alive]
        dtype = self.pool.weight.dtype
        kinds = range(len(self.program.kinds))
        of_kind = [[rider for rider in riders if rider.kind == kind] for kind in kinds]
        self._sizes = [len(own) for own in of_kind]
        self._settings = {
            place: tf.constant(np.array([rider.settings[place] for rider in riders], kind))
            for place, value in riders[0].settings.items()
            for kind in [np.int32 if isinstance(value, int) else dtype]
        }
        constants = [
            {
                name: tf.constant([[r.constants[name]] for r in own] or np.empty((0, 1)), dtype)
                for name in optimizers.constant_names(kind)
            }
            for kind, own in zip(self.program.kinds, of_kind, strict=True)
        ]
        self._own = (self._settings, constants, tf.constant(self._sizes, tf.int32))
        keys = [stream_key(rider.lane) for rider in riders]
        self._streams = [
            rider.lane
            for rider, key, n in zip(riders, keys, range(len(keys)), strict=True)
            if keys.index(key) == n
        ]
        position = {stream_key(lane): number for number, lane in enumerate(self._streams)}
        self._stream = np.array([position[key] for key in keys], np.int32)
        self._rates = np.array(
            [0.0 if isinstance(rider.rate, dict) else rider.rate for rider in riders], dtype
        )
        self._schedules = {
            row: self.program.schedule(rider.rate, rider.lane.epochs * rider.lane.steps_per_epoch)
            for row, rider in enumerate(riders)
            if isinstance(rider.rate, dict)
        }

    def _initial_state(self) -> State:
        riders = self.riders
        trainable = np.stack([rider.start.trainable for rider in riders])
        dtype = trainable.dtype
        ends = np.cumsum([0, *self._sizes])
        slots = tuple(
            tuple(
                tf.constant(
                    np.array([[r.constants[name] if name else 0.0] for r in riders[a:b]], dtype)
                    .reshape(b - a, 1)
                    .repeat(trainable.shape[1], axis=1)
                )
                for name in optimizers.slots_of(kind)
            )
            for kind, a, b in zip(self.program.kinds, ends, ends[1:], strict=False)
        )
        variables = [v for m in self.program.network.metrics for v in m.variables]
        return State(
            tf.constant(trainable),
            tf.constant(np.stack([rider.start.statistics for rider in riders])),
            tf.constant(np.stack([rider.start.integers for rider in riders])),
            slots,
            tf.zeros(len(riders), dtype),
            tuple(tf.zeros((len(riders), *v.shape), v.dtype) for v in variables)
            if self.metrics
            else (),
        )

    def _one_generator(self) -> bool:
        """Return whether the random generators of all lanes stay in one state."""
        integers = self._state.integers.numpy()
        steps = {rider.lane.steps_per_epoch for rider in self.riders}
        return bool((integers == integers[:1]).all()) and len(steps) == 1

    def _batches(self, part: Epoch) -> Batches:
        rates = np.broadcast_to(self._rates, (len(part.rows), len(self._rates))).copy()
        for row, table in self._schedules.items():
            rates[:, row] = table[part.count[:, self._stream[row]] - 1]
        arrays = (part.rows, part.sizes, part.count, rates, self._stream)
        return Batches(*(tf.constant(array) for array in arrays))

    def _of_lanes(self, rows: Sequence[int]) -> tuple:
        """Return weights and settings of some of the lanes."""
        values = (*self._state[:3], self._settings)
        return tf.nest.map_structure(lambda value: tf.gather(value, rows), values)

    def _weights(self, row: int) -> Weights:
        return Weights(*(value[row].numpy() for value in self._state[:3]))

    def _put(self, row: int, weights: Weights) -> None:
        put = [
            tf.tensor_scatter_nd_update(value, [[row]], own[None])
            for value, own in zip(
                self._state[:3],
                (weights.trainable, weights.statistics, weights.integers),
                strict=True,
            )
        ]
        self._state = State(*put, *self._state[3:])
