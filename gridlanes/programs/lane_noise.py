"""Layers that draw random numbers, with the rate and the generator of each lane.

Random numbers for the first rows do not depend on how many rows follow, so a mini-batch that was
filled up draws what the short one would.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from gridlanes.programs.lane_arithmetic import dropped
from gridlanes.programs.settings import ALPHA
from gridlanes.programs.traced_lanes import TracedLanes

Tensor = Any

#: Takes a layer, its number, the lanes and rows of shape (lanes, rows, ...).
Noise = Callable[[keras.layers.Layer, int, TracedLanes, Tensor], Tensor]


def noisy(layer: keras.layers.Layer, number: int, lanes: TracedLanes) -> Callable[..., Tensor]:
    """Return the call of a layer that draws random numbers in training."""
    noise = NOISES[type(layer).__name__]

    def call(inputs: Tensor, training: bool = False) -> Tensor:
        if not training:
            return inputs
        return lanes.shapes.together(noise(layer, number, lanes, lanes.shapes.apart(inputs)))

    return call


def _dropout(layer: Any, number: int, lanes: TracedLanes, x: Tensor) -> Tensor:
    of_each = type(layer).__name__ == "Dropout" and layer.noise_shape is None
    shape = None if of_each else _noise_shape(layer, x)
    return dropped_out(lanes, number, f"{number}.rate", x, shape)


def dropped_out(
    lanes: TracedLanes, number: int, place: str, x: Tensor, shape: Any = None
) -> Tensor:
    """Return numbers of shape (lanes, rows, ...) after a dropout at the rate of a place.

    ``shape`` is that of what is drawn for a lane, by default one number for each of its own.
    """
    rank = len(x.shape)
    drawn = _uniform(lanes, number, x, tf.shape(x)[1:] if shape is None else shape)
    kept = drawn >= lanes.setting(place, rank)
    if shape is not None:
        kept = tf.broadcast_to(kept, tf.shape(x))
    return dropped(x, kept, lanes.setting(f"{place}.scale", rank))


def _alpha_dropout(layer: Any, number: int, lanes: TracedLanes, x: Tensor) -> Tensor:
    rank = len(x.shape)
    drawn = _uniform(lanes, number, x, _noise_shape(layer, x))
    kept = tf.cast(drawn >= lanes.setting(f"{number}.rate", rank), x.dtype)
    mixed = x * kept + ALPHA * (1 - kept)
    own = [lanes.setting(f"{number}.rate.{name}", rank) for name in ("spread", "shift")]
    return mixed * own[0] + own[1]


def _gaussian_dropout(_layer: Any, number: int, lanes: TracedLanes, x: Tensor) -> Tensor:
    return x * (_normal(lanes, number, x) * lanes.setting(f"{number}.rate.sd", len(x.shape)) + 1)


def _gaussian_noise(_layer: Any, number: int, lanes: TracedLanes, x: Tensor) -> Tensor:
    return x + _normal(lanes, number, x) * lanes.setting(f"{number}.stddev", len(x.shape))


def _normal(lanes: TracedLanes, number: int, x: Tensor) -> Tensor:
    shape = tf.shape(x)[1:]
    return lanes.drawn(number, lambda seed: keras.random.normal(shape, dtype=x.dtype, seed=seed))


def _uniform(lanes: TracedLanes, number: int, x: Tensor, shape: Any) -> Tensor:
    return lanes.drawn(number, lambda seed: keras.random.uniform(shape, dtype=x.dtype, seed=seed))


def _noise_shape(layer: Any, x: Tensor) -> Any:
    """Return the shape of what is drawn for one lane: its rows, or fewer numbers for all."""
    shape = tf.shape(x)[1:]
    if type(layer).__name__.startswith("SpatialDropout"):
        return [shape[0], *[1] * (len(x.shape) - 3), shape[len(x.shape) - 2]]
    if layer.noise_shape is None:
        return shape
    return [shape[axis] if side is None else side for axis, side in enumerate(layer.noise_shape)]


NOISES: dict[str, Noise] = {
    "AlphaDropout": _alpha_dropout,
    "Dropout": _dropout,
    "GaussianDropout": _gaussian_dropout,
    "GaussianNoise": _gaussian_noise,
    "SpatialDropout1D": _dropout,
    "SpatialDropout2D": _dropout,
    "SpatialDropout3D": _dropout,
}
