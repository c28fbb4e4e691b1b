"""One network, built once and looked at: what its fits start from, and whether they can ride."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import keras

from gridlanes.compat.compiled_models import compile_arguments, compiled_losses
from gridlanes.compat.keras import all_layers, other_operations
from gridlanes.errors import CannotRideError
from gridlanes.networks.lane import Lane
from gridlanes.networks.seeding import seeded
from gridlanes.networks.shapes import outputs_of
from gridlanes.programs.network_description import (
    Description,
    architecture,
    describe,
    describe_optimizer,
)
from gridlanes.programs.objective_description import Objective, check_losses, describe_objective
from gridlanes.programs.settings import loss_weight
from gridlanes.programs.supported import LOOPS
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
    #: Units of all outputs; 0 if the build function compiles its model.
    width: int
    outputs: int
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
    """Losses, metrics and optimizer as plain data.

    Attributes
    ----------
    objective : Objective
    optimizer : tuple
        See :func:`gridlanes.programs.network_description.describe_optimizer`.
    """

    objective: Objective
    optimizer: Any


def describe_compiling(compiling: Mapping[str, Any], *, classes: bool) -> Compiling:
    """Return losses, metrics and optimizer as plain data; targets may be classes."""
    with _describing():
        optimizer = describe_optimizer(compiling["optimizer"])
        return Compiling(describe_objective(compiling, classes=classes), optimizer)


def inspect(lane: Lane, *, tell: bool) -> tuple[Inspected, keras.Model]:
    """Build a fit's network and look at it; with ``tell``, at its content too."""
    model = seeded(lane.build.network, lane.seed)
    compiled = compile_arguments(model) if model.compiled else None
    start = weights_of(model)
    description = _or_why(lambda: _describe(model, compiled), CannotRideError)
    told = _or_why(lambda: _tell(model), NoContentError) if tell else None
    width = 0 if compiled else lane.build.width(model)
    outputs, said = outputs_of(model), architecture(model)
    return Inspected(start, description, told, said, width, outputs, compiled), model


def _describe(model: keras.Model, compiled: Mapping[str, Any] | None) -> Description:
    if compiled and compiled.get("run_eagerly"):
        raise CannotRideError("compile(run_eagerly=...) cannot ride")
    with _describing():
        described = describe(model)
        weighted = compiled_losses(model) if compiled and compiled["loss_weights"] else []
        check_losses(weighted)
        own = {loss_weight(one.output): float(one.weight) for one in weighted if one.weight}
        return replace(described, settings=described.settings | own)


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
    return content([all_layers(model), operations, weights])


def _or_why(find: Callable[[], Any], kind: type[Exception]) -> Any:
    try:
        return find()
    except kind as error:
        return error
