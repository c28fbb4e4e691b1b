"""Finds out, for every fit of a search, whether it can ride and what it would bring to its lane.

Building a Keras model costs tens of milliseconds, so each distinct network is built once for all
fits that share it, and each distinct optimizer is made once.
"""

import json
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple

import keras

from gridlanes.compat.keras import all_layers, compile_arguments, other_operations
from gridlanes.errors import CannotRideError
from gridlanes.networks.building import Blueprint, seeded
from gridlanes.networks.lane import Lane
from gridlanes.programs.callbacks import check_callbacks
from gridlanes.programs.description import (
    LOOPS,
    Description,
    architecture,
    describe,
    describe_loss,
    describe_optimizer,
)
from gridlanes.programs.mini_batches import stream_key
from gridlanes.programs.optimizers import Kind
from gridlanes.programs.stateless_network import Weights, weights_of
from gridlanes.store.content import NoContentError, content, digest
from gridlanes.store.fingerprint import fingerprint


@dataclass(frozen=True, eq=False, slots=True)
class Surveyed:
    """What is known of a fit that can ride.

    Attributes
    ----------
    structure : hashable
        Equal for fits that can share a program.
    identity : hashable
        Equal for fits that differ in nothing but their number of epochs.
    start : Weights
        Before training.
    settings : dict of str to str or float
        See :class:`gridlanes.programs.description.Description`.
    kind, constants, rate
        The optimizer, see :func:`gridlanes.programs.description.describe_optimizer`.
    """

    lane: Lane
    structure: Hashable
    identity: Hashable
    start: Weights
    settings: dict[str, Any]
    kind: Kind
    constants: dict[str, float]
    rate: Any


class Made(NamedTuple):
    """What a fit starts from, told by content.

    Attributes
    ----------
    content : bytes
        Of the model before training: architecture, weights, optimizer, loss and metrics.
    loss : str, callable or keras.losses.Loss
        What the model is compiled with.
    architecture : str
        For people.
    """

    content: bytes
    loss: Any
    architecture: str


class _Network(NamedTuple):
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


class _Compiled(NamedTuple):
    """A network that can ride, with its optimizer and loss."""

    network: _Network
    description: Description
    structure: Hashable
    optimizer: tuple[Kind, dict[str, float], Any]


class _Failure(NamedTuple):
    """What a build function raised, and where: raising it again adds to its own traceback."""

    error: Exception
    traceback: TracebackType | None


class Survey:
    """Looks at fits, and remembers what it has built.

    Parameters
    ----------
    ride : bool
        Whether a fit may ride at all.
    tell : bool
        Whether :meth:`made` will be asked, for which a model has to be looked at more closely.
    """

    def __init__(self, *, ride: bool = True, tell: bool = False) -> None:
        self._ride, self._tell = ride, tell
        self._known: dict[Hashable, Any] = {}
        self._kept: dict[bytes, tuple[bytes, Blueprint]] = {}
        self._last: tuple[Blueprint, int, bytes] | None = None
        self._shared: dict[Hashable, Hashable] = {}

    def look(self, lane: Lane) -> Surveyed:
        """Return what a fit would bring to its lane.

        Raises
        ------
        CannotRideError
            If it needs the reference path.
        Exception
            Whatever the build function raises.
        """
        if not self._ride:
            raise CannotRideError('engine="keras"')
        own = self._fingerprint(lane)
        compiled = self._once(("compiled", own), lambda: self._compiled(lane))
        data = (lane.X.shape[1:], lane.X.dtype.str, lane.y.shape[1:], lane.n_classes)
        identity: Hashable = (own, self._same(stream_key(lane)))
        if lane.callbacks:
            check_callbacks(lane, compiled.description)
            watched = id(lane.validation and lane.validation[0]), tuple(map(id, lane.callbacks))
            identity = (identity, lane.epochs, watched)
        return Surveyed(
            lane,
            self._same((compiled.structure, data)),
            identity,
            compiled.network.start,
            compiled.description.settings,
            *compiled.optimizer,
        )

    def made(self, lane: Lane) -> Made:
        """Return what a fit starts from.

        Raises
        ------
        NoContentError
            If it cannot be told in a way that holds in another process.
        Exception
            Whatever the build function raises.
        """
        made: Made = self._once(("made", self._fingerprint(lane)), lambda: self._made(lane))
        return made

    def weights(self, lane: Lane) -> int:
        """Return how many weights a fit trains.

        Raises
        ------
        Exception
            Whatever the build function raises.
        """
        return len(self._network(lane)[1].start.trainable)

    def _made(self, lane: Lane) -> Made:
        key, network = self._network(lane)
        own, compiling = self._compiling(lane, key, network)
        compiled = self._once(("content of compiling", own), lambda: content(compiling))
        told = digest(_found(network.told), compiled)
        return Made(told, compiling["loss"], network.architecture)

    def _compiled(self, lane: Lane) -> _Compiled:
        key, network = self._network(lane)
        description = _found(network.description)
        own, compiling = self._compiling(lane, key, network)
        described = self._once(("described", own), lambda: _describe_compiling(compiling))
        return _Compiled(
            network, description, (description.structure, *described[:2]), described[2]
        )

    def _compiling(
        self, lane: Lane, key: bytes, network: _Network
    ) -> tuple[bytes, Mapping[str, Any]]:
        """Return what a network is compiled with, and a fingerprint of that."""
        if network.compiled:
            return key, network.compiled
        own = fingerprint((lane.build.compile_content, network.width))
        given = self._once(("compiling", own), lambda: lane.build.compiling(network.width))
        return own, given

    def _network(self, lane: Lane) -> tuple[bytes, _Network]:
        """Return a network and its fingerprint."""
        key = fingerprint((lane.build.network_content, lane.seed))
        return key, self._once(("network", key), lambda: _network(lane, tell=self._tell))

    def _fingerprint(self, lane: Lane) -> bytes:
        build, seed = lane.build, lane.seed
        # Fits come candidate by candidate, and those of one share all that is told here.
        if self._last and self._last[1] == seed and self._last[0].shares_content(build):
            return self._last[2]
        told = fingerprint((build.content, seed))
        # A fingerprint tells objects apart by identity, so what it was taken of has to live.
        told, _ = self._kept.setdefault(told, (told, build))
        self._last = build, seed, told
        return told

    def _same(self, key: Hashable) -> Hashable:
        """Return the one object that all fits share which have an equal key."""
        return self._shared.setdefault(key, key)

    def _once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what ``make`` returns, or raise what it raises; it is called once for each key."""
        if key not in self._known:
            try:
                self._known[key] = make()
            except Exception as error:
                self._known[key] = _Failure(error, error.__traceback__)
        known = self._known[key]
        if isinstance(known, _Failure):
            raise known.error.with_traceback(known.traceback)
        return known


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


def _describe_compiling(compiling: Mapping[str, Any]) -> tuple[str, str, Any]:
    """Return loss, metrics and optimizer as plain data."""
    with _describing():
        metrics = json.dumps(keras.tree.map_structure(_metric, compiling["metrics"]))
        optimizer = describe_optimizer(compiling["optimizer"])
        return describe_loss(compiling["loss"]), metrics, optimizer


def _network(lane: Lane, *, tell: bool) -> _Network:
    model = seeded(lane.build.network, lane.seed)
    compiled = compile_arguments(model) if model.compiled else None
    start = weights_of(model)
    description = _or_why(lambda: _describe(model, compiled), CannotRideError)
    told = _or_why(lambda: _tell(model), NoContentError) if tell else None
    width = 0 if compiled else lane.build.width(model)
    return _Network(start, description, told, architecture(model), width, compiled)


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
    return content([all_layers(model), operations, weights])


def _or_why(find: Callable[[], Any], kind: type[Exception]) -> Any:
    try:
        return find()
    except kind as error:
        return error


def _found(found: Any) -> Any:
    """Return what was found out, or raise what says why it could not be."""
    if isinstance(found, Exception):
        raise found
    return found


def _metric(metric: Any) -> Any:
    """Return a metric as plain data."""
    name = getattr(metric, "__name__", None) or type(metric).__name__
    own = getattr(metric, "__module__", None) or type(metric).__module__
    if isinstance(metric, str) or metric is None:
        return metric
    if not str(own).startswith("keras."):
        raise CannotRideError(f"metric {name} is not one of Keras' own")
    return json.dumps(keras.metrics.serialize(metric), default=str)
