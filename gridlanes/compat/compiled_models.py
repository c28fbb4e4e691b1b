"""Names of Keras that are not public: what ``compile`` and ``fit`` have made of a model.

Checked with Keras 3.15.1.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np

from gridlanes.compat.keras_layers import all_layers


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


def given_metrics(model: keras.Model) -> list[keras.metrics.Metric]:
    """Return the metrics that a model was compiled with as objects, not by their names."""
    container = metrics_container(model)
    if container is None:
        return []
    given = [container._user_metrics, container._user_weighted_metrics]  # noqa: SLF001
    return [own for own in keras.tree.flatten(given) if isinstance(own, keras.metrics.Metric)]


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


def all_variables(model: keras.Model) -> list[keras.Variable]:
    """Return what a compiled model and its optimizer and metrics keep, each variable once."""
    own = [*model.variables, *model.metrics_variables, *model.optimizer.variables]
    return list({id(variable): variable for variable in own}.values())


def seed_generators(model: keras.Model) -> list[keras.random.SeedGenerator]:
    """Return the generators of a model's layers."""
    return [own for layer in all_layers(model) for own in layer._seed_generators]  # noqa: SLF001


def draws_by_xla(model: keras.Model) -> bool:
    """Return whether a model has layers that draw random numbers, and was to be compiled by XLA.

    That draws others. Keras' own choice, ``"auto"``, is left to it.
    """
    asked = model.compiled and model.jit_compile and not model._resolve_auto_jit_compile()  # noqa: SLF001
    return bool(asked and seed_generators(model))


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
