"""How often chance alone reaches a score."""

import numpy as np
from numpy.typing import ArrayLike

from gridlanes.errors import ParameterError
from gridlanes.statistics.input_checks import at_least, finite, vector


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
