"""How large a difference between candidates must be for the folds of a search to show it."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from stages.reporting.decision import ALPHA


def told_apart(scores: NDArray[np.float64], of_folds: float) -> dict[str, float]:
    """Return from which difference on a candidate of common noise is told from the best.

    Parameters
    ----------
    scores : ndarray of shape (candidates, folds)
        NaN are failed fits.
    of_folds : float
        Test rows by training rows of a fold.

    Returns
    -------
    dict
        ``told_alone``, of two candidates; ``told_among_all``, of the first that Holm's adjustment
        looks at. Nothing where no candidate differs from the best by other amounts on other folds.
    """
    whole = scores[np.isfinite(scores).all(axis=1)]
    if len(whole) < 2:
        return {}
    gaps = whole[whole.mean(axis=1).argmax()] - whole
    folds = scores.shape[1]
    noise = gaps.std(axis=1, ddof=1) * np.sqrt(1 / folds + of_folds)
    others = int(gaps.any(axis=1).sum())
    # Equal differences have a deviation in their last digit.
    noise[noise < 1e-12] = 0.0
    if not noise.any():
        return {}
    common = float(np.median(noise[noise > 0]))
    levels = {"told_alone": ALPHA, "told_among_all": ALPHA / others}
    return {name: common * float(stdtrit(folds - 1, 1 - own / 2)) for name, own in levels.items()}
