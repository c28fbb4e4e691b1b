"""What is logged of lanes at the end of each epoch."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from gridlanes.networks.lane import as_history
from gridlanes.programs.planned_lane import PlannedLane

#: A name, numbers of lanes and their values.
Log = tuple[str, Sequence[int], NDArray]


class Logs:
    """Losses and metrics of all lanes, epoch by epoch.

    Parameters
    ----------
    lanes : sequence of PlannedLane
    names : sequence of str
        What every lane has; the rest belongs to lanes with rows held out.
    """

    def __init__(self, lanes: Sequence[PlannedLane], names: Sequence[str]) -> None:
        self._lanes, self._names = lanes, names
        self._epochs: list[dict[str, NDArray]] = []

    def add(self, measured: Iterable[Log]) -> None:
        """Keep an epoch; NaN stands for lanes that are not in it."""
        logs: dict[str, NDArray] = {}
        for name, numbers, values in measured:
            column = logs.setdefault(name, np.full((len(self._lanes), *values.shape[1:]), np.nan))
            column[list(numbers)] = values
        self._epochs.append(logs)

    def last(self, number: int) -> dict[str, float]:
        """Return what is logged of one lane for the last epoch."""
        return {name: values[-1] for name, values in self.history(number, -1).items()}

    def history(self, number: int, start: int = 0) -> dict[str, list[float]]:
        """Return what is logged of one lane, from some epoch on."""
        validated = bool(self._lanes[number].lane.validation)
        names = [name for name in self._epochs[0] if validated or name in self._names]
        return as_history({n: [own[n][number] for own in self._epochs[start:]] for n in names})
