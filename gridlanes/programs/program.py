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

from gridlanes.compat.keras import exact_reductions, making, one_thread
from gridlanes.networks.building import seeded
from gridlanes.programs import optimizers
from gridlanes.programs.optimizers import Gradient, Kind
from gridlanes.programs.rounding import for_each
from gridlanes.programs.stateless_network import Network

Tensor = Any


class State(NamedTuple):
    """What training changes; the rows of every array are lanes.

    Lanes of one kind of optimizer stand together, in the order of the program's kinds.

    Attributes
    ----------
    trainable : Tensor of shape (lanes, weights)
    statistics : Tensor of shape (lanes, statistics)
    integers : Tensor of shape (lanes, integers)
    slots : tuple of tuple of Tensor of shape (lanes of the kind, weights)
    loss : Tensor of shape (lanes,)
        Sum over the rows of the epoch so far.
    metrics : tuple of Tensor of shape (lanes, ...)
        Variables of the metrics.
    """

    trainable: Tensor
    statistics: Tensor
    integers: Tensor
    slots: tuple
    loss: Tensor
    metrics: tuple


class Batches(NamedTuple):
    """Mini-batches of several steps.

    A stream is a sequence of mini-batches; lanes with equal rows, seed and batch size share one.

    Attributes
    ----------
    rows : Tensor of shape (steps, streams, batch size)
        Positions in the pool of rows; the end of a short mini-batch is filled up.
    sizes : Tensor of shape (steps, streams)
        Real rows of each mini-batch; 0 where a stream has none left.
    count : Tensor of shape (steps, streams)
        Steps of the optimizer, from 1.
    rates : Tensor of shape (steps, lanes)
        Learning rates.
    stream : Tensor of shape (lanes,)
    """

    rows: Tensor
    sizes: Tensor
    count: Tensor
    rates: Tensor
    stream: Tensor


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
        template = self.network.template
        self.constrained = any(v.constraint for v in template.trainable_variables)
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
        loop = partial(self._loop, uneven=uneven, one_generator=one_generator)
        return self._traced((uneven, one_generator), loop, signature)

    def _loop(
        self,
        state: State,
        batches: Batches,
        data: tuple[Tensor, Tensor, Tensor],
        settings: dict[str, Tensor],
        constants: list[dict[str, Tensor]],
        sizes: Tensor,
        *,
        uneven: bool,
        one_generator: bool,
    ) -> State:
        def body(step: Tensor, old: State) -> tuple[Tensor, State]:
            batch, real, active = self._batch(step, batches, data)
            gradients, statistics, integers, loss, measured = self._gradients(
                old, settings, batch, one_generator
            )
            count = tf.gather(batches.count[step], batches.stream)
            weights, slots = self._update(
                old, gradients, constants, sizes, batches.rates[step], count
            )
            new = State(weights, statistics, integers, slots, old.loss + loss * real, measured)
            if uneven:
                new = self._keep_idle(active, old, new, sizes)
            return step + 1, new

        steps = tf.shape(batches.rows)[0]
        _, state = tf.while_loop(
            lambda step, _: step < steps, body, (0, state), parallel_iterations=1
        )
        return state

    def _batch(self, step: Tensor, batches: Batches, data: Any) -> tuple[Any, Tensor, Tensor]:
        """Return rows, targets, row weights and mask of each lane, its real rows, and if any."""
        X, y, weight = data
        rows, sizes = batches.rows[step], batches.sizes[step]
        positions = tf.range(tf.shape(rows)[1])
        mask = tf.cast(positions[None, :] < sizes[:, None], weight.dtype)
        of_streams = (
            tf.gather(X, rows),
            tf.gather(y, rows),
            tf.gather(weight, rows) * mask,
            mask,
        )
        batch = tuple(tf.gather(part, batches.stream) for part in of_streams)
        size = tf.gather(sizes, batches.stream)
        return batch, tf.cast(size, weight.dtype), size > 0

    def _gradients(self, state: State, settings: Any, batch: Any, one_generator: bool) -> tuple:
        mapped = {
            "trainable": state.trainable,
            "statistics": state.statistics,
            "settings": settings,
            "batch": batch,
            "metrics": state.metrics,
        }
        if not one_generator:
            mapped["integers"] = state.integers

        def lane(one: dict[str, Any]) -> tuple:
            with tf.GradientTape() as tape:
                tape.watch(one["trainable"])
                loss, outputs, statistics, integers = self.network.training_loss(
                    one["trainable"],
                    one["statistics"],
                    one.get("integers", state.integers[0]),
                    one["settings"],
                    one["batch"],
                )
            gradient = self.network.gradients(tape, loss, one["trainable"])
            _, y, _, mask = one["batch"]
            measured = self._measure(one["metrics"], y, outputs, mask)
            return gradient, statistics, integers, loss, measured

        gradient, statistics, integers, loss, measured = tf.vectorized_map(lane, mapped)
        gradient = [tf.ensure_shape(part, state.trainable.shape) for part in gradient]
        shaped = [
            tf.ensure_shape(part, like.shape)
            for part, like in zip(
                (statistics, integers, loss), (*state[1:3], state.loss), strict=True
            )
        ]
        return (gradient, *shaped, measured)

    def _measure(self, values: tuple, y: Tensor, outputs: Tensor, mask: Tensor) -> tuple:
        """Return the metrics' variables after a mini-batch."""
        updated: list[Tensor] = []
        for metric in self.network.metrics:
            own = list(values[len(updated) : len(updated) + len(metric.variables)])
            updated += metric.stateless_update_state(own, y, outputs, sample_weight=mask)
        return tuple(updated)

    def _update(
        self,
        state: State,
        gradients: list[Tensor],
        constants: list[dict[str, Tensor]],
        sizes: Tensor,
        rates: Tensor,
        count: Tensor,
    ) -> tuple[Tensor, tuple]:
        parts = [
            _split(part, sizes, len(self.kinds))
            for part in (state.trainable, rates[:, None], count[:, None], *gradients)
        ]
        updated = [
            optimizers.update(kind, w, Gradient(*g), slots, own, rate, tf.cast(t, w.dtype))
            for kind, slots, own, w, rate, t, *g in zip(
                self.kinds, state.slots, constants, *parts, strict=True
            )
        ]
        weights = tf.concat([w for w, _ in updated], axis=0)
        if self.constrained:
            weights = tf.vectorized_map(self.network.constrained, weights)
        weights = tf.ensure_shape(weights, state.trainable.shape)
        return weights, tuple(tuple(slots) for _, slots in updated)

    def _keep_idle(self, active: Tensor, old: State, new: State, sizes: Tensor) -> State:
        """Return the new state of active lanes and the old one of all others."""

        def kept(before: Tensor, after: Tensor, which: Tensor = active) -> Tensor:
            mask = tf.reshape(which, [-1, *[1] * (len(before.shape) - 1)])
            return tf.where(mask, after, before)

        which = _split(active, sizes, len(self.kinds))
        slots = tuple(
            tuple(kept(*pair, own) for pair in zip(before, after, strict=True))
            for before, after, own in zip(old.slots, new.slots, which, strict=True)
        )
        lanes = [kept(before, after) for before, after in zip(old[:3], new[:3], strict=True)]
        loss = tf.where(active, new.loss, old.loss)
        measured = tuple(kept(*pair) for pair in zip(old.metrics, new.metrics, strict=True))
        return State(lanes[0], lanes[1], lanes[2], slots, loss, measured)

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
            return loss, self._results(self._measure(tuple(start), y, outputs, mask))

        own = tuple(for_each(column, trainable) for column in data)
        logs: tuple = tf.vectorized_map(lane, (trainable, statistics, integers, settings, own))
        return logs

    def results(self, example: tuple) -> Any:
        """Return the function from the metrics' variables to their values, traced."""
        return self._traced(
            "results",
            lambda *values: tf.vectorized_map(self._results, values),
            _open_lanes(example),
        )

    def _results(self, values: tuple) -> tuple:
        results, start = [], 0
        for metric in self.network.metrics:
            own = list(values[start : start + len(metric.variables)])
            start += len(own)
            results.append(tf.cast(metric.stateless_result(own), keras.config.floatx()))
        return tuple(results)

    def _traced(self, name: Any, function: Any, signature: Any) -> Any:
        """Return a function of this name, traced at its first use."""
        if name not in self._functions:
            traced = tf.function(function, input_signature=list(signature), autograph=False)
            with making, one_thread(), exact_reductions():
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


def _split(values: Tensor, sizes: Tensor, parts: int) -> list[Tensor]:
    return tf.split(values, sizes, num=parts) if parts > 1 else [values]
