"""Drives the lanes of one run through their epochs.

A lane leaves the run at its last epoch, or when a callback stops it, and those that go on close
ranks.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from functools import partial
from threading import Event
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from gridlanes.programs.bitwise_equality import needs_company
from gridlanes.programs.held_out import calls, held_out, measured
from gridlanes.programs.lane_logs import Log, Logs
from gridlanes.programs.mini_batches import Epochs, Pool, mini_batches
from gridlanes.programs.planned_lane import PlannedLane, Snapshot
from gridlanes.programs.predictions import outputs_by_lane
from gridlanes.programs.program import Program
from gridlanes.programs.stateless_network import Variables
from gridlanes.programs.states import (
    arrange,
    finished,
    initial_state,
    keep,
    put_weights,
    weights_at,
)
from gridlanes.programs.training_step import Batches
from gridlanes.programs.watch import Watch, needs_whole_model
from gridlanes.programs.weights import Weights

#: Seconds between two looks at whether to stop.
PATIENCE = 0.2


class StoppedError(Exception):
    """The run was told to stop."""


class Run:
    """Lanes that go through a program together.

    Parameters
    ----------
    program : Program
    pool : Pool
        The rows of all lanes.
    lanes : list of PlannedLane
        Ordered by kind.
    stop : Event
        Set from outside to end the run.
    report : callable, optional
        Told how many lanes have gone through an epoch, and how many fits have ended.

    Attributes
    ----------
    taken : deque of (int, int, Snapshot or Exception)
        Number of a lane, epoch and snapshot, in the order in which they were taken; or what one of
        the lane's callbacks raised. Another thread may empty it meanwhile.
    """

    def __init__(
        self,
        program: Program,
        pool: Pool,
        lanes: Sequence[PlannedLane],
        *,
        stop: Event,
        report: Callable[[int, int], None] = lambda *_: None,
    ) -> None:
        self.program, self.lanes = program, lanes
        self.stop, self.report = stop, report
        self.taken: deque[tuple[int, int, Snapshot | Exception]] = deque()
        self._share = 0.0
        self._pool = pool
        self._dtype = pool.weight.dtype
        self._alive = list(range(len(lanes)))
        self._steps_at_once = 1
        self._ends: Future[None] = Future()
        network = program.network
        self._names = network.objective.names
        self._logs = Logs(lanes, self._names)
        self._watches = {
            number: Watch(planned, network.objective.container)
            for number, planned in enumerate(lanes)
            if planned.lane.callbacks
        }
        self._rates = np.array([0.0 if own.scheduled else own.rate for own in lanes], self._dtype)
        given, by_batch = network.objective.given, network.by_batch
        self._held_out = held_out(lanes, given, self._dtype, by_batch=by_batch)
        together = [lanes[number] for number in self._in_company(self._alive)]
        self._state = initial_state(program, together)
        self._arranged = arrange(program, together, self._dtype)
        self._data = tuple(tf.constant(array) for array in (pool.X, pool.y, pool.weight))

    def prepare(self) -> None:
        """Trace what the run needs, in a thread in which Keras may be called."""
        first = mini_batches(self._arranged.streams, self._pool, 0).part(0, 1)
        steps = {planned.lane.steps_per_epoch for planned in self.lanes}
        # Keras' cells draw when a network is measured, too, or called by a callback.
        alike = not self.program.network.always_draws or (
            len(set(map(calls, self.lanes))) == 1 and not any(map(needs_whole_model, self.lanes))
        )
        integers = self._state.integers.numpy()
        self._step = self.program.steps(
            (
                self._state,
                self._batches(first, begins=True),
                self._data,
                *self._arranged.arguments,
            ),
            uneven=len(steps) > 1,
            # Generators that start alike and draw equally often stay alike.
            one_generator=alike and len(steps) == 1 and bool((integers == integers[:1]).all()),
        )
        self._first = self._brought([0], 1)

    def prepare_ends(self) -> None:
        """Trace what the ends of epochs need, in such a thread; :meth:`train` may be under way.

        Whatever is raised ends the run, too.
        """
        try:
            if any(planned.rows for planned in self.lanes):
                function = self.program.outputs((*self._first, self._data[0]))
                # The first call prepares it for all that follow.
                function(*self._first, self._data[0][:1])
            for own in self._held_out[:1]:
                self.program.validation((*self._first, own.sets, tf.constant([0])))
        except BaseException as error:
            # Whoever interrupts this thread waits for that of the run.
            self._ends.set_exception(StoppedError(error))
            raise
        self._ends.set_result(None)

    def train(self) -> None:
        """Train all lanes.

        Raises
        ------
        StoppedError
        """
        epoch = 0
        self._begin(lambda watch, _, weights: watch.begin(weights))
        while self._begin(partial(_begin_epoch, epoch)):
            started = time.perf_counter()
            epochs = self._until_next_end(epoch)
            logs = self._take_steps(epoch, epochs)
            self._share += (time.perf_counter() - started) / len(self._alive)
            for own in logs[:-1]:
                self._logs.add(own)
                self.report(len(self._alive), 0)
            self._ends.result()
            self._end_epoch(epoch + epochs - 1, logs[-1])
            epoch += epochs

    def _until_next_end(self, epoch: int) -> int:
        """Return how many epochs can be gone through before anything is to be done."""
        alive = [self.lanes[number] for number in self._alive]
        if any(planned.lane.callbacks or planned.lane.validation for planned in alive):
            return 1
        ends = [end for planned in alive for end in (*planned.snapshots, planned.lane.epochs)]
        until = min(end for end in ends if end > epoch) - epoch
        steps = max(planned.lane.steps_per_epoch for planned in alive)
        return max(1, min(until, self._steps_at_once // steps))

    def _take_steps(self, epoch: int, epochs: int) -> list[list[Log]]:
        """Go through epochs; return the logs of each.

        A long epoch is gone through in parts, short enough to stop between them.
        """
        batches = mini_batches(self._arranged.streams, self._pool, epoch, epochs)
        steps, start = batches.rows.shape[1], 0
        while start < steps:
            began = time.perf_counter()
            part = batches.part(start, start + max(1, self._steps_at_once // epochs))
            given = self._batches(part, begins=start == 0)
            self._state, losses, measured = self._step(
                self._state, given, self._data, *self._arranged.arguments
            )
            # Reading numbers waits for the graph to end.
            values = [losses.numpy(), *(own.numpy() for own in measured)]
            if self.stop.is_set():
                raise StoppedError
            start += part.rows.shape[1]
            taken = part.rows.shape[1] * epochs
            rate = taken / (time.perf_counter() - began)
            self._steps_at_once = max(1, int(PATIENCE * rate))
        count = len(self._alive)
        rows = np.array([len(self.lanes[number].lane.X) for number in self._alive])
        values = [own[:, :count] for own in values]
        values[0] = values[0] / rows
        return [
            [(name, self._alive, own[n]) for name, own in zip(self._names, values, strict=True)]
            for n in range(epochs)
        ]

    def _batches(self, part: Epochs, *, begins: bool) -> Batches:
        rates = self._rates[self._in_company(self._alive)]
        return self._arranged.batches(part, rates, begins=begins)

    def _end_epoch(self, epoch: int, logs: list[Log]) -> None:
        """Tell the callbacks, take the snapshots that are due, and let finished lanes go."""
        self._logs.add([*logs, *self._measure_held_out()])
        going = np.array([epoch + 1 < self.lanes[n].lane.epochs for n in self._alive])
        due = np.array([epoch + 1 in self.lanes[n].snapshots for n in self._alive])
        failed = self._tell(
            lambda watch, number, weights: watch.epoch_end(epoch, weights, self._logs.last(number)),
            range(len(self._alive)),
        )
        for row, number in enumerate(self._alive):
            if number in self._watches and row not in failed:
                going[row] &= self._watches[number].goes_on
                due[row] = not going[row]
        due[failed] = False
        going_on = self._state
        self._state = finished(
            going_on, np.flatnonzero(due).tolist(), self.program.kinds, self._arranged.by_kind
        )
        failed += self._tell(
            lambda watch, _, weights: watch.train_end(weights), np.flatnonzero(due).tolist()
        )
        due[failed] = going[failed] = False
        ended = np.flatnonzero(due).tolist()
        self._take_snapshots(epoch, ended)
        # A lane that is stopped early ends all of its fits, before their epoch.
        fits = [self.lanes[self._alive[row]].snapshots for row in ended]
        self.report(len(self._alive), sum(own.get(epoch + 1, own.total()) for own in fits))
        self._state = going_on
        if not going.all():
            self._leave(np.flatnonzero(going).tolist())

    def _begin(self, tell: Callable[[Watch, int, Weights], Weights]) -> bool:
        """Tell the callbacks that something begins, and let lanes go whose callbacks raise.

        Return whether any lane is left.
        """
        every = range(len(self._alive))
        failed = self._tell(tell, every)
        if failed:
            self._leave([row for row in every if row not in failed])
        return bool(self._alive)

    def _tell(
        self, tell: Callable[[Watch, int, Weights], Weights], rows: Iterable[int]
    ) -> list[int]:
        """Tell the callbacks of lanes, by row; return the rows of those that raise.

        What callbacks do to a lane's weights and learning rate is done to the lane.
        """
        watched = [row for row in rows if self._alive[row] in self._watches]
        given = weights_at(self._state, watched) if watched else {}
        left, failed = {}, []
        for row, weights in given.items():
            number = self._alive[row]
            watch = self._watches[number]
            try:
                after = tell(watch, number, weights)
                self._rates[number] = watch.rate
            except Exception as error:
                self.taken.append((number, 0, error))
                self.report(0, self.lanes[number].snapshots.total())
                failed.append(row)
                continue
            if after is not weights:
                left[row] = after
        self._state = put_weights(self._state, left)
        return failed

    def _leave(self, rows: list[int]) -> None:
        """Let all lanes go but those in some rows of the state."""
        self._alive = [self._alive[row] for row in rows]
        if rows:
            together = self._in_company(rows)
            self._state = keep(self._state, np.array(together), self._arranged.by_kind)
            going_on = [self.lanes[number] for number in self._in_company(self._alive)]
            self._arranged = arrange(self.program, going_on, self._dtype)

    def _in_company(self, lanes: list[int], rows: int | None = None) -> list[int]:
        """Return lanes, one that is alone perhaps twice.

        ``rows`` go through the network in one call; None stands for a mini-batch.
        """
        planned = self.lanes[0]
        rows = rows or planned.lane.batch_size
        alone = len(lanes) == 1 and needs_company(planned.sizes.trainable, rows)
        return lanes * 2 if alone else lanes

    def _measure_held_out(self) -> list[Log]:
        """Return the logs for validation."""
        logs: list[Log] = []
        for own in self._held_out:
            for rows, values, integers in measured(self.program, own, self._alive, self._brought):
                self._draw(rows, integers)
                of = [self._alive[row] for row in rows]
                logs += [
                    (f"val_{name}", of, value)
                    for name, value in zip(self._names, values, strict=True)
                ]
        return logs

    def _draw(self, rows: list[int], after: NDArray[np.int64]) -> None:
        """Move generators on from where one call of the network moves them, as Keras calls it."""
        if self.program.network.always_draws:
            integers = self._state.integers.numpy().copy()
            all_called = self.program.network.by_batch
            often = [1 if all_called else calls(self.lanes[self._alive[row]]) for row in rows]
            integers[rows] += (after - integers[rows]) * np.array(often)[:, None]
            self._state = self._state._replace(integers=tf.constant(integers))

    def _history(self, number: int) -> dict[str, list[float]]:
        """Return the logs of one lane, with what its callbacks have put there."""
        watch = self._watches.get(number)
        return self._logs.history(number) if watch is None else watch.history

    def _take_snapshots(self, epoch: int, rows: list[int]) -> None:
        if not rows:
            return
        weights = weights_at(self._state, rows)
        outputs = outputs_by_lane(
            self.program,
            [(row, self.lanes[self._alive[row]].rows) for row in rows],
            self._brought,
            self._data[0],
            self.lanes[0].sizes.row_numbers * self._dtype.itemsize,
        )
        for row in rows:
            number = self._alive[row]
            wanted = tuple(outputs[row, id(X)] for X in self.lanes[number].rows)
            own = self.lanes[number].of_model(weights[row])
            snapshot = Snapshot(own, self._history(number), wanted, self._share)
            self.taken.append((number, epoch + 1, snapshot))

    def _brought(self, rows: list[int], called_with: int) -> tuple[Variables, Any]:
        """Return what lanes in some rows of the state bring to a call for so many rows of data.

        That is their variables and settings, and their sizes.
        """
        rows = self._in_company(rows, called_with)
        own = Variables(*self._state[:3], self._arranged.settings)
        if rows != list(range(len(own.trainable))):
            own = tf.nest.map_structure(lambda values: tf.gather(values, rows), own)
        return own, tf.constant(self._arranged.sizes)


def _begin_epoch(epoch: int, watch: Watch, _: int, weights: Weights) -> Weights:
    return watch.epoch_begin(epoch, weights)
