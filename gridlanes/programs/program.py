"""TensorFlow functions that train all lanes of a program at once.

All dimensions are open, so that one trace serves every number of lanes, every batch size and
networks of every size. The loop over mini-batches is part of the graph: at this size of network a
step is some hundred operations of a microsecond or two, and returning to Python between them
would cost as much again.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from gridlanes.compat.keras import making
from gridlanes.compat.tensorflow import as_traced
from gridlanes.compat.tensorflow_math import exact_reductions
from gridlanes.networks.seeding import seeded
from gridlanes.programs.bitwise_equality import for_each
from gridlanes.programs.held_out_parts import ROWS_BY_KERAS, in_parts
from gridlanes.programs.objective import Batch
from gridlanes.programs.one_thread import traced_for_one_thread
from gridlanes.programs.optimizers import Kind
from gridlanes.programs.schedules import Schedule, tables
from gridlanes.programs.settings import Places
from gridlanes.programs.sizes import Shapes
from gridlanes.programs.stateless_network import Network, Variables
from gridlanes.programs.training_step import TrainingStep

Tensor = Any


class Spec(NamedTuple):
    """What a program is made from.

    Attributes
    ----------
    build : callable
        Returns the compiled template; of any of the lanes.
    seed : int
        With which to call it.
    n_classes : int or None
        Of the target; None for a regression.
    places : Places
        Where lanes differ.
    kinds : list of Kind
        Of the optimizers, one for each slice of the lanes.
    sized : bool
        Whether all lanes have the sizes of the template.
    weighted : bool
        Whether rows have weights, for losses and metrics that see one lane at a time.
    """

    build: Callable[[], keras.Model]
    seed: int
    n_classes: int | None
    places: Places
    kinds: list[Kind]
    sized: bool
    weighted: bool = False


class Program:
    """All that is traced for lanes of one structure.

    Parameters
    ----------
    spec : Spec
    template : keras.Model, optional
        What ``spec.build`` returns, if it is there already; the program keeps it.
    """

    def __init__(self, spec: Spec, template: keras.Model | None = None) -> None:
        self.spec, self.kinds = spec, spec.kinds
        template = template or seeded(spec.build, spec.seed)
        self.network = Network(template, spec.n_classes, spec.places, weighted=spec.weighted)
        self._step = TrainingStep(self.network, spec.kinds)
        self._functions: dict[Any, Any] = {}
        self._schedules: dict[tuple[bytes, int], Any] = {}

    def schedules(self, asked: Mapping[int, tuple[Schedule, int]]) -> dict[int, Any]:
        """Return the learning rate at each step from 0: arrays of shape (steps,).

        ``asked`` has a schedule and the steps for each row of the state.
        """
        new: dict[int, dict[bytes, Schedule]] = {}
        for schedule, steps in asked.values():
            if (schedule.told, steps) not in self._schedules:
                new.setdefault(steps, {})[schedule.told] = schedule
        for steps, own in new.items():
            rates = tables(list(own.values()), steps)
            self._schedules |= zip([(told, steps) for told in own], rates, strict=True)
        return {
            row: self._schedules[schedule.told, steps] for row, (schedule, steps) in asked.items()
        }

    def shapes(self, sizes: Tensor, lanes: Tensor, rows: Tensor) -> Shapes:
        """Return sizes for the network: those that a run brings, or those of the template."""
        vector = None if self.spec.sized else sizes
        return Shapes(self.network.sizes, vector, tf.shape(lanes)[0], rows)

    def steps(self, example: tuple, *, uneven: bool, one_generator: bool) -> Any:
        """Return the function that takes some steps, traced.

        Parameters
        ----------
        example : tuple
            Arguments of the function, of which only types and numbers of dimensions matter.
        uneven : bool
            Whether a lane may have no rows left while others go on.
        one_generator : bool
            Whether the random generators of all lanes are in one state, so that random numbers
            are drawn once for all.

        Returns
        -------
        callable
            ``(state, batches, data, settings, constants, kinds, sizes) -> (state, loss, metrics)``
            with ``data`` the pool of rows, targets and row weights, ``settings`` and
            ``constants`` of each lane (constants by kind), ``kinds`` the number of lanes of each
            kind, and ``sizes`` those of the network. The loss, a sum over rows, and the metrics
            have shape (epochs, lanes, ...).
        """

        def epochs(state: Any, batches: Any, *others: Any) -> Any:
            *arguments, sizes = others
            shapes = self.shapes(sizes, state.trainable, tf.shape(batches.rows)[3])
            flags = {"uneven": uneven, "one_generator": one_generator}
            return self._step.epochs(shapes, state, batches, *arguments, **flags)

        return self._traced((uneven, one_generator), epochs, example)

    def outputs(self, example: tuple) -> Any:
        """Return the function for predictions, traced.

        ``(variables, sizes, X) -> (lanes, rows, outputs)``: all lanes see the same rows.
        """

        def outputs(variables: Variables, sizes: Tensor, X: Tensor) -> Tensor:
            shapes = self.shapes(sizes, variables.trainable, tf.shape(X)[0])
            rows = shapes.together(for_each(X, variables.trainable))
            return shapes.apart(self.network.outputs(shapes, variables, rows))

        return self._traced("outputs", outputs, example)

    def validation(self, example: tuple) -> Any:
        """Return the function for loss and metrics on rows held out, traced.

        ``(variables, sizes, (X, y, weight, mask), which) -> (loss, metrics, integers)``: of the
        sets of rows, each of shape (sets, rows, ...), lanes see those with the numbers ``which``.
        The loss has shape (lanes,), and each of a tuple of metrics (lanes, ...); the integers are
        those of the lanes after one call, or after all where the network is called by mini-batch.
        """
        network = self.network

        def validation(variables: Variables, sizes: Tensor, sets: tuple, which: Tensor) -> tuple:
            rows = tf.constant(ROWS_BY_KERAS) if network.by_batch else tf.shape(sets[0])[1]
            shapes = self.shapes(sizes, variables.trainable, rows)
            columns = [tf.gather(column, which) for column in sets]
            part = partial(self._held_out, shapes, variables)
            start = (*network.objective.start(shapes.lanes), variables.integers)
            if network.by_batch:
                loss, after = in_parts(part, columns, start, rows)
            else:
                loss, after = part(columns, start)
            *measured, integers = after
            return loss, network.objective.results(tuple(measured)), integers

        return self._traced("validation", validation, example)

    def _held_out(
        self, shapes: Shapes, variables: Variables, columns: Sequence[Tensor], before: tuple
    ) -> tuple[Tensor, tuple]:
        """Return the loss of rows held out, and what they change.

        That are the variables of the metrics, and the integers of the lanes.
        """
        X, y, weight, mask = columns
        *measured, integers = before
        targets = self.network.objective.targets(shapes.together(y))
        size = tf.cast(tf.reduce_sum(mask, axis=1), tf.int32)
        batch = Batch(shapes.together(X), targets, weight, mask, size)
        own = variables._replace(integers=integers)
        found = self.network.validation_loss(shapes, own, batch)
        after = self.network.objective.measured(
            shapes, tuple(measured), batch, found.outputs, found.losses
        )
        return found.loss, (*after, found.integers)

    def _traced(self, name: Any, function: Any, example: tuple) -> Any:
        """Return a function of this name, traced at its first use."""
        if name not in self._functions:
            signature = tf.nest.map_structure(_open, example)
            with making, as_traced(), exact_reductions():
                traced = traced_for_one_thread(function, signature)
            self._functions[name] = traced
        return self._functions[name]


def _open(value: Any) -> tf.TensorSpec:
    """Return what arrays may be which have as many dimensions."""
    return tf.TensorSpec([None] * len(value.shape), value.dtype)
