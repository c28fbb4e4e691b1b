"""A loop over the steps of sequences, for all lanes at once.

The gradient goes back step by step through the cell, which is computed again there: what
TensorFlow would make of a loop keeps every number of it, and takes ten times as long to trace.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from gridlanes.compat.tensorflow_math import differentiated
from gridlanes.programs.lane_arithmetic import chosen_where

Tensor = Any
States = tuple[Tensor, ...]

#: (inputs, states, weights) -> new states, of which the first is put out.
Step = Callable[[Tensor, States, Sequence[Tensor]], States]


def through_time(
    step: Step, inputs: Tensor, real: Tensor | None, first: States, weights: Sequence[Tensor]
) -> tuple[Tensor, States]:
    """Return the first state after each step, shape (steps, lanes, rows, units), and the last ones.

    Parameters
    ----------
    step : callable
    inputs : Tensor of shape (steps, lanes, rows, columns)
    real : Tensor of shape (steps, lanes, rows, 1), or None
        Whether a row takes a step; where it does not, its states stay as they are.
    first : tuple of Tensor of shape (lanes, rows, units)
        The states before the first step.
    weights : list of Tensor
    """
    count = tf.shape(inputs)[0]

    def taken(time: Tensor, given: Tensor, states: States, weights: Sequence[Tensor]) -> States:
        new = step(given, states, weights)
        if real is None:
            return new
        which = tf.gather(real, time)
        return tuple(chosen_where(which, *own) for own in zip(new, states, strict=True))

    def body(time: Tensor, states: States, kept: Any, inputs: Tensor, *weights: Tensor) -> Any:
        new = taken(time, tf.gather(inputs, time), states, weights)
        kept = [own.write(time, state) for own, state in zip(kept, new, strict=True)]
        return time + 1, new, kept, inputs, *weights

    @differentiated
    def through(inputs: Tensor, *others: Tensor) -> tuple[list[Tensor], Callable]:
        first, weights = others[: -len(weights_given)], others[-len(weights_given) :]
        arrays = [tf.TensorArray(inputs.dtype, count, element_shape=[None] * 3) for _ in first]
        _, last, kept, *_ = tf.while_loop(
            lambda time, *_: time < count,
            body,
            (0, first, arrays, inputs, *weights),
            parallel_iterations=1,
        )
        states = [own.stack() for own in kept]

        def gradient(g: Tensor, *of_last: Tensor) -> tuple[Tensor, ...]:
            before = [
                tf.concat([start[None], own[:-1]], axis=0)
                for start, own in zip(first, states, strict=True)
            ]
            return _back_through_time(taken, inputs, before, weights, g, of_last)

        return [states[0], *last], gradient

    weights_given = list(weights)
    outputs, *last = through(inputs, *first, *weights_given)
    return outputs, tuple(last)


def _back_through_time(
    taken: Callable,
    inputs: Tensor,
    before: Sequence[Tensor],
    weights: Sequence[Tensor],
    g: Tensor,
    of_last: States,
) -> tuple[Tensor, ...]:
    """Return the gradients of inputs, first states and weights from those of what was put out.

    ``before`` has the states before each step, of shape (steps, lanes, rows, units).
    """
    count = tf.shape(inputs)[0]

    def body(time: Tensor, later: States, totals: States, kept: Any) -> Any:
        given = tf.gather(inputs, time)
        states = tuple(tf.gather(own, time) for own in before)
        with tf.GradientTape() as tape:
            tape.watch([given, states, list(weights)])
            new = taken(time, given, states, weights)
        of_new = [later[0] + tf.gather(g, time), *later[1:]]
        of_given, of_states, of_weights = tape.gradient(
            new, [given, states, list(weights)], of_new, unconnected_gradients="zero"
        )
        totals = tuple(own + part for own, part in zip(totals, of_weights, strict=True))
        return time - 1, tuple(of_states), totals, kept.write(time, of_given)

    totals = tuple(tf.zeros_like(own) for own in weights)
    kept = tf.TensorArray(inputs.dtype, count, element_shape=[None] * 3)
    _, of_first, totals, kept = tf.while_loop(
        lambda time, *_: time >= 0,
        body,
        (count - 1, tuple(of_last), totals, kept),
        parallel_iterations=1,
    )
    return kept.stack(), *of_first, *totals
