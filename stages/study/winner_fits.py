"""The winner on the folds of the search: the networks that were scored there."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from gridlanes.model_selection.fit_report import FitReport
from stages.study.estimator import make_searched
from stages.study.fold_fits import fitted_on
from stages.study.params import Params
from stages.study.prepared import Prepared
from stages.study.routing import weighted
from stages.study.splits import make_folds


class FoldFit(NamedTuple):
    """A network of a fold.

    Attributes
    ----------
    fold : int
    rows : ndarray of int
        Those that it was not trained on.
    estimator : estimator
    """

    fold: int
    rows: NDArray[np.int64]
    estimator: Any


def winner_untrained(settings: Params, data: Prepared, best: Mapping[str, Any]) -> Any:
    """Return the winner's estimator, untrained; called while metadata are routed.

    Parameters
    ----------
    settings : Params
    data : Prepared
    best : mapping
        What ``best.json`` says.
    """
    estimator, transformers = make_searched(settings, data)
    # Last, as scikit-learn sets a candidate's.
    estimator.set_params(**transformers.resolved(best["params"], "grid_search.param_grid"))
    return weighted(estimator, data)


def winner_fits(
    settings: Params, data: Prepared, best: Mapping[str, Any], given: Mapping[str, Any]
) -> list[tuple[list[FoldFit], FitReport]]:
    """Return for each seed of the search the winner's networks, and which were in the store.

    Parameters
    ----------
    settings, data, best
        See :func:`winner_untrained`.
    given : mapping
        From :func:`stages.study.routing.routing`.
    """
    section = settings.grid_search
    winner = winner_untrained(settings, data, best)
    seeds = [{}] if section.seeds is None else [{"random_state": own} for own in section.seeds]
    return [_of_seed(clone(winner).set_params(**own), settings, data, given) for own in seeds]


def _of_seed(
    winner: Any, settings: Params, data: Prepared, given: Mapping[str, Any]
) -> tuple[list[FoldFit], FitReport]:
    section = settings.grid_search
    folds = make_folds(data, section.cv, settings.seed, section.split)
    outcome = fitted_on(folds, winner, [section.chooser], data, settings.seed, given)
    own = zip(outcome["indices"]["test"], outcome["estimator"], strict=True)
    return [FoldFit(n, *fit) for n, fit in enumerate(own)], outcome["fit_report"]
