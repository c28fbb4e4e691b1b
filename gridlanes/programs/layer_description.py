"""A layer as it decides what can ride in a lane, and which lanes can share a program."""

from collections.abc import Iterable, Iterator
from typing import Any

import keras

from gridlanes.compat.keras_layers import (
    ACTIVATION_NAMES,
    is_called,
    is_masked,
    layers_of,
    own_weights,
    takes,
)
from gridlanes.errors import CannotRideError
from gridlanes.programs.lane_einsum import axes_of
from gridlanes.programs.layer_calls import Called
from gridlanes.programs.layer_functions import Functions, configuration
from gridlanes.programs.settings import constraint
from gridlanes.programs.supported import (
    ACTIVATIONS,
    ATTENTION,
    CELLS,
    CONSTRAINTS,
    CONVOLUTIONS,
    DROPOUTS,
    NOISE,
    OTHER_ACTIVATIONS,
    RECURRENT,
    SIZES,
)

#: No place where lanes may differ.
CLOSED = object()


def describe_layer(
    layer: keras.layers.Layer,
    prefix: str,
    called: Called,
    functions: Functions,
    *,
    is_last: bool,
    sized: bool,
) -> tuple[Any, dict[str, Any]]:
    """Return a layer as plain data without what a lane brings, and that.

    Parameters
    ----------
    layer : keras.layers.Layer
    prefix : str
        Of its places.
    called : Called
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
    _check(layer, config, called, who)
    settings = {}
    for key, value in [*_places(kind, config, who), *_of_weights(layer, config, who)]:
        if key == "activation" and is_last:
            # Keras' cross-entropies look behind it for the logits.
            continue
        config[key] = "of the lane"
        if value is not None:
            settings[prefix + key] = value
    if kind in CELLS:
        config["draws"] = _draws(layer)
    config["trained"] = [weight.trainable for weight in own_weights(layer)]
    if kind == "Normalization":
        # What adapt() has learnt is kept outside the variables that a lane carries.
        config["adapted"] = [keras.ops.convert_to_numpy(v).tolist() for v in layer.variables]
    if kind == "InputLayer":
        config["batch_shape"] = [config["batch_shape"][0], len(config["batch_shape"])]
    return [kind, config if sized else {**config, **dict.fromkeys(SIZES.get(kind, ()))}], settings


def _draws(cell: Any) -> list[Any]:
    """Return what decides how often a recurrent cell draws, if it drops anything.

    One that drops states draws for each of its gates, and for its inputs before that.
    """
    states = cell.recurrent_dropout > 0
    return [states, states and cell.dropout > 0, getattr(cell, "dropout_mask_count", None)]


def _check(layer: keras.layers.Layer, config: dict[str, Any], called: Called, who: str) -> None:
    if layer.dtype_policy.name != keras.config.floatx():
        raise CannotRideError(f"{who} computes in {layer.dtype_policy.name}")
    axes = config.get("axis", config.get("axes"))
    rank = len(called.output)
    if {0, -rank} & set(axes if isinstance(axes, (list, tuple)) else [axes]):
        raise CannotRideError(f"{who} works across rows")
    if config.get("data_format") == "channels_first":
        # TensorFlow has no such operations on processors; Keras compiles others.
        raise CannotRideError(f"{who} has its channels first")
    if getattr(layer, "lora_enabled", False):
        raise CannotRideError(f"{who} has weights of low rank beside its own")
    for why in _own_reasons(layer, config, called):
        raise CannotRideError(f"{who} {why}")


def _own_reasons(layer: Any, config: dict[str, Any], called: Called) -> Iterator[str]:
    """Yield why a layer of a kind that rides does not."""
    kind = type(layer).__name__
    if kind in CONVOLUTIONS | {"TimeDistributed"}:
        yield from _of_lengths(layer, called)
    if kind in ATTENTION:
        yield from _of_attention(layer, config)
    if kind in RECURRENT | CELLS:
        yield from _of_recurrence(layer)
    if kind == "TimeDistributed":
        yield from _reasons_in_steps(layer)
    last = (-1, len(called.output) - 1)
    if kind == "GroupNormalization" and layer.axis not in last:
        yield "has its channels not at the end"
    if kind == "EinsumDense" and not axes_of(layer.equation, len(called.inputs[0]), None):
        yield "does not keep rows apart, or sums up one side alone"
    if kind == "BatchNormalization":
        yield from _of_moments(layer, config, last)


def _of_lengths(layer: Any, called: Called) -> Iterator[str]:
    lengths = {shape[1:-1] for shape in called.inputs}
    if len(lengths) > 1:
        yield "is called on inputs of several lengths"
    if any(None in own for own in lengths):
        yield "is called on an input of open length"
    if "Transpose" in type(layer).__name__ and set(layer.dilation_rate) != {1}:
        # Nor has TensorFlow this on processors.
        yield "dilates"


def _of_moments(layer: Any, config: dict[str, Any], last: tuple[int, int]) -> Iterator[str]:
    if is_masked(layer) and layer.axis not in last:
        yield "is behind a mask along another axis"
    if config.get("renorm") or config["synchronized"]:
        yield "renormalises or synchronises"


def _of_recurrence(layer: Any) -> Iterator[str]:
    if type(layer).__name__ in CELLS:
        if max(getattr(layer, name) for name in DROPOUTS) >= 1:
            yield "drops everything"
        if any(
            isinstance(getattr(layer, name, None), keras.layers.Layer) for name in ACTIVATION_NAMES
        ):
            yield "has a layer for an activation"
        return
    if layer.stateful:
        yield "keeps its states"
    if {type(own).__name__ for own in getattr(layer.cell, "cells", [layer.cell])} - CELLS:
        yield "has a cell that cannot ride"


def _reasons_in_steps(layer: Any) -> Iterator[str]:
    """Yield why what a layer applies to each step cannot be applied to all steps at once."""
    for own in layers_of(layer):
        kind = type(own).__name__
        if kind in NOISE or (kind in CELLS and any(getattr(own, name) for name in DROPOUTS)):
            yield f"draws anew for each step, in {kind}"
        if kind == "BatchNormalization":
            yield "takes the moments of each step"
        if is_masked(layer) and takes(own, "mask"):
            yield f"hands a mask on, to {kind}"
        if own.activity_regularizer is not None:
            # Keras does not heed it there.
            yield "has an activity regularizer in it"


def _of_weights(
    layer: keras.layers.Layer, config: dict[str, Any], who: str
) -> Iterator[tuple[str, Any]]:
    """Yield the regularizers and constraints of a layer's weights, as :func:`_places`.

    They are the weight's own: it does not matter when they were put on it.
    """
    for key in [own for own in config if own.endswith(("regularizer", "constraint"))]:
        if key != "activity_regularizer":
            del config[key]
    for weight in own_weights(layer):
        if not weight.trainable:
            continue
        of_penalty, of_bounds = f"{weight.name}_regularizer", f"{weight.name}_constraint"
        # Keras squares an embedding's gradient otherwise if there is one.
        if weight.regularizer is not None or type(layer).__name__ != "Embedding":
            yield of_penalty, weight.regularizer and _strengths(weight.regularizer, who)
        yield of_bounds, weight.constraint and _bounds(weight.constraint, who)


def _of_attention(layer: keras.layers.Layer, config: dict[str, Any]) -> Iterator[str]:
    if not is_called(layer):
        yield "stands in another layer"
        return
    if isinstance(layer.output, (list, tuple)):
        yield "returns its scores"
    axes = config.get("attention_axes") or (1,)
    if any(len(own.shape) != 3 for own in keras.tree.flatten(layer.input)) or axes != (1,):
        yield "attends over more than the steps of a sequence"
    if len(config.get("output_shape") or ()) > 1:
        yield "puts out more than one axis"
    if config["activity_regularizer"]:
        yield "has activity regularizers inside"


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
    if key == "activity_regularizer":
        return value and _strengths(keras.regularizers.get(value), who)
    if key in ("activation", "recurrent_activation"):
        return _activation(value, who)
    if key == NOISE.get(kind) or (kind in CELLS and key in DROPOUTS):
        # At 0 the layer draws nothing.
        return float(value) or None
    opened = kind == "BatchNormalization" and key in ("momentum", "epsilon")
    return float(value) if opened else CLOSED


def _activation(value: Any, who: str) -> Any:
    if isinstance(value, dict) and "told" in value:
        return CLOSED
    if not isinstance(value, str) or value not in {*ACTIVATIONS, *OTHER_ACTIVATIONS}:
        raise CannotRideError(f"the activation of {who} is not one of Keras' own")
    return value if value in ACTIVATIONS else CLOSED


def _bounds(own: Any, who: str) -> Any:
    _check_kind(own, CONSTRAINTS, "constraint", who)
    return constraint(type(own).__name__, own.get_config())


def _strengths(own: Any, who: str) -> tuple[float, float]:
    """Return the strengths (l1, l2) of a regulariser."""
    _check_kind(own, ("L1", "L2", "L1L2"), "regularizer", who)
    inner = own.get_config()
    return float(inner.get("l1", 0.0)), float(inner.get("l2", 0.0))


def _check_kind(own: Any, known: Iterable[str], what: str, who: str) -> None:
    if not type(own).__module__.startswith("keras."):
        raise CannotRideError(f"a {what} of {who} is not one of Keras' own")
    if type(own).__name__ not in known:
        raise CannotRideError(f"{type(own).__name__} of {who} cannot ride")
