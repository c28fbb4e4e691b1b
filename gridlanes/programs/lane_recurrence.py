"""Recurrent layers with the weights of each lane.

What does not depend on the step before, the products of the inputs, is computed for all steps at
once. The gradient goes back step by step through the cell, which is computed again there: what
TensorFlow would make of a loop keeps every number of it, and takes ten times as long to trace.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from gridlanes.compat.tensorflow_math import differentiated
from gridlanes.programs.lane_arithmetic import plus, product
from gridlanes.programs.lane_matrices import row_of
from gridlanes.programs.traced_lanes import TracedLanes

Tensor = Any
States = tuple[Tensor, ...]

#: (layer, gates of the inputs, states, weights) -> new states, of which the first is put out.
#: All have shape (lanes, rows, ...); the weights are the recurrent kernel and, if the layer has
#: one, a bias of the recurrent gates and ones to add it to rows.
Cell = Callable[[Any, Tensor, States, Sequence[Tensor]], States]


def recurrent(layer: Any, _number: int, lanes: TracedLanes) -> Callable[..., Tensor]:
    """Return the call of a recurrent layer."""
    cell, count = CELLS[type(layer).__name__]
    own = layer.cell

    def call(sequences: Tensor, training: bool = False, mask: Any = None) -> Tensor:  # noqa: ARG001
        shapes = lanes.shapes
        ins, gates = lanes.sizes[id(own.kernel)]
        units, _ = lanes.sizes[id(own.recurrent_kernel)]
        steps = tf.shape(sequences)[1]
        x = tf.reverse(sequences, [1]) if layer.go_backwards else sequences
        matrices = tf.reshape(x, shapes.packed(shapes.lanes, -1, ins))
        z = product(matrices, lanes.weights[id(own.kernel)])
        weights = [lanes.weights[id(own.recurrent_kernel)]]
        if own.bias is not None:
            ones, twice = tf.ones_like(matrices[:, None, :, 0]), len(own.bias.shape) == 2
            of_inputs = lanes.weights[id(own.bias)][:, :1] if twice else row_of(lanes, own.bias)
            z = plus(z, of_inputs, ones)
            if twice:
                weights += [lanes.weights[id(own.bias)][:, 1:], ones[:, :, : shapes.rows]]
        apart = tf.reshape(z, tf.stack([shapes.lanes, shapes.rows, steps, gates]))
        first = tf.zeros(tf.stack([shapes.lanes, shapes.rows, units]), z.dtype)

        def step(gates: Tensor, states: States, weights: Sequence[Tensor]) -> States:
            return cell(layer, gates, states, weights)

        outputs = _through_time(step, tf.transpose(apart, [2, 0, 1, 3]), (first,) * count, weights)
        if not layer.return_sequences:
            return shapes.together(outputs[-1])
        turned = tf.transpose(outputs, [1, 2, 0, 3])
        return tf.reshape(turned, tf.stack([-1, steps, units]))

    return call


def _through_time(
    step: Callable[[Tensor, States, Sequence[Tensor]], States],
    inputs: Tensor,
    first: States,
    weights: Sequence[Tensor],
) -> Tensor:
    """Return the first state after each step: shape (steps, lanes, rows, units).

    ``inputs`` has shape (steps, lanes, rows, gates), the states before the first step
    (lanes, rows, units).
    """
    count = tf.shape(inputs)[0]

    def array(shape: Any) -> tf.TensorArray:
        return tf.TensorArray(inputs.dtype, count, element_shape=shape)

    def body(time: Tensor, states: States, kept: Any, inputs: Tensor, *weights: Tensor) -> Any:
        new = step(tf.gather(inputs, time), states, weights)
        kept = [own.write(time, state) for own, state in zip(kept, new, strict=True)]
        return time + 1, new, kept, inputs, *weights

    @differentiated
    def through(inputs: Tensor, *weights: Tensor) -> tuple[Tensor, Callable]:
        _, _, kept, *_ = tf.while_loop(
            lambda time, *_: time < count,
            body,
            (0, first, [array([None] * 3) for _ in first], inputs, *weights),
            parallel_iterations=1,
        )
        states = [own.stack() for own in kept]

        def gradient(g: Tensor) -> tuple[Tensor, ...]:
            before = [
                tf.concat([start[None], own[:-1]], axis=0)
                for start, own in zip(first, states, strict=True)
            ]
            return _back_through_time(step, inputs, before, weights, g)

        return states[0], gradient

    found: Tensor = through(inputs, *weights)
    return found


def _back_through_time(
    step: Callable, inputs: Tensor, before: Sequence[Tensor], weights: Sequence[Tensor], g: Tensor
) -> tuple[Tensor, ...]:
    """Return the gradients of inputs and weights from that of all outputs.

    ``before`` has the states before each step, of shape (steps, lanes, rows, units).
    """
    count = tf.shape(inputs)[0]

    def body(time: Tensor, later: States, totals: States, kept: Any) -> Any:
        given = tf.gather(inputs, time)
        states = tuple(tf.gather(own, time) for own in before)
        with tf.GradientTape() as tape:
            tape.watch([given, states, list(weights)])
            new = step(given, states, weights)
        of_new = [later[0] + tf.gather(g, time), *later[1:]]
        of_given, of_states, of_weights = tape.gradient(
            new, [given, states, list(weights)], of_new, unconnected_gradients="zero"
        )
        totals = tuple(own + part for own, part in zip(totals, of_weights, strict=True))
        return time - 1, tuple(of_states), totals, kept.write(time, of_given)

    nothing = tuple(tf.zeros_like(own[0]) for own in before)
    totals = tuple(tf.zeros_like(own) for own in weights)
    kept = tf.TensorArray(inputs.dtype, count, element_shape=[None] * 3)
    _, _, totals, kept = tf.while_loop(
        lambda time, *_: time >= 0,
        body,
        (count - 1, nothing, totals, kept),
        parallel_iterations=1,
    )
    return kept.stack(), *totals


def _simple(layer: Any, gates: Tensor, states: States, weights: Sequence[Tensor]) -> States:
    z = gates + product(states[0], weights[0])
    return (z if layer.activation is None else layer.activation(z),)


def _lstm(layer: Any, gates: Tensor, states: States, weights: Sequence[Tensor]) -> States:
    h, c = states
    i, f, new, o = tf.split(gates + product(h, weights[0]), 4, axis=-1)
    choose, shape = layer.recurrent_activation, layer.activation
    c = choose(f) * c + choose(i) * shape(new)
    return choose(o) * shape(c), c


def _gru(layer: Any, gates: Tensor, states: States, weights: Sequence[Tensor]) -> States:
    (h,) = states
    choose, shape = layer.recurrent_activation, layer.activation
    x_z, x_r, x_h = tf.split(gates, 3, axis=-1)
    if layer.reset_after:
        inner = product(h, weights[0])
        if len(weights) > 1:
            inner = plus(inner, weights[1], weights[2])
        h_z, h_r, h_h = tf.split(inner, 3, axis=-1)
        z, r = choose(x_z + h_z), choose(x_r + h_r)
        new = shape(x_h + r * h_h)
    else:
        units = tf.shape(h)[-1]
        h_z, h_r = tf.split(product(h, weights[0][..., : 2 * units]), 2, axis=-1)
        z, r = choose(x_z + h_z), choose(x_r + h_r)
        new = shape(x_h + product(r * h, weights[0][..., 2 * units :]))
    return (z * h + (1 - z) * new,)


#: By kind of layer: the cell, and how many states it has.
CELLS: dict[str, tuple[Cell, int]] = {
    "GRU": (_gru, 1),
    "LSTM": (_lstm, 2),
    "SimpleRNN": (_simple, 1),
}
