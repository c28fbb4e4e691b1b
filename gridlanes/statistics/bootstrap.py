"""What the best of many candidates is worth, without further fits."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridlanes.errors import ParameterError
from gridlanes.statistics.checks import Floats, at_least, inside
from gridlanes.statistics.metrics import Score

#: Numbers in one array of a block of draws: 32 MB each.
BLOCK = 4_000_000


class BootstrapCorrected(NamedTuple):
    """Outcome of `bootstrap_corrected`."""

    estimate: float
    low: float
    high: float
    uncorrected: float
    """The score of the candidate that is best on all rows: optimistic."""
    chosen: NDArray[np.int64]
    """How many draws chose each candidate, of shape (candidates,)."""


def bootstrap_corrected(
    score: Score, rows: int, draws: int = 1000, level: float = 0.95, seed: int = 0
) -> BootstrapCorrected:
    """Estimate how well the winner of a search does on new rows, and how certain that is.

    Bootstrap bias corrected cross-validation (BBC-CV): rows are drawn with replacement, the best
    candidate is chosen by the out-of-fold predictions of the rows drawn, and scored on the rows
    that were not drawn. The estimate is the mean of these scores.

    Parameters
    ----------
    score : callable
        Takes weights of shape (draws, rows), returns scores of shape (draws, candidates); higher
        is better. `gridlanes.statistics` has makers of such functions. Candidates with NaN on all
        rows are never chosen; draws with no score are left out.
    rows : int
    draws : int
    level : float
        The coverage asked for.
    seed : int

    Returns
    -------
    BootstrapCorrected

    Raises
    ------
    ParameterError
        Fewer than 2 rows or draws; no candidate has a score; no draw has one.

    References
    ----------
    Tsamardinos, Greasidou & Borboudakis, Bootstrapping the out-of-sample predictions for
    efficient and accurate cross-validation, Machine Learning 107, 2018, algorithm 5.
    """
    at_least("rows", rows, 2, "rows")
    at_least("draws", draws, 2, "draws")
    level = inside("level", level)
    whole = score(np.ones((1, rows)))[0]
    if np.isnan(whole).all():
        raise ParameterError("score: at least one candidate with a score is needed, got none")
    generator = np.random.default_rng(seed)
    size = max(1, BLOCK // max(rows, whole.size))
    even = np.full(rows, 1 / rows)
    blocks = [
        _draw(score, whole, generator.multinomial(rows, even, size=min(size, draws - done)))
        for done in range(0, draws, size)
    ]
    values, winners, left = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    if not values.size:
        raise ParameterError("score: at least one draw with a score is needed, got none")
    estimate = float(values.mean())
    low, high = _interval(values, left / rows, level)
    chosen = np.bincount(winners, minlength=whole.size)
    return BootstrapCorrected(estimate, low, high, float(np.nanmax(whole)), chosen)


def _draw(
    score: Score, whole: Floats, counts: NDArray[np.int64]
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Return scores out of the bag, the candidate of each and its number of rows."""
    inside_bag = score(counts.astype(np.float64))
    inside_bag[:, np.isnan(whole)] = np.nan
    winners = np.where(np.isnan(inside_bag), -np.inf, inside_bag).argmax(axis=1)
    outside = counts == 0
    values = np.take_along_axis(score(outside.astype(np.float64)), winners[:, None], axis=1)[:, 0]
    used = ~np.isnan(inside_bag).all(axis=1) & ~np.isnan(values)
    return values[used], winners[used], outside.sum(axis=1)[used]


def _interval(values: Floats, share: Floats, level: float) -> tuple[float, float]:
    """Return percentiles of scores, with their deviations scaled to those of all rows.

    Scores of a share of the rows, drawn without replacement, vary by (1 - share) / share of the
    variance of a score of all rows.
    """
    estimate = values.mean()
    scaled = estimate + (values - estimate) * np.sqrt(share / (1 - share))
    low, high = np.quantile(scaled, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
