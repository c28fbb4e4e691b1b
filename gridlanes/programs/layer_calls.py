"""What the layers of a model are called on, those that stand in other layers too."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import keras

from gridlanes.compat.keras_layers import called_on, direct_layers
from gridlanes.programs.supported import CELLS, STEPWISE

#: None stands for the rows.
Shape = tuple[Any, ...]


class Called(NamedTuple):
    """How a model calls one of its layers.

    Attributes
    ----------
    inputs : list of tuple
        Shapes of what it is called on, each once.
    output : tuple
        The shape of what it puts out first; of a cell that of its gates.
    times : int
        How often it is called for one row.
    """

    inputs: list[Shape]
    output: Shape
    times: int


def calls_of(model: keras.Model) -> dict[int, Called]:
    """Return how all layers in a built model are called, by identity of the layer."""
    found: dict[int, Called] = {}
    for layer, called in _calls(model, 1):
        before = found.get(id(layer))
        inputs = [*before.inputs, *called.inputs] if before else called.inputs
        found[id(layer)] = called._replace(inputs=list(dict.fromkeys(inputs)))
    return found


def _calls(model: keras.Model, times: int) -> Iterator[tuple[keras.layers.Layer, Called]]:
    """Yield the layers of a model, which is called so often, and how they are called."""
    for layer in direct_layers(model):
        if isinstance(layer, keras.Model):
            yield from _calls(layer, times)
        else:
            output = keras.tree.flatten(layer.output)[0].shape
            yield from _with_held(layer, Called(called_on(layer), tuple(output), times))


def _with_held(
    layer: keras.layers.Layer, called: Called
) -> Iterator[tuple[keras.layers.Layer, Called]]:
    """Yield a layer and those that it holds, which are called on the same or on steps of it."""
    yield layer, called
    inputs, times = called.inputs, called.times
    if type(layer).__name__ in STEPWISE:
        times *= inputs[0][1] or 1
        inputs = [(rows, *others) for rows, _, *others in inputs]
    for held in direct_layers(layer):
        if isinstance(held, keras.Model):
            yield from _calls(held, times)
        else:
            yield from _with_held(held, Called(inputs, _output(held, inputs[0]), times))


def _output(layer: keras.layers.Layer, shape: Shape) -> Shape:
    if type(layer).__name__ in CELLS:
        return None, layer.kernel.shape[1]
    try:
        output = layer.compute_output_shape(shape)
    except NotImplementedError:
        return shape
    return tuple(output[0]) if isinstance(output[0], (list, tuple)) else tuple(output)
