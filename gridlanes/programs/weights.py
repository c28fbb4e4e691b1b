"""The variables of a model as flat arrays, and back."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from gridlanes.compat.keras_layers import dropout_of, layers_of
from gridlanes.networks.lane import Lane
from gridlanes.networks.seeding import seeded
from gridlanes.programs.supported import CELLS, DROPOUTS, NOISE


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

    @property
    def arrays(self) -> tuple[NDArray, ...]:
        """The three arrays."""
        return self.trainable, self.statistics, self.integers

    def copy(self) -> "Weights":
        """Return a copy."""
        return Weights(*(array.copy() for array in self.arrays))


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


def generators_of(model: keras.Model) -> list[int]:
    """Return the numbers of the layers that can draw, whatever their rate."""
    kinds = CELLS.union(NOISE)
    return [n for n, layer in enumerate(layers_of(model)) if type(layer).__name__ in kinds]


class IntegerPlaces(NamedTuple):
    """Where a model's integers stand among those of a lane.

    A layer whose rate is 0 has no generator, and a cell that drops nothing makes no use of its
    own. A lane has room for the state of every layer that could draw, behind all other integers,
    of which there are as many in all lanes.

    Attributes
    ----------
    own : tuple of int
        A place for each of the model's integers.
    room : int
        How many places there are.
    """

    own: tuple[int, ...]
    room: int


def integer_places(model: keras.Model) -> IntegerPlaces:
    """Return where a model's integers stand among those of a lane."""
    layers, integers = layers_of(model), frozen(model)[1]
    cells = {id(one.seed_generator.state) for one in layers if type(one).__name__ in CELLS}
    ids = [_state_of(layers[n]) for n in generators_of(model)]
    always = {id(one) for one in integers if id(one) in cells or id(one) not in ids}
    others = sum(math.prod(one.shape) for one in integers if id(one) in always)
    places: list[int] = []
    start = 0
    for variable in integers:
        size, first = math.prod(variable.shape), start
        if id(variable) in ids:
            first = others + size * ids.index(id(variable))
        if id(variable) in always:
            start += size
        places += range(first, first + size)
    return IntegerPlaces(tuple(places), others + 2 * len(ids))


def _state_of(layer: Any) -> int:
    """Return the identity of the state from which a layer draws, 0 if it draws nothing."""
    generator = getattr(dropout_of(layer), "seed_generator", None)
    if type(layer).__name__ in CELLS and not any(getattr(layer, name) for name in DROPOUTS):
        generator = None
    return id(generator.state) if generator else 0


def integers_in_lanes(
    starts: Sequence[Weights], places: Sequence[IntegerPlaces]
) -> NDArray[np.int64]:
    """Return the integers of models at their places in lanes: shape (lanes, room).

    A lane without a generator gets the state of one that has it, of which it makes no use: lanes
    whose generators are in one state draw once for all.
    """
    shape = len(starts), places[0].room
    integers, given = np.zeros(shape, np.int64), np.zeros(shape, bool)
    for row, (start, own) in enumerate(zip(starts, places, strict=True)):
        integers[row, list(own.own)] = start.integers
        given[row, list(own.own)] = True
    first = integers[given.argmax(axis=0), np.arange(shape[1])]
    return np.where(given, integers, first)
