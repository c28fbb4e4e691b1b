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
from keras.src.backend.common.masking import get_keras_mask, set_keras_mask
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
    "Lambda",
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
    while _hands_on(own) and isinstance(own.input, keras.KerasTensor):
        own = own.input._keras_history.operation  # noqa: SLF001
        if isinstance(own, keras.Model):
            return layers + last_layers(own)
        layers.append(own)
    return layers


def _hands_on(operation: keras.Operation) -> bool:
    return type(operation).__name__ in HANDING_ON or not is_kerass(operation)


def is_kerass(own: Any) -> bool:
    """Return whether an object's class is one of Keras' own."""
    return type(own).__module__.startswith("keras.")


def calls_of(
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


def projections_of(layer: keras.layers.Layer) -> dict[str, keras.layers.Layer]:
    """Return the products with weights that attention of many heads is made of, by name."""
    found = {name: getattr(layer, f"_{name}_dense") for name in ("query", "key", "value", "output")}
    gate = getattr(layer, "_gate_dense", None)
    return found if gate is None else {**found, "gate": gate}


def dropout_of(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Return what has the random generator of a layer: itself, or a dropout inside."""
    return getattr(layer, "_dropout_layer", layer)


def attention_mask(layer: keras.layers.Layer, query: Any, value: Any, **masks: Any) -> Any:
    """Return which queries attend to which values, None if all do to all."""
    return layer._compute_attention_mask(query, value, **masks)  # noqa: SLF001


def score_mask(layer: keras.layers.Layer, scores: Any, mask: Any, causal: bool) -> Any:
    """Return which scores of an ``Attention`` count, None if all do."""
    return layer._calculate_score_mask(scores, mask, causal)  # noqa: SLF001


def taken_masks(layer: keras.layers.Layer, query: Any, *others: Any) -> Callable[[Any], Any]:
    """Take masks off tensors as a layer does, and return what puts the first's on its outputs."""
    if not isinstance(layer, keras.layers.MultiHeadAttention):
        return lambda outputs: outputs
    mask = get_keras_mask(query)
    for tensor in (query, *others):
        set_keras_mask(tensor, None)

    def put_on(outputs: Any) -> Any:
        if mask is not None:
            set_keras_mask(outputs, mask)
        return outputs

    return put_on
