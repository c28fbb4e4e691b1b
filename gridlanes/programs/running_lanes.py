"""The lanes of a run that go on: their state, and what they bring to a call of their program."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from gridlanes.programs.bitwise_equality import needs_company
from gridlanes.programs.held_out import calls
from gridlanes.programs.mini_batches import Epochs, Pool, mini_batches
from gridlanes.programs.planned_lane import PlannedLane
from gridlanes.programs.program import Program
from gridlanes.programs.stateless_network import Variables
from gridlanes.programs.states import arrange, finished, initial_state, keep
from gridlanes.programs.training_step import State
from gridlanes.programs.watch import needs_whole_model


class RunningLanes:
    """Lanes that go through a program together, until they leave it.

    Parameters
    ----------
    program : Program
    pool : Pool
        The rows of all lanes.
    lanes : list of PlannedLane
        Ordered by kind.

    Attributes
    ----------
    alive : list of int
        Numbers of the lanes that go on, in the order of their rows in the state.
    state : State
        To be replaced by whoever changes it.
    rates : ndarray of shape (lanes,)
        Learning rates, of all lanes; 0 where a schedule gives them.
    data : tuple of Tensor
        Rows, targets and row weights.
    """

    def __init__(self, program: Program, pool: Pool, lanes: Sequence[PlannedLane]) -> None:
        self.lanes, self._program, self._pool = lanes, program, pool
        self._dtype = pool.weight.dtype
        self.alive = list(range(len(lanes)))
        self.rates = np.array([0.0 if own.scheduled else own.rate for own in lanes], self._dtype)
        self.data = tuple(tf.constant(array) for array in (pool.X, pool.y, pool.weight))
        together = [lanes[number] for number in self._in_company(self.alive)]
        self.state: State = initial_state(program, together)
        self._arranged = arrange(program, together, self._dtype)

    def planned(self) -> list[PlannedLane]:
        """Return the lanes that go on."""
        return [self.lanes[number] for number in self.alive]

    def traced_step(self) -> Any:
        """Return the function that :meth:`step` calls, traced for all lanes."""
        steps = {planned.lane.steps_per_epoch for planned in self.lanes}
        # Keras' cells draw when a network is measured, too, or called by a callback.
        alike = not self._program.network.always_draws or (
            len(set(map(calls, self.lanes))) == 1 and not any(map(needs_whole_model, self.lanes))
        )
        integers = self.state.integers.numpy()
        return self._program.steps(
            self._arguments(self.mini_batches(0).part(0, 1), begins=True),
            uneven=len(steps) > 1,
            # Generators that start alike and draw equally often stay alike.
            one_generator=alike and len(steps) == 1 and bool((integers == integers[:1]).all()),
        )

    def mini_batches(self, epoch: int, epochs: int = 1) -> Epochs:
        """Return the mini-batches of some epochs."""
        return mini_batches(self._arranged.streams, self._pool, epoch, epochs)

    def step(self, traced: Any, part: Epochs, *, begins: bool) -> tuple[Any, list[Any]]:
        """Go through mini-batches; return losses and metrics of shape (epochs, rows, ...)."""
        self.state, losses, measured = traced(*self._arguments(part, begins=begins))
        return losses, measured

    def brought(self, rows: list[int], called_with: int) -> tuple[Variables, Any]:
        """Return what lanes in some rows of the state bring to a call for so many rows of data.

        That is their variables and settings, and their sizes.
        """
        rows = self._in_company(rows, called_with)
        own = Variables(*self.state[:3], self._arranged.settings)
        if rows != list(range(len(own.trainable))):
            own = tf.nest.map_structure(lambda values: tf.gather(values, rows), own)
        return own, tf.constant(self._arranged.sizes)

    def with_ended(self, rows: list[int]) -> State:
        """Return the state in which the lanes in some rows are as a fit leaves them."""
        return finished(self.state, rows, self._program.kinds, self._arranged.by_kind)

    def leave(self, rows: list[int]) -> None:
        """Let all lanes go but those in some rows of the state."""
        self.alive = [self.alive[row] for row in rows]
        if rows:
            together = self._in_company(rows)
            self.state = keep(self.state, np.array(together), self._arranged.by_kind)
            going_on = [self.lanes[number] for number in self._in_company(self.alive)]
            self._arranged = arrange(self._program, going_on, self._dtype)

    def _arguments(self, part: Epochs, *, begins: bool) -> tuple:
        rates = self.rates[self._in_company(self.alive)]
        batches = self._arranged.batches(part, rates, begins=begins)
        return self.state, batches, self.data, *self._arranged.arguments

    def _in_company(self, lanes: list[int], rows: int | None = None) -> list[int]:
        """Return lanes, one that is alone perhaps twice.

        ``rows`` go through the network in one call; None stands for a mini-batch.
        """
        planned = self.lanes[0]
        rows = rows or planned.lane.batch_size
        alone = len(lanes) == 1 and needs_company(planned.sizes.trainable, rows)
        return lanes * 2 if alone else lanes
