"""The update rules of Keras' optimizers, as pure functions over lanes.

Each row of a weight matrix is one lane, with settings of its own. ``optimizer.apply`` cannot take
settings that differ from row to row, so the rules of Keras 3.15 are written out here, in the order
of operations in which Keras evaluates them; tests compare every one with Keras in float64.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import tensorflow as tf

from gridlanes.programs.bitwise_equality import power

Tensor = Any
Constants = Mapping[str, Tensor]
Slots = tuple[Tensor, ...]
#: (weights, gradients, slots, constants, learning rate, step from 1) -> (weights, slots).
#: Weights, gradients and slots have shape (lanes, weights); all others (lanes, 1).
Update = Callable[[Tensor, "Gradient", Slots, Constants, Tensor, Tensor], tuple[Tensor, Slots]]


class Gradient(NamedTuple):
    """A gradient and, if they are not simply its own, sums of its parts' squares and sizes.

    All have shape (lanes, weights). They differ for embeddings: the gradient of a word is a sum
    over its occurrences in a mini-batch, and Keras squares each of them.
    """

    total: Tensor
    squares: Tensor | None = None
    sizes: Tensor | None = None

    def square(self) -> Tensor:
        """Return the squared gradient."""
        return tf.square(self.total) if self.squares is None else self.squares

    def size(self) -> Tensor:
        """Return the absolute gradient."""
        return tf.abs(self.total) if self.sizes is None else self.sizes


def sgd(w: Tensor, g: Gradient, slots: Slots, _c: Constants, lr: Tensor, _: Tensor) -> Any:
    """Plain gradient descent."""
    return w - g.total * lr, slots


def sgd_momentum(w: Tensor, g: Gradient, slots: Slots, c: Constants, lr: Tensor, _: Tensor) -> Any:
    """Gradient descent with momentum."""
    m = slots[0] * c["momentum"] - g.total * lr
    return w + m, (m,)


def sgd_nesterov(w: Tensor, g: Gradient, slots: Slots, c: Constants, lr: Tensor, _: Tensor) -> Any:
    """Gradient descent with Nesterov's momentum."""
    m = slots[0] * c["momentum"] - g.total * lr
    return w + (m * c["momentum"] - g.total * lr), (m,)


def adam(w: Tensor, g: Gradient, slots: Slots, c: Constants, lr: Tensor, t: Tensor) -> Any:
    """Adam and AdamW, with AMSGrad if there is a third slot."""
    m, v, *v_hat = slots
    alpha = lr * tf.sqrt(1 - power(c["beta_2"], t)) / (1 - power(c["beta_1"], t))
    m += (g.total - m) * c["1-beta_1"]
    v += (g.square() - v) * c["1-beta_2"]
    v_hat = [tf.maximum(previous, v) for previous in v_hat]
    w -= m * alpha / (tf.sqrt([v, *v_hat][-1]) + c["epsilon"])
    return w, (m, v, *v_hat)


def nadam(w: Tensor, g: Gradient, slots: Slots, c: Constants, lr: Tensor, t: Tensor) -> Any:
    """Adam with Nesterov's momentum; the last slot is the product of momentum's schedule."""
    m, v, product = slots
    beta_1, beta_2 = c["beta_1"], c["beta_2"]
    decay = tf.fill(tf.shape(t), tf.cast(0.96, w.dtype))
    u = beta_1 * (1 - 0.5 * power(decay, t))
    u_next = beta_1 * (1 - 0.5 * power(decay, t + 1))
    unrounded = tf.fill(tf.shape(t), tf.constant(0.96, w.dtype))
    # The slot has a column for each weight so that all slots have one shape. Keras does not round
    # its factors.
    product *= (1 - c["1-beta_1"]) * (1 - 0.5 * power(unrounded, t))
    m += (g.total - m) * (1 - beta_1)
    v += (g.square() - v) * (1 - beta_2)
    m_hat = u_next * m / (1 - product * u_next) + (1 - u) * g.total / (1 - product)
    v_hat = v / (1 - power(beta_2, t))
    return w - m_hat * lr / (tf.sqrt(v_hat) + c["epsilon"]), (m, v, product)


def adamax(w: Tensor, g: Gradient, slots: Slots, c: Constants, lr: Tensor, t: Tensor) -> Any:
    """Adam with the infinity norm."""
    m, u = slots
    m += (g.total - m) * c["1-beta_1"]
    u = tf.maximum(c["beta_2"] * u, g.size())
    w -= lr * m / ((1 - power(c["beta_1"], t)) * (u + c["epsilon"]))
    return w, (m, u)


def rmsprop(w: Tensor, g: Gradient, slots: Slots, c: Constants, lr: Tensor, _: Tensor) -> Any:
    """RMSprop."""
    v = c["rho"] * slots[0] + c["1-rho"] * g.square()
    return w - lr * g.total / tf.sqrt(v + c["epsilon"]), (v, *slots[1:])


def rmsprop_centered(
    w: Tensor, g: Gradient, slots: Slots, c: Constants, lr: Tensor, _: Tensor
) -> Any:
    """RMSprop whose second moment is taken about the mean gradient, the second slot."""
    v = c["rho"] * slots[0] + c["1-rho"] * g.square()
    mean = c["rho"] * slots[1] + c["1-rho"] * g.total
    return w - lr * g.total / tf.sqrt(v - tf.square(mean) + c["epsilon"]), (v, mean, *slots[2:])


def rmsprop_momentum(
    w: Tensor, g: Gradient, slots: Slots, c: Constants, lr: Tensor, t: Tensor
) -> Any:
    """RMSprop whose increments, centered or not, gather momentum in the last slot."""
    step = rmsprop_centered if len(slots) == 3 else rmsprop
    decrement, (*moments, momentum) = step(tf.zeros_like(w), g, slots, c, lr, t)
    momentum = c["momentum"] * momentum - decrement
    return w - momentum, (*moments, momentum)


def adagrad(w: Tensor, g: Gradient, slots: Slots, c: Constants, lr: Tensor, _: Tensor) -> Any:
    """Adagrad."""
    accumulator = slots[0] + g.square()
    return w - lr * g.total / tf.sqrt(accumulator + c["epsilon"]), (accumulator,)


def adadelta(w: Tensor, g: Gradient, slots: Slots, c: Constants, lr: Tensor, _: Tensor) -> Any:
    """Adadelta."""
    gradients, deltas = slots
    gradients = c["rho"] * gradients + c["1-rho"] * g.square()
    delta = -(tf.sqrt(deltas + c["epsilon"]) * g.total / tf.sqrt(gradients + c["epsilon"]))
    squares = (deltas + c["epsilon"]) * g.square() / (gradients + c["epsilon"])
    deltas = c["rho"] * deltas + c["1-rho"] * squares
    return w + lr * delta, (gradients, deltas)


def ftrl(w: Tensor, g: Gradient, slots: Slots, c: Constants, lr: Tensor, _: Tensor) -> Any:
    """FTRL-proximal."""
    accumulator, linear = slots
    exponent = tf.zeros_like(w) - c["learning_rate_power"]
    l1, l2 = c["l1_regularization_strength"], c["l2_regularization_strength"]
    l2 += c["beta"] / (2 * lr)
    g_shrunk = g.total + 2 * c["l2_shrinkage_regularization_strength"] * w
    grown = accumulator + g.square()
    linear += g_shrunk - (power(grown, exponent) - power(accumulator, exponent)) / lr * w
    quadratic = power(grown, exponent) / lr + 2 * l2
    return (tf.clip_by_value(linear, -l1, l1) - linear) / quadratic, (grown, linear)


def lion(w: Tensor, g: Gradient, slots: Slots, c: Constants, lr: Tensor, _: Tensor) -> Any:
    """Lion."""
    (m,) = slots
    beta_1, beta_2 = c["beta_1"], c["beta_2"]
    w -= lr * tf.sign(m * beta_1 + g.total * (1 - beta_1))
    return w, (m * beta_2 + g.total * (1 - beta_2),)
