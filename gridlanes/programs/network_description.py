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
    axis_of,
    direct_layers,
    last_layers,
    layers_of,
    leaves_weights_undecayed,
    other_operations,
)
from gridlanes.errors import CannotRideError
from gridlanes.networks.targets import loss_name
from gridlanes.programs import optimizers
from gridlanes.programs.layer_description import check_own, describe_layer
from gridlanes.programs.layer_functions import described_by_name, functions_of, takes_any_size
from gridlanes.programs.sizes import Sizes, sizes_of
from gridlanes.programs.supported import ACROSS_ROWS, LOOPS, LOSSES, MASKED, REDUCTIONS
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
    looks_up : bool
        Whether it has a table of words that is trained.
    sized : bool
        Whether the sizes are part of the structure.
    integer_places : IntegerPlaces
    """

    structure: str
    settings: dict[str, Any]
    sizes: Sizes
    looks_up: bool
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
    functions = [functions_of(layer) for layer in layers]
    sized = not all(map(takes_any_size, operations)) or any(own.sized for own in functions)
    described = [
        describe_layer(layer, f"{number}.", own, is_last=id(layer) in last, sized=sized)
        for number, (layer, own) in enumerate(zip(layers, functions, strict=True))
    ]
    with described_by_name(
        [layer for layer, own in zip(layers, functions, strict=True) if own.told]
    ):
        graph = _graph(model, sized=sized)
    structure = {
        "graph": graph,
        "layers": [own for own, _ in described],
        "float": keras.config.floatx(),
        "sizes": sizes_of(model) if sized else None,
    }
    settings = {place: value for _, own in described for place, value in own.items()}
    embeddings = [layer for layer in layers if isinstance(layer, keras.layers.Embedding)]
    if operations or embeddings or any(own.told for own in functions):
        _check_gradients(model)
    masked = any(getattr(layer, "mask_zero", False) for layer in layers)
    for layer in layers:
        if masked and type(layer).__name__ in MASKED:
            raise CannotRideError(f"{type(layer).__name__} behind mask_zero cannot ride")
    return Description(
        json.dumps(structure, sort_keys=True, default=str),
        settings,
        sizes_of(model),
        any(layer.trainable for layer in embeddings),
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


def describe_loss(loss: Any) -> str:
    """Return a loss as plain data.

    Raises
    ------
    CannotRideError
        If Keras does not form it row by row.
    """
    resolved = keras.losses.get(loss)
    is_object = isinstance(resolved, keras.losses.Loss)
    name = type(resolved).__name__ if is_object else loss_name(resolved)
    own = getattr(resolved if not is_object else type(resolved), "__module__", "")
    if name.lower().replace("_", "") not in LOSSES or not str(own).startswith("keras."):
        raise CannotRideError(f"loss {name!r} cannot ride")
    if not is_object:
        return name
    if resolved.dtype != keras.config.floatx():
        raise CannotRideError(f"loss {name!r} computes in {resolved.dtype}")
    if axis_of(resolved) in ACROSS_ROWS:
        raise CannotRideError(f"loss {name!r} works across rows")
    if resolved.reduction not in REDUCTIONS:
        raise CannotRideError(f"the reduction {resolved.reduction!r} of loss {name!r} cannot ride")
    return json.dumps(keras.losses.serialize(resolved), sort_keys=True, default=str)


def describe_optimizer(
    optimizer: keras.optimizers.Optimizer, *, begun: bool = False
) -> tuple[optimizers.Kind, dict[str, float], Any]:
    """Return an optimizer as kind, constants and learning rate.

    The learning rate is a float, or the configuration of one of Keras' schedules. The optimizer
    may have taken steps only if it is one that has ``begun``.

    Raises
    ------
    CannotRideError
        Saying which setting cannot ride.
    """
    name = type(optimizer).__name__
    own = type(optimizer).__module__.startswith("keras.")
    if not own or name.lower() not in optimizers.RULES:
        raise CannotRideError(f"optimizer {name} cannot ride")
    config = optimizer.get_config()
    for setting in optimizers.UNSUPPORTED:
        if config.get(setting):
            raise CannotRideError(f"{setting} of optimizer {name} cannot ride")
    if leaves_weights_undecayed(optimizer):
        raise CannotRideError(f"optimizer {name} leaves weights out of its decay")
    if int(optimizer.iterations) > 0 and not begun:
        raise CannotRideError(f"optimizer {name} has taken steps before")
    rate = config["learning_rate"]
    if isinstance(rate, dict):
        check_own(rate, f"the learning rate of optimizer {name}")
        # What it raises is the fit's: all of a run are computed together.
        keras.optimizers.schedules.deserialize(rate)(0)
    elif callable(rate):
        raise CannotRideError(f"the learning rate of optimizer {name} is a function")
    kind = optimizers.kind_of(name.lower(), config)
    return kind, optimizers.constants_of(name.lower(), config), rate
