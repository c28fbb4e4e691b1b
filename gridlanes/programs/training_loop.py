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

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from gridlanes.programs.held_out import calls, held_out, measured
from gridlanes.programs.lane_logs import Log, Logs
from gridlanes.programs.mini_batches import Pool
from gridlanes.programs.planned_lane import PlannedLane, Snapshot
from gridlanes.programs.predictions import outputs_by_lane
from gridlanes.programs.program import Program
from gridlanes.programs.running_lanes import RunningLanes
from gridlanes.programs.states import put_weights, weights_at
from gridlanes.programs.watch import Watch
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
        self._running = RunningLanes(program, pool, lanes)
        self._share = 0.0
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
        given, by_batch = network.objective.given, network.by_batch
        dtype = pool.weight.dtype
        self._held_out = held_out(lanes, given, dtype, by_batch=by_batch)
        self._row_bytes = lanes[0].sizes.row_numbers * dtype.itemsize

    def prepare(self) -> None:
        """Trace what the run needs, in a thread in which Keras may be called."""
        self._step = self._running.traced_step()
        self._first = self._running.brought([0], 1)

    def prepare_ends(self) -> None:
        """Trace what the ends of epochs need, in such a thread; :meth:`train` may be under way.

        Whatever is raised ends the run, too.
        """
        try:
            if any(planned.rows for planned in self.lanes):
                function = self.program.outputs((*self._first, self._running.data[0]))
                # The first call prepares it for all that follow.
                function(*self._first, self._running.data[0][:1])
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
            self._share += (time.perf_counter() - started) / len(self._running.alive)
            for own in logs[:-1]:
                self._logs.add(own)
                self.report(len(self._running.alive), 0)
            self._ends.result()
            self._end_epoch(epoch + epochs - 1, logs[-1])
            epoch += epochs

    def _until_next_end(self, epoch: int) -> int:
        """Return how many epochs can be gone through before anything is to be done."""
        alive = self._running.planned()
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
        batches = self._running.mini_batches(epoch, epochs)
        steps, start = batches.rows.shape[1], 0
        while start < steps:
            began = time.perf_counter()
            part = batches.part(start, start + max(1, self._steps_at_once // epochs))
            losses, measured = self._running.step(self._step, part, begins=start == 0)
            # Reading numbers waits for the graph to end.
            values = [losses.numpy(), *(own.numpy() for own in measured)]
            if self.stop.is_set():
                raise StoppedError
            start += part.rows.shape[1]
            taken = part.rows.shape[1] * epochs
            rate = taken / (time.perf_counter() - began)
            self._steps_at_once = max(1, int(PATIENCE * rate))
        alive = self._running.alive
        rows = np.array([len(self.lanes[number].lane.X) for number in alive])
        values = [own[:, : len(alive)] for own in values]
        values[0] = values[0] / rows
        return [
            [(name, alive, own[n]) for name, own in zip(self._names, values, strict=True)]
            for n in range(epochs)
        ]

    def _end_epoch(self, epoch: int, logs: list[Log]) -> None:
        """Tell the callbacks, take the snapshots that are due, and let finished lanes go."""
        self._logs.add([*logs, *self._measure_held_out()])
        going = np.array([epoch + 1 < self.lanes[n].lane.epochs for n in self._running.alive])
        due = np.array([epoch + 1 in self.lanes[n].snapshots for n in self._running.alive])
        failed = self._tell(
            lambda watch, number, weights: watch.epoch_end(epoch, weights, self._logs.last(number)),
            range(len(self._running.alive)),
        )
        for row, number in enumerate(self._running.alive):
            if number in self._watches and row not in failed:
                going[row] &= self._watches[number].goes_on
                due[row] = not going[row]
        due[failed] = False
        going_on = self._running.state
        self._running.state = self._running.with_ended(np.flatnonzero(due).tolist())
        failed += self._tell(
            lambda watch, _, weights: watch.train_end(weights), np.flatnonzero(due).tolist()
        )
        due[failed] = going[failed] = False
        ended = np.flatnonzero(due).tolist()
        self._take_snapshots(epoch, ended)
        # A lane that is stopped early ends all of its fits, before their epoch.
        fits = [self.lanes[self._running.alive[row]].snapshots for row in ended]
        self.report(len(self._running.alive), sum(own.get(epoch + 1, own.total()) for own in fits))
        self._running.state = going_on
        if not going.all():
            self._running.leave(np.flatnonzero(going).tolist())

    def _begin(self, tell: Callable[[Watch, int, Weights], Weights]) -> bool:
        """Tell the callbacks that something begins, and let lanes go whose callbacks raise.

        Return whether any lane is left.
        """
        every = range(len(self._running.alive))
        failed = self._tell(tell, every)
        if failed:
            self._running.leave([row for row in every if row not in failed])
        return bool(self._running.alive)

    def _tell(
        self, tell: Callable[[Watch, int, Weights], Weights], rows: Iterable[int]
    ) -> list[int]:
        """Tell the callbacks of lanes, by row; return the rows of those that raise.

        What callbacks do to a lane's weights and learning rate is done to the lane.
        """
        watched = [row for row in rows if self._running.alive[row] in self._watches]
        given = weights_at(self._running.state, watched) if watched else {}
        left, failed = {}, []
        for row, weights in given.items():
            number = self._running.alive[row]
            watch = self._watches[number]
            try:
                after = tell(watch, number, weights)
                self._running.rates[number] = watch.rate
            except Exception as error:
                self.taken.append((number, 0, error))
                self.report(0, self.lanes[number].snapshots.total())
                failed.append(row)
                continue
            if after is not weights:
                left[row] = after
        self._running.state = put_weights(self._running.state, left)
        return failed

    def _measure_held_out(self) -> list[Log]:
        """Return the logs for validation."""
        logs: list[Log] = []
        alive, brought = self._running.alive, self._running.brought
        for own in self._held_out:
            for rows, values, integers in measured(self.program, own, alive, brought):
                self._draw(rows, integers)
                of = [alive[row] for row in rows]
                logs += [
                    (f"val_{name}", of, value)
                    for name, value in zip(self._names, values, strict=True)
                ]
        return logs

    def _draw(self, rows: list[int], after: NDArray[np.int64]) -> None:
        """Move generators on from where one call of the network moves them, as Keras calls it."""
        if self.program.network.always_draws:
            integers = self._running.state.integers.numpy().copy()
            all_called = self.program.network.by_batch
            planned = self._running.planned()
            often = [1 if all_called else calls(planned[row]) for row in rows]
            integers[rows] += (after - integers[rows]) * np.array(often)[:, None]
            self._running.state = self._running.state._replace(integers=tf.constant(integers))

    def _history(self, number: int) -> dict[str, list[float]]:
        """Return the logs of one lane, with what its callbacks have put there."""
        watch = self._watches.get(number)
        return self._logs.history(number) if watch is None else watch.history

    def _take_snapshots(self, epoch: int, rows: list[int]) -> None:
        if not rows:
            return
        weights = weights_at(self._running.state, rows)
        outputs = outputs_by_lane(
            self.program,
            [(row, self.lanes[self._running.alive[row]].rows) for row in rows],
            self._running.brought,
            self._running.data[0],
            self._row_bytes,
        )
        for row in rows:
            number = self._running.alive[row]
            wanted = tuple(outputs[row, id(X)] for X in self.lanes[number].rows)
            own = self.lanes[number].of_model(weights[row])
            snapshot = Snapshot(own, self._history(number), wanted, self._share)
            self.taken.append((number, epoch + 1, snapshot))


def _begin_epoch(epoch: int, watch: Watch, _: int, weights: Weights) -> Weights:
    return watch.epoch_begin(epoch, weights)
