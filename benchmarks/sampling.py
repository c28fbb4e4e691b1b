"""Which fits a slow peer makes, and how its time for all of them is estimated.

All grids are full products, so each pair of epochs and batch size, on which the time of a fit
depends most, has equally many candidates. A sample with equally many of each pair (in the smaller
one: each number of epochs and each batch size equally often, paired at random) therefore has the
mean time of all fits as its expectation, and is scaled up by the mean::

    estimate = warm-up + sample * (fits - warm-up fits) / sampled fits

The warm-up, the cheapest sampled candidate on all folds, pays what is paid once a search, such as
starting worker processes, and is not scaled. What grows over a long search is not in an estimate.
"""

from collections.abc import Sequence

import numpy as np

from benchmarks.tasks import Task

Cell = tuple[int, int]


def sample_candidates(task: Task, seed: Sequence[int], *, smaller: bool) -> list[int]:
    """Return a stratified random sample of the candidates of a task, the longest first.

    Parameters
    ----------
    task : Task
    seed : sequence of int
    smaller : bool
        Pair the numbers of epochs with the batch sizes at random instead of taking all pairs.

    Notes
    -----
    The longest come first so that two workers end at about the same time, as they do in a long
    search.
    """
    random = np.random.default_rng(seed)
    strata: dict[tuple[int, int], list[int]] = {}
    for number, candidate in enumerate(task.candidates()):
        strata.setdefault((candidate["epochs"], candidate["batch_size"]), []).append(number)
    pairs = list(strata)
    if smaller:
        sizes = random.permutation(task.grid["batch_size"]).tolist()
        pairs = list(zip(task.grid["epochs"], sizes, strict=True))
    chosen = [int(random.choice(strata[pair])) for pair in pairs]
    return sorted(chosen, key=lambda number: -_steps(task, number))


def _steps(task: Task, number: int) -> float:
    """Return the gradient steps of a candidate, up to a factor common to all."""
    candidate = task.candidates()[number]
    return float(candidate["epochs"] / candidate["batch_size"])


def cells_of(task: Task, candidates: Sequence[int]) -> list[Cell]:
    """Return the fits of some candidates, each on all folds."""
    return [(candidate, fold) for candidate in candidates for fold in range(task.folds)]


def estimate(
    task: Task, sampled: int, seconds: float, warm_fits: int, warm_seconds: float
) -> float:
    """Return the expected time of all fits of a task in seconds."""
    fits = len(task.cells())
    return warm_seconds + seconds * (fits - warm_fits) / sampled
