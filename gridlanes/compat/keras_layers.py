"""Names of Keras that are not public: the layers of a model, and how they are called.

Checked with Keras 3.15.1.
"""

from collections.abc import Callable, Iterator
from typing import Any

import keras
from keras.src import backend

from gridlanes.compat.keras import is_kerass

#: Layers whose output can be the very tensor that they are given.
HANDING_ON = (
    "Activation",
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
    "Lambda",
    "SpatialDropout1D",
)

#: Attributes of layers, and names in their configurations, of functions.
ACTIVATION_NAMES = ("activation", "recurrent_activation")

#: Operations that call a function of the user's.
LOOPS = frozenset(
    [
        "AssociativeScan",
        "Cond",
        "ForiLoop",
        "Map",
        "Scan",
        "Switch",
        "VectorizedMap",
        "WhileLoop",
    ]
)


def all_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Return a model and all layers inside it, those of nested models and layers too."""
    return list(model._flatten_layers(include_self=True, recursive=True))  # noqa: SLF001


def other_operations(model: keras.Model) -> list[keras.Operation]:
    """Return the operations of a functional model, and of those in it, that are not layers."""
    inside = [own for own in all_layers(model) if hasattr(own, "operations")]
    operations = [operation for own in inside for operation in own.operations]
    return [one for one in operations if not isinstance(one, keras.layers.Layer)]


def direct_layers(holder: keras.layers.Layer) -> list[keras.layers.Layer]:
    """Return the layers of a model in the order of their creation, nested models as one.

    Or the layers that a layer holds, such as the one that it wraps. Activations and the parts of
    attention of many heads are no layers of their own.
    """
    if isinstance(holder, (keras.layers.MultiHeadAttention, keras.layers.GroupQueryAttention)):
        return []
    activations = [getattr(holder, name, None) for name in ACTIVATION_NAMES]
    held = holder._flatten_layers(include_self=False, recursive=False)  # noqa: SLF001
    return [own for own in held if not any(own is one for one in activations)]


def layers_of(holder: keras.layers.Layer) -> list[keras.layers.Layer]:
    """Return all layers in a model or a layer in a fixed order, without the models.

    A layer comes before those that it holds.
    """
    layers: dict[int, keras.layers.Layer] = {}
    for layer in direct_layers(holder):
        own = [] if isinstance(layer, keras.Model) else [layer]
        # Two models may share a layer.
        layers |= {id(one): one for one in [*own, *layers_of(layer)]}
    return list(layers.values())


def own_weights(layer: keras.layers.Layer) -> list[keras.Variable]:
    """Return the weights of a layer without those of layers that it holds."""
    others = {id(weight) for held in direct_layers(layer) for weight in held.weights}
    return [weight for weight in layer.weights if id(weight) not in others]


def own_config(layer: keras.layers.Layer) -> dict[str, Any]:
    """Return the configuration of a layer without those of layers that it holds."""
    is_rnn = isinstance(layer, keras.layers.RNN)
    # Keras' recurrent layers repeat what their cells say.
    config = keras.layers.RNN.get_config(layer) if is_rnn else layer.get_config()
    held = {type(one).__name__ for one in direct_layers(layer)}

    def is_held(value: Any) -> bool:
        first = value[0] if isinstance(value, list) and value else value
        return isinstance(first, dict) and first.get("class_name") in held

    return {key: value for key, value in config.items() if not is_held(value)}


def last_layers(model: keras.Model) -> list[keras.Operation]:
    """Return what computes each output of a functional or sequential model, from the end on.

    With what stands before layers that may hand on what they are given as it is, with the logits
    that Keras' cross-entropies look for.
    """
    return [own for output in model.outputs for own in _last_layers(output)]


def _last_layers(output: keras.KerasTensor) -> list[keras.Operation]:
    own = output._keras_history.operation  # noqa: SLF001
    if isinstance(own, keras.Model):
        return last_layers(own)
    layers = [own]
    while _hands_on(own) and isinstance(own.input, keras.KerasTensor):
        own = own.input._keras_history.operation  # noqa: SLF001
        if isinstance(own, keras.Model):
            return layers + last_layers(own)
        layers.append(own)
    return layers


def nodes_of(model: keras.Model) -> list[Any]:
    """Return the calls of layers and operations in a model, inputs first.

    Empty for a model that is neither functional nor sequential.
    """
    own = getattr(model, "_functional", None) if isinstance(model, keras.Sequential) else model
    by_depth = getattr(own, "_nodes_by_depth", {})
    return [call for depth in sorted(by_depth, reverse=True) for call in by_depth[depth]]


def lookup_in(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Return the layer in which a vectorization of text looks words up; any other as it is."""
    text = isinstance(layer, keras.layers.TextVectorization)
    return layer._lookup_layer if text else layer  # noqa: SLF001


def _hands_on(operation: keras.Operation) -> bool:
    return type(operation).__name__ in HANDING_ON or not is_kerass(operation)


def functions_of_calls(
    layer: keras.layers.Layer,
) -> Iterator[tuple[Callable[..., Any], list[keras.KerasTensor]]]:
    """Return each call of a layer as a function of tensors, and what stands for these.

    It returns what the layer does in training and apart from it.
    """
    for node in layer._inbound_nodes:  # noqa: SLF001
        given = node.arguments

        def call(*tensors: Any, given: Any = given) -> Any:
            known = dict(zip(map(id, given.keras_tensors), tensors, strict=True))
            args, kwargs = given.fill_in(known)
            if not layer._call_has_training_arg:  # noqa: SLF001
                return layer.call(*args, **kwargs)
            kwargs = {name: own for name, own in kwargs.items() if name != "training"}
            return [layer.call(*args, **kwargs, training=own) for own in (False, True)]

        yield call, list(given.keras_tensors)


def is_called_alike(operation: keras.Operation) -> bool:
    """Return whether all tensors of a call have one shape, and all else are single numbers."""
    for node in operation._inbound_nodes:  # noqa: SLF001
        shapes = {tuple(own.shape) for own in node.arguments.keras_tensors}
        others = keras.tree.flatten((node.arguments.args, node.arguments.kwargs))
        others = [own for own in others if not isinstance(own, keras.KerasTensor)]
        if len(shapes) > 1 or not all(isinstance(own, (int, float, type(None))) for own in others):
            return False
    return True


def called_on(layer: keras.layers.Layer) -> list[tuple[int | None, ...]]:
    """Return the shape of what a model calls a layer on first, for each call."""
    nodes = layer._inbound_nodes  # noqa: SLF001
    return [tuple(own.shape) for node in nodes for own in node.input_tensors[:1]]


def arguments_of(operation: keras.Operation) -> list[Any]:
    """Return what a model calls an operation with, all calls and nested arguments in one list."""
    calls = [node.arguments for node in operation._inbound_nodes]  # noqa: SLF001
    return keras.tree.flatten([(own.args, own.kwargs) for own in calls])  # type: ignore[no-any-return]


def is_called(layer: keras.layers.Layer) -> bool:
    """Return whether a model calls a layer, which is not so if another layer holds it."""
    return bool(layer._inbound_nodes)  # noqa: SLF001


def takes(layer: keras.layers.Layer, argument: str) -> bool:
    """Return whether Keras hands a layer whether it is trained, or a mask."""
    return bool(getattr(layer, f"_call_has_{argument}_arg"))


def is_masked(layer: keras.layers.Layer) -> bool:
    """Return whether a model calls a layer on tensors with a mask."""
    nodes = layer._inbound_nodes  # noqa: SLF001
    return any(has_mask(own) for node in nodes for own in node.input_tensors)


def has_mask(tensor: keras.KerasTensor) -> bool:
    """Return whether a tensor of a model says which of its places are to be left out."""
    return backend.get_keras_mask(tensor) is not None


def dropout_of(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Return what has the random generator of a layer: itself, or a dropout inside."""
    return getattr(layer, "_dropout_layer", layer)
