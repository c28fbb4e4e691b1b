"""What every optimizer of Keras does around its rule, in the order in which Keras does it.

Gradients are averaged over some steps if they are accumulated, and bounded; weights decay; the
rule is applied; and where an average of the weights is kept, it follows them.
"""

import tensorflow as tf

from gridlanes.programs.gradient import (
    Gradient,
    clipped_by_global_norm,
    clipped_by_norm,
    clipped_by_value,
)
from gridlanes.programs.optimizer_updates import Constants, Slots, Tensor
from gridlanes.programs.optimizers import (
    ACCUMULATING,
    AVERAGED,
    AVERAGING,
    DECAY,
    DECAYS,
    OVERWRITTEN,
    RULES,
    Kind,
)

_CLIPPED = {
    "clipvalue": clipped_by_value,
    "clipnorm": clipped_by_norm,
    "global_clipnorm": clipped_by_global_norm,
}


def paces(kind: Kind, c: Constants, rates: Tensor, steps: Tensor) -> dict[str, Tensor]:
    """Return what changes from step to step: arrays of shape (steps, lanes, 1).

    Parameters
    ----------
    kind : Kind
    c : dict of str to Tensor of shape (lanes, 1)
        Constants of the optimizer.
    rates, steps : Tensor of shape (steps, lanes, 1)
        Learning rates, and the optimizer's steps from 1.
    """
    own = {}
    if ACCUMULATING in kind.flags:
        count = c[ACCUMULATING]
        own["due"] = tf.equal(tf.math.floormod(steps, count), 0)
        steps = tf.math.floordiv(steps - 1, count) + 1
    if AVERAGED in kind.flags:
        own["kept"] = tf.where(steps > 1, c[AVERAGING], 0)
    if OVERWRITTEN in kind.flags:
        own["overwrites"] = tf.equal(tf.math.floormod(steps, c[OVERWRITTEN]), 0)
    return {"lr": rates, **own, **RULES[kind.name].pace({**c, "lr": rates}, steps)}


def update(kind: Kind, w: Tensor, g: Gradient, slots: Slots, c: Constants) -> tuple[Tensor, Slots]:
    """Return weights and slots after one step.

    See :data:`gridlanes.programs.optimizer_updates.Update` for the shapes.
    """
    average = slots[-1:] if AVERAGED in kind.flags else ()
    slots = slots[: len(slots) - len(average)]
    if ACCUMULATING in kind.flags:
        w, slots = _accumulated(kind, w, g, slots, c)
    else:
        w, slots = _applied(kind, w, g, slots, c)
    if average:
        average = (c["kept"] * average[0] + (1 - c["kept"]) * w,)
    if OVERWRITTEN in kind.flags:
        w = tf.where(c["overwrites"], average[0], w)
    return w, (*slots, *average)


def _accumulated(
    kind: Kind, w: Tensor, g: Gradient, slots: Slots, c: Constants
) -> tuple[Tensor, Slots]:
    """Apply the average of the gradients in lanes where it is due."""
    *before, gathered = slots
    gathered += g.total
    after = _applied(kind, w, Gradient(gathered / c[ACCUMULATING], g.shapes), tuple(before), c)
    chosen = [
        tf.where(c["due"], *pair) for pair in zip((after[0], *after[1]), (w, *before), strict=True)
    ]
    return chosen[0], (*chosen[1:], tf.where(c["due"], tf.zeros([], w.dtype), gathered))


def _applied(
    kind: Kind, w: Tensor, g: Gradient, slots: Slots, c: Constants
) -> tuple[Tensor, Slots]:
    """Bound gradients, let weights decay and apply the rule."""
    for name, clipped in _CLIPPED.items():
        if name in kind.flags:
            g = clipped(g, c[name])
    if DECAY in kind.flags:
        w -= w * c[DECAY] * c["lr"]
    if DECAYS in kind.flags:
        w -= w * g.shapes.spread(c[DECAYS]) * c["lr"]
    return RULES[kind.name].update(kind.flags)(w, g, slots, c)
