"""A built model as it decides what can ride in a lane, and which lanes can share a program.

Everything is read off the built model, its optimizer and its loss: the names of hyperparameters
and layers play no part. Two models share a program if nothing differs but what a lane or its run
brings as numbers: sizes, initial weights, the activation of a layer, the rate of a dropout, the
strength of a regulariser, the bound of a constraint.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from gridlanes.compat.keras import (
    LOOPS,
    VariableName,
    direct_layers,
    last_layers,
    layers_of,
    other_operations,
    variable_names,
)
from gridlanes.errors import CannotRideError
from gridlanes.programs.layer_description import describe_layer
from gridlanes.programs.sizes import Sizes, sizes_of
from gridlanes.programs.supported import MASKED
from gridlanes.programs.weights import IntegerPlaces, integer_places


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
    if not type(model).__module__.startswith("keras."):
        raise CannotRideError(f"{type(model).__name__} is a subclass of keras.Model")
    if not model.trainable_variables:
        raise CannotRideError("the model has no trainable weights")
    if any(None in tensor.shape[1:] for tensor in model.inputs):
        raise CannotRideError("an input is of open length")
    operations = other_operations(model)
    for operation in operations:
        own = type(operation)
        if not own.__module__.startswith("keras.") or own.__name__ in LOOPS:
            raise CannotRideError(f"operation {operation.name!r} ({own.__name__}) cannot ride")
        if any(tensor.shape[:1] != (None,) for tensor in keras.tree.flatten(operation.output)):
            raise CannotRideError(f"operation {operation.name!r} does not keep rows apart")
    layers, last = layers_of(model), list(map(id, last_layers(model)))
    sized = bool(operations)
    described = [
        describe_layer(layer, f"{number}.", is_last=id(layer) in last, sized=sized)
        for number, layer in enumerate(layers)
    ]
    structure = {
        "graph": _graph(model, sized=sized),
        "layers": [own for own, _ in described],
        "float": keras.config.floatx(),
        "sizes": sizes_of(model) if sized else None,
        "outputs": [own.shape for own in model.outputs] if len(model.outputs) > 1 else None,
    }
    settings = {place: value for _, own in described for place, value in own.items()}
    embeddings = [layer for layer in layers if isinstance(layer, keras.layers.Embedding)]
    if operations or embeddings:
        _check_gradients(model)
    masked = any(getattr(layer, "mask_zero", False) for layer in layers)
    for layer in layers:
        if masked and type(layer).__name__ in MASKED:
            raise CannotRideError(f"{type(layer).__name__} behind mask_zero cannot ride")
    return Description(
        json.dumps(structure, sort_keys=True, default=str),
        settings,
        sizes_of(model),
        variable_names(model),
        sized,
        integer_places(model),
    )


def _check_gradients(model: keras.Model) -> None:
    """Raise if there are weights that Keras leaves alone, since no gradient comes to them."""
    rows = [tf.zeros([1, *tensor.shape[1:]], tensor.dtype) for tensor in model.inputs]
    states = [(v, v.value) for v in model.non_trainable_variables]
    with keras.StatelessScope(states), tf.GradientTape() as tape:
        outputs = model(rows if len(rows) > 1 else rows[0], training=True)
    weights = [variable.value for variable in model.trainable_variables]
    if any(own is None for own in tape.gradient(outputs, weights)):
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


def _graph(model: keras.Model, *, sized: bool) -> Any:
    """Return how layers are wired, by number: nothing of what each one does."""
    config = model.get_config()
    numbers = {own["config"].get("name"): n for n, own in enumerate(config["layers"])}

    def numbered(value: Any) -> Any:
        """Return plain data in which layers have numbers, and tensors their rank."""
        if isinstance(value, dict):
            if value.get("class_name") == "__keras_tensor__" and not sized:
                value = value["config"]["keras_history"]
                return numbered(value)
            return {key: numbered(own) for key, own in value.items()}
        if isinstance(value, (list, tuple)):
            return [numbered(own) for own in value]
        return numbers.get(value, value) if isinstance(value, str) else value

    wiring: list[Any] = []
    for layer in config["layers"]:
        nested = layer["config"].get("layers")
        wiring.append(numbered(layer.get("inbound_nodes")))
        if nested is not None:
            wiring.append(_graph(model.get_layer(layer["config"]["name"]), sized=sized))
    return [wiring, numbered(config.get("input_layers")), numbered(config.get("output_layers"))]
