"""What the scores of a full grid vary with."""

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridlanes.errors import ParameterError
from gridlanes.statistics.input_checks import Floats, finite, floats


class FullGrid(NamedTuple):
    """Scores of a full grid, an axis for each hyperparameter."""

    names: tuple[str, ...]
    levels: tuple[tuple[Any, ...], ...]
    """The values of each hyperparameter, in the order in which they first come."""
    scores: Floats
    """Shape (levels of the first, ..., levels of the last, folds) or (..., folds, seeds)."""


class VarianceShares(NamedTuple):
    """Shares of the variance of all scores; they add up to 1, or are all 0."""

    hyperparameters: dict[tuple[str, ...], float]
    """Of each hyperparameter, ``("epochs",)``, and each pair, ``("epochs", "init")``."""
    higher: float
    """Of interactions of three or more hyperparameters."""
    fold: float
    """Of the folds: some are easier than others, for all candidates alike."""
    candidate_by_fold: float
    """Of candidates that do well on one fold and badly on another."""
    seed: float
    """Of the seed, for the same candidate on the same fold."""


def full_grid(columns: Mapping[str, Sequence[Any]], scores: ArrayLike) -> FullGrid:
    """Arrange the scores of a grid search by the values of its hyperparameters.

    Parameters
    ----------
    columns : mapping
        For each hyperparameter its value in each candidate; values are told apart by type and
        ``repr``, numbers by their value, and may be lists.
    scores : array-like of shape (candidates, folds) or (candidates, folds, seeds)
        All finite.

    Returns
    -------
    FullGrid
        The scores with an axis for each hyperparameter.

    Raises
    ------
    ParameterError
        Combinations that are missing or repeated; a score that is not finite; no hyperparameter;
        columns that differ in length.
    """
    array = floats("scores", scores)
    if array.ndim not in (2, 3) or not array.size:
        raise ParameterError(
            "scores: allowed is the shape (candidates, folds) or (candidates, folds, seeds), "
            f"got {array.shape}"
        )
    _all_finite(array)
    if not columns:
        raise ParameterError("columns: at least one hyperparameter is needed, got none")
    positions, levels = [], []
    for name, values in columns.items():
        if len(values) != len(array):
            raise ParameterError(
                f"columns: {name}: allowed is one value for each of the {len(array)} candidates, "
                f"got {len(values)}"
            )
        position, level = _levels(values)
        positions.append(position)
        levels.append(level)
    shape = tuple(map(len, levels))
    _complete(np.stack(positions, axis=1), shape)
    tensor = array[np.lexsort(positions[::-1])].reshape(*shape, *array.shape[1:])
    return FullGrid(tuple(columns), tuple(levels), tensor)


def variance_shares(scores: ArrayLike, names: Sequence[str]) -> VarianceShares:
    """Split the variance of all scores of a full grid into what it comes with.

    Functional ANOVA. On a full grid it is the classical analysis of variance of a balanced
    design: the effect of a set of hyperparameters is the mean score at their values, averaged
    over all the rest, minus the effects of its subsets; its share is its sum of squares divided by
    that of all scores around their mean. The shares describe the scores that were measured: chance
    is not taken out of them, and each effect holds some of it.

    Parameters
    ----------
    scores : array-like of shape (levels of the first hyperparameter, ..., folds[, seeds])
        As `full_grid` arranges them.
    names : sequence of str
        The hyperparameters, one for each axis before the folds.

    Returns
    -------
    VarianceShares
        Of a hyperparameter with one value 0, as of the seed if there is one; if all scores are
        equal, all are 0.

    Raises
    ------
    ParameterError
        Names that do not fit the shape or repeat; a score that is not finite; no scores.

    References
    ----------
    Hutter, Hoos & Leyton-Brown, An efficient approach for assessing hyperparameter importance,
    ICML 2014, equations 2 to 6; Fisher, Statistical Methods for Research Workers, 1925.
    """
    array = _tensor(scores, names)
    scale = np.abs(array).max()
    array = (array - array.mean()) / (scale or 1.0)
    # Within rounding of one number.
    array[np.abs(array) < 1e-12] = 0
    cells = array.mean(axis=-1)
    candidates = cells.mean(axis=-1)
    folds = cells.mean(axis=tuple(range(candidates.ndim)))
    effects, rest = _effects(candidates, names)
    parts = {
        "higher": _square(rest),
        "fold": _square(folds),
        "candidate_by_fold": _square(cells - candidates[..., None] - folds),
        "seed": _square(array - cells[..., None]),
    }
    total = sum(effects.values()) + sum(parts.values()) or 1.0
    return VarianceShares(
        {of: effect / total for of, effect in effects.items()},
        **{name: part / total for name, part in parts.items()},
    )


def _tensor(scores: ArrayLike, names: Sequence[str]) -> Floats:
    """Return scores with an axis for the seeds."""
    array = floats("scores", scores)
    if array.ndim - len(names) not in (1, 2) or not names:
        raise ParameterError(
            f"names: allowed is one for each axis before the folds (and seeds), got {len(names)} "
            f"for the shape {array.shape}"
        )
    if len(set(names)) < len(names):
        raise ParameterError(f"names: allowed are different names, got {list(names)}")
    if not array.size:
        raise ParameterError(f"scores: at least one score is needed, got the shape {array.shape}")
    _all_finite(array)
    return array if array.ndim == len(names) + 2 else array[..., None]


def _effects(
    candidates: Floats, names: Sequence[str]
) -> tuple[dict[tuple[str, ...], float], Floats]:
    """Return the mean squares of main effects and pairs, and what they leave of each candidate."""
    axes = range(candidates.ndim)
    squares: dict[tuple[str, ...], float] = {}
    rest = candidates - candidates.mean()
    for size in (1, 2):
        # Effects of one size do not change each other's means.
        for chosen in itertools.combinations(axes, size):
            others = tuple(axis for axis in axes if axis not in chosen)
            effect = rest.mean(axis=others, keepdims=True)
            squares[tuple(names[axis] for axis in chosen)] = _square(effect)
            rest = rest - effect
    return squares, rest


def _square(effect: Floats) -> float:
    return float(np.mean(effect**2))


def _all_finite(array: Floats) -> None:
    missing = int(np.sum(~finite(array)))
    if missing:
        raise ParameterError(
            f"scores: allowed are finite numbers, got {missing} that are not (failed fits)"
        )


def _levels(values: Sequence[Any]) -> tuple[NDArray[np.intp], tuple[Any, ...]]:
    """Return the position of each value among the different ones, and those."""
    found: dict[str, int] = {}
    firsts: list[Any] = []
    positions = np.empty(len(values), dtype=np.intp)
    for candidate, value in enumerate(values):
        key = _key(value)
        if key not in found:
            found[key] = len(firsts)
            firsts.append(value)
        positions[candidate] = found[key]
    return positions, tuple(firsts)


def _key(value: Any) -> str:
    """Return what tells a value from others: 16 and 16.0 are one, 1 and True are two."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value == float(value):
        value = float(value)
    return f"{type(value).__qualname__} {value!r}"


def _complete(cells: NDArray[np.intp], shape: tuple[int, ...]) -> None:
    different, full = len(np.unique(cells, axis=0)), math.prod(shape)
    if different < len(cells):
        raise ParameterError(
            f"columns: allowed is each combination once, got {len(cells) - different} candidates "
            "that repeat one"
        )
    if different < full:
        raise ParameterError(
            f"columns: allowed is a full grid, got one with {full - different} of {full} "
            "combinations missing"
        )
