"""Regularisers and constraints of all lanes at once, with the strengths and bounds of each."""

import json
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from gridlanes.programs.settings import BOUNDS, UNCONSTRAINED, Places
from gridlanes.programs.traced_lanes import TracedLanes

Tensor = Any


def penalty(lanes: TracedLanes, place: str, x: Tensor) -> Tensor:
    """Return L1L2 regularisation of numbers of shape (lanes, ...) by each lane's strengths.

    A strength of 0 is no regulariser: it gives 0 for numbers that are not finite too.
    """
    numbers = tf.reshape(x, lanes.shapes.packed(lanes.shapes.lanes, -1))
    sums = tf.reduce_sum(tf.abs(numbers), axis=1), tf.reduce_sum(tf.square(numbers), axis=1)
    strengths = lanes.setting(f"{place}.l1", 1), lanes.setting(f"{place}.l2", 1)
    return tf.add_n([tf.math.multiply_no_nan(*pair) for pair in zip(sums, strengths, strict=True)])


def watched(call: Callable[..., Tensor], lanes: TracedLanes, place: str) -> Callable[..., Tensor]:
    """Return a layer's call after which its outputs add to the loss, divided by the real rows."""

    def watching(*args: Any, **kwargs: Any) -> Tensor:
        outputs = call(*args, **kwargs)
        for own in keras.tree.flatten(outputs) if lanes.mask is not None else ():
            rows = lanes.shapes.apart(own)
            real = rows * lanes.rows(len(rows.shape))
            lanes.penalties.append(penalty(lanes, place, real) / lanes.real())
        return outputs

    return watching


def constrained(lanes: TracedLanes, places: Places, place: str, weight: Tensor) -> Tensor:
    """Return a weight, of shape (lanes, ...), after the constraint that each lane has chosen."""
    result = weight
    for number, own in enumerate(places.choices[place]):
        if own != UNCONSTRAINED:
            chosen = tf.equal(lanes.setting(place, len(weight.shape)), number)
            result = tf.where(chosen, _constraint(lanes, place, own, weight), result)
    return result


def _constraint(lanes: TracedLanes, place: str, own: str, weight: Tensor) -> Tensor:
    name, axis = json.loads(own)
    kind = getattr(keras.constraints, name)
    if axis is None:
        return kind()(weight)
    axes = [axis] if isinstance(axis, int) else axis
    rank = len(weight.shape)
    bounds = {"MaxNorm": ("max_value",), "MinMaxNorm": tuple(BOUNDS)}.get(name, ())
    numbers = {key: lanes.setting(f"{place}.{key}", rank) for key in bounds}
    return kind(**numbers, axis=[one + 1 if one >= 0 else one for one in axes])(weight)
