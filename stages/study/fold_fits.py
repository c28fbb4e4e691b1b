"""An estimator fitted to each fold, scored, and found in the store if it was fitted before."""

from collections.abc import Mapping, Sequence
from typing import Any

from gridlanes import cross_validate
from stages.study.artifacts import FITS
from stages.study.prepared import Prepared
from stages.study.scorers import scorers
from stages.study.thresholds import with_thresholds


def fitted_on(
    folds: Any,
    estimator: Any,
    names: Sequence[str],
    data: Prepared,
    seed: int,
    given: Mapping[str, Any],
) -> dict[str, Any]:
    """Return scikit-learn's record, with estimators, rows and the report of the fits.

    Parameters
    ----------
    folds : cross-validation splitter
    estimator : estimator
        Its thresholds are tuned in each fold, where a scorer asks for that.
    names : sequence of str
        Of scorers.
    data : Prepared
    seed : int
        Of the parts that thresholds are tuned on.
    given : mapping
        From :func:`stages.study.routing.routing`.
    """
    outcome: dict[str, Any] = cross_validate(
        with_thresholds(estimator, names, data, seed),
        data.X,
        data.y,
        cv=folds,
        scoring=scorers(names, data),
        params=given,
        return_estimator=True,
        return_indices=True,
        return_fit_report=True,
        error_score="raise",
        memory=FITS,
    )
    return outcome
