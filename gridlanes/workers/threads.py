"""Trains the lanes of a plan in the threads of this process.

Tracing needs Python and Keras, training only TensorFlow, which lets go of Python's lock: one
program is traced while the runs of others are under way, and of a program what the end of an epoch
needs while its first steps are taken.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING

import tensorflow as tf

from gridlanes.networks.lane import LaneResult, Request
from gridlanes.planning.plan import Plan
from gridlanes.programs.training_loop import Run, StoppedError
from gridlanes.workers.fit_results import all_of, results_of, untraceable

if TYPE_CHECKING:
    from gridlanes.planning.runs import Part

#: Seconds between two looks at what runs have brought.
PATIENCE = 0.1


#: Takes what has become of fits, by position of their request.
Take = Callable[[Mapping[int, LaneResult | Exception]], None]


def train(
    plan: Plan,
    requests: Sequence[Request],
    take: Take,
    report: Callable[[int, int], None],
    timings: dict[str, float],
) -> None:
    """Train all lanes of a plan.

    Parameters
    ----------
    plan : Plan
    requests : sequence of Request
        The ones that the plan was made for.
    take : callable
        Given results as they come.
    report : callable
        Told of lane-epochs and fits that are done.
    timings : dict
        Gets the seconds of ``trace``, and of ``run`` beyond the time of tracing.
    """
    under_way = _UnderWay(plan.backend.workers, requests, take)
    try:
        started = time.perf_counter()
        for part in plan.parts:
            # The plan's order puts the longest first, which the others then run beside.
            planned_lanes = [part.group.planned_lanes[lane] for lane in part.lanes]
            try:
                program, stop = part.group.program, under_way.stop
                run = Run(program, part.pool, planned_lanes, stop=stop, report=report)
                under_way.start(part, run)
            except Exception as error:
                take(all_of(part, untraceable(error)))
            under_way.collect(timeout=0)
        timings["trace"] = time.perf_counter() - started
        while under_way.waiting:
            under_way.collect(timeout=PATIENCE)
        timings["run"] = time.perf_counter() - started - timings["trace"]
    except KeyboardInterrupt:
        under_way.collect(timeout=0)
        raise
    finally:
        under_way.end()


class _UnderWay:
    """The runs that threads train.

    Attributes
    ----------
    stop : Event
        Set when all of them are to end.
    waiting : dict of Future to (Part, Run)
        Those that have not ended.
    """

    def __init__(self, workers: int, requests: Sequence[Request], take: Take) -> None:
        self._requests, self._take = requests, take
        self._executor = ThreadPoolExecutor(workers)
        self.stop = Event()
        self.waiting: dict[Future, tuple[Part, Run]] = {}

    def start(self, part: "Part", run: Run) -> None:
        """Trace what a run begins with, let it begin, and trace the rest."""
        run.prepare()
        self.waiting[self._executor.submit(run.train)] = part, run
        run.prepare_ends()

    def collect(self, timeout: float) -> None:
        """Take the snapshots that are there, and the runs that have ended off the list."""
        done, _ = wait(self.waiting, timeout, FIRST_COMPLETED)
        merged: dict[int, LaneResult | Exception] = {}
        for part, run in self.waiting.values():
            taken = [run.taken.popleft() for _ in range(len(run.taken))]
            merged |= results_of(part, taken, self._requests)
        if merged:
            self._take(merged)
        for future in done:
            part, _ = self.waiting.pop(future)
            try:
                # One that is stopped has waited for what could not be traced, which was said.
                with suppress(StoppedError):
                    future.result()
            except tf.errors.OpError as error:
                self._take(all_of(part, untraceable(error)))

    def end(self) -> None:
        """Stop whatever still runs."""
        self.stop.set()
        self._executor.shutdown(cancel_futures=True)
