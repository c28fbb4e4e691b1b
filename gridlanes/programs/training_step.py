"""One step of the optimizer for all lanes of a program, and the loop over mini-batches."""

from typing import Any, NamedTuple

import tensorflow as tf

from gridlanes.programs import optimizers
from gridlanes.programs.optimizer_updates import Gradient
from gridlanes.programs.optimizers import Kind
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
        weights = network.template.trainable_variables
        self._constrained = any(variable.constraint for variable in weights)

    def loop(
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
        """Return the state after all mini-batches; see :meth:`Program.steps`."""

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
                loss, outputs, statistics, integers = self._network.training_loss(
                    one["trainable"],
                    one["statistics"],
                    one.get("integers", state.integers[0]),
                    one["settings"],
                    one["batch"],
                )
            gradient = self._network.gradients(tape, loss, one["trainable"])
            _, y, _, mask = one["batch"]
            measured = self._network.measure(one["metrics"], y, outputs, mask)
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
            _split(part, sizes, len(self._kinds))
            for part in (state.trainable, rates[:, None], count[:, None], *gradients)
        ]
        updated = [
            optimizers.update(kind, w, Gradient(*g), slots, own, rate, tf.cast(t, w.dtype))
            for kind, slots, own, w, rate, t, *g in zip(
                self._kinds, state.slots, constants, *parts, strict=True
            )
        ]
        weights = tf.concat([w for w, _ in updated], axis=0)
        if self._constrained:
            weights = tf.vectorized_map(self._network.constrained, weights)
        weights = tf.ensure_shape(weights, state.trainable.shape)
        return weights, tuple(tuple(slots) for _, slots in updated)

    def _keep_idle(self, active: Tensor, old: State, new: State, sizes: Tensor) -> State:
        """Return the new state of active lanes and the old one of all others."""

        def kept(before: Tensor, after: Tensor, which: Tensor = active) -> Tensor:
            mask = tf.reshape(which, [-1, *[1] * (len(before.shape) - 1)])
            return tf.where(mask, after, before)

        which = _split(active, sizes, len(self._kinds))
        slots = tuple(
            tuple(kept(*pair, own) for pair in zip(before, after, strict=True))
            for before, after, own in zip(old.slots, new.slots, which, strict=True)
        )
        lanes = [kept(before, after) for before, after in zip(old[:3], new[:3], strict=True)]
        loss = tf.where(active, new.loss, old.loss)
        measured = tuple(kept(*pair) for pair in zip(old.metrics, new.metrics, strict=True))
        return State(lanes[0], lanes[1], lanes[2], slots, loss, measured)


def _split(values: Tensor, sizes: Tensor, parts: int) -> list[Tensor]:
    return tf.split(values, sizes, num=parts) if parts > 1 else [values]
