"""A layer as it decides what can ride in a lane, and which lanes can share a program."""

from collections.abc import Iterator
from typing import Any

import keras

from gridlanes.compat.keras import lengths_of
from gridlanes.errors import CannotRideError
from gridlanes.programs.lane_einsum import axes_of
from gridlanes.programs.layer_functions import Functions, configuration
from gridlanes.programs.settings import constraint
from gridlanes.programs.supported import (
    ACTIVATIONS,
    ATTENTION,
    CONSTRAINTS,
    CONVOLUTIONS,
    LAYERS,
    NOISE,
    OTHER_ACTIVATIONS,
    RECURRENT,
    SIZES,
)

#: Settings of recurrent layers with which they do not ride.
NOT_IN_LANES = (
    "dropout",
    "recurrent_constraint",
    "recurrent_dropout",
    "recurrent_regularizer",
    "return_state",
    "stateful",
)

#: No place where lanes may differ.
CLOSED = object()


def describe_layer(
    layer: keras.layers.Layer, prefix: str, functions: Functions, *, is_last: bool, sized: bool
) -> tuple[Any, dict[str, Any]]:
    """Return a layer as plain data without what a lane brings, and that.

    Parameters
    ----------
    layer : keras.layers.Layer
    prefix : str
        Of its places.
    functions : Functions
        What it calls besides Keras.
    is_last : bool
        Whether it computes the network's output.
    sized : bool
        Whether its sizes are not a lane's to bring.

    Returns
    -------
    structure : list
    settings : dict of str to Any
        By place; a place with nothing in it is missing.

    Raises
    ------
    CannotRideError
        Saying what of the layer cannot ride.
    """
    kind = type(layer).__name__
    who = f"layer {layer.name!r} ({kind})"
    config = configuration(layer, functions)
    _check(layer, config, who)
    settings = {}
    for key, value in list(_places(kind, config, who)):
        if key == "activation" and is_last:
            # Keras' cross-entropies look behind it for the logits.
            continue
        config[key] = "of the lane"
        if value is not None:
            settings[prefix + key] = value
    _check_weights(layer, prefix, settings, who)
    config["trained"] = [weight.trainable for weight in layer.weights]
    if kind == "Normalization":
        # What adapt() has learnt is kept outside the variables that a lane carries.
        config["adapted"] = [keras.ops.convert_to_numpy(v).tolist() for v in layer.variables]
    if kind == "InputLayer":
        config["batch_shape"] = [config["batch_shape"][0], len(config["batch_shape"])]
    return [kind, config if sized else {**config, **dict.fromkeys(SIZES.get(kind, ()))}], settings


def check_own(config: Any, what: str) -> None:
    """Raise unless a configuration is of one of Keras' own objects.

    Raises
    ------
    CannotRideError
    """
    if not str(config.get("module", "")).startswith("keras."):
        raise CannotRideError(f"{what} is not one of Keras' own")


def _check(layer: keras.layers.Layer, config: dict[str, Any], who: str) -> None:
    kind = type(layer).__name__
    if kind not in LAYERS and "call" not in config:
        raise CannotRideError(f"{who} cannot ride")
    if layer.dtype_policy.name != keras.config.floatx():
        raise CannotRideError(f"{who} computes in {layer.dtype_policy.name}")
    axes = config.get("axis", config.get("axes"))
    rank = len(getattr(layer.output, "shape", ()))
    if {0, -rank} & set(axes if isinstance(axes, (list, tuple)) else [axes]):
        raise CannotRideError(f"{who} works across rows")
    if config.get("data_format") == "channels_first":
        # TensorFlow has no such operations on processors; Keras compiles others.
        raise CannotRideError(f"{who} has its channels first")
    if getattr(layer, "lora_enabled", False):
        raise CannotRideError(f"{who} has weights of low rank beside its own")
    for why in _own_reasons(layer, config):
        raise CannotRideError(f"{who} {why}")


def _own_reasons(layer: keras.layers.Layer, config: dict[str, Any]) -> Iterator[str]:
    """Yield why a layer of a kind that rides does not."""
    kind = type(layer).__name__
    for name in NOT_IN_LANES if kind in RECURRENT else ():
        if config[name]:
            yield f"has a {name}"
    if kind == "GroupNormalization" and layer.axis not in (-1, len(layer.output.shape) - 1):
        yield "has its channels not at the end"
    if kind == "EinsumDense" and not axes_of(layer.equation, len(layer.input.shape), None):
        yield "does not keep rows apart, or sums up one side alone"
    if kind in ATTENTION:
        yield from _of_attention(layer, config)
    if kind in CONVOLUTIONS:
        yield from _of_convolution(layer)
    if kind == "BatchNormalization" and (config.get("renorm") or config["synchronized"]):
        yield "renormalises or synchronises"


def _of_convolution(layer: keras.layers.Layer) -> Iterator[str]:
    if "Transpose" in type(layer).__name__ and set(layer.dilation_rate) != {1}:
        # Nor has TensorFlow this on processors.
        yield "dilates"
    lengths = lengths_of(layer)
    if len(lengths) > 1:
        yield "is called on inputs of several lengths"
    if any(None in own for own in lengths):
        yield "is called on an input of open length"


def _of_attention(layer: keras.layers.Layer, config: dict[str, Any]) -> Iterator[str]:
    if isinstance(layer.output, (list, tuple)):
        yield "returns its scores"
    axes = config.get("attention_axes") or (1,)
    if any(len(own.shape) != 3 for own in keras.tree.flatten(layer.input)) or axes != (1,):
        yield "attends over more than the steps of a sequence"
    if len(config.get("output_shape") or ()) > 1:
        yield "puts out more than one axis"
    if config["activity_regularizer"]:
        yield "has activity regularizers inside"


def _check_weights(
    layer: keras.layers.Layer, prefix: str, settings: dict[str, Any], who: str
) -> None:
    for variable in layer.trainable_variables:
        for what in ("regularizer", "constraint"):
            own = settings.get(f"{prefix}{variable.name}_{what}")
            if getattr(variable, what) is not None and own is None:
                raise CannotRideError(f"a {what} was put on a weight of {who} after it was built")


def _places(kind: str, config: dict[str, Any], who: str) -> Iterator[tuple[str, Any]]:
    """Yield where lanes may differ and what is there, None if that is nothing."""
    for key, value in config.items():
        if key.endswith("initializer") or key == "seed":
            # Its work is done: a lane brings initial weights and the state of its generators.
            config[key] = None
            continue
        found = _in_place(kind, key, value, who)
        if found is not CLOSED:
            yield key, found
    if kind == "ActivityRegularization":
        yield "activity_regularizer", (float(config.pop("l1")), float(config.pop("l2")))


def _in_place(kind: str, key: str, value: Any, who: str) -> Any:
    if key.endswith("regularizer"):
        # Keras squares an embedding's gradient otherwise if there is one.
        closed = value is None and kind == "Embedding"
        return CLOSED if closed else value and _strengths(value, who)
    if key.endswith("constraint"):
        return value and _bounds(value, key, who)
    if key in ("activation", "recurrent_activation"):
        chosen = _activation(value, who)
        return CLOSED if kind in RECURRENT else chosen
    if key == NOISE.get(kind):
        # At 0 the layer has no random generator.
        return float(value) or None
    opened = kind == "BatchNormalization" and key in ("momentum", "epsilon")
    return float(value) if opened else CLOSED


def _activation(value: Any, who: str) -> Any:
    if isinstance(value, dict) and "told" in value:
        return CLOSED
    if not isinstance(value, str) or value not in {*ACTIVATIONS, *OTHER_ACTIVATIONS}:
        raise CannotRideError(f"the activation of {who} is not one of Keras' own")
    return value if value in ACTIVATIONS else CLOSED


def _bounds(config: dict[str, Any], key: str, who: str) -> Any:
    check_own(config, f"the {key} of {who}")
    if config["class_name"] not in CONSTRAINTS:
        raise CannotRideError(f"{config['class_name']} of {who} cannot ride")
    return constraint(config["class_name"], config["config"])


def _strengths(config: dict[str, Any], who: str) -> tuple[float, float]:
    """Return the strengths (l1, l2) of a regulariser."""
    check_own(config, f"a regularizer of {who}")
    if config["class_name"] not in ("L1", "L2", "L1L2"):
        raise CannotRideError(f"{config['class_name']} of {who} cannot ride")
    inner = config["config"]
    return float(inner.get("l1", 0.0)), float(inner.get("l2", 0.0))
