"""Scikit-learn's cross-validation, with all fits of a Keras estimator trained side by side."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import get_config, model_selection
from sklearn.base import is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import indexable
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from gridlanes.estimators.tables import as_table
from gridlanes.model_selection.engine import Engine
from gridlanes.model_selection.engine_choice import check_engine, check_memory, make_engine
from gridlanes.model_selection.fit_requests import Folds, Splits
from gridlanes.model_selection.last_step import plain_targets
from gridlanes.model_selection.nested import fit_in_folds, handed_out, is_search, settle
from gridlanes.model_selection.own_scorers import of_real
from gridlanes.model_selection.progress import tell
from gridlanes.model_selection.trained_estimator import real, stand_in
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
    trainer = _trainer(estimator, options, engine, memory, memory_errors)
    report: dict[str, Any] = {"fit_report": trainer and trainer.report} if return_fit_report else {}
    if trainer is None:
        return {**model_selection.cross_validate(estimator, X, y, **options), **report}
    trained, seconds, options = _trained(
        trainer, estimator, X, y, options, train=return_train_score
    )
    options |= {"scoring": _unwrapped(scoring, estimator), "n_jobs": 1}
    tell("scoring")
    with staying():
        results = dict(model_selection.cross_validate(trained, X, y, **options))
    if return_estimator:
        results["estimator"] = [_settled(finished) for finished in results["estimator"]]
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
    trainer = _trainer(estimator, options, engine, memory, memory_errors)
    if trainer is None:
        scores: NDArray = model_selection.cross_val_score(estimator, X, y, **options)
        return scores
    trained, _, options = _trained(trainer, estimator, X, y, options)
    options |= {"scoring": _unwrapped(scoring, estimator), "n_jobs": 1}
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
    trainer = _trainer(estimator, options, engine, memory, memory_errors)
    if trainer is None:
        return model_selection.cross_val_predict(estimator, X, y, method=method, **options)
    if method != "predict" and is_classifier(estimator) and np.ndim(y) == 1:
        # Scikit-learn trains on numbered classes then, and the stand-in has to know them.
        y = LabelEncoder().fit_transform(y)
    trained, _, options = _trained(trainer, estimator, X, y, options)
    options |= {"n_jobs": 1}
    with staying():
        return model_selection.cross_val_predict(trained, X, y, method=method, **options)


def _trainer(
    estimator: Any, options: Mapping[str, Any], engine: str, memory: Any, memory_errors: str
) -> Engine | None:
    progress = options["verbose"] > 0
    if is_search(estimator):
        check_engine(engine)
        check_memory(memory, memory_errors)
        own: Engine | None = estimator.make_engine(progress=progress or estimator.verbose > 0)
        return own
    return make_engine(
        estimator, engine, memory, memory_errors, n_jobs=options["n_jobs"], progress=progress
    )


def _trained(
    trainer: Engine, estimator: Any, X: Any, y: Any, options: Mapping[str, Any], **wanted: bool
) -> tuple[Any, list, dict[str, Any]]:
    """Train the estimator on every split.

    Returns
    -------
    trained, seconds, options
        A stand-in for the estimator; for each split a lane's share of time, or None; the options
        with ``cv`` replaced by the very splits.
    """
    rows, targets = indexable(X, y)
    cv = check_cv(options["cv"], targets, classifier=is_classifier(estimator))
    fit_params, split_params = _routed(estimator, cv, options)
    splits = list(cv.split(rows, targets, **split_params))
    options = {**options, "cv": Splits(splits, cv)}
    if is_search(estimator):
        with closing(trainer):
            finished = fit_in_folds(trainer, estimator, rows, targets, fit_params, splits, **wanted)
        trained = handed_out(estimator, finished, options.get("scoring"))
        return trained, [None] * len(splits), options
    fits = Folds(rows, targets, fit_params, **wanted).prepare(estimator, [{}], splits)
    with closing(trainer):
        outcomes = trainer.train(fits)
    seconds = [getattr(outcome, "seconds", None) for _, outcome in outcomes]
    trained = stand_in(estimator, outcomes, notes=options.get("error_score") == "raise")
    return trained, seconds, options


def _unwrapped(scoring: Any, estimator: Any) -> Any:
    return scoring if is_search(estimator) else of_real(scoring)


def _settled(estimator: Any) -> Any:
    return settle(estimator) if is_search(estimator) else real(estimator)


def _routed(
    estimator: Any, cv: Any, options: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return what goes to the estimator's ``fit`` and to the splitter.

    Raises
    ------
    ValueError
        For groups outside of ``params`` while metadata are routed.
    """
    params = options["params"] or {}
    if not get_config()["enable_metadata_routing"]:
        return params, {"groups": options["groups"]}
    if options["groups"] is not None:
        raise ValueError(
            "`groups` can only be passed if metadata routing is not enabled; pass them in `params`"
        )
    router = (
        MetadataRouter(owner="cross-validation")
        .add(splitter=cv, method_mapping=MethodMapping().add(caller="fit", callee="split"))
        .add(estimator=estimator, method_mapping=MethodMapping().add(caller="fit", callee="fit"))
    )
    if "scoring" in options:
        router.add(
            scorer=check_scoring(estimator, scoring=options["scoring"]),
            method_mapping=MethodMapping().add(caller="fit", callee="score"),
        )
    routed = process_routing(router, "fit", **params)
    return routed.estimator.fit, routed.splitter.split
