"""What the best of many candidates is worth, without further fits."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from gridlanes.errors import ParameterError
from gridlanes.statistics.comparing import Interval
from gridlanes.statistics.input_checks import ROUNDING, Floats, at_least, inside
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
    that were not drawn. The estimate is the mean of these scores. It stands for models trained on
    as many rows as those of the folds. The fits are not repeated, so that what they owe to the
    rows out of the bag is not taken out: in simulated pure noise up to a fifth of the optimism of
    the best score is left, where a nested cross-validation leaves nothing.

    The interval is that of the score of one candidate, ``estimate ± t * sqrt(variance)`` with
    Student's t of as many degrees of freedom as rows but one; the variance is that of the
    candidates' scores, averaged by how often each was chosen. The mean over draws makes the
    estimate vary less than one score (Efron), the choice makes it vary more;
    ``benchmarks/results/README.md`` shows how often the interval holds the truth. Percentiles of
    the draws would be too wide: out of the bag is a share of the rows, drawn without replacement,
    whose scores vary (1 - share) / share times as much as those of all rows. So each deviation of
    a score out of the bag is divided by the square root of that, as in the delete-d jackknife
    (Shao & Wu). The interval may reach beyond the limits of a metric, and is one point if the
    candidates chosen are right in all rows.

    Parameters
    ----------
    score : callable
        Takes weights of shape (draws, rows), returns scores of shape (draws, candidates); higher
        is better. `gridlanes.statistics` has makers of such functions. Candidates with NaN on all
        rows are never chosen; draws with no score are left out.
    rows : int
        How many there are.
    draws : int
        Their scores of all candidates are held in memory.
    level : float
        The coverage asked for.
    seed : int
        Of the draws.

    Returns
    -------
    BootstrapCorrected
        The estimate with its interval, and what it corrects.

    Raises
    ------
    ParameterError
        Fewer than 2 rows or draws; no candidate has a score; no draw has one; scores of another
        shape.

    References
    ----------
    Tsamardinos, Greasidou & Borboudakis, Bootstrapping the out-of-sample predictions for
    efficient and accurate cross-validation, Machine Learning 107, 2018, algorithm 5 (the
    estimate); Efron, Estimation and accuracy after model selection, JASA 109, 2014; Shao & Wu, A
    general theory for jackknife variance estimation, Annals of Statistics 17, 1989.
    """
    at_least("rows", rows, 2, "rows")
    at_least("draws", draws, 2, "draws")
    level = inside("level", level)
    whole = _whole(score, rows)
    if np.isnan(whole).all():
        raise ParameterError("score: at least one candidate with a score is needed, got none")
    drawn = _draw(score, whole, np.empty((draws, whole.size)), rows, np.random.default_rng(seed))
    if not drawn.winners.size:
        raise ParameterError("score: at least one draw with a score is needed, got none")
    estimate = float(drawn.outside[np.arange(drawn.winners.size), drawn.winners].mean())
    chosen = np.bincount(drawn.winners, minlength=whole.size)
    half = float(stdtrit(rows - 1, (1 + level) / 2)) * _error(drawn)
    return BootstrapCorrected(
        estimate, estimate - half, estimate + half, float(np.nanmax(whole)), chosen
    )


def bootstrap_interval(
    score: Score, rows: int, draws: int = 1000, level: float = 0.95, seed: int = 0
) -> Interval:
    """Return confidence intervals of what models score on rows that had no part in making them.

    ``score ± z * se``, where the standard error is the standard deviation of the scores of rows
    drawn with replacement: the bootstrap's normal interval. It says what other rows would change,
    not what training again would. With groups of rows as what is drawn it holds where rows of one
    group are alike; of rows in the order of time it does not.

    Parameters
    ----------
    score : callable
        As that of `bootstrap_corrected`: takes weights of shape (draws, rows), returns scores of
        shape (draws, models), or differences of scores.
    rows : int
        How many there are.
    draws : int
        Those in which a model has no score are left out.
    level : float
        The coverage asked for.
    seed : int
        Of the draws.

    Returns
    -------
    Interval
        Arrays of shape (models,). The ends are NaN where all draws have the same score, which is
        no estimate of noise, or fewer than two have one.

    Raises
    ------
    ParameterError
        Fewer than 2 rows or draws; scores of another shape.

    References
    ----------
    Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapters 6 and 13.
    """
    at_least("rows", rows, 2, "rows")
    at_least("draws", draws, 2, "draws")
    level = inside("level", level)
    whole = _whole(score, rows)
    generator, even = np.random.default_rng(seed), np.full(rows, 1 / rows)
    size = max(1, BLOCK // max(rows, whole.size))
    parts = [min(size, draws - start) for start in range(0, draws, size)]
    drawn = np.concatenate(
        [score(generator.multinomial(rows, even, size=own).astype(np.float64)) for own in parts]
    )
    there = ~np.isnan(drawn)
    known, times = np.where(there, drawn, 0), there.sum(axis=0)
    mean = known.sum(axis=0) / np.maximum(times, 1)
    squares = np.where(there, (drawn - mean) ** 2, 0).sum(axis=0)
    error = np.sqrt(squares / np.maximum(times - 1, 1))
    varies = (times > 1) & (error > ROUNDING * np.abs(known).max(axis=0, initial=0))
    half = np.where(varies, float(ndtri((1 + level) / 2)) * error, np.nan)
    return Interval(whole, whole - half, whole + half)


def _whole(score: Score, rows: int) -> Floats:
    """Return the scores on all rows, of shape (candidates,)."""
    scores = np.asarray(score(np.ones((1, rows))))
    if scores.ndim != 2 or len(scores) != 1 or not scores.size:
        raise ParameterError(
            "score: allowed is a function that returns the shape (draws, candidates), got one "
            f"that returns {scores.shape} for 1 draw"
        )
    whole: Floats = scores[0]
    return whole


class _Drawn(NamedTuple):
    outside: Floats
    """Scores out of the bag, of shape (draws, candidates)."""
    winners: NDArray[np.intp]
    """The candidate that each draw chose, of shape (draws,)."""
    share: Floats
    """Of the rows out of the bag, of shape (draws,)."""


def _draw(
    score: Score, whole: Floats, outside: Floats, rows: int, generator: np.random.Generator
) -> _Drawn:
    """Fill the array of scores out of the bag; return the draws that have one of their winner."""
    draws = len(outside)
    winners, share, used = np.zeros(draws, np.intp), np.zeros(draws), np.zeros(draws, np.bool_)
    even, size = np.full(rows, 1 / rows), max(1, BLOCK // max(rows, whole.size))
    for start in range(0, draws, size):
        own = slice(start, min(start + size, draws))
        counts = generator.multinomial(rows, even, size=own.stop - start)
        inside_bag = score(counts.astype(np.float64))
        missing = np.isnan(inside_bag) | np.isnan(whole)
        winners[own] = np.where(missing, -np.inf, inside_bag).argmax(axis=1)
        outside[own] = score((counts == 0).astype(np.float64))
        share[own] = (counts == 0).mean(axis=1)
        used[own] = ~missing.all(axis=1)
    used &= ~np.isnan(outside[np.arange(draws), winners])
    # Without a copy where there is nothing to leave out.
    return _Drawn(outside if used.all() else outside[used], winners[used], share[used])


def _error(drawn: _Drawn) -> float:
    """Return the standard error of the score on all rows of one candidate, as they were chosen."""
    candidates, times = np.unique(drawn.winners, return_counts=True)
    scores = drawn.outside[:, candidates]
    # A draw has a score of its winner, but may have none of another candidate.
    there = ~np.isnan(scores)
    scores = np.where(there, scores, 0)
    deviations = np.where(there, scores - scores.sum(axis=0) / there.sum(axis=0), 0)
    squares = deviations**2 * (drawn.share / (1 - drawn.share))[:, None]
    return float(np.sqrt(squares.sum(axis=0) / there.sum(axis=0) @ times / times.sum()))
