"""Scikit-learn's cross-validation, with all fits of a Keras estimator trained side by side."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import model_selection
from sklearn.base import is_classifier
from sklearn.preprocessing import LabelEncoder

from gridlanes.estimators.tables import as_table
from gridlanes.model_selection.last_step import plain_targets
from gridlanes.model_selection.progress import tell
from gridlanes.model_selection.trained_folds import settled, trained_in_folds, trainer_of, unwrapped
from gridlanes.planning.joblib_backend import staying


def cross_validate(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    groups: Any = None,
    scoring: Any = None,
    cv: Any = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    params: Mapping[str, Any] | None = None,
    pre_dispatch: Any = "2*n_jobs",
    return_train_score: bool = False,
    return_estimator: bool = False,
    return_indices: bool = False,
    return_fit_report: bool = False,
    error_score: Any = np.nan,
    engine: str = "auto",
    memory: Any = None,
    memory_errors: str = "warn",
) -> dict[str, Any]:
    """Return scores by fold, as ``sklearn.model_selection.cross_validate`` does.

    A search of gridlanes as the estimator makes this a nested cross-validation: the fits of the
    searches in all folds are trained together, as the search's own ``engine`` and ``memory`` say.

    Parameters
    ----------
    estimator : estimator
        A Keras estimator, alone, last in a pipeline or inside another one, is trained in lanes;
        what has no network exactly as by scikit-learn.
    X : array-like, sparse matrix or table of shape (rows, ...)
        The rows.
    y : array-like of shape (rows,) or (rows, outputs), optional
        The targets.
    groups, scoring, cv : as in scikit-learn
        Groups of rows, what scores, how rows are split.
    n_jobs : int, optional
        The most processes for fits that cannot ride.
    verbose : int
        From 1 on with a progress bar on a terminal.
    params : dict, optional
        For the estimator's ``fit``, the scorer and the splitter, as in scikit-learn.
    pre_dispatch : int or str
        Of fits that cannot ride.
    return_train_score, return_estimator, return_indices : bool
        What the result has besides, as in scikit-learn.
    return_fit_report : bool
        Whether to add ``fit_report``, see ``GridSearchCV.fit_report_``; None where scikit-learn
        trains.
    error_score : {"raise"} or float
        The score of a fit that fails, or that its error is raised.
    engine : {"auto", "lanes", "keras"}
        What trains, see :class:`GridSearchCV`.
    memory : str, Path, Store or None
        Where finished fits are kept, see :class:`GridSearchCV`.
    memory_errors : {"warn", "raise"}
        Whether to warn and go on without a store that cannot be used.

    Returns
    -------
    dict of str to ndarray
        As scikit-learn's. ``fit_time`` is a lane's share of the time of all lanes that ran with
        it.
    """
    X, y = as_table(X, y), plain_targets(estimator, y)
    options = {
        "groups": groups,
        "scoring": scoring,
        "cv": cv,
        "n_jobs": n_jobs,
        "verbose": verbose,
        "params": params,
        "pre_dispatch": pre_dispatch,
        "return_train_score": return_train_score,
        "return_estimator": return_estimator,
        "return_indices": return_indices,
        "error_score": error_score,
    }
    trainer = trainer_of(estimator, options, engine, memory, memory_errors)
    report: dict[str, Any] = {"fit_report": trainer and trainer.report} if return_fit_report else {}
    if trainer is None:
        return {**model_selection.cross_validate(estimator, X, y, **options), **report}
    trained, seconds, options = trained_in_folds(
        trainer, estimator, X, y, options, train=return_train_score
    )
    options |= {"scoring": unwrapped(scoring, estimator), "n_jobs": 1}
    tell("scoring")
    with staying():
        results = dict(model_selection.cross_validate(trained, X, y, **options))
    if return_estimator:
        results["estimator"] = [settled(finished) for finished in results["estimator"]]
    shares = zip(seconds, results["fit_time"], strict=True)
    results["fit_time"] = np.array([own if own is not None else other for own, other in shares])
    return results | report


def cross_val_score(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    groups: Any = None,
    scoring: Any = None,
    cv: Any = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    params: Mapping[str, Any] | None = None,
    pre_dispatch: Any = "2*n_jobs",
    error_score: Any = np.nan,
    engine: str = "auto",
    memory: Any = None,
    memory_errors: str = "warn",
) -> NDArray:
    """Return one score by fold, as ``sklearn.model_selection.cross_val_score`` does.

    Parameters
    ----------
    estimator, X, y, groups, scoring, cv : as in cross_validate
        What is trained on which rows, and scored.
    n_jobs, verbose, params, pre_dispatch, error_score : as in cross_validate
        How that goes on.
    engine, memory, memory_errors : as in cross_validate
        What trains, and where finished fits are kept.

    Returns
    -------
    ndarray of shape (folds,)
        The scores.
    """
    X, y = as_table(X, y), plain_targets(estimator, y)
    options = {
        "groups": groups,
        "scoring": scoring,
        "cv": cv,
        "n_jobs": n_jobs,
        "verbose": verbose,
        "params": params,
        "pre_dispatch": pre_dispatch,
        "error_score": error_score,
    }
    trainer = trainer_of(estimator, options, engine, memory, memory_errors)
    if trainer is None:
        scores: NDArray = model_selection.cross_val_score(estimator, X, y, **options)
        return scores
    trained, _, options = trained_in_folds(trainer, estimator, X, y, options)
    options |= {"scoring": unwrapped(scoring, estimator), "n_jobs": 1}
    tell("scoring")
    with staying():
        return np.asarray(model_selection.cross_val_score(trained, X, y, **options))


def cross_val_predict(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    groups: Any = None,
    cv: Any = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    params: Mapping[str, Any] | None = None,
    pre_dispatch: Any = "2*n_jobs",
    method: str = "predict",
    engine: str = "auto",
    memory: Any = None,
    memory_errors: str = "warn",
) -> Any:
    """Return out-of-fold predictions, as ``sklearn.model_selection.cross_val_predict`` does.

    Parameters
    ----------
    estimator, X, y, groups, cv : as in cross_validate
        What is trained on which rows.
    n_jobs, verbose, params, pre_dispatch : as in cross_validate
        How that goes on.
    method : {"predict", "predict_proba", "predict_log_proba", "decision_function"}
        What is asked of the networks.
    engine, memory, memory_errors : as in cross_validate
        What trains, and where finished fits are kept.

    Returns
    -------
    ndarray of shape (rows,) or (rows, ...)
        What was said of each row by the network that was not trained on it.
    """
    X, y = as_table(X, y), plain_targets(estimator, y)
    options = {
        "groups": groups,
        "cv": cv,
        "n_jobs": n_jobs,
        "verbose": verbose,
        "params": params,
        "pre_dispatch": pre_dispatch,
    }
    trainer = trainer_of(estimator, options, engine, memory, memory_errors)
    if trainer is None:
        return model_selection.cross_val_predict(estimator, X, y, method=method, **options)
    if method != "predict" and is_classifier(estimator) and np.ndim(y) == 1:
        # Scikit-learn trains on numbered classes then, and the stand-in has to know them.
        y = LabelEncoder().fit_transform(y)
    trained, _, options = trained_in_folds(trainer, estimator, X, y, options)
    options |= {"n_jobs": 1}
    with staying():
        return model_selection.cross_val_predict(trained, X, y, method=method, **options)
