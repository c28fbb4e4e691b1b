"""What the statistics ask of their input, in the words of their errors."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridlanes.errors import ParameterError

Floats = NDArray[np.float64]

#: A spread that is this small beside the numbers it is the spread of is rounding. Scores in
#: float64 carry errors near 1e-16, their differences the same errors beside smaller numbers.
ROUNDING = 1e-9

#: Larger numbers count as infinite: the squares of their squares would be.
LARGEST = 1e50


def floats(name: str, values: ArrayLike) -> Floats:
    """Return values as an array of float64 of at least one dimension."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ParameterError(f"{name}: allowed are numbers, got {_shown(values)}") from None
    if array.ndim == 0:
        raise ParameterError(f"{name}: allowed is an array of numbers, got {_shown(values)}")
    return array


def at_least(name: str, found: int, least: int, what: str) -> None:
    """Raise unless there are enough of something."""
    if found < least:
        raise ParameterError(f"{name}: at least {least} {what} are needed, got {found}")


def table(name: str, values: ArrayLike, shape: str) -> Floats:
    """Return values as a table of float64 that has cells."""
    array = floats(name, values)
    if array.ndim != 2 or array.size == 0:
        raise ParameterError(f"{name}: allowed is the shape {shape}, got {array.shape}")
    return array


def vector(name: str, values: ArrayLike) -> Floats:
    """Return values as a vector of float64."""
    array = floats(name, values)
    if array.ndim != 1:
        raise ParameterError(f"{name}: allowed is one dimension, got the shape {array.shape}")
    return array


def finite(array: Floats) -> NDArray[np.bool_]:
    """Return which numbers can be reckoned with."""
    return np.asarray(np.abs(array) <= LARGEST)


def complete(array: Floats) -> NDArray[np.bool_]:
    """Return where all numbers of the last axis are finite, of shape (...)."""
    return np.asarray(finite(array).all(axis=-1))


def not_negative(name: str, value: float) -> float:
    """Return a number that is finite and not below 0."""
    if not (isinstance(value, (int, float, np.number)) and 0 <= value < np.inf):
        raise ParameterError(f"{name}: allowed are finite numbers from 0, got {value!r}")
    return float(value)


def inside(name: str, value: float) -> float:
    """Return a number between 0 and 1, both excluded."""
    if not (isinstance(value, (int, float, np.number)) and 0 < value < 1):
        raise ParameterError(f"{name}: allowed are numbers between 0 and 1, got {value!r}")
    return float(value)


def _shown(values: object) -> str:
    text = repr(values).replace("\n", " ")
    return text if len(text) <= 60 else f"{text[:57]}..."
