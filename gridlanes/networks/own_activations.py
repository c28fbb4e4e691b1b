"""Activations of layers that are functions of the user's, which Keras cannot put into words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras

from gridlanes.compat.keras import ACTIVATION_NAMES


def own_activations(layer: keras.layers.Layer) -> dict[str, Any]:
    """Return activations that Keras does not know by name."""
    given = {name: getattr(layer, name, None) for name in ACTIVATION_NAMES}
    return {name: own for name, own in given.items() if callable(own) and not _is_named(own)}


def _is_named(function: Any) -> bool:
    name = getattr(function, "__name__", None)
    try:
        return name is not None and keras.activations.get(name) is function
    except ValueError:
        return False


@contextmanager
def without_own_activations(layers: Sequence[keras.layers.Layer]) -> Iterator[list[Any]]:
    """Have Keras describe layers whose activations it cannot put into words; yield those."""
    taken = [
        (number, layer, name, function)
        for number, layer in enumerate(layers)
        for name, function in own_activations(layer).items()
        if not isinstance(function, keras.layers.Layer) and hasattr(type(layer), "get_config")
    ]
    settable = [own for own in taken if _can_be_set(own[1], own[2])]
    for _, layer, name, _ in settable:
        setattr(layer, name, keras.activations.linear)
    try:
        yield [(number, name, function) for number, _, name, function in settable]
    finally:
        for _, layer, name, function in settable:
            setattr(layer, name, function)


def _can_be_set(layer: keras.layers.Layer, name: str) -> bool:
    """Return whether an activation is the layer's own: a recurrent layer shows its cell's."""
    return not isinstance(getattr(type(layer), name, None), property)
