"""Models that a network has to beat, on the very folds that judge it.

Scikit-learn's defaults behind the study's imputer and encoder and a standard scaler, all fitted on
training folds only, and with its transformation of the target. The scaler is there whatever the
network's is: with regularised linear models it is what their users would choose, and a handicapped
baseline would flatter the network. So would codes of categories, which have an order that a linear
model believes: in their place stand the means of the target, or, where folds keep groups or times
apart, a column for each category that is not rare. There gradient boosting does not stop early
either, as it would watch rows that belong with those that it learns from. Of a table that is so
large that it would take minutes it learns from a sample, and its name says so.
"""

import math
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline

from stages.study.baseline_folds import Cell, Fit, is_large, scored
from stages.study.baseline_store import KeptScores
from stages.study.column_checks import WIDEST
from stages.study.prepared import Prepared
from stages.study.preprocessing import Transformers
from stages.study.progress import phase
from stages.study.routing import Unrouted, weighted
from stages.study.sections.model import Categorical, Model
from stages.study.splits import split_by
from stages.study.thresholds import with_thresholds

#: Numbers that gradient boosting learns from at most, in seconds; more rows change the third digit.
BOOSTED = 10_000_000

BOOSTING = "gradient_boosting"


def baselines(
    task: str,
    seed: int,
    early: bool | Literal["auto"] = "auto",
    solver: str = "svd",
) -> dict[str, Any]:
    """Return the models by name, the simplest first.

    Parameters
    ----------
    task : {"classification", "regression"}
    seed : int
    early : bool or "auto"
        Whether gradient boosting stops early; "auto" in large tables, scikit-learn's default.
    solver : {"svd", "lsqr"}
        Of the linear discriminant analysis. The first is scikit-learn's default; the other finds
        the same by the covariances, of many rows in an eighth of the time.
    """
    boosting: dict[str, Any] = {"early_stopping": early, "random_state": seed}
    if task == "regression":
        return {
            "mean": DummyRegressor(),
            "ridge": Ridge(random_state=seed),
            BOOSTING: HistGradientBoostingRegressor(**boosting),
        }
    return {
        "majority_class": DummyClassifier(),
        "logistic_regression": LogisticRegression(random_state=seed),
        "linear_discriminant_analysis": LinearDiscriminantAnalysis(solver=solver),
        "naive_bayes": GaussianNB(),
        BOOSTING: HistGradientBoostingClassifier(**boosting),
    }


def score_baselines(
    data: Prepared,
    model: Model,
    folds: Any,
    scoring: Sequence[str],
    seed: int,
    memory: Path | None = None,
) -> pd.DataFrame:
    """Return a row for each baseline and fold: ``model``, ``fold``, and a column for each scorer.

    A score is missing where a model cannot be fitted or scored. Called while metadata are routed.
    With ``memory``, the file of a store, scores that are there are taken from it.
    """
    phase("baselines, looking scores up")
    splits = list(folds.split(data.X, data.y, split_by(data)))
    fits = {
        (name, number): Fit(with_thresholds(rival, scoring, data, seed), split)
        for name, rival in pipelines(data, model, seed).items()
        for number, split in enumerate(splits)
    }
    fits = bounded(fits, BOOSTED // data.X.shape[1], seed)
    with closing(KeptScores(memory, fits, data, scoring)) as kept:
        scores = kept.find()
        missing = {cell: fit for cell, fit in fits.items() if cell not in scores}
        for own in scored(missing, data, scoring, folds):
            kept.keep(own)
            scores |= own
    return pd.DataFrame([{"model": cell[0], "fold": cell[1], **scores[cell]} for cell in fits])


def pipelines(data: Prepared, model: Model, seed: int) -> dict[str, Any]:
    """Return the models by name, each behind what prepares rows for it."""
    apart = split_by(data) is not None
    own: dict[str, Any] = {"scaler": "standard"}
    if model.categorical.encoder == "ordinal":
        own["categorical"] = _without_codes(data, apart=apart)
    transformers = Transformers(model.model_copy(update=own), data, seed)
    before, target = Unrouted(transformers.before()), transformers.target(model.target)
    early: Any = False if apart else "auto"
    solver = "lsqr" if is_large(data.X) and len(data.X) > data.X.shape[1] else "svd"
    found = {}
    for name, rival in baselines(data.task, seed, early, solver).items():
        pipeline = make_pipeline(clone(before), weighted(rival, data))
        if target is not None:
            pipeline = TransformedTargetRegressor(pipeline, transformer=clone(target))
        found[name] = pipeline
    return found


def bounded(fits: dict[Cell, Fit], most: int, seed: int) -> dict[Cell, Fit]:
    """Return fits of which gradient boosting learns from so many rows at most."""
    if most >= max(len(fit.split[0]) for fit in fits.values()):
        return fits
    bounded = {}
    for (name, number), fit in fits.items():
        if name == BOOSTING:
            train, test = fit.split
            sampled = Fit(fit.pipeline, (_sample(train, most, seed), test))
            bounded[f"{BOOSTING}_on_{most}_rows", number] = sampled
        else:
            bounded[name, number] = fit
    return bounded


def _sample(rows: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    """Return some rows in their order, all of them if there are no more."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def _without_codes(data: Prepared, *, apart: bool) -> Categorical:
    if not apart:
        return Categorical(encoder="target")
    # Of so many rows each, no more categories fit into the table than may become columns.
    return Categorical(encoder="onehot", min_frequency=math.ceil(len(data.y) / WIDEST))
