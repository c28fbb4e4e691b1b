"""Names of Keras that are not public.

Checked with Keras 3.15.1.
"""

import functools
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras.src import backend
from keras.src.backend.common import global_state
from keras.src.random import seed_generator

#: Layers whose output can be the very tensor that they are given.
HANDING_ON = (
    "Activation",
    "ActivityRegularization",
    "AlphaDropout",
    "Dropout",
    "GaussianDropout",
    "GaussianNoise",
    "Identity",
    "SpatialDropout1D",
)


@contextmanager
def fresh_names() -> Iterator[None]:
    """Have layers, metrics and optimizers numbered from the start inside this block.

    Keras numbers them over the life of the process; names in a model and its history should
    depend on that model only.
    """
    names = global_state.get_global_attribute("object_name_uids")
    global_state.set_global_attribute("object_name_uids", None)
    try:
        yield
    finally:
        global_state.set_global_attribute("object_name_uids", names)


#: Taken by whoever makes, traces or trains with what Keras and TensorFlow keep once for a process.
making = threading.RLock()


@contextmanager
def drawing_from(generator: random.Random) -> Iterator[None]:
    """Have Keras draw the seeds of layers from a generator inside this block."""
    given = seed_generator.python_random
    seed_generator.python_random = generator
    try:
        yield
    finally:
        seed_generator.python_random = given


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

    Or the layers that a layer holds, such as the one that it wraps.
    """
    return list(holder._flatten_layers(include_self=False, recursive=False))  # noqa: SLF001


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
    """Return what computes the output of a functional or sequential model, from the end on.

    With what stands before layers that may hand on what they are given as it is, with the logits
    that Keras' cross-entropies look for.
    """
    own = model.outputs[0]._keras_history.operation  # noqa: SLF001
    if isinstance(own, keras.Model):
        return last_layers(own)
    layers = [own]
    while type(own).__name__ in HANDING_ON and isinstance(own.input, keras.KerasTensor):
        own = own.input._keras_history.operation  # noqa: SLF001
        if isinstance(own, keras.Model):
            return layers + last_layers(own)
        layers.append(own)
    return layers


def called_on(layer: keras.layers.Layer) -> list[tuple[int | None, ...]]:
    """Return the shape of what a model calls a layer on first, for each call."""
    nodes = layer._inbound_nodes  # noqa: SLF001
    return [tuple(own.shape) for node in nodes for own in node.input_tensors[:1]]


def arguments_of(operation: keras.Operation) -> list[Any]:
    """Return what a model calls an operation with, all calls and nested arguments in one list."""
    calls = [node.arguments for node in operation._inbound_nodes]  # noqa: SLF001
    return keras.tree.flatten([(own.args, own.kwargs) for own in calls])  # type: ignore[no-any-return]


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


def metrics_container(model: keras.Model) -> Any:
    """Return Keras' container of a compiled model's metrics, None without any."""
    return model._compile_metrics  # noqa: SLF001


def compile_arguments(model: keras.Model) -> dict[str, Any]:
    """Return what a model was compiled with."""
    container = metrics_container(model)
    config = model._compile_config  # noqa: SLF001
    return {
        **(config.config if config is not None else {}),
        "optimizer": model.optimizer,
        "loss": model.loss,
        "metrics": container._user_metrics if container is not None else None,  # noqa: SLF001
    }


def leaves_weights_undecayed(optimizer: keras.optimizers.Optimizer) -> bool:
    """Return whether ``exclude_from_weight_decay`` was called."""
    names = ("_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern")
    return any(getattr(optimizer, name, None) for name in names)


def axis_of(own: Any) -> Any:
    """Return the axis of a loss or a metric, None where it has none."""
    config = own.get_config() if hasattr(own, "get_config") else {}
    return config.get("axis", getattr(own, "_fn_kwargs", {}).get("axis"))


def row_by_row(metric: keras.metrics.Metric) -> Callable | None:
    """Return the function of targets and outputs whose mean over rows a metric is.

    None for a metric that is something else.
    """
    kind = keras.metrics.MeanMetricWrapper
    if not isinstance(metric, kind) or type(metric).update_state is not kind.update_state:
        return None
    if type(metric).result is not keras.metrics.Mean.result:
        return None
    return functools.partial(metric._fn, **metric._fn_kwargs)  # noqa: SLF001
