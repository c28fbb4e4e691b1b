"""Names of Keras and TensorFlow that are not public, in one place.

Checked with Keras 3.15.1 and TensorFlow 2.21.0.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras.src.backend.common import global_state
from tensorflow.python.eager import context


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


@contextmanager
def one_thread() -> Iterator[None]:
    """Execute the operations of a graph one after the other in this thread.

    Handing small operations to other threads takes longer than doing them: a step of 81 lanes
    takes half as long, one of three lanes a fifth. Large ones still use all cores inside.
    """
    with context.function_executor_type("SINGLE_THREADED_EXECUTOR"):
        yield


def direct_layers(model: keras.Model) -> list[keras.layers.Layer]:
    """Return the layers of a model in the order of their creation, nested models as one."""
    return list(model._flatten_layers(include_self=False, recursive=False))  # noqa: SLF001


def last_layer(model: keras.Model) -> keras.layers.Layer:
    """Return the layer that computes the output of a functional or sequential model."""
    last = model.outputs[0]._keras_history.operation  # noqa: SLF001
    return last_layer(last) if isinstance(last, keras.Model) else last


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
    return bool(getattr(optimizer, "_exclude_from_weight_decay", None))


def reduction_axes(layer: keras.layers.BatchNormalization) -> list[int]:
    """Return the axes over which a layer takes its moments."""
    return list(layer._reduction_axes)  # noqa: SLF001


def set_moments(layer: keras.layers.BatchNormalization, moments: Callable) -> None:
    """Replace the function by which a layer takes mean and variance of its inputs and a mask."""
    layer._moments = moments  # noqa: SLF001
