"""Names of Keras that are not public.

Checked with Keras 3.15.1.
"""

import functools
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import keras
import numpy as np
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
    container, losses = metrics_container(model), model._compile_loss  # noqa: SLF001
    config = model._compile_config  # noqa: SLF001
    given = vars(container) if container is not None else {}
    return {
        **(config.config if config is not None else {}),
        "optimizer": model.optimizer,
        "loss": model.loss,
        "loss_weights": vars(losses).get("_user_loss_weights") if losses is not None else None,
        "metrics": given.get("_user_metrics"),
        "weighted_metrics": given.get("_user_weighted_metrics"),
    }


def outputs_as_nested(model: keras.Model) -> Any:
    """Return symbols of a model's outputs, nested as its calls return them; None if unknown."""
    outputs = getattr(model, "outputs", None)
    return getattr(model, "_outputs_struct", outputs[0] if outputs else None)


class CompiledLoss(NamedTuple):
    """One of the losses that a model is compiled with.

    Attributes
    ----------
    output : int
        Position of the output that it is of.
    loss : keras.losses.Loss
    weight : float or None
    """

    output: int
    loss: keras.losses.Loss
    weight: float | None


def compiled_losses(model: keras.Model, targets: Any = None) -> list[CompiledLoss]:
    """Return the losses of a compiled model.

    ``targets`` are tensors like those of ``model.fit``, nested as the outputs are; without any the
    losses are not kept.

    Raises
    ------
    ValueError, KeyError
        From Keras, if they do not suit the outputs.
    """
    container, outputs = model._compile_loss, outputs_as_nested(model)  # noqa: SLF001
    if targets is None:
        given = container._user_loss, container._user_loss_weights  # noqa: SLF001
        container = type(container)(*given, output_names=container.output_names)
    if not container.built:
        container.build(outputs if targets is None else targets, outputs)
    numbers = keras.tree.pack_sequence_as(
        container._y_pred_build_structure,  # noqa: SLF001
        range(len(model.outputs)),
    )
    found = []
    for path, loss, weight, _ in container._flat_losses:  # noqa: SLF001
        number = numbers
        for step in path:
            number = number[step]
        found.append(CompiledLoss(number, loss, weight))
    return found


class CompiledMetric(NamedTuple):
    """One of the metrics that a model is compiled with.

    Attributes
    ----------
    output : int
        Position of the output that it is of.
    metric : keras.metrics.Metric
    weighted : bool
        Whether rows count by their weights.
    name : str
        In the logs.
    result : Any
        A tensor or a dict of tensors, as it returns after some mini-batch.
    start : list of Tensor, or None
        Its variables as each epoch begins, None if they are not the same in all.
    """

    output: int
    metric: keras.metrics.Metric
    weighted: bool
    name: str
    result: Any
    start: list[Any] | None


def compiled_metrics(model: keras.Model, targets: Any, outputs: Any) -> list[CompiledMetric]:
    """Return the metrics of a compiled model, which begin afresh.

    All of them have seen these targets and outputs: some make their variables only then.

    Raises
    ------
    Exception
        What a metric raises for targets and outputs of these shapes.
    """
    container = metrics_container(model)
    if container is None:
        return []
    container.build(targets, outputs)
    made = [variable for metric in container.metrics for variable in metric.variables]
    first = {id(variable): np.asarray(variable) for variable in made}
    container.update_state(targets, outputs)
    results = iter(container.result().items())
    container.reset_state()
    found = []
    for weighted in (False, True):
        lists = container._flat_weighted_metrics if weighted else container._flat_metrics  # noqa: SLF001
        for output, own in enumerate(lists):
            for metric in own.metrics if own is not None else []:
                name, result = next(results)
                start = _start(metric, first)
                found.append(CompiledMetric(output, metric, weighted, name, result, start))
    return found


def loss_trackers(model: keras.Model) -> list[CompiledMetric]:
    """Return what logs each of several losses that :func:`compiled_losses` has found."""
    trackers = model._compile_loss.metrics  # noqa: SLF001
    return [
        CompiledMetric(0, own, False, own.name, own.result(), _start(own, {})) for own in trackers
    ]


def _start(metric: keras.metrics.Metric, first: Mapping[int, Any]) -> list[Any] | None:
    """Return the variables of a metric as each epoch begins, given those of the first epoch."""
    with keras.StatelessScope() as scope:
        metric.reset_state()
    values = [scope.get_current_value(variable) for variable in metric.variables]
    for variable, value in zip(metric.variables, values, strict=True):
        # Keras does not reset metrics that it has yet to build, as at the first epoch.
        begins = first.get(id(variable), value)
        if value is None or not np.array_equal(begins, value):
            return None
    return values


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


def function_in(own: Any) -> Any:
    """Return the function that a loss or a metric of Keras wraps, None for any other."""
    return getattr(own, "_fn", getattr(own, "fn", None))
