"""The update rules of Keras' optimizers, as pure functions over lanes.

Each row of a weight matrix is one lane, with settings of its own. ``optimizer.apply`` cannot take
settings that differ from row to row, so the rules of Keras 3.15 are written out here, in the order
of operations in which Keras evaluates them; tests compare every one with Keras in float64.
"""

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

from gridlanes.programs.bitwise_equality import power
from gridlanes.programs.gradient import Gradient

Tensor = Any
Constants = Mapping[str, Tensor]
Slots = tuple[Tensor, ...]
#: (weights, gradients, slots, constants) -> (weights, slots). The constants are those of the
#: optimizer, its learning rate ``lr``, and what :data:`Pace` returns for the step.
#: Weights, gradients and slots have shape (lanes, weights); constants (lanes, 1).
Update = Callable[[Tensor, Gradient, Slots, Constants], tuple[Tensor, Slots]]
#: (constants, steps from 1) -> what else changes from step to step, by name. It is computed for
#: many steps at once: shape (steps, lanes, 1).
Pace = Callable[[Constants, Tensor], dict[str, Tensor]]


def sgd(w: Tensor, g: Gradient, slots: Slots, c: Constants) -> Any:
    """Plain gradient descent."""
    return w - g.total * c["lr"], slots


def sgd_momentum(w: Tensor, g: Gradient, slots: Slots, c: Constants) -> Any:
    """Gradient descent with momentum."""
    m = slots[0] * c["momentum"] - g.total * c["lr"]
    return w + m, (m,)


def sgd_nesterov(w: Tensor, g: Gradient, slots: Slots, c: Constants) -> Any:
    """Gradient descent with Nesterov's momentum."""
    m = slots[0] * c["momentum"] - g.total * c["lr"]
    return w + (m * c["momentum"] - g.total * c["lr"]), (m,)


def adam_pace(c: Constants, t: Tensor) -> dict[str, Tensor]:
    """Return Adam's step size with its correction for moments that start from 0."""
    alpha = c["lr"] * tf.sqrt(1 - power(c["beta_2"], t)) / (1 - power(c["beta_1"], t))
    return {"alpha": alpha}


def adam(w: Tensor, g: Gradient, slots: Slots, c: Constants) -> Any:
    """Adam and AdamW, with AMSGrad if there is a third slot."""
    m, v, *v_hat = slots
    m += (g.total - m) * c["1-beta_1"]
    v += (g.square() - v) * c["1-beta_2"]
    v_hat = [tf.maximum(previous, v) for previous in v_hat]
    w -= m * c["alpha"] / (tf.sqrt([v, *v_hat][-1]) + c["epsilon"])
    return w, (m, v, *v_hat)


def nadam_pace(c: Constants, t: Tensor) -> dict[str, Tensor]:
    """Return Nadam's momentum at this step and the next, and its corrections."""
    decay = tf.fill(tf.shape(t), tf.cast(0.96, t.dtype))
    unrounded = tf.fill(tf.shape(t), tf.constant(0.96, t.dtype))
    return {
        "u": c["beta_1"] * (1 - 0.5 * power(decay, t)),
        "u_next": c["beta_1"] * (1 - 0.5 * power(decay, t + 1)),
        # Keras does not round these factors.
        "factor": (1 - c["1-beta_1"]) * (1 - 0.5 * power(unrounded, t)),
        "1-beta_2^t": 1 - power(c["beta_2"], t),
    }


def nadam(w: Tensor, g: Gradient, slots: Slots, c: Constants) -> Any:
    """Adam with Nesterov's momentum; the last slot is the product of momentum's schedule."""
    m, v, product = slots
    # The slot has a column for each weight so that all slots have one shape.
    product *= c["factor"]
    m += (g.total - m) * (1 - c["beta_1"])
    v += (g.square() - v) * (1 - c["beta_2"])
    m_hat = c["u_next"] * m / (1 - product * c["u_next"]) + (1 - c["u"]) * g.total / (1 - product)
    v_hat = v / c["1-beta_2^t"]
    return w - m_hat * c["lr"] / (tf.sqrt(v_hat) + c["epsilon"]), (m, v, product)


def adamax_pace(c: Constants, t: Tensor) -> dict[str, Tensor]:
    """Return Adamax's correction for a moment that starts from 0."""
    return {"1-beta_1^t": 1 - power(c["beta_1"], t)}


def adamax(w: Tensor, g: Gradient, slots: Slots, c: Constants) -> Any:
    """Adam with the infinity norm."""
    m, u = slots
    m += (g.total - m) * c["1-beta_1"]
    u = tf.maximum(c["beta_2"] * u, g.size())
    w -= c["lr"] * m / (c["1-beta_1^t"] * (u + c["epsilon"]))
    return w, (m, u)


def rmsprop(w: Tensor, g: Gradient, slots: Slots, c: Constants) -> Any:
    """RMSprop."""
    v = c["rho"] * slots[0] + c["1-rho"] * g.square()
    return w - c["lr"] * g.total / tf.sqrt(v + c["epsilon"]), (v, *slots[1:])


def rmsprop_centered(w: Tensor, g: Gradient, slots: Slots, c: Constants) -> Any:
    """RMSprop whose second moment is taken about the mean gradient, the second slot."""
    v = c["rho"] * slots[0] + c["1-rho"] * g.square()
    mean = c["rho"] * slots[1] + c["1-rho"] * g.total
    return w - c["lr"] * g.total / tf.sqrt(v - tf.square(mean) + c["epsilon"]), (
        v,
        mean,
        *slots[2:],
    )


def rmsprop_momentum(w: Tensor, g: Gradient, slots: Slots, c: Constants) -> Any:
    """RMSprop whose increments, centered or not, gather momentum in the last slot."""
    step = rmsprop_centered if len(slots) == 3 else rmsprop
    decrement, (*moments, momentum) = step(tf.zeros_like(w), g, slots, c)
    momentum = c["momentum"] * momentum - decrement
    return w - momentum, (*moments, momentum)


def adagrad(w: Tensor, g: Gradient, slots: Slots, c: Constants) -> Any:
    """Adagrad."""
    accumulator = slots[0] + g.square()
    return w - c["lr"] * g.total / tf.sqrt(accumulator + c["epsilon"]), (accumulator,)


def adadelta(w: Tensor, g: Gradient, slots: Slots, c: Constants) -> Any:
    """Adadelta."""
    gradients, deltas = slots
    square = g.square()
    gradients = c["rho"] * gradients + c["1-rho"] * square
    delta = -(tf.sqrt(deltas + c["epsilon"]) * g.total / tf.sqrt(gradients + c["epsilon"]))
    squares = (deltas + c["epsilon"]) * square / (gradients + c["epsilon"])
    deltas = c["rho"] * deltas + c["1-rho"] * squares
    return w + c["lr"] * delta, (gradients, deltas)


def ftrl(w: Tensor, g: Gradient, slots: Slots, c: Constants) -> Any:
    """FTRL-proximal."""
    accumulator, linear = slots
    exponent = tf.zeros_like(w) - c["learning_rate_power"]
    l1, l2 = c["l1_regularization_strength"], c["l2_regularization_strength"]
    l2 += c["beta"] / (2 * c["lr"])
    g_shrunk = g.total + 2 * c["l2_shrinkage_regularization_strength"] * w
    grown = accumulator + g.square()
    linear += g_shrunk - (power(grown, exponent) - power(accumulator, exponent)) / c["lr"] * w
    quadratic = power(grown, exponent) / c["lr"] + 2 * l2
    return (tf.clip_by_value(linear, -l1, l1) - linear) / quadratic, (grown, linear)


def lion(w: Tensor, g: Gradient, slots: Slots, c: Constants) -> Any:
    """Lion."""
    (m,) = slots
    beta_1, beta_2 = c["beta_1"], c["beta_2"]
    w -= c["lr"] * tf.sign(m * beta_1 + g.total * (1 - beta_1))
    return w, (m * beta_2 + g.total * (1 - beta_2),)
