"""The update rules of Keras' optimizers that look at all weights of a variable.

They are as those in :mod:`gridlanes.programs.optimizer_updates`. So that no bit depends on a lane's
place, sums over a matrix are taken over last axes, and no product of matrices is alone.
"""

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from gridlanes.programs.bitwise_equality import power
from gridlanes.programs.gradient import Gradient
from gridlanes.programs.optimizer_updates import Constants, Slots, Tensor, Update, adam, adam_pace


def lamb_pace(c: Constants, t: Tensor) -> dict[str, Tensor]:
    """Return Lamb's corrections for moments that start from 0."""
    return {f"1-{name}^t": 1 - power(c[name], t) for name in ("beta_1", "beta_2")}


def lamb(w: Tensor, g: Gradient, slots: Slots, c: Constants) -> Any:
    """Adam whose step is as long as the weights of a variable."""
    m, v = slots
    m += (g.total - m) * c["1-beta_1"]
    v += (g.square() - v) * c["1-beta_2"]
    step = m / c["1-beta_1^t"] / (tf.sqrt(v / c["1-beta_2^t"]) + c["epsilon"])
    steps = []
    for of_w, own in zip(_variables(g, w), _variables(g, step), strict=True):
        size, length = _norm(of_w), _norm(own)
        ratio = tf.where((size > 0) & (length > 0), size / length, 1)
        steps.append(own * (ratio * c["lr"]))
    return w - tf.concat(steps, axis=1), (m, v)


def adafactor_pace(c: Constants, t: Tensor) -> dict[str, Tensor]:
    """Return Adafactor's step size and second momentum."""
    return {
        "rho": tf.minimum(c["lr"], 1 / tf.sqrt(t)),
        "beta_2": 1 - power(t, c["beta_2_decay"]),
    }


def adafactor(w: Tensor, g: Gradient, slots: Slots, c: Constants) -> Any:
    """Adafactor, whose second moments are those of rows and columns.

    In the slots the mean of a row, or column, stands at each of its weights.
    """
    squares = g.square()
    regulated = squares + c["epsilon_1"]
    found: list[list[Tensor]] = [[], [], []]
    shapes = g.shapes.trainable
    cut = [g.shapes.cut(own, shapes) for own in (regulated, *slots)]
    for square, by_row, by_column in zip(*cut, strict=True):
        for kept, own in zip(found, _moments(square, by_row, by_column, c["beta_2"]), strict=True):
            kept.append(own)
    v, *moments = (g.shapes.flat(own, shapes) for own in found)
    steps = []
    parts = (_variables(g, own) for own in (w, squares / v, g.total / tf.sqrt(v)))
    for of_w, square, step in zip(*parts, strict=True):
        alpha = tf.maximum(c["epsilon_2"], tf.sqrt(_mean(tf.square(of_w)))) * c["rho"]
        steps.append(alpha * (step / tf.maximum(tf.sqrt(_mean(square)) / c["clip_threshold"], 1)))
    return w - tf.concat(steps, axis=1), tuple(moments)


def _moments(square: Tensor, rows: Tensor, columns: Tensor, beta: Tensor) -> tuple[Tensor, ...]:
    r"""Return second moments of shape (lanes, \*shape), and what they are made of."""
    beta = tf.reshape(beta, [-1] + [1] * (len(square.shape) - 1))
    if len(square.shape) < 3:
        rows = beta * rows + (1 - beta) * square
        return rows, rows, columns
    rows = beta * rows + (1 - beta) * tf.reduce_mean(square, axis=-1, keepdims=True)
    columns = beta * columns + (1 - beta) * tf.reduce_mean(square, axis=-2, keepdims=True)
    of_rows = tf.reduce_mean(rows[..., :1], axis=-2, keepdims=True)
    return rows / of_rows * columns, rows, columns


def muon_pace(c: Constants, t: Tensor) -> dict[str, Tensor]:
    """Return the step size of those variables that Muon leaves to Adam."""
    own = {"lr": c["lr"] * c["adam_lr_ratio"]}
    return adam_pace(own | {name: c[f"adam_{name}"] for name in ("beta_1", "beta_2")}, t)


def muon(flags: Sequence[str]) -> Update:
    """Return the rule of Muon, whose flags name the variables that it leaves to Adam."""
    (steps,) = (int(flag.split()[1]) for flag in flags if flag.startswith("ns_steps"))

    def update(w: Tensor, g: Gradient, slots: Slots, c: Constants) -> Any:
        names = ("1-beta_1", "1-beta_2")
        own = {**c, **{name: c[name.replace("beta", "adam_beta")] for name in names}}
        shapes, known = g.shapes, g.shapes.trainable
        by_adam, moments = adam(w, g, slots, own)
        momentum = slots[0] + (g.total - slots[0] * c["1-momentum"])
        direction = g.total + c["momentum"] * momentum if "nesterov" in flags else momentum
        cut = [shapes.cut(x, known) for x in (by_adam, moments[0], w, momentum, direction)]
        weights, first = [], []
        for number, (adams, adams_m, before, m, d) in enumerate(zip(*cut, strict=True)):
            if f"adamw {number}" in flags:
                weights.append(adams)
                first.append(adams_m)
                continue
            step = c["lr"][..., None] * _orthogonal(d, known[number], steps, c)
            if "rms_rate" in flags:
                longest = tf.cast(tf.maximum(*known[number]), step.dtype)
                step = step * tf.sqrt(longest) * c["rms_rate"][..., None]
            weights.append(before - step)
            first.append(m)
        return shapes.flat(weights, known), (shapes.flat(first, known), moments[1])

    return update


def _orthogonal(x: Tensor, shape: Sequence[Any], steps: int, c: Constants) -> Tensor:
    """Return matrices made orthogonal by some steps of Newton and Schulz."""
    high = tf.cast(shape[0] > shape[1], tf.int32)
    # Rows and columns change places without branching.
    wide = tf.stack([0, 1 + high, 2 - high])
    a, b, d = (c[f"muon_{name}"][..., None] for name in "abc")
    x = tf.transpose(x, wide)
    # A lane that is alone would be computed otherwise than beside others.
    x = tf.concat([x, x[:1]], axis=0)
    a, b, d = (tf.concat([own, own[:1]], axis=0) for own in (a, b, d))
    squares = tf.reduce_sum(tf.square(x), axis=[1, 2], keepdims=True)
    x = x / (tf.sqrt(squares) + 1e-7)
    for _ in range(steps):
        y = tf.matmul(x, x, transpose_b=True)
        x = a * x + tf.matmul(b * y + tf.matmul(d * y, y), x)
    return tf.transpose(x[:-1], wide)


def _variables(g: Gradient, values: Tensor) -> list[Tensor]:
    """Part values of shape (lanes, weights) into those of the variables."""
    return g.shapes.split(values, g.shapes.trainable)


def _norm(values: Tensor) -> Tensor:
    return tf.sqrt(tf.reduce_sum(tf.square(values), axis=1, keepdims=True))


def _mean(values: Tensor) -> Tensor:
    return tf.reduce_mean(values, axis=1, keepdims=True)
