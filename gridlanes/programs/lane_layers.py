"""Layers that read what a lane brings, instead of what they were built with.

The layers of a template are opened in three ways: where lanes differ in a setting, the layer asks
for the lane's; where a layer looks across the rows of a mini-batch, it leaves out those that only
fill up a short one; and random numbers are drawn for the lane's own generator. Random numbers for
the first rows do not depend on how many rows follow, so a filled-up mini-batch draws what the
short one would.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from gridlanes.compat.keras import reduction_axes, set_moments

Tensor = Any

#: The key of a lane's mask of real rows: 1 for a row, 0 for filling, shape (rows,).
MASK = "mask"

#: The key of a lane's embedding lookups: layer, positions and what was found there.
LOOKUPS = "lookups"


class LaneSettings(NamedTuple):
    """Where a layer finds the lane's settings.

    Attributes
    ----------
    lane : dict of str to tensor
        Those of the lane that is traced, by place.
    prefix : str
        Of the layer's places.
    choices : dict of str to list of str
        The activations among which lanes choose, by place.
    """

    lane: dict[str, Any]
    prefix: str
    choices: Mapping[str, list]

    def __call__(self, name: str) -> Tensor:
        """Return the lane's setting of that name."""
        return self.lane[self.prefix + name]


def open_layer(layer: keras.layers.Layer, settings: LaneSettings) -> None:
    """Make a layer of a template read the lane."""
    if len(settings.choices.get(settings.prefix + "activation", ())) > 1:
        layer.activation = _chosen_activation(settings)
    kind = type(layer).__name__
    if kind == "BatchNormalization":
        set_moments(layer, _moments(layer, settings))
    # A layer whose rate is 0 does nothing, and has no generator.
    if kind in _NOISE and getattr(layer, "seed_generator", None) is not None:
        layer.call = _NOISE[kind](layer, settings)
    if layer.activity_regularizer is not None:
        own = layer.activity_regularizer
        fixed = kind == "ActivityRegularization"
        penalty = own if fixed else _penalty(settings, "activity_regularizer")
        layer.activity_regularizer = _over_real_rows(penalty, settings)
    if kind == "Embedding" and layer.embeddings_regularizer is None:
        layer.call = _recorded(layer, settings)
    for variable in layer.trainable_variables:
        if variable.regularizer is not None:
            variable.regularizer = _penalty(settings, f"{variable.name}_regularizer")


def _chosen_activation(settings: LaneSettings) -> Callable[[Tensor], Tensor]:
    names = settings.choices[settings.prefix + "activation"]
    first, *others = [keras.activations.get(name) for name in names]

    def activation(x: Tensor) -> Tensor:
        result = first(x)
        for number, function in enumerate(others, start=1):
            result = tf.where(tf.equal(settings("activation"), number), function(x), result)
        return result

    return activation


def _penalty(settings: LaneSettings, name: str) -> Callable[[Tensor], Tensor]:
    """Return L1L2 regularisation with the lane's strengths."""

    def penalty(x: Tensor) -> Tensor:
        l1, l2 = settings(f"{name}.l1"), settings(f"{name}.l2")
        return l1 * tf.reduce_sum(tf.abs(x)) + l2 * tf.reduce_sum(tf.square(x))

    return penalty


def _over_real_rows(penalty: Callable, settings: LaneSettings) -> Callable[[Tensor], Tensor]:
    """Return a penalty of a layer's outputs that leaves out the rows which only fill up."""
    return lambda x: penalty(x * _row_mask(settings, x)) * _filling(settings, x)


def _row_mask(settings: LaneSettings, x: Tensor) -> Tensor:
    mask = settings.lane.get(MASK)
    return 1 if mask is None else tf.reshape(mask, [-1, *[1] * (len(x.shape) - 1)])


def _filling(settings: LaneSettings, x: Tensor) -> Tensor:
    """Return by how much a mini-batch was filled up: Keras divides by all of its rows."""
    mask = settings.lane.get(MASK)
    if mask is None:
        return 1
    return tf.cast(tf.shape(x)[0], x.dtype) / tf.maximum(tf.reduce_sum(mask), 1)


def _recorded(layer: keras.layers.Embedding, settings: LaneSettings) -> Callable:
    """Return a call that notes what was looked up, see :data:`LOOKUPS`."""
    look_up = layer.call

    def call(inputs: Tensor) -> Tensor:
        outputs = look_up(inputs)
        settings.lane.setdefault(LOOKUPS, []).append((layer, inputs, outputs))
        return outputs

    return call


def _moments(layer: keras.layers.BatchNormalization, settings: LaneSettings) -> Callable:
    """Return mean and variance over the real rows, as ``BatchNormalization`` asks for them."""
    axes = reduction_axes(layer)

    def moments(x: Tensor, _mask: Tensor) -> tuple[Tensor, Tensor]:
        mask = _row_mask(settings, x)
        places = math.prod(x.shape[axis] for axis in axes if axis != 0)
        count = tf.maximum(tf.reduce_sum(mask), 1) * places
        mean = tf.reduce_sum(x * mask, axes) / count
        shape = [1 if axis in axes else -1 for axis in range(len(x.shape))]
        distance = (x - tf.reshape(mean, shape)) * mask
        return mean, tf.reduce_sum(tf.square(distance), axes) / count

    return moments


def _dropout(layer: Any, settings: LaneSettings) -> Callable:
    def call(inputs: Tensor, training: bool = False) -> Tensor:
        if not training:
            return inputs
        shape = _noise_shape(layer, inputs)
        drawn = keras.random.uniform(shape, dtype=inputs.dtype, seed=layer.seed_generator)
        return tf.where(drawn >= settings("rate"), inputs * settings("rate.scale"), 0)

    return call


def _gaussian_dropout(layer: Any, settings: LaneSettings) -> Callable:
    def call(inputs: Tensor, training: bool = False) -> Tensor:
        return inputs * (_normal(layer, inputs) * settings("rate.sd") + 1) if training else inputs

    return call


def _gaussian_noise(layer: Any, settings: LaneSettings) -> Callable:
    def call(inputs: Tensor, training: bool = False) -> Tensor:
        return inputs + _normal(layer, inputs) * settings("stddev") if training else inputs

    return call


def _normal(layer: Any, inputs: Tensor) -> Tensor:
    return keras.random.normal(tf.shape(inputs), dtype=inputs.dtype, seed=layer.seed_generator)


def _noise_shape(layer: Any, inputs: Tensor) -> Any:
    shape = tf.shape(inputs)
    if type(layer).__name__ == "SpatialDropout1D":
        return [shape[0], 1, shape[2]]
    if layer.noise_shape is None:
        return shape
    return [shape[axis] if side is None else side for axis, side in enumerate(layer.noise_shape)]


_NOISE = {
    "Dropout": _dropout,
    "SpatialDropout1D": _dropout,
    "GaussianDropout": _gaussian_dropout,
    "GaussianNoise": _gaussian_noise,
}
