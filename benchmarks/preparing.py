"""A planned search of one batch size, from which tasks of any number of lanes can be taken."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from benchmarks.searching import search_of, task_of
from gridlanes.model_selection.search_session import Session
from gridlanes.networks.lane import Request
from gridlanes.planning import runs
from gridlanes.planning.runs import _part
from gridlanes.workers.array_parcels import Hold, stow, whole_code
from gridlanes.workers.joblib_tasks import Task, _arrays, _lanes

#: Learning rates of a search of one batch size, which has 27 lanes for each, and the epochs of
#: fits that are soon trained.
RATES, EPOCHS = 48, [1, 2, 3]


@dataclass(frozen=True, eq=False)
class Prepared:
    """The fits of a search, its lanes and its arrays."""

    requests: list[Request]
    whole: runs.Part
    hold: Hold

    def part(self, lanes: int) -> runs.Part:
        """Return a run of so many lanes, of every kind alike."""
        group = self.whole.group
        own = np.linspace(0, len(group.planned_lanes) - 1, lanes).astype(int).tolist()
        return _part(group, self.whole.pool, own)

    def task(self, lanes: int) -> Task:
        """Return a run as a task."""
        with whole_code():
            return _lanes(self.part(lanes), self.requests, self.hold)


def prepared(batch_size: int, epochs: list[int], hidden: tuple[int, ...] = (12, 8)) -> Prepared:
    """Return a search, planned."""
    task = task_of(RATES, batch_size=[batch_size], epochs=epochs)
    X, y = task.data()
    search = search_of(task)
    search.estimator.set_params(hidden=hidden)
    engine = search.make_engine(progress=False)
    fits, _ = search.prepare(Session(engine, search.estimator, X, y, {}, engine.refit))
    requests = [fit.request for fit in fits if fit.request is not None]
    return Prepared(requests, engine.plan(fits).parts[0], stow(_arrays(requests)))


def timed(call: Callable[[], Any], rounds: int = 1) -> tuple[float, Any]:
    """Return the median seconds of some calls, and what the last one returned."""
    seconds, value = [], None
    for _ in range(rounds):
        started = time.perf_counter()
        value = call()
        seconds.append(time.perf_counter() - started)
    return median(seconds), value
