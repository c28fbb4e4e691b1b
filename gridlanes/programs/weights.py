"""The variables of a model as flat arrays, and back."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from gridlanes.networks.lane import Lane
from gridlanes.networks.seeding import seeded

Tensor = Any


@dataclass(frozen=True)
class Weights:
    """All variables of a model, or of several lanes, flattened.

    Attributes
    ----------
    trainable : ndarray of shape (..., weights)
    statistics : ndarray of shape (..., statistics)
        Other floats, such as moving averages.
    integers : ndarray of shape (..., integers)
        States of the layers' random generators, and counters.
    """

    trainable: NDArray
    statistics: NDArray
    integers: NDArray[np.int64]


def weights_of(model: keras.Model) -> Weights:
    """Return a copy of a model's variables."""
    floats, integers = frozen(model)
    dtype = keras.config.floatx()
    return Weights(
        _flat(model.trainable_variables, dtype), _flat(floats, dtype), _flat(integers, "int64")
    )


def set_weights(model: keras.Model, weights: Weights) -> None:
    """Put the variables of one lane into a model of its structure."""
    floats, integers = frozen(model)
    for variables, values in (
        (model.trainable_variables, weights.trainable),
        (floats, weights.statistics),
        (integers, weights.integers),
    ):
        start = 0
        for variable in variables:
            size = math.prod(variable.shape)
            variable.assign(values[start : start + size].reshape(variable.shape))
            start += size


def restored(lane: Lane, state: tuple[NDArray, ...]) -> keras.Model:
    """Return the trained model of a lane from the arrays of its :class:`Weights`."""
    model = seeded(lane.build, lane.seed)
    set_weights(model, Weights(*state))
    # A model whose optimizer knows its weights can be pickled and read again without a warning.
    model.optimizer.build(model.trainable_variables)
    return model


def frozen(model: keras.Model) -> tuple[list, list]:
    """Return the variables that no optimizer touches: floats, integers."""
    variables = model.non_trainable_variables
    floats = [v for v in variables if keras.backend.is_float_dtype(v.dtype)]
    return floats, [v for v in variables if not keras.backend.is_float_dtype(v.dtype)]


def _flat(variables: Sequence[Any], dtype: str) -> NDArray:
    parts = [keras.ops.convert_to_numpy(variable).ravel() for variable in variables]
    return np.concatenate([np.empty(0), *parts]).astype(dtype)


def unflat(values: Tensor, variables: Sequence[Any]) -> list[Tensor]:
    """Cut a vector into tensors of the variables' shapes and types."""
    if not variables:
        return []
    parts = tf.split(values, [math.prod(v.shape) for v in variables])
    return [
        tf.cast(tf.reshape(part, variable.shape), variable.dtype)
        for part, variable in zip(parts, variables, strict=True)
    ]
