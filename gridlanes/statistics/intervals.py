"""How certain a cross-validated score is that is a mean over rows."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from gridlanes.errors import ParameterError
from gridlanes.statistics.comparing import Interval
from gridlanes.statistics.input_checks import ROUNDING, Floats, at_least, finite, inside, vector


def score_interval(
    row_scores: ArrayLike,
    folds: ArrayLike | None = None,
    level: float = 0.95,
    correlation: float | None = None,
) -> Interval:
    """Return a confidence interval of a cross-validated score from what each row scored.

    ``mean ± z * sqrt(s² / n * (1 + (k - 1) * rho))``, where s² is the variance of the n row
    scores (n - 1 in its denominator), k the number of folds and rho the correlation of two folds'
    scores. For scores that are all 0 or 1, as accuracy, it is Wilson's interval with
    n / (1 + (k - 1) * rho) rows, which stays within 0 and 1 and is never empty.

    Folds are correlated because each is trained on the others' rows. No estimate of rho from one
    cross-validation is unbiased (Bengio & Grandvalet, JMLR 5, 2004), so one has to be taken:
    1 / k, as in `corrected_t_test`, nearly doubles the variance and is the safe choice; 0 is right
    for learners so stable that a few other training rows hardly change their predictions (Bayle
    et al.), and far too narrow otherwise. ``benchmarks/results/README.md`` shows the coverage of
    both.

    It also holds for a nested cross-validation, from the rows of the outer test folds. With several
    repeats of a cross-validation a row scores the mean over the repeats, and k stays the folds of
    one repeat: repeats take out what the division into folds adds, not what other rows would. For
    scores that are not means over rows, such as the area under the ROC curve, there is
    `corrected_interval`, or `bootstrap_interval` without folds.

    Parameters
    ----------
    row_scores : array-like of shape (rows,)
        What each row scores out of fold: 0 or 1, a squared error, a log loss.
    folds : array-like of shape (rows,), optional
        The test fold of each row, of one repeat. None: all rows are scored by one model that was
        not trained on them, and have no correlation.
    level : float
        The coverage asked for.
    correlation : float, optional
        Rho, from 0 and below 1; 1 / k if not given, 0 without folds.

    Returns
    -------
    Interval
        If all scores are equal and not 0 or 1, they hold no estimate of noise, and both ends are
        NaN. A score that is not finite: all NaN.

    Raises
    ------
    ParameterError
        Fewer than 2 rows or folds; shapes that do not fit together; a level or correlation out of
        range.

    References
    ----------
    Bayle, Bayle, Janson & Mackey, Cross-validation confidence intervals for test error, NeurIPS
    2020, with the all-pairs variance estimator (rho = 0); Nadeau & Bengio, Machine Learning 52,
    2003 (rho = n_test / n); Wilson, JASA 22, 1927.
    """
    scores, level = vector("row_scores", row_scores), inside("level", level)
    at_least("row_scores", scores.size, 2, "rows")
    inflation = 1.0 if folds is None else _inflation(scores, folds, correlation)
    if not finite(scores).all():
        return Interval(np.nan, np.nan, np.nan)
    z = float(ndtri((1 + level) / 2))
    if np.isin(scores, (0, 1)).all():
        return _wilson(float(scores.mean()), scores.size / inflation, z)
    return _normal(scores, inflation, z)


def _inflation(scores: Floats, folds: ArrayLike, correlation: float | None) -> float:
    """Return by how much the correlation of folds raises the variance of their mean."""
    labels = np.asarray(folds)
    if labels.shape != scores.shape:
        raise ParameterError(
            f"folds: allowed is one fold for each of the {scores.size} rows, got {labels.shape}"
        )
    k = len(np.unique(labels))
    at_least("folds", k, 2, "folds")
    rho = 1 / k if correlation is None else correlation
    if not 0 <= rho < 1:
        raise ParameterError(f"correlation: allowed are numbers from 0 and below 1, got {rho!r}")
    return 1 + (k - 1) * rho


def _wilson(share: float, rows: float, z: float) -> Interval:
    """Return the shares from which the one found is z standard errors away."""
    middle = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z / (1 + z**2 / rows) * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    return Interval(share, max(0.0, float(middle - half)), min(1.0, float(middle + half)))


def _normal(scores: Floats, inflation: float, z: float) -> Interval:
    scale = np.abs(scores).max()
    scaled = scores / scale
    mean, deviation = float(scaled.mean() * scale), float(scaled.std(ddof=1))
    if deviation <= ROUNDING:
        return Interval(mean, np.nan, np.nan)
    half = float(z * deviation * np.sqrt(inflation / scores.size) * scale)
    return Interval(mean, mean - half, mean + half)
