"""Which functions of the user's the layers of a network call, and if lanes can call them too."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import keras

from gridlanes.compat.keras import is_kerass
from gridlanes.compat.keras_layers import functions_of_calls, is_called, is_called_alike, own_config
from gridlanes.errors import CannotRideError
from gridlanes.networks.own_activations import own_activations, without_own_activations
from gridlanes.programs.layer_calls import Called
from gridlanes.programs.marks import marks_places
from gridlanes.programs.own_functions import elementwise, told
from gridlanes.programs.supported import CELLS, ELEMENTWISE, LAYERS

#: How layers may interpolate, if they do, without a look at the sizes of what they are given.
SIZELESS = (None, "nearest")


class Functions(NamedTuple):
    """What a layer calls besides Keras.

    Attributes
    ----------
    told : dict of str to str
        Functions by their content, under the name that they have in the layer's configuration;
        ``call`` for what a layer of the user's does.
    sized : bool
        Whether one of them may look at the sizes of what it is given.
    """

    told: dict[str, str]
    sized: bool


def check_kind(layer: keras.layers.Layer) -> None:
    """Raise unless a layer is of a kind that can ride, or one of the user's that only computes.

    Raises
    ------
    CannotRideError
    """
    if type(layer).__name__ != "Lambda" and not is_sizeless(layer):
        _check_other_layer(layer, _who(layer))


def functions_of(layer: keras.layers.Layer, called: Called) -> Functions:
    """Return what a layer calls besides Keras.

    Raises
    ------
    CannotRideError
        If lanes cannot call it too.
    """
    who = _who(layer)
    if type(layer).__name__ == "Lambda":
        if layer.mask is not None:
            raise CannotRideError(f"{who} makes masks")
        key = told((layer.function, layer.arguments), f"the function of {who}")
        return Functions({"function": key}, not _tried(layer, key, f"the function of {who}"))
    if not is_sizeless(layer):
        key = told(layer, who)
        return Functions({"call": key}, not _tried(layer, key, f"the call of {who}"))
    found, sized = {}, False
    for name, function in own_activations(layer).items():
        own = f"the {name} of {who}"
        if getattr(function, "variables", ()) or not getattr(function, "built", True):
            raise CannotRideError(f"{own} is a layer with weights or random numbers")
        found[name] = told(_without_name(function), own)
        output = keras.KerasTensor(called.output, dtype=keras.config.floatx())
        alike = elementwise(found[name], _activated(function), [output], own)
        if not alike and type(layer).__name__ in CELLS:
            raise CannotRideError(f"{own} looks at more than one number")
        sized |= not (alike or is_kerass(function))
    return Functions(found, sized)


def _who(layer: keras.layers.Layer) -> str:
    return f"layer {layer.name!r} ({type(layer).__name__})"


def is_sizeless(layer: keras.layers.Layer) -> bool:
    """Return whether a layer is one of Keras' that computes in lanes whatever their sizes are."""
    known = type(layer).__name__ in LAYERS - {"Lambda"} and is_kerass(layer)
    return known and getattr(layer, "interpolation", None) in SIZELESS


def takes_any_size(operation: keras.Operation) -> bool:
    """Return whether an operation that is no layer does not look at the sizes of its inputs."""
    alike = type(operation).__name__ in ELEMENTWISE and is_called_alike(operation)
    return alike or marks_places(operation)


def configuration(layer: keras.layers.Layer, functions: Functions) -> dict[str, Any]:
    """Return a layer's configuration, with the content of functions for what they are."""
    if "call" in functions.told:
        return {**functions.told}
    with without_own_activations([layer]):
        config = own_config(layer)
    if "function" in functions.told:
        config |= {"arguments": None, "output_shape": None}
    own = {name: {"told": key} for name, key in functions.told.items()}
    # Keras leaves the regularizer out where there is none.
    return {"activity_regularizer": None, **config, **own, "name": None}


def _check_other_layer(layer: keras.layers.Layer, who: str) -> None:
    """Raise unless a layer that lanes do not know can be one that only computes."""
    if type(layer).__name__ in LAYERS and not is_kerass(layer):
        raise CannotRideError(f"{who} is called as one of Keras' own is")
    if layer.variables:
        raise CannotRideError(f"{who} cannot ride, since it has weights or random numbers")
    if layer.activity_regularizer is not None:
        raise CannotRideError(f"{who} cannot ride with an activity regularizer")
    if type(layer).compute_mask is not keras.layers.Layer.compute_mask:
        raise CannotRideError(f"{who} cannot ride, since it makes masks")


def _tried(layer: keras.layers.Layer, key: str, who: str) -> bool:
    """Return whether what a layer does is elementwise in all its calls."""
    if not is_called(layer):
        raise CannotRideError(f"{who} cannot be tried, since another layer holds it")
    found = [elementwise(key, call, inputs, who) for call, inputs in functions_of_calls(layer)]
    if layer.losses:
        raise CannotRideError(f"{who} adds to the loss")
    return all(found)


def _activated(function: Any) -> Callable[..., Any]:
    """Return a function of rows, or what a layer does in training and apart from it."""
    if not isinstance(function, keras.layers.Layer):
        own: Callable[..., Any] = function
        return own
    return lambda x: [function(x, training=training) for training in (False, True)]


def _without_name(function: Any) -> Any:
    """Return what tells an activation from others; Keras numbers layers."""
    if isinstance(function, keras.layers.Layer) and is_kerass(function):
        return type(function).__name__, {**function.get_config(), "name": None}
    return function


@contextmanager
def described_by_name(layers: Sequence[keras.layers.Layer]) -> Iterator[None]:
    """Have Keras describe a model, some of whose layers it cannot put into words."""
    for layer in layers:
        layer.get_config = lambda name=layer.name: {"name": name}
    try:
        yield
    finally:
        for layer in layers:
            del layer.get_config
