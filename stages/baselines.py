"""Models that a network has to beat, on the very folds that judge it.

Scikit-learn's defaults behind the study's imputer and a standard scaler, all fitted on training
folds only. The scaler is there whatever the network's is: with regularised linear models it is
what their users would choose, and a handicapped baseline would flatter the network.
"""

import warnings
from collections.abc import Sequence
from typing import Any

import pandas as pd
from sklearn.base import clone
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import cross_validate
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

from stages.artifacts import Prepared
from stages.study import make_preprocessing


def baselines(task: str, seed: int) -> dict[str, Any]:
    """Return the models by name, the simplest first."""
    if task == "regression":
        return {
            "mean": DummyRegressor(),
            "ridge": Ridge(random_state=seed),
            "gradient_boosting": HistGradientBoostingRegressor(random_state=seed),
        }
    return {
        "majority_class": DummyClassifier(),
        "logistic_regression": LogisticRegression(random_state=seed),
        "linear_discriminant_analysis": LinearDiscriminantAnalysis(),
        "naive_bayes": GaussianNB(),
        "gradient_boosting": HistGradientBoostingClassifier(random_state=seed),
    }


def score_baselines(
    data: Prepared, imputer: str, folds: Any, scoring: Sequence[str], seed: int
) -> pd.DataFrame:
    """Return a row for each baseline and fold: ``model``, ``fold``, and a column for each scorer.

    A score is missing where a model cannot be fitted or scored.
    """
    before = make_preprocessing(imputer, "standard")
    tables = []
    for name, model in baselines(data.task, seed).items():
        # What a baseline complains of (too few iterations, collinear columns) is not the study's.
        with warnings.catch_warnings(action="ignore"):
            scores = cross_validate(
                make_pipeline(clone(before), model),
                data.X,
                data.y,
                cv=folds,
                scoring=list(scoring),
            )
        columns = {scorer: scores[f"test_{scorer}"] for scorer in scoring}
        table = pd.DataFrame({"model": name, **columns})
        table.insert(1, "fold", range(len(table)))
        tables.append(table)
    return pd.concat(tables, ignore_index=True)
