"""TensorFlow functions that train all lanes of a program at once.

Lanes, mini-batch and rows are open dimensions, so that one trace serves every number of lanes and
every batch size. The loop over mini-batches is part of the graph: at this size of network a step
is a few hundred operations of some microseconds, and returning to Python between them would cost
as much again.
"""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from gridlanes.compat.keras import as_traced, exact_reductions, making
from gridlanes.networks.seeding import seeded
from gridlanes.programs import optimizers
from gridlanes.programs.bitwise_equality import for_each
from gridlanes.programs.optimizers import Kind
from gridlanes.programs.stateless_network import Network
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
    choices : dict of str to list of str
        The activations among which lanes choose, by place.
    kinds : list of Kind
        Of the optimizers, one for each slice of the lanes.
    """

    build: Callable[[], keras.Model]
    seed: int
    n_classes: int | None
    choices: Mapping[str, list]
    kinds: list[Kind]


class Program:
    """All that is traced for lanes of one structure.

    Parameters
    ----------
    spec : Spec
    """

    def __init__(self, spec: Spec) -> None:
        self.spec, self.kinds = spec, spec.kinds
        self.network = Network(seeded(spec.build, spec.seed), spec.n_classes, spec.choices)
        self._step = TrainingStep(self.network, spec.kinds)
        self._functions: dict[Any, Any] = {}
        self._schedules: dict[tuple[str, int], Any] = {}

    def schedule(self, config: dict[str, Any], steps: int) -> Any:
        """Return a schedule's learning rate at each step from 0: an array of shape (steps,)."""
        key = json.dumps(config, sort_keys=True, default=str), steps
        if key not in self._schedules:
            self._schedules[key] = optimizers.schedule_table(config, steps)
        return self._schedules[key]

    def steps(self, example: tuple, *, uneven: bool, one_generator: bool) -> Any:
        """Return the function that takes some steps, traced.

        Parameters
        ----------
        example : tuple
            Arguments of the function; only types and the sizes that are the same for all lanes
            matter.
        uneven : bool
            Whether a lane may have no rows left while others go on.
        one_generator : bool
            Whether the random generators of all lanes are in one state, so that random numbers
            are drawn once for all.

        Returns
        -------
        callable
            ``(state, batches, data, settings, constants, sizes) -> state``, with ``data`` the
            pool of rows, targets and row weights, ``settings`` and ``constants`` of each lane
            (constants by kind), and ``sizes`` the number of lanes of each kind.
        """
        state, batches, *others = example
        signature = [_open_lanes(state), tf.nest.map_structure(_open_all, batches)]
        signature += [_open_lanes(other) for other in others]
        loop = partial(self._step.loop, uneven=uneven, one_generator=one_generator)
        return self._traced((uneven, one_generator), loop, signature)

    def outputs(self, example: tuple) -> Any:
        """Return the function for predictions, traced.

        ``(trainable, statistics, integers, settings, X) -> (lanes, rows, outputs)``: all lanes
        see the same rows.
        """
        return self._traced("outputs", self._outputs, _open_lanes(example))

    def _outputs(
        self, trainable: Tensor, statistics: Tensor, integers: Tensor, settings: Any, X: Tensor
    ) -> Tensor:
        return tf.vectorized_map(
            lambda one: self.network.outputs(*one),
            (trainable, statistics, integers, settings, for_each(X, trainable)),
        )

    def validation(self, example: tuple) -> Any:
        """Return the function for loss and metrics on rows held out, traced.

        ``(trainable, statistics, integers, settings, (X, y, weight, mask)) -> (loss, metrics)``,
        the loss of shape (lanes,) and a tuple of as many metrics.
        """
        return self._traced("validation", self._validation, _open_lanes(example))

    def _validation(
        self, trainable: Tensor, statistics: Tensor, integers: Tensor, settings: Any, data: Any
    ) -> tuple:
        def lane(one: tuple) -> tuple:
            loss, outputs = self.network.validation_loss(*one)
            start = [tf.zeros(v.shape, v.dtype) for m in self.network.metrics for v in m.variables]
            _, y, _, mask = one[-1]
            return loss, self.network.results(self.network.measure(tuple(start), y, outputs, mask))

        own = tuple(for_each(column, trainable) for column in data)
        logs: tuple = tf.vectorized_map(lane, (trainable, statistics, integers, settings, own))
        return logs

    def results(self, example: tuple) -> Any:
        """Return the function from the metrics' variables to their values, traced."""
        return self._traced(
            "results",
            lambda *values: tf.vectorized_map(self.network.results, values),
            _open_lanes(example),
        )

    def _traced(self, name: Any, function: Any, signature: Any) -> Any:
        """Return a function of this name, traced at its first use."""
        if name not in self._functions:
            traced = tf.function(function, input_signature=list(signature), autograph=False)
            with making, as_traced(), exact_reductions():
                traced.get_concrete_function()
            self._functions[name] = traced
        return self._functions[name]


def _open_lanes(values: Any) -> Any:
    """Return what arrays may be whose first dimension is open."""
    return tf.nest.map_structure(
        lambda value: tf.TensorSpec([None, *value.shape[1:]], value.dtype), values
    )


def _open_all(value: Tensor) -> tf.TensorSpec:
    return tf.TensorSpec([None] * len(value.shape), value.dtype)
