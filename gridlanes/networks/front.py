"""The layers of a model before its first weights that turn text and categories into numbers.

Those that come back from a build function without having seen rows are adapted to the rows that a
fit trains on. What they make of rows is the same in every epoch and for every candidate, so that it
can be computed once, and the rest of the model is trained on it.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from gridlanes.compat.compiled_models import compile_arguments, outputs_as_nested
from gridlanes.compat.keras_layers import all_layers, lookup_in, nodes_of
from gridlanes.errors import CannotRideError, ModelError
from gridlanes.networks.inputs import arrays_for, inputs_of
from gridlanes.networks.lane import Lane

#: Layers that make numbers of words, or categories of numbers.
PREPROCESSING = frozenset(
    [
        "CategoryEncoding",
        "Discretization",
        "HashedCrossing",
        "Hashing",
        "IntegerLookup",
        "StringLookup",
        "TextVectorization",
    ]
)

#: Layers that may stand before those where rows are turned into numbers in advance.
BEFORE = frozenset(["Concatenate", "Flatten", "Identity", "Normalization", "Rescaling", "Reshape"])


class Front(NamedTuple):
    """What of a model can be computed before it is trained.

    Attributes
    ----------
    calls : list
        Of layers and operations, in their order.
    cut : list of keras.KerasTensor
        What the rest of the model takes, from these calls or from the model's inputs.
    """

    calls: list[Any]
    cut: list[keras.KerasTensor]


def front_of(model: keras.Model) -> Front:
    """Return the layers that turn rows into numbers, and all that comes before them.

    A ``Normalization`` is among them until it is adapted.
    """
    calls = nodes_of(model)
    given = {id(own) for own in model.inputs} if calls else set()
    for call in calls:
        if not call.is_input and _weightless(call, given):
            given |= {id(own) for own in call.outputs}
    needed: set[int] = set()
    front = []
    for call in reversed(calls):
        wanted = _prepares(call.operation) and {id(own) for own in call.input_tensors} <= given
        if not call.is_input and (wanted or needed & {id(own) for own in call.outputs}):
            front.append(call)
            needed |= {id(own) for own in call.input_tensors}
    front.reverse()
    before = {id(own) for call in front for own in call.outputs}
    before |= {id(own) for own in model.inputs} if calls else set()
    known = set(map(id, front))
    used = [own for call in calls if id(call) not in known for own in call.input_tensors]
    used += model.outputs if calls else []
    return Front(front, list({id(own): own for own in used if id(own) in before}.values()))


def check_front(front: Front) -> None:
    """Raise unless a front can be computed in advance.

    Raises
    ------
    CannotRideError
        Saying which layer cannot be computed without the others.
    """
    if not front.cut:
        raise CannotRideError(
            "it is a subclass of keras.Model, which does not say what its layers are called on"
        )
    for layer in _operations(front):
        kind = type(layer).__name__
        who = f"{layer.name!r} ({kind}), which stands before the first weights,"
        if not type(layer).__module__.startswith("keras.") or kind not in PREPROCESSING | BEFORE:
            raise CannotRideError(f"{who} cannot be computed in advance")
        if kind == "Concatenate" and layer.axis in (0, -len(layer.output.shape)):
            raise CannotRideError(f"{who} works across rows")
        config = layer.get_config()
        if config.get("sparse") or config.get("ragged"):
            raise CannotRideError(f"{who} puts out no plain tensor")
    for own in front.cut:
        if own.dtype == "string":
            raise CannotRideError("text reaches a layer that cannot be computed in advance")
        if "float" in own.dtype and own.dtype != keras.config.floatx():
            raise CannotRideError(f"what stands before the first weights puts out {own.dtype}")
        if front.calls and None in own.shape[1:]:
            raise CannotRideError("what stands before the first weights puts out an open length")


def content_of(model: keras.Model, front: Front) -> list[Any]:
    """Return what a front of a model puts out depends on besides the rows that reach it."""
    tensors = [*model.inputs, *(own for call in front.calls for own in call.outputs)]
    numbers = {id(own): number for number, own in enumerate(tensors)}

    def numbered(value: Any) -> Any:
        return numbers.get(id(value)) if isinstance(value, keras.KerasTensor) else value

    calls = [
        (
            _content(call.operation),
            keras.tree.map_structure(numbered, [call.arguments.args, call.arguments.kwargs]),
        )
        for call in front.calls
    ]
    return [list(map(tuple, inputs_of(model))), calls, [numbers[id(own)] for own in front.cut]]


def adapt(model: keras.Model, lane: Lane) -> None:
    """Adapt the layers of a model that have seen no rows to those that a fit trains on.

    Raises
    ------
    ModelError
        For a layer that finds nothing in them.
    Exception
        Whatever Keras raises.
    """
    if not all(map(is_adapted, all_layers(model))):
        values_in(model, front_of(model), arrays_for(inputs_of(model), lane.X, lane.columns))


def values_in(model: keras.Model, front: Front, columns: Sequence[Any]) -> dict[int, Any]:
    """Return all tensors of a front by identity; layers that have seen no rows are adapted.

    Raises
    ------
    Exception
        As :func:`adapt` does.
    """
    values = {
        id(tensor): keras.ops.convert_to_tensor(column, dtype=tensor.dtype)
        for tensor, column in zip(model.inputs, columns, strict=True)
    }
    wanted, calls = set(map(id, front.calls)), nodes_of(model)
    for call in calls:
        known = {id(own) for own in call.input_tensors} <= set(values)
        inside = isinstance(call.operation, keras.Model) and _prepares(call.operation)
        if call.is_input or not known or not (inside or id(call) in wanted):
            continue
        args, kwargs = call.arguments.fill_in(values)
        if inside:
            values_in(call.operation, front_of(call.operation), keras.tree.flatten(args[0]))
        elif not is_adapted(call.operation):
            _adapt(call.operation, args[0], sum(own.operation is call.operation for own in calls))
        if id(call) in wanted:
            outputs = keras.tree.flatten(call.operation(*args, **kwargs))
            values |= zip(map(id, call.outputs), outputs, strict=True)
    return values


def numbers_of(front: Front, values: dict[int, Any]) -> NDArray:
    """Return what a front puts out as one array of floats.

    Raises
    ------
    CannotRideError
        If the float type cannot hold a whole number.
    """
    dtype, found = keras.config.floatx(), []
    for tensor in front.cut:
        given = keras.ops.convert_to_numpy(values[id(tensor)])
        floats = given.astype(dtype)
        if given.dtype.kind in "iu" and not np.array_equal(floats.astype(given.dtype), given):
            raise CannotRideError(f"{dtype} cannot hold whole numbers as large as {given.max()}")
        # Keras takes some for deeper than they are.
        found.append(floats.reshape(len(floats), *tensor.shape[1:]))
    if len(found) == 1:
        return np.asarray(found[0])
    joined: NDArray = np.hstack([own.reshape(len(own), -1) for own in found])
    return joined


def without_front(model: Any) -> Any:
    """Return the rest of a model, with its layers; compiled as the model is."""
    if not isinstance(model, keras.Model) or not nodes_of(model):
        return model
    cut = front_of(model).cut
    rest = keras.Model(cut, outputs_as_nested(model))
    if len(cut) > 1 and any(len(own.shape) != 2 for own in cut):
        flat = [keras.Input((int(np.prod(own.shape[1:])),), dtype=own.dtype) for own in cut]
        shaped = [
            keras.layers.Reshape(own.shape[1:])(given) for own, given in zip(cut, flat, strict=True)
        ]
        rest = keras.Model(flat, rest(shaped))
    if model.compiled:
        rest.compile(**compile_arguments(model))
    return rest


def is_adapted(layer: Any) -> bool:
    """Return whether a layer knows whatever it has to learn from rows."""
    kinds = keras.layers
    own = lookup_in(layer)
    if isinstance(own, (kinds.StringLookup, kinds.IntegerLookup)):
        return own.get_config()["vocabulary_size"] is not None
    if isinstance(own, kinds.Discretization):
        return own.bin_boundaries is not None
    if isinstance(own, kinds.Normalization) and own.input_mean is None:
        mean, variance = map(keras.ops.convert_to_numpy, (own.adapt_mean, own.adapt_variance))
        # As Keras makes them, which changes no number.
        return bool(mean.any() or (variance != 1).any())
    return True


def _adapt(layer: Any, given: Any, calls: int) -> None:
    if calls > 1:
        raise ModelError(f"layer {layer.name!r} is called on several inputs: give it a vocabulary")
    is_text = given.dtype == "string"
    layer.adapt(given if is_text else keras.ops.convert_to_numpy(given))
    own = lookup_in(layer)
    if hasattr(own, "get_vocabulary") and not own.get_vocabulary(include_special_tokens=False):
        raise ModelError(f"layer {layer.name!r} finds no vocabulary in the rows to train on")


def _weightless(call: Any, given: set[int]) -> bool:
    trained = getattr(call.operation, "trainable_variables", [])
    return not trained and {id(own) for own in call.input_tensors} <= given


def _prepares(operation: Any) -> bool:
    """Return whether an operation is to be computed in advance, or has a layer in it that is."""
    inside = all_layers(operation) if isinstance(operation, keras.Model) else [operation]
    return any(type(own).__name__ in PREPROCESSING or not is_adapted(own) for own in inside)


def _operations(front: Front) -> Iterator[Any]:
    """Yield what is called in a front, in models inside it too."""
    for call in front.calls:
        if isinstance(call.operation, keras.Model):
            yield from _operations(_all_of(call.operation))
        else:
            yield call.operation


def _all_of(model: keras.Model) -> Front:
    """Return all of a model that is called in a front."""
    return Front([own for own in nodes_of(model) if not own.is_input], model.outputs)


def _content(operation: Any) -> Any:
    """Return what the output of an operation depends on besides what it is given."""
    if isinstance(operation, keras.Model):
        return content_of(operation, _all_of(operation))
    own = lookup_in(operation)
    learnt = [keras.ops.convert_to_numpy(one) for one in own.variables]
    if hasattr(own, "get_vocabulary") and is_adapted(own):
        learnt += [own.get_vocabulary(), getattr(own, "idf_weights", None)]
    return [type(operation).__name__, {**operation.get_config(), "name": None}, learnt]
