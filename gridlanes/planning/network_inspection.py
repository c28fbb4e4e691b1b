"""One network, built once and looked at: what its fits start from, and whether they can ride."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import keras

from gridlanes.compat.keras import (
    all_layers,
    axis_of,
    compile_arguments,
    other_operations,
    row_by_row,
)
from gridlanes.errors import CannotRideError
from gridlanes.networks.lane import Lane
from gridlanes.networks.seeding import seeded
from gridlanes.programs.layer_functions import without_own_activations
from gridlanes.programs.network_description import (
    Description,
    architecture,
    describe,
    describe_loss,
    describe_optimizer,
)
from gridlanes.programs.supported import ACROSS_ROWS, LOOPS
from gridlanes.programs.weights import Weights, weights_of
from gridlanes.store.content_digest import NoContentError, content


class Inspected(NamedTuple):
    """What is left of a model when it has been looked at.

    What could not be found out is the exception that says why.
    """

    start: Weights
    description: Description | CannotRideError
    told: bytes | NoContentError | None
    architecture: str
    #: Of the last layer; 0 if the build function compiles its model.
    width: int
    compiled: dict[str, Any] | None


@contextmanager
def _describing() -> Iterator[None]:
    """Take a part that Keras cannot put into words for one that cannot ride."""
    try:
        yield
    except CannotRideError:
        raise
    except Exception as error:
        said = " ".join(str(error).split())
        raise CannotRideError(f"Keras cannot describe it: {said}") from error


class Compiling(NamedTuple):
    """Loss, metrics and optimizer as plain data.

    Attributes
    ----------
    loss, metrics : str
    sized : bool
        Whether a metric may have a variable for each output of the network.
    optimizer : tuple
        See :func:`gridlanes.programs.network_description.describe_optimizer`.
    """

    loss: str
    metrics: str
    sized: bool
    optimizer: Any


def describe_compiling(compiling: Mapping[str, Any]) -> Compiling:
    """Return loss, metrics and optimizer as plain data."""
    with _describing():
        metrics = json.dumps(keras.tree.map_structure(_metric, compiling["metrics"]))
        sized = any(map(_is_sized, keras.tree.flatten(compiling["metrics"])))
        optimizer = describe_optimizer(compiling["optimizer"])
        return Compiling(describe_loss(compiling["loss"]), metrics, sized, optimizer)


def inspect(lane: Lane, *, tell: bool) -> tuple[Inspected, keras.Model]:
    """Build a fit's network and look at it; with ``tell``, at its content too."""
    model = seeded(lane.build.network, lane.seed)
    compiled = compile_arguments(model) if model.compiled else None
    start = weights_of(model)
    description = _or_why(lambda: _describe(model, compiled), CannotRideError)
    told = _or_why(lambda: _tell(model), NoContentError) if tell else None
    width = 0 if compiled else lane.build.width(model)
    return Inspected(start, description, told, architecture(model), width, compiled), model


def _describe(model: keras.Model, compiled: Mapping[str, Any] | None) -> Description:
    for name in ("loss_weights", "weighted_metrics", "run_eagerly"):
        if compiled and compiled.get(name):
            raise CannotRideError(f"compile({name}=...) cannot ride")
    with _describing():
        return describe(model)


def _tell(model: keras.Model) -> bytes:
    """Return a model before training by its content."""
    operations = other_operations(model)
    for operation in operations:
        # A function that it calls is an argument of the call, which cannot be seen from here.
        if type(operation).__name__ in LOOPS:
            raise NoContentError(f"what operation {operation.name!r} calls")
    sides = (model.trainable_variables, model.non_trainable_variables)
    weights = [
        [
            (keras.ops.convert_to_numpy(variable), variable.regularizer, variable.constraint)
            for variable in side
        ]
        for side in sides
    ]
    layers = all_layers(model)
    with without_own_activations(layers) as functions:
        return content([layers, operations, weights, functions])


def _or_why(find: Callable[[], Any], kind: type[Exception]) -> Any:
    try:
        return find()
    except kind as error:
        return error


def _metric(metric: Any) -> Any:
    """Return a metric as plain data."""
    name = getattr(metric, "__name__", None) or type(metric).__name__
    own = getattr(metric, "__module__", None) or type(metric).__module__
    if isinstance(metric, str) or metric is None:
        return metric
    if not str(own).startswith("keras."):
        raise CannotRideError(f"metric {name} is not one of Keras' own")
    if axis_of(metric) in ACROSS_ROWS:
        raise CannotRideError(f"metric {name} works across rows")
    config = metric.get_config() if isinstance(metric, keras.metrics.Metric) else {}
    many = any(name in config and config[name] is None for name in ("average", "class_aggregation"))
    if many or isinstance(config.get("thresholds"), (list, tuple)):
        raise CannotRideError(f"metric {name} is several numbers")
    return json.dumps(keras.metrics.serialize(metric), default=str)


def _is_sized(metric: Any) -> bool:
    """Return whether a metric is anything but a mean over rows."""
    # These choose a function by the shapes of targets and outputs.
    if metric is None or metric in ("accuracy", "acc", "crossentropy", "ce"):
        return False
    own = keras.metrics.get(metric)
    return isinstance(own, keras.metrics.Metric) and row_by_row(own) is None
