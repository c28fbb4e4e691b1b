"""Rows as the layers before a network's first weights turn them into numbers, once for each fold.

What is left of a fit is one on numbers: the rest of the network, trained on what those layers put
out. It is planned, run and kept like any other, by its own content; whoever asks for its model gets
the whole one.
"""

import functools
import itertools
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import keras
from numpy.typing import NDArray

from gridlanes.errors import CannotRideError, ModelError
from gridlanes.networks.front import Front, adapt, front_of, numbers_of, values_in, without_front
from gridlanes.networks.inputs import arrays_for, inputs_of, shares
from gridlanes.networks.lane import Lane, LaneResult, Request
from gridlanes.networks.listed import widths_in
from gridlanes.networks.seeding import seeded
from gridlanes.networks.signatures import name_of
from gridlanes.planning.fit_survey import Survey
from gridlanes.planning.network_inspection import Entrance
from gridlanes.programs.callbacks import needs_model


class _Adapted(NamedTuple):
    """A network that has seen the rows of a fold, and what its front has made of rows."""

    model: keras.Model
    front: Front
    known: dict[int, tuple[NDArray, NDArray]]

    def numbers(self, X: NDArray, columns: tuple[str, ...]) -> NDArray:
        """Return what the front makes of rows, one array for the same rows."""
        if id(X) not in self.known:
            given = arrays_for(inputs_of(self.model), X, columns)
            self.known[id(X)] = X, numbers_of(self.front, values_in(self.model, self.front, given))
        return self.known[id(X)][1]


class Fronts:
    """Takes the layers before the first weights off fits, and puts them back.

    Parameters
    ----------
    survey : Survey
        Builds each network once to look at it.
    """

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._builds: dict[int, tuple[Any, Callable]] = {}
        self._adapted: dict[Any, tuple[NDArray, _Adapted | Exception]] = {}

    def taken_off(self, request: Request) -> Request:
        """Return a fit of the rest of its network; the fit as it is if nothing stands before that.

        Of a fit that has to stay whole the lane says why.
        """
        try:
            entrance = self._survey.entrance(request.lane)
        except Exception:
            # A network that cannot be built is the plan's to report.
            return request
        try:
            return request if _is_plain(request.lane, entrance) else self._rest(request, entrance)
        except Exception as error:
            said = str(error) or type(error).__name__
            return replace(request, lane=replace(request.lane, left_whole=said))

    def put_back(self, request: Request, rest: Request, result: LaneResult) -> LaneResult:
        """Return the result of a fit from that of what :meth:`taken_off` has made of it."""
        if rest.lane.build is request.lane.build:
            return result
        return replace(result, make_model=partial(_whole, request.lane, result.make_model))

    def _rest(self, request: Request, entrance: Entrance) -> Request:
        lane = request.lane
        if isinstance(entrance.told, CannotRideError):
            raise entrance.told
        if needs_model(lane.callbacks):
            raise CannotRideError("a callback of your own sees the layers before the first weights")
        adapted = self._adapted_to(lane, entrance)

        def numbers(X: NDArray) -> NDArray:
            return adapted.numbers(X, lane.columns)

        validation = lane.validation
        own = replace(
            lane,
            build=replace(lane.build, build=self._builder(lane.build.build)),
            X=numbers(lane.X),
            validation=validation and (numbers(validation[0]), *validation[1:]),
            columns=(),
        )
        return replace(request, lane=own, rows=tuple(map(numbers, request.rows)))

    def _adapted_to(self, lane: Lane, entrance: Entrance) -> _Adapted:
        """Return a network with the front of a lane's that has seen the lane's rows."""
        key = entrance.told, lane.columns, id(lane.X)
        if key not in self._adapted:
            try:
                model = seeded(lane.build.network, lane.seed)
                found: Any = _Adapted(model, front_of(model), {})
                found.numbers(lane.X, lane.columns)
            except Exception as error:
                found = error
            self._adapted[key] = lane.X, found
        known: _Adapted | Exception = self._adapted[key][1]
        if isinstance(known, Exception):
            raise known
        return known

    def _builder(self, build: Callable) -> Callable:
        """Return a build function for the rest of what this one returns, always the same."""
        if id(build) not in self._builds:
            self._builds[id(build)] = build, _rest_of(build)
        return self._builds[id(build)][1]


def _rest_of(build: Callable) -> Callable:
    @functools.wraps(build)
    def rest(*args: Any, **kwargs: Any) -> Any:
        return without_front(build(*args, **kwargs))

    rest.__name__ = name_of(build)
    return rest


def _is_plain(lane: Lane, entrance: Entrance) -> bool:
    """Return whether a lane's rows can go to its network as they are."""
    if entrance.computed or entrance.takes_dict or lane.X.dtype != keras.config.floatx():
        return False
    if len(entrance.inputs) == 1 and entrance.inputs[0].width == lane.X.shape[-1]:
        return True
    try:
        found = shares(entrance.inputs, lane.X.shape, lane.columns)
    except ModelError:
        # The plan has words of its own, but not for arrays that no input takes.
        return not widths_in(lane.columns)
    return [*itertools.chain.from_iterable(found)] == list(range(lane.X.shape[-1]))


def _whole(lane: Lane, make: Callable[[], keras.Model]) -> keras.Model:
    """Return the trained model of a lane, of which ``make`` returns the rest."""
    trained, whole = make(), seeded(lane.build, lane.seed)
    adapt(whole, lane)
    # A model whose layers another one has too cannot be saved.
    twin = seeded(lane.build.network, lane.seed)
    rest = without_front(twin)
    places = dict(zip(map(id, twin.variables), whole.variables, strict=True))
    whole.optimizer.build([places[id(own)] for own in rest.trainable_variables])
    same = [places[id(own)] for own in rest.variables] + whole.optimizer.variables
    for own, other in zip(same, [*trained.variables, *trained.optimizer.variables], strict=True):
        own.assign(other)
    return whole
