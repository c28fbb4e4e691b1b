"""Names of Keras that are not public.

Checked with Keras 3.15.1.
"""

import functools
import inspect
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


def drawn_from() -> random.Random:
    """Return the generator from which Keras draws the seeds of layers."""
    generator: random.Random = seed_generator.python_random
    return generator


@contextmanager
def drawing_from(generator: random.Random) -> Iterator[None]:
    """Have Keras draw the seeds of layers from a generator inside this block."""
    given = drawn_from()
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


def all_variables(model: keras.Model) -> list[keras.Variable]:
    """Return what a compiled model and its optimizer and metrics keep, each variable once."""
    own = [*model.variables, *model.metrics_variables, *model.optimizer.variables]
    return list({id(variable): variable for variable in own}.values())


def seed_generators(model: keras.Model) -> list[keras.random.SeedGenerator]:
    """Return the generators of a model's layers."""
    return [own for layer in all_layers(model) for own in layer._seed_generators]  # noqa: SLF001


def steps_of(model: keras.Model, kind: str) -> tuple[Callable, Any] | None:
    """Return the function that ``fit`` calls for each step, and the ``tf.function`` inside.

    None where there is none inside: a model that runs eagerly, or has functions of its own.

    Parameters
    ----------
    model : keras.Model
    kind : {"train", "test"}
    """
    names = (f"make_{kind}_function", "_make_function")
    own = [name for name in names if getattr(type(model), name) is not getattr(keras.Model, name)]
    if own or model.run_eagerly or getattr(model, f"{kind}_function") is not None:
        return None
    function = model._make_function(getattr(model, f"{kind}_step"))  # noqa: SLF001
    inside = inspect.getclosurevars(function).nonlocals.get("multi_step_on_iterator")
    return (function, inside) if hasattr(inside, "get_concrete_function") else None


def traced_from(model: keras.Model) -> dict[str, Any]:
    """Return what the graph of a step depends on besides layers and optimizer."""
    losses, metrics = model._compile_loss, metrics_container(model)  # noqa: SLF001
    options = ("jit_compile", "steps_per_execution", "unrolled_steps_per_execution")
    return {
        **{name: getattr(model, name) for name in options},
        "loss": model.loss,
        "loss_weights": losses and losses._user_loss_weights,  # noqa: SLF001
        "metrics": metrics and [metrics._user_metrics, metrics._user_weighted_metrics],  # noqa: SLF001
    }


def all_built(model: keras.Model) -> bool:
    """Return whether a compiled model has all that Keras makes for it while it trains."""
    parts = (model._compile_loss, metrics_container(model), model.optimizer)  # noqa: SLF001
    built = (own.built for own in (*all_layers(model), *parts) if own is not None)
    return all(built)


def build_all(model: keras.Model, columns: Any) -> None:
    """Make all that Keras makes for a compiled model while it trains.

    Parameters
    ----------
    model : keras.Model
    columns : nested structure of tf.TensorSpec
        Of a mini-batch.
    """
    if not all_built(model):
        rows = keras.tree.map_structure(
            lambda own: keras.KerasTensor(tuple(own.shape), own.dtype.name), columns
        )
        model._symbolic_build(data_batch=rows)  # noqa: SLF001


def steps_as_keras(model: keras.Model) -> bool:
    """Return whether a model trains and tests by the steps of Keras."""
    return all(
        getattr(getattr(model, name), "__func__", None) is getattr(keras.Model, name)
        for name in ("train_step", "test_step")
    )
