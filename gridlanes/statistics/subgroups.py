"""In which groups of rows errors are larger than elsewhere, and how certain that is."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, stdtr, stdtrit
from scipy.stats import hypergeom, rankdata

from gridlanes.errors import ParameterError
from gridlanes.statistics.comparing import Interval
from gridlanes.statistics.input_checks import Floats, at_least, inside, vector


class Subgroups(NamedTuple):
    """What `subgroup_errors` finds: arrays of shape (groups,)."""

    rows: NDArray[np.int64]
    mean: Floats
    pvalue: Floats


def subgroup_errors(
    errors: ArrayLike, groups: ArrayLike, clusters: ArrayLike | None = None
) -> Subgroups:
    """Compare the mean error of each group of rows with that of all other rows, one-sided.

    The p-value is the probability that a group's errors are at least as much larger, if rows were
    in groups by chance. Of errors that are all 0 or 1 it is Fisher's exact one, of others that of
    the rank test of Mann and Whitney, by the normal distribution with corrections for ties and
    continuity: distances are skewed, and a t-test of a few of them beside many finds differences
    where there are none. Where rows come in clusters, such as several of one person, neighbours
    repeat each other: the variance of the difference of the two means, of distances of their
    ranks, is then ``c / (c - 1) * sum(u²)``, where u is what a cluster adds to the difference,
    measured from the mean of all rows, and c the number of clusters, with one degree of freedom
    less than the clusters on the side that has fewer. Measured from its own mean, a side whose few
    clusters have no error would seem certain of that.

    Groups that were chosen among many for their p-values need a correction: see `holm`.

    Parameters
    ----------
    errors : array-like of shape (rows,)
        Of rows that the model was not trained on: 1 where it is wrong, or the absolute error.
    groups : array-like of shape (rows,)
        The group of each row, counted from 0; -1 for rows of none, which are others for all groups.
    clusters : array-like of shape (rows,), optional
        Which rows are of one cluster.

    Returns
    -------
    Subgroups
        The p-value is 1 where nothing varies and where the mean is no larger than that of the
        others, and NaN for a group without rows, one with all of them, and where a side has fewer
        than 2 rows or clusters to vary.

    Raises
    ------
    ParameterError
        Fewer than 2 rows; an error that is not finite; shapes that do not fit together.

    References
    ----------
    Fisher, Statistical methods for research workers, 1934; Mann & Whitney, Annals of Mathematical
    Statistics 18, 1947; Liang & Zeger, Biometrika 73, 1986 (variance by clusters); Boos, The
    American Statistician 46, 1992 (that of a score test).
    """
    own = vector("errors", errors)
    codes = _labels("groups", groups, errors).astype(np.int64)
    at_least("errors", own.size, 2, "rows")
    if not np.isfinite(own).all():
        raise ParameterError("errors: allowed are finite numbers, got others")
    count = int(codes.max(initial=-1)) + 1
    member, of = codes >= 0, codes[codes >= 0]
    rows = np.bincount(of, minlength=count)
    sums = np.bincount(of, own[member], minlength=count)
    is_share = np.isin(own, (0, 1)).all()
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = sums / rows
        if clusters is not None:
            numbers = np.unique(_labels("clusters", clusters, errors), return_inverse=True)[1]
            values = own if is_share else rankdata(own)
            pvalue = _by_clusters(values - values.mean(), codes, count, numbers)
        elif is_share:
            pvalue = hypergeom.sf(sums - 1, own.size, own.sum(), rows)
        else:
            pvalue = _by_ranks(codes, rows, own)
        if not is_share:
            smaller = mean <= (own.sum() - sums) / (own.size - rows)
            pvalue = np.where(smaller & np.isfinite(pvalue), 1.0, pvalue)
    defined = (rows > 0) & (rows < own.size)
    return Subgroups(rows, mean, np.where(defined, pvalue, np.nan))


def cluster_interval(errors: ArrayLike, clusters: ArrayLike, level: float = 0.95) -> Interval:
    """Return a confidence interval of a mean over rows that come in clusters.

    ``mean ± t * sqrt(c / (c - 1) * sum(u²))``, where u is the sum of a cluster's deviations from
    the mean divided by the number of rows, and t has c - 1 degrees of freedom. Where each row is a
    cluster it is the t interval.

    Parameters
    ----------
    errors : array-like of shape (rows,)
        What the mean is of.
    clusters : array-like of shape (rows,)
        Which cluster each row is of.
    level : float
        The coverage asked for.

    Returns
    -------
    Interval
        Its ends are NaN of a single cluster, and where nothing varies.
    """
    own, level = vector("errors", errors), inside("level", level)
    at_least("errors", own.size, 1, "rows")
    numbers = np.unique(_labels("clusters", clusters, errors), return_inverse=True)[1]
    mean, count = float(own.mean()), int(numbers.max()) + 1
    added = np.bincount(numbers, own - mean) / own.size
    spread = np.sqrt(count / max(count - 1, 1) * (added**2).sum())
    half = float(stdtrit(count - 1, (1 + level) / 2) * spread) if count > 1 else np.nan
    half = half if half > 0 else np.nan
    return Interval(mean, mean - half, mean + half)


def _labels(name: str, values: ArrayLike, errors: ArrayLike) -> NDArray[Any]:
    labels = np.asarray(values)
    if labels.shape != np.shape(errors):
        raise ParameterError(
            f"{name}: allowed is one for each of the {np.size(errors)} rows, got {labels.shape}"
        )
    return labels


def _by_ranks(codes: NDArray[np.int64], rows: NDArray[np.int64], own: Floats) -> Floats:
    """Return p-values of the rank test of groups against all other rows."""
    ranks, member = rankdata(own), codes >= 0
    sums = np.bincount(codes[member], ranks[member], minlength=len(rows))
    others = own.size - rows
    larger = sums - rows * (rows + 1) / 2 - rows * others / 2
    tied = np.unique(ranks, return_counts=True)[1].astype(np.float64)
    ties = (tied**3 - tied).sum() / (own.size * (own.size - 1))
    variance = rows * others / 12 * (own.size + 1 - ties)
    pvalue = np.where(variance > 0, ndtr(-(larger - 0.5) / np.sqrt(variance)), 1.0)
    return np.where(np.minimum(rows, others) < 2, np.nan, pvalue)


def _by_clusters(
    own: Floats, codes: NDArray[np.int64], count: int, clusters: NDArray[np.int64]
) -> Floats:
    """Return p-values of groups against all other rows, by the sums of clusters."""
    size = int(clusters.max()) + 1
    of_all, all_rows = np.bincount(clusters, own, size), np.bincount(clusters, minlength=size)
    pvalues = np.full(count, np.nan)
    for group in range(count):
        member = codes == group
        sums = np.bincount(clusters[member], own[member], size)
        rows = np.bincount(clusters[member], minlength=size)
        n, others = rows.sum(), (all_rows - rows).sum()
        mean, rest = sums.sum() / n, (of_all - sums).sum() / others
        added = sums / n - (of_all - sums) / others
        fewer = min(np.count_nonzero(rows), np.count_nonzero(all_rows - rows))
        variance = size / max(size - 1, 1) * (added**2).sum()
        pvalues[group] = _above(mean - rest, variance, fewer - 1)
    return pvalues


def _above(difference: Any, variance: Any, freedom: Any) -> Floats:
    """Return the probability of so large a difference by chance; 1 where nothing varies."""
    statistic = difference / np.sqrt(variance)
    pvalue = stdtr(np.where(freedom > 0, freedom, np.nan), -statistic)
    return np.asarray(np.where(variance == 0, 1.0, pvalue))
