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

from gridlanes.building import seeded
from gridlanes.errors import CannotRideError
from gridlanes.fingerprint import fingerprint
from gridlanes.functional import Weights, weights_of
from gridlanes.keras_private import compile_arguments
from gridlanes.lane import Lane
from gridlanes.optimizers import Kind
from gridlanes.riding import Description, describe, describe_loss, describe_optimizer
from gridlanes.streams import stream_key
from gridlanes.watching import check_callbacks


@dataclass(frozen=True, eq=False)
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
        See :class:`gridlanes.riding.Description`.
    kind, constants, rate
        The optimizer, see :func:`gridlanes.riding.describe_optimizer`.
    """

    lane: Lane
    structure: Hashable
    identity: Hashable
    start: Weights
    settings: dict[str, Any]
    kind: Kind
    constants: dict[str, float]
    rate: Any


class _Network(NamedTuple):
    """What is left of a model when it has been looked at."""

    start: Weights
    description: Description
    width: int
    compiled: dict[str, Any] | None


class _Compiled(NamedTuple):
    """A network with its optimizer and loss."""

    network: _Network
    structure: Hashable
    optimizer: tuple[Kind, dict[str, float], Any]


class _Failure(NamedTuple):
    """What a build function raised, and where: raising it again adds to its own traceback."""

    error: Exception
    traceback: TracebackType | None


class Survey:
    """Looks at fits, and remembers what it has built."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}
        self._kept: dict[bytes, Any] = {}

    def look(self, lane: Lane) -> Surveyed:
        """Return what a fit would bring to its lane.

        Raises
        ------
        CannotRideError
            If it needs the reference path.
        Exception
            Whatever the build function raises.
        """
        content = fingerprint((lane.build.content, lane.seed))
        # A fingerprint tells objects apart by identity, so what it was taken of has to live.
        self._kept.setdefault(content, lane.build)
        compiled = self._once(("compiled", content), lambda: self._compiled(lane))
        data = (lane.X.shape[1:], lane.X.dtype.str, lane.y.shape[1:], lane.n_classes)
        identity: Hashable = (content, *stream_key(lane))
        if lane.callbacks:
            check_callbacks(lane, compiled.network.description)
            watched = id(lane.validation and lane.validation[0]), tuple(map(id, lane.callbacks))
            identity = (identity, lane.epochs, watched)
        return Surveyed(
            lane,
            (compiled.structure, data),
            identity,
            compiled.network.start,
            compiled.network.description.settings,
            *compiled.optimizer,
        )

    def _compiled(self, lane: Lane) -> _Compiled:
        key = fingerprint((lane.build.network_content, lane.seed))
        network = self._once(("network", key), lambda: _network(lane))
        if network.compiled:
            described = _describe_compiling(network.compiled)
        else:
            content = fingerprint((lane.build.compile_content, network.width))
            described = self._once(
                ("compiling", content),
                lambda: _describe_compiling(lane.build.compiling(network.width)),
            )
        return _Compiled(network, (network.description.structure, *described[:2]), described[2])

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


def _network(lane: Lane) -> _Network:
    model = seeded(lane.build.network, lane.seed)
    compiled = compile_arguments(model) if model.compiled else None
    for name in ("loss_weights", "weighted_metrics", "run_eagerly"):
        if compiled and compiled.get(name):
            raise CannotRideError(f"compile({name}=...) cannot ride")
    with _describing():
        return _Network(weights_of(model), describe(model), int(model.output_shape[-1]), compiled)


def _metric(metric: Any) -> Any:
    """Return a metric as plain data."""
    name = getattr(metric, "__name__", None) or type(metric).__name__
    own = getattr(metric, "__module__", None) or type(metric).__module__
    if isinstance(metric, str) or metric is None:
        return metric
    if not str(own).startswith("keras."):
        raise CannotRideError(f"metric {name} is not one of Keras' own")
    return json.dumps(keras.metrics.serialize(metric), default=str)
