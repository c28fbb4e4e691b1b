"""A lane on its way through a program, as plain data."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray

from gridlanes.networks.lane import Lane
from gridlanes.programs.schedules import Schedule
from gridlanes.programs.sizes import Sizes
from gridlanes.programs.weights import IntegerPlaces, Weights


@dataclass(frozen=True, eq=False, slots=True)
class PlannedLane:
    """A lane with what the plan has found out about it.

    Attributes
    ----------
    lane : Lane
        With the epochs of the longest fit that it serves.
    start : Weights
        Before training.
    settings : dict of str to number
        See :func:`gridlanes.programs.settings.numbers_for`.
    sizes : Sizes
    integer_places : IntegerPlaces
    kind : int
        Position of its optimizer among the program's kinds.
    constants : dict of str to float or tuple of float
        Of the optimizer, or of each variable.
    rate : float or Schedule
        Learning rate.
    snapshots : Counter
        How many fits end at an epoch, counted from 1.
    rows : tuple of ndarray
        Rows for which outputs are wanted at each snapshot.
    """

    lane: Lane
    start: Weights
    settings: Mapping[str, Any]
    sizes: Sizes
    integer_places: IntegerPlaces
    kind: int
    constants: Mapping[str, Any]
    rate: Any
    snapshots: Counter[int]
    rows: tuple[NDArray, ...] = ()

    def of_model(self, weights: Weights) -> Weights:
        """Return variables in a lane as those of the lane's own model."""
        return replace(weights, integers=weights.integers[list(self.integer_places.own)])

    @property
    def scheduled(self) -> bool:
        """Whether the learning rate changes from step to step."""
        return isinstance(self.rate, Schedule)


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A lane at the end of one of its fits.

    Attributes
    ----------
    weights : Weights
    history : dict of str to list of float
        A value an epoch.
    outputs : tuple of ndarray of shape (rows, outputs)
        For the planned lane's ``rows``.
    seconds : float
        The lane's share of the time so far.
    """

    weights: Weights
    history: dict[str, list[float]]
    outputs: tuple[NDArray, ...]
    seconds: float
