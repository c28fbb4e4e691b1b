"""Finds out, for every fit of a search, whether it can ride and what it would bring to its lane.

Building a Keras model costs tens of milliseconds, so each distinct network is built once for all
fits that share it, and each distinct optimizer is made once.
"""

from collections.abc import Hashable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from gridlanes.errors import CannotRideError
from gridlanes.networks.lane import Lane
from gridlanes.networks.shapes import check_rows
from gridlanes.networks.signatures import name_of
from gridlanes.planning.fingerprint import fingerprint
from gridlanes.planning.network_inspection import (
    Entrance,
    Inspected,
    describe_compiling,
    inspect,
)
from gridlanes.planning.once import Once
from gridlanes.planning.surveyed import Made, Surveyed
from gridlanes.programs.callbacks import check_watching
from gridlanes.programs.mini_batches import stream_key
from gridlanes.programs.network_description import Description
from gridlanes.programs.optimizers import Kind
from gridlanes.store.content_digest import content
from gridlanes.store.digests import digest

if TYPE_CHECKING:
    import keras

    from gridlanes.networks.building import Blueprint


class _Compiled(NamedTuple):
    """A network that can ride, with its optimizer and loss."""

    network: Inspected
    description: Description
    structure: Hashable
    optimizer: tuple[Kind, dict[str, Any], Any]


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
        self._once = Once()
        self._kept: dict[bytes, tuple[bytes, Blueprint]] = {}
        self._told: dict[Hashable, tuple[bytes, Blueprint]] = {}
        self._shared: dict[Hashable, Hashable] = {}
        self._structures: set[Hashable] = set()
        self._templates: dict[Hashable, keras.Model] = {}
        self._newest: tuple[bytes, keras.Model] | None = None

    def look(self, lane: Lane) -> Surveyed:
        """Return what a fit would bring to its lane.

        Raises
        ------
        CannotRideError
            If it needs the reference path.
        ModelError
            If the network does not take the lane's rows.
        Exception
            Whatever the build function raises.
        """
        if not self._ride:
            raise CannotRideError('engine="keras"')
        if lane.left_whole:
            raise CannotRideError(lane.left_whole)
        own = self._fingerprint(lane)
        compiled = self._once.get(("compiled", own), lambda: self._compiled(lane))
        description = compiled.description
        check_rows(name_of(lane.build.build), description.sizes.inputs, lane.X.shape)
        columns = lane.y.shape[1] if lane.y.ndim == 2 else 1
        if lane.n_classes is None and columns != description.sizes.width:
            raise CannotRideError("its target has a column for each output, not for each unit")
        data = (lane.X.ndim, lane.X.dtype.str, lane.y.ndim, lane.n_classes is None)
        identity: Hashable = (own, self._same(stream_key(lane)))
        if lane.callbacks or lane.validation:
            check_watching(lane)
            watched = tuple(map(id, lane.validation or ())), tuple(map(id, lane.callbacks))
            identity = (identity, lane.epochs, watched)
        return Surveyed(
            lane,
            self._same((compiled.structure, data)),
            identity,
            compiled.network.start,
            description,
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
        made: Made = self._once.get(("made", self._fingerprint(lane)), lambda: self._made(lane))
        return made

    def entrance(self, lane: Lane) -> Entrance:
        """Return what a fit's rows go through before they reach the first weights.

        Raises
        ------
        Exception
            Whatever the build function raises.
        """
        own = self._fingerprint(lane)
        entrance: Entrance = self._once.get(("entrance", own), lambda: self._entrance(lane, own))
        return entrance

    def weights(self, lane: Lane) -> int:
        """Return how many weights a fit trains.

        Raises
        ------
        Exception
            Whatever the build function raises.
        """
        return len(self._network(lane)[1].start.trainable)

    def variables(self, lane: Lane) -> int:
        """Return how many numbers all variables of a fit's network have, trained or not.

        Raises
        ------
        Exception
            Whatever the build function raises.
        """
        return sum(own.size for own in self._network(lane)[1].start.arrays)

    def _entrance(self, lane: Lane, own: bytes) -> Entrance:
        with suppress(CannotRideError):
            # What was just built can be the template of its program.
            self._once.get(("compiled", own), lambda: self._compiled(lane))
        return self._network(lane)[1].entrance

    def _made(self, lane: Lane) -> Made:
        key, network = self._network(lane)
        own, compiling = self._compiling(lane, key, network)
        compiled = self._once.get(("content of compiling", own), lambda: content(compiling))
        told = digest(_found(network.told), compiled)
        return Made(told, compiling["loss"], network.architecture)

    def template(self, structure: Any) -> "keras.Model | None":
        """Return a compiled model of a structure, None if there is none left to give away."""
        return self._templates.pop(structure[0], None)

    def _compiled(self, lane: Lane) -> _Compiled:
        key, network = self._network(lane)
        description = _found(network.description)
        own, compiling = self._compiling(lane, key, network)
        classes, variables = lane.n_classes is not None, description.variables
        described = self._once.get(
            ("described", own, variables, classes),
            lambda: describe_compiling(compiling, variables, classes=classes),
        )
        width = description.sizes.width
        objective = described.objective
        structure = (
            description.structure,
            objective.loss,
            objective.metrics,
            width if objective.sized else min(width, 2),
            # A loss may tell weights of 1 from none.
            objective.alone and lane.sample_weight is not None,
        )
        self._keep_template(structure, key, compiling)
        return _Compiled(network, description, structure, described.optimizer)

    def _keep_template(self, structure: Hashable, key: bytes, compiling: Mapping[str, Any]) -> None:
        """Keep the network that was just built if it is the first one of its structure."""
        newest, self._newest = self._newest, None
        if newest is None or newest[0] != key or structure in self._structures:
            return
        self._structures.add(structure)
        self._templates[structure] = newest[1]
        if not newest[1].compiled:
            newest[1].compile(loss=compiling["loss"], metrics=compiling["metrics"])

    def _compiling(
        self, lane: Lane, key: bytes, network: Inspected
    ) -> tuple[bytes, Mapping[str, Any]]:
        """Return what a network is compiled with, and a fingerprint of that."""
        if network.compiled:
            return key, network.compiled
        sizes = network.width, network.outputs
        own = fingerprint((lane.build.compile_content, *sizes))
        given = self._once.get(("compiling", own), lambda: lane.build.compiling(*sizes))
        return own, given

    def _network(self, lane: Lane) -> tuple[bytes, Inspected]:
        """Return a network and its fingerprint."""
        key = fingerprint((lane.build.network_content, lane.seed))

        def look_at() -> Inspected:
            network, model = inspect(lane, tell=self._tell)
            self._newest = key, model
            return network

        return key, self._once.get(("network", key), look_at)

    def _fingerprint(self, lane: Lane) -> bytes:
        build, seed = lane.build, lane.seed
        # The fits of a candidate share all that is told here.
        key = build.identity, seed
        if key not in self._told:
            told = fingerprint((build.content, seed))
            # A fingerprint tells objects apart by identity, so what it was taken of has to live.
            told, _ = self._kept.setdefault(told, (told, build))
            self._told[key] = told, build
        return self._told[key][0]

    def _same(self, key: Hashable) -> Hashable:
        """Return the one object that all fits share which have an equal key."""
        return self._shared.setdefault(key, key)


def _found(found: Any) -> Any:
    """Return what was found out, or raise what says why it could not be."""
    if isinstance(found, Exception):
        raise found
    return found
