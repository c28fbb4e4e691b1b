"""Keras as a seed has it: the same initial weights, whatever else the process draws."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from gridlanes.compat.keras import drawing_from, drawn_from, fresh_names, making
from gridlanes.compat.random_seed import set_random_seed
from gridlanes.compat.sequential_models import built_once


def seeded(make: Callable[[], keras.Model], seed: int) -> keras.Model:
    """Return a new model with the weights that a seed gives, and leave global states alone."""
    with own_globals(seed), built_once():
        return make()


@contextmanager
def own_globals(seed: int) -> Iterator[None]:
    """Seed all generators, and leave the caller's random states and layer names as they were.

    ``set_random_seed`` seeds Python's and NumPy's global generators, which are the caller's. From
    Python's Keras draws the seeds of layers, as may other threads of the process at any moment:
    those of Dask do. So Keras gets a generator of its own here. Its seeds are those of plain
    Keras unless a build function draws from Python's generator between them. Searches in other
    threads wait.
    """
    with making:
        states = random_states()
        try:
            with fresh_names(), drawing_from(random.Random(seed)):  # noqa: S311
                set_random_seed(seed)
                yield
        finally:
            set_random_states(states)


def random_states() -> tuple[Any, ...]:
    """Return the states of all generators from which a number may get into a model or a graph."""
    name, keys, *others = np.random.get_state()
    return random.getstate(), (name, tuple(keys), *others), drawn_from().getstate()


def set_random_states(states: tuple[Any, ...]) -> None:
    """Put all generators into the states that they once had."""
    random.setstate(states[0])
    np.random.set_state(states[1])
    drawn_from().setstate(states[2])
