"""How often chance alone reaches a score."""

import numpy as np
from numpy.typing import ArrayLike

from gridlanes.errors import ParameterError
from gridlanes.statistics.input_checks import at_least, finite, floats, vector

#: Choices of one arrangement in each fold that are all looked at; of more, so many are drawn.
ALL, DRAWN = 100_000, 19_999

#: Sums of scores that differ by less are equal.
ROUNDING = 1e-9


def permutation_pvalue(score: float, permuted: ArrayLike) -> float:
    """Return the p-value of a score among scores with permuted labels.

    ``(1 + number of permuted >= score) / (1 + number of permuted)``: the score itself is one of
    the arrangements that chance could have brought, so no p-value is 0.

    Parameters
    ----------
    score : float
        Higher is better.
    permuted : array-like of shape (permutations,)
        The same score, each time with labels permuted anew; of a search, the best score of the
        whole search.

    Returns
    -------
    float
        At least 1 / (1 + permutations).

    Raises
    ------
    ParameterError
        No permutation; a score that is not a finite number.

    References
    ----------
    Phipson & Smyth, Permutation p-values should never be zero, Statistical Applications in
    Genetics and Molecular Biology 9, 2010; Ojala & Garriga, Permutation tests for studying
    classifier performance, JMLR 11, 2010, definition 1.
    """
    array = vector("permuted", permuted)
    at_least("permuted", array.size, 1, "permutations")
    for name, values in (("score", np.atleast_1d(score)), ("permuted", array)):
        missing = int(np.sum(~finite(values)))
        if missing:
            raise ParameterError(f"{name}: allowed are finite numbers, got {missing} that are not")
    return float((1 + np.sum(array >= score)) / (1 + array.size))


def shuffling_pvalue(drops: ArrayLike) -> float:
    """Return the p-value of what a score loses when a column is shuffled among test rows.

    If a column says nothing of the target and of the other columns, its values as they are are one
    arrangement among the shuffled ones. So in each fold any of them is as likely to be the real
    one, and the p-value is the share of all choices of one in each fold whose scores sum to at
    least as much as the real ones do. That holds in each fold whatever the scores' distribution,
    where rows are independent and no row is tested by two folds; over folds it is nearly so, since
    a network was trained on the column that others are tested on: in simulations of 3 to 10 folds
    up to 6.6 % of p-values were below 0.05. A column that goes together with a useful one is used,
    and found. Of more than 100,000 choices 19,999 are drawn, and the real one counts with them.

    Parameters
    ----------
    drops : array-like of shape (folds, shuffles)
        The score of the rows as they are minus that of each shuffle, drawn anew for each fold.

    Returns
    -------
    float
        At least 1 / (1 + shuffles) ** folds.

    Raises
    ------
    ParameterError
        No fold or shuffle; a drop that is not a finite number.

    References
    ----------
    Fisher, The design of experiments, 1935, section 21 (the test); Phipson & Smyth, Statistical
    Applications in Genetics and Molecular Biology 9, 2010 (drawn arrangements).
    """
    array = floats("drops", drops)
    if array.ndim != 2:
        raise ParameterError(f"drops: allowed is (folds, shuffles), got the shape {array.shape}")
    at_least("drops", array.shape[0], 1, "folds")
    at_least("drops", array.shape[1], 1, "shuffles")
    if not finite(array).all():
        raise ParameterError("drops: allowed are finite numbers, got others")
    gained = np.column_stack([np.zeros(len(array)), -array])
    least = -ROUNDING * max(float(np.abs(array).max()), ROUNDING)
    if gained.shape[1] ** len(gained) <= ALL:
        sums = np.zeros(1)
        for own in gained:
            sums = np.add.outer(sums, own).ravel()
        return float((sums >= least).mean())
    which = np.random.default_rng(0).integers(gained.shape[1], size=(DRAWN, len(gained)))
    sums = gained[np.arange(len(gained)), which].sum(axis=1)
    return float((1 + np.sum(sums >= least)) / (1 + DRAWN))
