"""An estimator trained on all splits at once, and the stand-in that scikit-learn then scores."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from sklearn import get_config
from sklearn.base import is_classifier
from sklearn.metrics import check_scoring
from sklearn.model_selection import check_cv
from sklearn.utils import indexable
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing

from gridlanes.model_selection.engine import Engine
from gridlanes.model_selection.engine_choice import check_engine, check_memory, make_engine
from gridlanes.model_selection.fit_requests import Folds, Splits
from gridlanes.model_selection.nested import fit_in_folds, handed_out, is_search, settle
from gridlanes.model_selection.own_scorers import of_real
from gridlanes.model_selection.trained_estimator import real, stand_in


def trainer_of(
    estimator: Any, options: Mapping[str, Any], engine: str, memory: Any, memory_errors: str
) -> Engine | None:
    """Return what trains an estimator in folds; None where scikit-learn does."""
    progress = options["verbose"] > 0
    if is_search(estimator):
        check_engine(engine)
        check_memory(memory, memory_errors)
        own: Engine | None = estimator.make_engine(progress=progress or estimator.verbose > 0)
        return own
    return make_engine(
        estimator, engine, memory, memory_errors, n_jobs=options["n_jobs"], progress=progress
    )


def trained_in_folds(
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


def unwrapped(scoring: Any, estimator: Any) -> Any:
    """Return what scores a stand-in as it would score the estimator."""
    return scoring if is_search(estimator) else of_real(scoring)


def settled(estimator: Any) -> Any:
    """Return a fitted stand-in as an ordinary estimator."""
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
