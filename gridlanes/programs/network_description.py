"""A built model as it decides what can ride in a lane, and which lanes can share a program.

Everything is read off the built model, its optimizer and its loss: the names of hyperparameters
play no part. Two models share a program if nothing differs but what a lane can hold as a number:
initial weights, the activation of a layer, the rate of a dropout, the strength of a regulariser.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from gridlanes.compat.keras import (
    direct_layers,
    last_layer,
    leaves_weights_undecayed,
    other_operations,
)
from gridlanes.errors import CannotRideError
from gridlanes.networks.targets import loss_name
from gridlanes.programs import optimizers
from gridlanes.programs.supported import (
    ACTIVATIONS,
    LAYERS,
    LOOPS,
    LOSSES,
    NOISE,
    OTHER_ACTIVATIONS,
    REDUCTIONS,
)


@dataclass(frozen=True)
class Description:
    """A built model as far as it decides which program trains it.

    Attributes
    ----------
    structure : str
        Equal for models that can share a program.
    settings : dict of str to str or float
        What this model puts into the places that its structure leaves open.
    """

    structure: str
    settings: dict[str, Any]


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
    for operation in other_operations(model):
        own = type(operation)
        if not own.__module__.startswith("keras.") or own.__name__ in LOOPS:
            raise CannotRideError(f"operation {operation.name!r} ({own.__name__}) cannot ride")
    settings: dict[str, Any] = {}
    last = last_layer(model)
    layers = [
        _layer(layer, f"{number}.", settings, is_last=layer is last)
        for number, layer in enumerate(layers_of(model))
    ]
    structure = {
        "graph": _graph(model),
        "layers": layers,
        "float": keras.config.floatx(),
    }
    return Description(json.dumps(structure, sort_keys=True, default=str), settings)


def layers_of(model: keras.Model) -> list[keras.layers.Layer]:
    """Return all layers in a fixed order, those inside nested models too, without the models."""
    layers: list[keras.layers.Layer] = []
    for layer in direct_layers(model):
        nested = isinstance(layer, keras.Model)
        layers += layers_of(layer) if nested else [layer]
    return layers


def architecture(model: keras.Model) -> str:
    """Return a model in a line, such as ``Dense 12, Dense 8, Dense 1; 221 weights``."""
    parts = []
    for layer in direct_layers(model):
        shape = getattr(getattr(layer, "output", None), "shape", None)
        if layer.weights:
            parts.append(" ".join([type(layer).__name__, *map(str, (shape or ())[1:])]))
    weights = sum(math.prod(variable.shape) for variable in model.trainable_variables)
    return f"{', '.join(parts) or type(model).__name__}; {weights} weights"


def _graph(model: keras.Model) -> Any:
    """Return how layers are wired, by name: nothing of what each one does."""
    config = model.get_config()
    wiring: list[Any] = []
    for layer in config["layers"]:
        nested = layer["config"].get("layers")
        wiring.append([layer["config"].get("name"), layer.get("inbound_nodes")])
        if nested is not None:
            inner = model.get_layer(layer["config"]["name"])
            wiring.append(_graph(inner))
    return [wiring, config.get("input_layers"), config.get("output_layers")]


def _layer(
    layer: keras.layers.Layer, prefix: str, settings: dict[str, Any], *, is_last: bool
) -> Any:
    """Return a layer's configuration with open places; note in ``settings`` what was in them."""
    kind = type(layer).__name__
    who = f"layer {layer.name!r} ({kind})"
    if kind not in LAYERS or not type(layer).__module__.startswith("keras."):
        raise CannotRideError(f"{who} cannot ride")
    if layer.dtype_policy.name != keras.config.floatx():
        raise CannotRideError(f"{who} computes in {layer.dtype_policy.name}")
    config = dict(layer.get_config())
    for key, value in list(_open_places(kind, config, who)):
        if key == "activation" and is_last:
            # Keras' cross-entropies look behind it for the logits.
            continue
        config[key] = "of the lane"
        settings[prefix + key] = value
    for variable in layer.trainable_variables:
        own = settings.get(f"{prefix}{variable.name}_regularizer")
        if variable.regularizer is not None and own is None:
            raise CannotRideError(f"a regularizer was put on a weight of {who} after it was built")
    if kind == "BatchNormalization" and (config.get("renorm") or config["synchronized"]):
        raise CannotRideError(f"{who} renormalises or synchronises")
    if kind == "Normalization":
        # What adapt() has learnt is kept outside the variables that a lane carries.
        config["adapted"] = [keras.ops.convert_to_numpy(v).tolist() for v in layer.variables]
    return [kind, config]


def _open_places(kind: str, config: dict[str, Any], who: str) -> Iterator[tuple[str, Any]]:
    for key, value in list(config.items()):
        if key.endswith("initializer") or key == "seed":
            config[key] = None
        elif key.endswith("regularizer") and value is not None:
            yield key, _strengths(value, who)
        elif key.endswith("constraint") and value is not None:
            _check_own(value, f"the {key} of {who}")
        elif key == "activation":
            if not isinstance(value, str) or value not in {*ACTIVATIONS, *OTHER_ACTIVATIONS}:
                raise CannotRideError(f"the activation of {who} is not one of Keras' own")
            if value in ACTIVATIONS:
                yield key, value
        elif key == NOISE.get(kind) and value > 0:
            # At 0 the layer has no random generator, and its weights are laid out differently.
            yield key, float(value)


def _check_own(config: Any, what: str) -> None:
    if not str(config.get("module", "")).startswith("keras."):
        raise CannotRideError(f"{what} is not one of Keras' own")


def _strengths(config: dict[str, Any], who: str) -> tuple[float, float]:
    """Return the strengths (l1, l2) of a regulariser."""
    _check_own(config, f"a regularizer of {who}")
    if config["class_name"] not in ("L1", "L2", "L1L2"):
        raise CannotRideError(f"{config['class_name']} of {who} cannot ride")
    inner = config["config"]
    return float(inner.get("l1", 0.0)), float(inner.get("l2", 0.0))


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
    if resolved.reduction not in REDUCTIONS:
        raise CannotRideError(f"the reduction {resolved.reduction!r} of loss {name!r} cannot ride")
    return json.dumps(keras.losses.serialize(resolved), sort_keys=True, default=str)


def describe_optimizer(
    optimizer: keras.optimizers.Optimizer,
) -> tuple[optimizers.Kind, dict[str, float], Any]:
    """Return an optimizer as kind, constants and learning rate.

    The learning rate is a float, or the configuration of one of Keras' schedules.

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
    if int(optimizer.iterations) > 0:
        raise CannotRideError(f"optimizer {name} has taken steps before")
    rate = config["learning_rate"]
    if isinstance(rate, dict):
        _check_own(rate, f"the learning rate of optimizer {name}")
    elif callable(rate):
        raise CannotRideError(f"the learning rate of optimizer {name} is a function")
    kind = optimizers.kind_of(name.lower(), config)
    return kind, optimizers.constants_of(name.lower(), config), rate
