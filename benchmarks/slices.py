"""How the planner slices a simulated search into tasks, and how else it could be sliced.

The planner's own rule decides, given light stand-ins of the lanes: all lanes of a batch size are
one object, since the rule asks for nothing in which they differ.
"""

from collections.abc import Iterator, Mapping, Sequence
from statistics import mean
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.makespan import BATCH_SIZES, EPOCHS, FITS_A_LANE, ROWS, Grown, Slice, grow

#: Bytes that a worker may use, the same on every machine that simulates.
MEMORY = 2**31

#: Lanes a task, the same for all batch sizes.
LANES = [2**n for n in range(15)]

#: How many times as many tasks as the planner's.
FACTORS = [2 ** (n / 4) for n in range(-12, 13) if n]

#: Draws of the noise at most.
DRAWS = 8

#: More tasks than this are not simulated: the caller alone would take minutes for them.
MOST = 20_000


def chosen(fits: int, workers: int, costs: Mapping[str, Any], epochs: int = EPOCHS) -> list[Slice]:
    """Return how the planner slices a search for workers by Dask."""
    from gridlanes.planning import runs
    from gridlanes.planning.joblib_backend import Backend
    from gridlanes.planning.machine import cores

    group = _group(fits, costs["network"], epochs)
    parts = runs.divided([group], MEMORY * cores(), Backend("dask", workers))
    return [
        Slice(group.planned_lanes[part.lanes[0]].lane.batch_size, len(part.lanes), epochs)
        for part in parts
    ]


def compared(
    fits: int, workers: int, costs: Mapping[str, Any], epochs: int = EPOCHS
) -> dict[str, Any]:
    """Return what the planner's slices take in training, and what others would.

    Parameters
    ----------
    fits, workers : int
    costs : mapping
        See :mod:`benchmarks.costs`.
    epochs : int
    """
    own = chosen(fits, workers, costs, epochs)
    ours = grow(own, costs, workers)
    others = [*_uniform(fits, epochs), *_scaled(own, epochs)]
    average = training(own, costs, workers)
    best = min([average, *(training(slices, costs, workers) for slices in others)])
    return {
        "fits": fits,
        "workers": workers,
        **about(own, ours),
        "average": average,
        "best": best,
        "beyond best": average / best - 1,
    }


def training(slices: Sequence[Slice], costs: Mapping[str, Any], workers: int) -> float:
    """Return the mean time of training, over draws of the noise where there are few tasks.

    Else the best of many ways to slice would be the luckiest one.
    """
    draws = max(1, min(DRAWS, 2000 // len(slices)))
    return mean(grow(slices, costs, workers, seed=seed).training for seed in range(draws))


def about(own: list[Slice], grown: Grown) -> dict[str, Any]:
    """Return a sliced search and its times as plain data."""
    return {
        "tasks": len(own),
        "lanes a task": {str(size): _lanes(own, size) for size in BATCH_SIZES},
        "seconds": grown.seconds,
        "training": grown.training,
        "bounds": grown.bounds,
        "bound": grown.bound,
    }


def _lanes(slices: list[Slice], size: int) -> int:
    return max(own.lanes for own in slices if own.batch_size == size)


def lanes_of(fits: int) -> int:
    """Return how many lanes of each batch size a search has."""
    return max(1, round(fits / FITS_A_LANE / len(BATCH_SIZES)))


def _uniform(fits: int, epochs: int) -> Iterator[list[Slice]]:
    lanes = lanes_of(fits)
    for each in LANES:
        tasks = -(-lanes // each)
        if each <= lanes and tasks * len(BATCH_SIZES) <= MOST:
            yield _dealt(dict.fromkeys(BATCH_SIZES, tasks), lanes, epochs)


def _scaled(own: list[Slice], epochs: int) -> Iterator[list[Slice]]:
    sizes = [one.batch_size for one in own]
    lanes = sum(one.lanes for one in own) // len(BATCH_SIZES)
    for factor in FACTORS:
        tasks = {size: max(1, round(factor * sizes.count(size))) for size in BATCH_SIZES}
        if sum(tasks.values()) <= MOST:
            yield _dealt(tasks, lanes, epochs)


def _dealt(tasks: Mapping[int, int], lanes: int, epochs: int) -> list[Slice]:
    """Return lanes dealt out to so many tasks of each batch size."""
    return [
        Slice(size, lanes // count + (number < lanes % count), epochs)
        for size, count in tasks.items()
        for number in range(min(count, lanes))
    ]


def _group(fits: int, network: Mapping[str, Any], epochs: int) -> Any:
    """Return what stands for the lanes of a search."""
    from gridlanes.planning import runs
    from gridlanes.programs.optimizers import Kind
    from gridlanes.programs.sizes import Sizes

    X, y = np.zeros((ROWS, 1), np.float32), np.zeros(ROWS, int)
    rows = {"X": X, "y": y, "sample_weight": None, "n_classes": 2, "callbacks": ()}
    sizes = Sizes(
        ((1,),), ((network["weights"],),), (), (), 1, network["row numbers"], network["weights"]
    )
    planned_lanes: list[Any] = []
    for size in BATCH_SIZES:
        steps = -(-ROWS // size)
        lane = SimpleNamespace(batch_size=size, epochs=epochs, steps_per_epoch=steps, **rows)
        planned_lanes += [SimpleNamespace(lane=lane, sizes=sizes)] * lanes_of(fits)
    kinds = [Kind(name, tuple(flags)) for name, flags in network["kinds"]]
    of_network = SimpleNamespace(
        layers=[None] * network["layers"], objective=SimpleNamespace(given="mse")
    )
    program: Any = SimpleNamespace(network=of_network, kinds=kinds)
    return runs.Group(program, planned_lanes, [], 1)
