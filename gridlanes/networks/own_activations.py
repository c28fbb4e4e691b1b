"""Activations of layers that are functions of the user's, which Keras cannot put into words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras

from gridlanes.compat.keras_layers import ACTIVATION_NAMES, layers_of


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
        (number, holder, name, function)
        for number, layer in enumerate(layers)
        for holder in (layer, *layers_of(layer))
        for name, function in own_activations(holder).items()
        if not isinstance(function, keras.layers.Layer) and _is_its_own(holder, name)
    ]
    for _, holder, name, _ in taken:
        setattr(holder, name, keras.activations.linear)
    try:
        yield [(number, name, function) for number, _, name, function in taken]
    finally:
        for _, holder, name, function in taken:
            setattr(holder, name, function)


def _is_its_own(layer: keras.layers.Layer, name: str) -> bool:
    """Return whether an activation is the layer's own: a recurrent layer shows its cell's."""
    return not isinstance(getattr(type(layer), name, None), property)
