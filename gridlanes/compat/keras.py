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


def direct_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Return the layers of a model in the order of their creation, nested models as one."""
    return list(model._flatten_layers(include_self=False, recursive=False))  # noqa: SLF001


def layers_of(model: keras.Model) -> list[keras.layers.Layer]:
    """Return all layers in a fixed order, those inside nested models too, without the models."""
    layers: dict[int, keras.layers.Layer] = {}
    for layer in direct_layers(model):
        nested = isinstance(layer, keras.Model)
        # Two models may share a layer.
        layers |= {id(own): own for own in (layers_of(layer) if nested else [layer])}
    return list(layers.values())


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


def calls_of(model: keras.Model) -> list[Any]:
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


def lengths_of(layer: keras.layers.Layer) -> set[tuple[int | None, ...]]:
    """Return the lengths of what a layer is called on, without rows and channels, at each call."""
    nodes = layer._inbound_nodes  # noqa: SLF001
    return {tuple(own.shape[1:-1]) for node in nodes for own in node.input_tensors}


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
