"""Models that a network has to beat, on the very folds that judge it.

Scikit-learn's defaults behind the study's imputer and encoder and a standard scaler, all fitted on
training folds only, and with its transformation of the target. The scaler is there whatever the
network's is: with regularised linear models it is what their users would choose, and a handicapped
baseline would flatter the network. So would codes of categories, which have an order that a linear
model believes: in their place stand the means of the target, or, where folds keep groups or times
apart, a column for each category that is not rare. There gradient boosting does not stop early
either, as it would watch rows that belong with those that it learns from.
"""

import math
import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import cross_validate
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

from stages.study.column_checks import WIDEST
from stages.study.prepared import Prepared
from stages.study.preprocessing import Transformers
from stages.study.routing import Unrouted, asked_for, weighted
from stages.study.scorers import scorers
from stages.study.sections.model import Categorical, Model
from stages.study.splits import split_by


def baselines(task: str, seed: int, early: bool | Literal["auto"] = "auto") -> dict[str, Any]:
    """Return the models by name, the simplest first.

    Parameters
    ----------
    task : {"classification", "regression"}
    seed : int
    early : bool or "auto"
        Whether gradient boosting stops early; "auto" in large tables, scikit-learn's default.
    """
    boosting: dict[str, Any] = {"early_stopping": early, "random_state": seed}
    if task == "regression":
        return {
            "mean": DummyRegressor(),
            "ridge": Ridge(random_state=seed),
            "gradient_boosting": HistGradientBoostingRegressor(**boosting),
        }
    return {
        "majority_class": DummyClassifier(),
        "logistic_regression": LogisticRegression(random_state=seed),
        "linear_discriminant_analysis": LinearDiscriminantAnalysis(),
        "naive_bayes": GaussianNB(),
        "gradient_boosting": HistGradientBoostingClassifier(**boosting),
    }


def score_baselines(
    data: Prepared, model: Model, folds: Any, scoring: Sequence[str], seed: int
) -> pd.DataFrame:
    """Return a row for each baseline and fold: ``model``, ``fold``, and a column for each scorer.

    A score is missing where a model cannot be fitted or scored. Called while metadata are routed.
    """
    tables = []
    for name, pipeline in pipelines(data, model, seed).items():
        table = pd.DataFrame({"model": name, "fold": range(folds.get_n_splits())})
        tables.append(table.assign(**_scores(pipeline, data, folds, list(scoring))))
    return pd.concat(tables, ignore_index=True)


def pipelines(data: Prepared, model: Model, seed: int) -> dict[str, Any]:
    """Return the models by name, each behind what prepares rows for it."""
    apart = split_by(data) is not None
    own: dict[str, Any] = {"scaler": "standard"}
    if model.categorical.encoder == "ordinal":
        own["categorical"] = _without_codes(data, apart=apart)
    transformers = Transformers(model.model_copy(update=own), data, seed)
    before, target = Unrouted(transformers.before()), transformers.target(model.target)
    found = {}
    for name, rival in baselines(data.task, seed, False if apart else "auto").items():
        pipeline = make_pipeline(clone(before), weighted(rival, data))
        if target is not None:
            pipeline = TransformedTargetRegressor(pipeline, transformer=clone(target))
        found[name] = pipeline
    return found


def _without_codes(data: Prepared, *, apart: bool) -> Categorical:
    if not apart:
        return Categorical(encoder="target")
    # Of so many rows each, no more categories fit into the table than may become columns.
    return Categorical(encoder="onehot", min_frequency=math.ceil(len(data.y) / WIDEST))


def _scores(pipeline: Any, data: Prepared, folds: Any, scoring: list[str]) -> dict[str, Any]:
    # What a baseline complains of (too few iterations, collinear columns) is not the study's.
    options = {"cv": folds, "params": asked_for(pipeline, scoring, data)}
    with warnings.catch_warnings(action="ignore"):
        try:
            scores = cross_validate(
                pipeline, data.X, data.y, scoring=scorers(scoring, data), **options
            )
        except ValueError:
            # Where some folds can be fitted, scikit-learn returns NaN for the others.
            return dict.fromkeys(scoring, np.nan)
    return {name: scores[f"test_{name}"] for name in scoring}
