"""A built model as it decides what can ride in a lane, and which lanes can share a program.

Everything is read off the built model, its optimizer and its loss: the names of hyperparameters
and layers play no part. Two models share a program if nothing differs but what a lane or its run
brings as numbers: sizes, initial weights, the activation of a layer, the rate of a dropout, the
strength of a regulariser, the bound of a constraint.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from gridlanes.compat.keras_layers import (
    LOOPS,
    all_layers,
    arguments_of,
    direct_layers,
    has_mask,
    last_layers,
    layers_of,
    other_operations,
)
from gridlanes.compat.keras_optimizers import VariableName, variable_names
from gridlanes.errors import CannotRideError
from gridlanes.programs.layer_calls import calls_of
from gridlanes.programs.layer_description import describe_layer
from gridlanes.programs.layer_functions import (
    check_kind,
    described_by_name,
    functions_of,
    takes_any_size,
)
from gridlanes.programs.sizes import Sizes, sizes_of
from gridlanes.programs.weights import IntegerPlaces, integer_places
from gridlanes.programs.wiring import wiring

#: Structures of networks of which a gradient was seen to come to all weights: trying takes long.
_REACHED: set[str] = set()


@dataclass(frozen=True)
class Description:
    """A built model as far as it decides which program trains it.

    Attributes
    ----------
    structure : str
        Equal for models that can share a program.
    settings : dict of str to Any
        What this model puts into the places that its structure leaves open, see
        :mod:`gridlanes.programs.settings`.
    sizes : Sizes
    variables : tuple of VariableName
        Those that are trained, by what optimizers know them.
    sized : bool
        Whether the sizes are part of the structure.
    integer_places : IntegerPlaces
    """

    structure: str
    settings: dict[str, Any]
    sizes: Sizes
    variables: tuple[VariableName, ...]
    sized: bool
    integer_places: IntegerPlaces


def describe(model: keras.Model) -> Description:
    """Return structure and settings of a built model.

    Raises
    ------
    CannotRideError
        Saying which part of the model cannot ride.
    """
    operations = other_operations(model)
    _check_model(model, operations)
    layers = layers_of(model)
    for layer in layers:
        check_kind(layer)
    calls = calls_of(model)
    functions = [functions_of(layer, calls[id(layer)]) for layer in layers]
    sized = not all(map(takes_any_size, operations)) or any(own.sized for own in functions)
    last = [id(one) for own in last_layers(model) for one in (own, *_held(own))]
    described = [
        describe_layer(
            layer, f"{number}.", calls[id(layer)], own, is_last=id(layer) in last, sized=sized
        )
        for number, (layer, own) in enumerate(zip(layers, functions, strict=True))
    ]
    told = [layer for layer, own in zip(layers, functions, strict=True) if own.told]
    with described_by_name(told):
        wired = wiring(model, layers, sized=sized)
    structure = {
        "wiring": wired,
        "layers": [own for own, _ in described],
        "float": keras.config.floatx(),
        "sizes": sizes_of(model) if sized else None,
        "outputs": [own.shape for own in model.outputs] if len(model.outputs) > 1 else None,
    }
    settings = {place: value for _, own in described for place, value in own.items()}
    embeddings = [layer for layer in layers if isinstance(layer, keras.layers.Embedding)]
    key = json.dumps(structure, sort_keys=True, default=str)
    if (operations or embeddings or told) and key not in _REACHED:
        _check_gradients(model)
        _REACHED.add(key)
    return Description(
        key,
        settings,
        sizes_of(model),
        variable_names(model),
        sized,
        integer_places(model),
    )


def _check_model(model: keras.Model, operations: Iterable[keras.Operation]) -> None:
    """Raise if there is anything but layers by which a model cannot ride."""
    for own in all_layers(model):
        if isinstance(own, keras.Model) and not type(own).__module__.startswith("keras."):
            raise CannotRideError(f"{type(own).__name__} is a subclass of keras.Model")
    if not model.trainable_variables:
        raise CannotRideError("the model has no trainable weights")
    if any(None in tensor.shape[1:] for tensor in model.inputs):
        raise CannotRideError("an input is of open length")
    outputs = [own for one in last_layers(model) for own in keras.tree.flatten(one.output)]
    if any(map(has_mask, outputs)):
        raise CannotRideError("the outputs have a mask, by which Keras weighs rows")
    for operation in operations:
        own = type(operation)
        if not own.__module__.startswith("keras.") or own.__name__ in LOOPS:
            raise CannotRideError(f"operation {operation.name!r} ({own.__name__}) cannot ride")
        if any(tensor.shape[:1] != (None,) for tensor in keras.tree.flatten(operation.output)):
            raise CannotRideError(f"operation {operation.name!r} does not keep rows apart")
        # TensorFlow fails on these in a program of many lanes, once it runs.
        if any(map(_is_outside, arguments_of(operation))):
            raise CannotRideError(f"operation {operation.name!r} uses a tensor made outside it")


def _is_outside(argument: object) -> bool:
    """Return whether an argument is a tensor that comes from no input, or a variable."""
    of_the_model = isinstance(argument, keras.KerasTensor)
    return isinstance(argument, keras.Variable) or (tf.is_tensor(argument) and not of_the_model)


def _held(operation: keras.Operation) -> list[keras.layers.Layer]:
    return layers_of(operation) if isinstance(operation, keras.layers.Layer) else []


def _check_gradients(model: keras.Model) -> None:
    """Raise if there are weights that Keras leaves alone, since no gradient comes to them."""
    reached: list[bool] = []

    def call() -> None:
        rows = [tf.zeros([1, *tensor.shape[1:]], tensor.dtype) for tensor in model.inputs]
        states = [(v, v.value) for v in model.non_trainable_variables]
        with keras.StatelessScope(states), tf.GradientTape() as tape:
            outputs = model(rows if len(rows) > 1 else rows[0], training=True)
        weights = [variable.value for variable in model.trainable_variables]
        reached.extend(own is not None for own in tape.gradient(outputs, weights))

    # Traced, a loop over steps is gone through once.
    tf.function(call).get_concrete_function()
    if not all(reached):
        raise CannotRideError("there are weights to which no gradient comes")


def architecture(model: keras.Model) -> str:
    """Return a model in a line, such as ``Dense 12, Dense 8, Dense 1; 221 weights``."""
    parts = []
    for layer in direct_layers(model):
        shape = getattr(getattr(layer, "output", None), "shape", None)
        if layer.weights:
            parts.append(" ".join([type(layer).__name__, *map(str, (shape or ())[1:])]))
    weights = sum(math.prod(variable.shape) for variable in model.trainable_variables)
    return f"{', '.join(parts) or type(model).__name__}; {weights} weights"
