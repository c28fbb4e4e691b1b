"""One network, built once and looked at: what its fits start from, and whether they can ride."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import keras

from gridlanes.compat.compiled_models import compile_arguments, compiled_losses, draws_by_xla
from gridlanes.compat.keras_optimizers import VariableName
from gridlanes.errors import CannotRideError
from gridlanes.networks.front import check_front, content_of, front_of
from gridlanes.networks.inputs import Input, inputs_of, takes_dict
from gridlanes.networks.lane import Lane
from gridlanes.networks.model_content import started
from gridlanes.networks.seeding import seeded
from gridlanes.networks.shapes import outputs_of
from gridlanes.programs.network_description import (
    Description,
    architecture,
    describe,
)
from gridlanes.programs.objective_description import Objective, check_losses, describe_objective
from gridlanes.programs.optimizer_description import describe_optimizer
from gridlanes.programs.settings import loss_weight
from gridlanes.programs.weights import Weights, weights_of
from gridlanes.store.content_digest import content
from gridlanes.store.digests import NoContentError


class Entrance(NamedTuple):
    """What rows go through before they reach a network's first weights.

    Attributes
    ----------
    inputs : tuple of Input
    takes_dict : bool
    computed : bool
        Whether layers turn rows into numbers that can be computed in advance.
    told : hashable or CannotRideError
        Equal for networks that make the same of rows; or why that cannot be computed in advance.
    """

    inputs: tuple[Input, ...]
    takes_dict: bool
    computed: bool
    told: Any


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
    entrance: Entrance


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
        See :func:`gridlanes.programs.optimizer_description.describe_optimizer`.
    """

    objective: Objective
    optimizer: Any


def describe_compiling(
    compiling: Mapping[str, Any], variables: Sequence[VariableName], *, classes: bool
) -> Compiling:
    """Return losses, metrics and optimizer, of a network with these variables, as plain data.

    Targets may be classes.
    """
    with _describing():
        optimizer = describe_optimizer(compiling["optimizer"], variables)
        return Compiling(describe_objective(compiling, classes=classes), optimizer)


def inspect(lane: Lane, *, tell: bool) -> tuple[Inspected, keras.Model]:
    """Build a fit's network and look at it; with ``tell``, at its content too."""
    model = seeded(lane.build.network, lane.seed)
    compiled = compile_arguments(model) if model.compiled else None
    start = weights_of(model)
    description = _or_why(lambda: _describe(model, compiled), CannotRideError)
    told = _or_why(lambda: started(model), NoContentError) if tell else None
    width = 0 if compiled else lane.build.width(model)
    outputs, said, entrance = outputs_of(model), architecture(model), _entrance(model)
    return Inspected(start, description, told, said, width, outputs, compiled, entrance), model


def _entrance(model: keras.Model) -> Entrance:
    front = front_of(model)
    told: Any = _or_why(lambda: check_front(front), CannotRideError)
    if told is None:
        told = _or_why(lambda: content(content_of(model, front)), NoContentError)
    return Entrance(inputs_of(model), takes_dict(model), bool(front.calls), told)


def _describe(model: keras.Model, compiled: Mapping[str, Any] | None) -> Description:
    if compiled and compiled.get("run_eagerly"):
        raise CannotRideError("compile(run_eagerly=...) cannot ride")
    if draws_by_xla(model):
        raise CannotRideError("with compile(jit_compile=True) its layers draw other random numbers")
    with _describing():
        described = describe(model)
        weighted = compiled_losses(model) if compiled and compiled["loss_weights"] else []
        check_losses(weighted)
        own = {loss_weight(one.output): float(one.weight) for one in weighted if one.weight}
        return replace(described, settings=described.settings | own)


def _or_why(find: Callable[[], Any], kind: type[Exception]) -> Any:
    try:
        return find()
    except kind as error:
        return error
