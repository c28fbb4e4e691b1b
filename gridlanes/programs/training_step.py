"""One step of the optimizer for all lanes of a program, and the loop over mini-batches."""

from functools import partial
from typing import Any, NamedTuple

import tensorflow as tf

from gridlanes.programs import optimizer_step
from gridlanes.programs.gradient import Gradient, parted
from gridlanes.programs.objective import Batch
from gridlanes.programs.optimizers import Kind
from gridlanes.programs.sizes import Shapes
from gridlanes.programs.stateless_network import Network, Trained, Variables

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
    """Mini-batches of several epochs with as many steps.

    A stream is a sequence of mini-batches; lanes with equal rows, seed and batch size share one.

    Attributes
    ----------
    rows : Tensor of shape (epochs, steps, streams, batch size)
        Positions in the pool of rows; the end of a short mini-batch is filled up.
    sizes : Tensor of shape (epochs, steps, streams)
        Real rows of each mini-batch; 0 where a stream has none left.
    count : Tensor of shape (epochs, steps, streams)
        Steps of the optimizer, from 1.
    rates : Tensor of shape (epochs, steps, lanes)
        Learning rates.
    stream : Tensor of shape (lanes,)
    begins : Tensor of a bool
        Whether the first of these steps is the first of its epoch.
    """

    rows: Tensor
    sizes: Tensor
    count: Tensor
    rates: Tensor
    stream: Tensor
    begins: Tensor

    def of_epoch(self, epoch: Tensor) -> "Batches":
        """Return the mini-batches of one epoch, without that dimension."""
        names = ("rows", "sizes", "count", "rates")
        return self._replace(**{name: tf.gather(getattr(self, name), epoch) for name in names})


class TrainingStep:
    """What a program does with a mini-batch of each of its lanes.

    Parameters
    ----------
    network : Network
    kinds : list of Kind
        Of the optimizers, one for each slice of the lanes.
    """

    def __init__(self, network: Network, kinds: list[Kind]) -> None:
        self._network, self._kinds = network, kinds

    def epochs(
        self,
        shapes: Shapes,
        state: State,
        batches: Batches,
        *others: Any,
        uneven: bool,
        one_generator: bool,
    ) -> tuple[State, Tensor, tuple]:
        """Return the state after all mini-batches, and the logs; see :meth:`Program.steps`."""
        objective = self._network.objective
        steps = partial(self._steps, uneven=uneven, one_generator=one_generator)
        count = tf.shape(batches.rows)[0]

        def empty(shape: Any = ()) -> tf.TensorArray:
            return tf.TensorArray(state.loss.dtype, count, element_shape=[None, *shape])

        def body(epoch: Tensor, old: State, losses: Any, measured: Any) -> tuple:
            begins = (epoch > 0) | batches.begins
            fresh = old._replace(
                loss=tf.where(begins, tf.zeros_like(old.loss), old.loss),
                metrics=tuple(
                    tf.where(begins, start, values)
                    for start, values in zip(
                        objective.start(shapes.lanes), old.metrics, strict=True
                    )
                ),
            )
            new = steps(shapes, fresh, batches.of_epoch(epoch), *others)
            results = objective.results(new.metrics)
            return (
                epoch + 1,
                new,
                losses.write(epoch, new.loss),
                [own.write(epoch, values) for own, values in zip(measured, results, strict=True)],
            )

        logs = empty(), [empty(shape) for shape in objective.shapes]
        _, state, losses, measured = tf.while_loop(
            lambda epoch, *_: epoch < count, body, (0, state, *logs), parallel_iterations=1
        )
        return state, losses.stack(), tuple(own.stack() for own in measured)

    def _steps(
        self,
        shapes: Shapes,
        state: State,
        batches: Batches,
        data: tuple[Tensor, Tensor, Tensor],
        settings: dict[str, Tensor],
        constants: list[dict[str, Tensor]],
        by_kind: Tensor,
        *,
        uneven: bool,
        one_generator: bool,
    ) -> State:
        """Return the state after the mini-batches of one epoch."""
        paces = self._paces(batches, constants, by_kind)

        def body(step: Tensor, old: State) -> tuple[Tensor, State]:
            batch, real, active = self._batch(shapes, step, batches, data)
            integers = old.integers
            if one_generator:
                integers = tf.ensure_shape(integers[:1], [1, None])
            variables = Variables(old.trainable, old.statistics, integers, settings)
            gradient, trained, measured = self._gradients(shapes, variables, batch, old.metrics)
            own = [
                {**fixed, **{name: tf.gather(values, step) for name, values in pace.items()}}
                for fixed, pace in zip(constants, paces, strict=True)
            ]
            weights, slots = self._update(old, gradient, own, by_kind)
            if self._network.constrained:
                weights = self._network.constrain(shapes, weights, settings)
            integers = trained.integers
            if one_generator:
                # All lanes again, which have drawn alike.
                integers = tf.broadcast_to(integers, tf.shape(old.integers))
            loss = old.loss + trained.loss * real
            new = State(weights, trained.statistics, integers, slots, loss, measured)
            if uneven:
                new = self._keep_idle(active, old, new, by_kind)
            return step + 1, new

        steps = tf.shape(batches.rows)[0]
        _, state = tf.while_loop(
            lambda step, _: step < steps, body, (0, state), parallel_iterations=1
        )
        return state

    def _paces(self, batches: Batches, constants: Any, by_kind: Tensor) -> list[dict[str, Tensor]]:
        """Return, for each kind of optimizer, what changes from step to step."""
        steps = tf.cast(tf.gather(batches.count, batches.stream, axis=1), batches.rates.dtype)
        parts = [
            _split(values[..., None], by_kind, len(self._kinds), axis=1)
            for values in (batches.rates, steps)
        ]
        return [
            optimizer_step.paces(kind, *own)
            for kind, *own in zip(self._kinds, constants, *parts, strict=True)
        ]

    def _batch(
        self, shapes: Shapes, step: Tensor, batches: Batches, data: Any
    ) -> tuple[Batch, Tensor, Tensor]:
        """Return the rows of each lane, how many of them are real, and if any are."""
        X, y, weight = data
        rows = tf.gather(tf.gather(batches.rows, step), batches.stream)
        size = tf.gather(tf.gather(batches.sizes, step), batches.stream)
        positions = shapes.once("positions", lambda: tf.range(shapes.rows)[None])
        mask = tf.cast(positions < size[:, None], weight.dtype)
        each = tf.reshape(rows, [-1])
        batch = Batch(
            tf.gather(X, each),
            self._network.objective.targets(tf.gather(y, each)),
            tf.gather(weight, rows) * mask,
            mask,
            size,
        )
        return batch, tf.cast(size, weight.dtype), size > 0

    def _gradients(
        self, shapes: Shapes, variables: Variables, batch: Batch, metrics: tuple
    ) -> tuple[Gradient, Trained, tuple]:
        """Return the gradient of all weights, what else the network made, and its metrics."""
        network = self._network
        with tf.GradientTape() as tape:
            tape.watch(variables.trainable)
            trained = network.training_loss(shapes, variables, batch)
        gradient = network.gradients(tape, trained.loss, variables.trainable)
        measured = network.objective.measured(
            shapes, metrics, batch, trained.outputs, trained.losses
        )
        return gradient, trained, measured

    def _update(
        self,
        state: State,
        gradient: Gradient,
        constants: list[dict[str, Tensor]],
        by_kind: Tensor,
    ) -> tuple[Tensor, tuple]:
        """Return weights and slots after a step of the optimizers."""
        kinds = len(self._kinds)
        weights = _split(state.trainable, by_kind, kinds)
        own_gradients = parted(gradient, by_kind, kinds)
        updated = [
            optimizer_step.update(*own)
            for own in zip(self._kinds, weights, own_gradients, state.slots, constants, strict=True)
        ]
        weights = [w for w, _ in updated]
        together = weights[0] if len(weights) == 1 else tf.concat(weights, axis=0)
        return together, tuple(tuple(slots) for _, slots in updated)

    def _keep_idle(self, active: Tensor, old: State, new: State, by_kind: Tensor) -> State:
        """Return the new state of active lanes and the old one of all others."""

        def kept(before: Tensor, after: Tensor, which: Tensor = active) -> Tensor:
            mask = tf.reshape(which, [-1, *[1] * (len(before.shape) - 1)])
            return tf.where(mask, after, before)

        which = _split(active, by_kind, len(self._kinds))
        slots = tuple(
            tuple(kept(*pair, own) for pair in zip(before, after, strict=True))
            for before, after, own in zip(old.slots, new.slots, which, strict=True)
        )
        lanes = [kept(before, after) for before, after in zip(old[:3], new[:3], strict=True)]
        loss = tf.where(active, new.loss, old.loss)
        measured = tuple(kept(*pair) for pair in zip(old.metrics, new.metrics, strict=True))
        return State(lanes[0], lanes[1], lanes[2], slots, loss, measured)


def _split(values: Tensor, by_kind: Tensor, parts: int, axis: int = 0) -> list[Tensor]:
    return tf.split(values, by_kind, axis, num=parts) if parts > 1 else [values]
