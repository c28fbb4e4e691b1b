"""Scikit-learn's searches, with all fits of Keras estimators trained side by side."""

import copy
from collections.abc import Mapping
from typing import Any

from sklearn import model_selection
from sklearn.model_selection import ParameterGrid, ParameterSampler

from gridlanes.errors import ParameterError
from gridlanes.model_selection.base_search import LanesMixin
from gridlanes.model_selection.engine import Engine
from gridlanes.networks.hyperparameters import Range


class GridSearchCV(LanesMixin, model_selection.GridSearchCV):
    """Scikit-learn's ``GridSearchCV``, with all fits of a Keras estimator trained side by side.

    A :class:`gridlanes.KerasClassifier` or ``KerasRegressor``, alone, last in a ``Pipeline`` or
    inside another estimator, is trained in lanes; what has no network exactly as by scikit-learn.
    Parameters, attributes, scores and their order are scikit-learn's, except for what is named
    here.

    Parameters
    ----------
    estimator : estimator
        What is searched; a clone of it is trained for each fit.
    param_grid : dict or list of dict
        Names of parameters with lists of values; several grids are tried one after the other.
    scoring : str, callable, list, tuple, dict or None
        As in scikit-learn; None is the estimator's own ``score``.
    n_jobs : int, optional
        The most processes for fits that cannot ride, of which as many are used as pay. Lanes use
        all cores by themselves.
    refit : bool, str or callable
        As in scikit-learn: whether, and of several scores by which, the best candidate is trained
        on all rows.
    cv : int, splitter, iterable or None
        As in scikit-learn; None is 5 folds.
    verbose : int
        As in scikit-learn; from 1 on with a progress bar on a terminal or in a notebook.
    pre_dispatch : int or str
        As in scikit-learn; nothing is dispatched for lanes.
    error_score : {"raise"} or float
        As in scikit-learn: the score of a fit that fails, or that its error is raised.
    return_train_score : bool
        As in scikit-learn: whether rows that were trained on are scored too.
    return_predictions : bool
        Whether to keep what every candidate says of its test rows, as ``predictions_``.
    seeds : list of int, optional
        Every fit is repeated with each of them as the network's ``random_state``, and its score is
        their mean: a candidate is then chosen for its hyperparameters, not for a lucky start. The
        refit keeps the estimator's own ``random_state``.
    engine : {"auto", "lanes", "keras"}
        With "auto" what cannot ride is trained by ``model.fit``; "lanes" makes that an error;
        "keras" trains everything by ``model.fit``.
    memory : str, Path, Store or None
        Where finished fits are kept: a file, or the folder of one. A fit that is there, whatever
        search it came from, is not trained again. Only fits of Keras estimators whose
        ``random_state`` is not None are kept. None keeps nothing.
    memory_errors : {"warn", "raise"}
        Whether to warn and go on without a store that cannot be used.

    Attributes
    ----------
    cv_results_ : dict of str to ndarray
        ``mean_fit_time`` is a lane's share of the time of all lanes that ran with it, and
        ``mean_score_time`` the time of scoring outputs that were computed with the lanes.
        Of a fit that was found, the time that it once took. Columns that scikit-learn's lacks:
        ``n_weights``, the trained weights of the network, and ``n_steps``, the optimizer's steps
        that the longest of a candidate's fits took, as floats, NaN for a network that cannot be
        built; with ``seeds``, ``split0_seed1_test_score`` and so on.
    histories_ : list of list of dict
        Loss and metrics by epoch, as in Keras' ``History.history``, of each fit of each candidate:
        split by split and, with ``seeds``, all splits of one seed after those of another. None for
        a fit that has failed. Only of a Keras estimator, alone or last in a pipeline.
    predictions_ : OutOfFold
        With ``return_predictions``.
    timings_ : dict of str to float
        Seconds spent on preparing folds, looking fits up, planning (with building networks),
        tracing, running lanes, fits by ``model.fit``, scoring and the refit.
    fit_report_ : FitReport
        How many fits were asked for, found in the store, trained, failed; printable.
    """

    def __init__(
        self,
        estimator: Any,
        param_grid: Any,
        *,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: Any = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: Any = "2*n_jobs",
        error_score: Any = float("nan"),
        return_train_score: bool = False,
        return_predictions: bool = False,
        seeds: Any = None,
        engine: str = "auto",
        memory: Any = None,
        memory_errors: str = "warn",
    ) -> None:
        super().__init__(
            estimator,
            param_grid,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.return_predictions, self.seeds = return_predictions, seeds
        self.engine, self.memory, self.memory_errors = engine, memory, memory_errors

    def make_engine(self, *, progress: bool) -> Engine | None:
        """Return what trains the fits, see :class:`LanesMixin`."""
        _check_grid(self.param_grid)
        return super().make_engine(progress=progress)

    def _candidates(self) -> list[Mapping[str, Any]]:
        return list(ParameterGrid(self.param_grid))


class RandomizedSearchCV(LanesMixin, model_selection.RandomizedSearchCV):
    """Scikit-learn's ``RandomizedSearchCV``, with all fits trained side by side.

    What differs, the attributes too, is told in :class:`GridSearchCV`.

    Parameters
    ----------
    estimator : estimator
        What is searched.
    param_distributions : dict or list of dict
        Names of parameters with lists of values, or distributions with a method ``rvs``.
    n_iter : int
        How many candidates are drawn.
    scoring : str, callable, list, tuple, dict or None
        As in :class:`GridSearchCV`, like all that follow but one.
    n_jobs : int, optional
        The most processes for fits that cannot ride.
    refit : bool, str or callable
        Whether, and by which score, the best candidate is trained on all rows.
    cv : int, splitter, iterable or None
        How rows are split.
    verbose : int
        From 1 on with a progress bar on a terminal.
    pre_dispatch : int or str
        Of fits that cannot ride.
    random_state : int, numpy.random.RandomState or None
        What draws the candidates; None draws others each time.
    error_score : {"raise"} or float
        The score of a fit that fails, or that its error is raised.
    return_train_score : bool
        Whether rows that were trained on are scored too.
    return_predictions : bool
        Whether to keep what every candidate says of its test rows.
    seeds : list of int, optional
        With which every fit is repeated.
    engine : {"auto", "lanes", "keras"}
        What trains.
    memory : str, Path, Store or None
        Where finished fits are kept.
    memory_errors : {"warn", "raise"}
        Whether to go on without a store that cannot be used.
    """

    def __init__(
        self,
        estimator: Any,
        param_distributions: Any,
        *,
        n_iter: int = 10,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: Any = True,
        cv: Any = None,
        verbose: int = 0,
        pre_dispatch: Any = "2*n_jobs",
        random_state: Any = None,
        error_score: Any = float("nan"),
        return_train_score: bool = False,
        return_predictions: bool = False,
        seeds: Any = None,
        engine: str = "auto",
        memory: Any = None,
        memory_errors: str = "warn",
    ) -> None:
        super().__init__(
            estimator,
            param_distributions,
            n_iter=n_iter,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            random_state=random_state,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.return_predictions, self.seeds = return_predictions, seeds
        self.engine, self.memory, self.memory_errors = engine, memory, memory_errors

    def _candidates(self) -> list[Mapping[str, Any]]:
        random_state = copy.deepcopy(self.random_state)
        return list(
            ParameterSampler(self.param_distributions, self.n_iter, random_state=random_state)
        )


def _check_grid(grid: Any) -> None:
    """Raise for what a ``Tunable`` says of a range of which not all values can be tried."""
    for own in [grid] if isinstance(grid, Mapping) else grid:
        for name, values in own.items() if isinstance(own, Mapping) else ():
            if isinstance(values, Range):
                raise ParameterError(
                    f"param_grid has {name!r}, whose values have no end: {values}; use "
                    "RandomizedSearchCV, or give it a step= or a list"
                )
