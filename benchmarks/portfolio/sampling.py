"""Which fits of a search a peer makes, and how its time for all of them is estimated.

The first fit, the shortest, pays what is paid once a process, and is not scaled. Of the others some
are drawn that are spread over the number of steps, from the shortest to the longest, and timed
each by itself. The fits that were not made, and the refit of the best candidate on all rows, take::

    a + b * steps

with the ``a`` and ``b``, not below 0, that are nearest to the fits that were made; or their mean
where all take about as many steps.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from benchmarks.portfolio.search import Search

#: Candidate and fold.
Cell = tuple[int, int]

#: The longest fit has so many times the steps of the shortest before a line is laid through them.
VARIED = 1.3


def steps_of(search: Search) -> dict[Cell, float]:
    """Return the steps of each fit."""
    rows = [len(train) for train, _ in search.splits()]
    return {
        (number, fold): search.steps(candidate, length)
        for number, candidate in enumerate(search.candidates())
        for fold, length in enumerate(rows)
    }


def refit_steps(search: Search) -> float:
    """Return the steps of a refit of any candidate, on average."""
    return float(np.mean([search.steps(own, len(search.X)) for own in search.candidates()]))


def drawn(steps: Mapping[Cell, float], number: int | None, seed: Sequence[int]) -> list[Cell]:
    """Return the fits to make: the shortest first, then so many others in random order.

    Parameters
    ----------
    steps : mapping
        See :func:`steps_of`.
    number : int, optional
        None for all others.
    seed : sequence of int
    """
    random = np.random.default_rng(seed)
    cells = list(steps)
    # Fits of as many steps are in random order.
    order = np.lexsort((random.random(len(cells)), np.array(list(steps.values()))))
    first, *others = [cells[place] for place in order]
    count = len(others) if number is None else min(number, len(others))
    places = np.linspace(0, len(others) - 1, count).round().astype(int)
    return [first, *(others[place] for place in random.permutation(places))]


def estimate(made: Mapping[Cell, float], steps: Mapping[Cell, float], refit: float) -> float:
    """Return the time of a whole search with its refit.

    Parameters
    ----------
    made : mapping
        Times of the fits that were made, the first one first.
    steps : mapping
        See :func:`steps_of`.
    refit : float
        See :func:`refit_steps`.
    """
    left = [steps[cell] for cell in steps if cell not in made] + [refit]
    scaled = list(made)[1:] or list(made)
    expected = _expected(
        np.array([steps[cell] for cell in scaled]),
        np.array([made[cell] for cell in scaled]),
        np.array(left),
    )
    return float(sum(made.values()) + expected.sum())


def _expected(steps: NDArray, times: NDArray, asked: NDArray) -> NDArray:
    """Return the times of fits of so many steps."""
    if steps.max() < VARIED * steps.min():
        return np.full(len(asked), times.mean())
    (fixed, each), _ = nnls(np.stack([np.ones_like(steps), steps], axis=1), times)
    expected: NDArray = fixed + each * asked
    return expected
