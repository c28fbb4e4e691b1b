"""Baselines are scikit-learn's own, however their fits share work."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import TunedThresholdClassifierCV, cross_val_score, cross_validate

from stages.study.baseline_folds import LARGE, Fit, PreparedOnce, scored
from stages.study.baselines import BOOSTING, bounded, pipelines, score_baselines
from stages.study.prepared import Prepared
from stages.study.sections.model import Model
from stages.study.splits import make_folds

MODEL = Model.model_validate(
    {"imputer": "median", "scaler": "minmax", "categorical": "target", "network": {}}
)


def made_up(rows: int, columns: int = 3) -> Prepared:
    """Return a table with gaps and a category, whose classes are nearly a sum's sign."""
    draw = np.random.default_rng(0)
    X = pd.DataFrame(draw.normal(size=(rows, columns))).add_prefix("f")
    risk = X.sum(axis="columns") + draw.normal(size=rows)
    X[X > 2.5] = np.nan
    X["unit"] = pd.Series(draw.choice(["north", "south", "west"], rows), dtype="str")
    y = pd.Series((risk > 0).astype(int), name="y")
    return Prepared(X, y, {"task": "classification", "classes": []})


SMALL = made_up(240)


def expected(data: Prepared, folds, scoring):
    """Return scikit-learn's own scores of each pipeline, every one prepared for itself."""
    for name, rival in pipelines(data, MODEL, 7).items():
        found = cross_validate(rival, data.X, data.y, cv=folds, scoring=scoring)
        yield name, pd.DataFrame({own: found[f"test_{own}"] for own in scoring})


def fits_of(data: Prepared, folds) -> dict:
    splits = list(folds.split(data.X, data.y))
    return {
        (name, number): Fit(rival, split)
        for name, rival in pipelines(data, MODEL, 7).items()
        for number, split in enumerate(splits)
    }


def all_of(fits: dict, data: Prepared, folds) -> dict:
    found = {}
    for own in scored(fits, data, ["accuracy"], folds):
        found |= own
    return found


def test_rows_prepared_once_give_the_digits_of_rows_prepared_for_each():
    folds, scoring = make_folds(SMALL, 3, 7), ["accuracy", "neg_log_loss"]
    told = score_baselines(SMALL, MODEL, folds, scoring, 7)
    assert told["fold"].tolist() == [0, 1, 2] * 5
    for name, plain in expected(SMALL, folds, scoring):
        own = told.loc[told["model"] == name, scoring].reset_index(drop=True)
        pd.testing.assert_frame_equal(own, plain, check_exact=True)


def test_folds_of_large_tables_side_by_side_give_the_same():
    data = made_up(LARGE // 25, 25)
    folds = make_folds(data, 2, 7)
    fits = fits_of(data, folds)
    # It takes as long as all others, and does the same.
    fits = {cell: fit for cell, fit in fits.items() if cell[0] != BOOSTING}
    found = all_of(fits, data, folds)
    for (name, number), (rival, (train, test)) in fits.items():
        alone = clone(rival)
        if name == "linear_discriminant_analysis":
            alone[-1].set_params(solver="svd")
        alone.fit(data.X.iloc[train], data.y.iloc[train])
        score = alone.score(data.X.iloc[test], data.y.iloc[test])
        assert found[name, number] == {"accuracy": pytest.approx(score, abs=1e-4)}


def test_gradient_boosting_of_a_sample_says_so():
    folds = make_folds(SMALL, 3, 7)
    fits = fits_of(SMALL, folds)
    assert bounded(fits, 160, 7) == fits
    some = bounded(fits, 100, 7)
    assert [*dict.fromkeys(name for name, _ in some)][-2:] == [
        "naive_bayes",
        "gradient_boosting_on_100_rows",
    ]
    found = all_of(some, SMALL, folds)
    for number, (train, test) in enumerate(folds.split(SMALL.X, SMALL.y)):
        fit = some["gradient_boosting_on_100_rows", number]
        rows = fit.split[0]
        assert len(set(rows)) == 100
        assert set(rows) <= set(train)
        alone = clone(fit.pipeline).fit(SMALL.X.iloc[rows], SMALL.y.iloc[rows])
        score = alone.score(SMALL.X.iloc[test], SMALL.y.iloc[test])
        assert found["gradient_boosting_on_100_rows", number] == {"accuracy": score}


def test_what_was_prepared_is_of_the_rows_that_are_asked_for():
    """Also inside of an estimator that fits to some rows, predicts others, and fits again."""
    pipeline = pipelines(SMALL, MODEL, 7)["logistic_regression"]
    once = clone(pipeline).set_params(unrouted=PreparedOnce(pipeline[0], SMALL.X, {}))
    tuned = TunedThresholdClassifierCV(once, scoring="f1", thresholds=10, cv=3)
    rows = np.arange(len(SMALL.y)).reshape(-1, 1)
    told = cross_val_score(tuned, rows, SMALL.y, cv=2, scoring="f1")
    alone = TunedThresholdClassifierCV(pipeline, scoring="f1", thresholds=10, cv=3)
    np.testing.assert_array_equal(
        told, cross_val_score(alone, SMALL.X, SMALL.y, cv=2, scoring="f1")
    )


def test_clones_share_what_is_of_the_same_rows_alone():
    before = pipelines(SMALL, MODEL, 7)["naive_bayes"][0]
    once = PreparedOnce(before, SMALL.X, {})
    targets = SMALL.y.sort_values()
    first, second = targets.index[:60], targets.index[60:120]

    def numbers(rows):
        return np.asarray(rows).reshape(-1, 1)

    def as_alone(own, rows, asked):
        alone = clone(before).fit(SMALL.X.iloc[rows], SMALL.y.iloc[rows])
        pd.testing.assert_frame_equal(
            own.transform(numbers(asked)), alone.transform(SMALL.X.iloc[asked]), check_exact=True
        )

    # The targets of both are the same: zeros.
    one, other = (clone(once).fit(numbers(rows), SMALL.y[rows]) for rows in (first, second))
    as_alone(other, second, first)
    as_alone(other, second, second)
    as_alone(one, first, second)
    as_alone(one, first, first)
    again = clone(once)
    made = again.fit_transform(numbers(second), SMALL.y[second])
    assert made is clone(once).fit_transform(numbers(second), SMALL.y[second])
    as_alone(one, first, second)
    # The same rows, their targets the other way round.
    turned = 1 - SMALL.y
    alone = clone(before).fit(SMALL.X, turned)
    clone(once).fit(numbers(SMALL.y.index), SMALL.y)
    told = clone(once).fit(numbers(SMALL.y.index), turned).transform(numbers(first))
    pd.testing.assert_frame_equal(told, alone.transform(SMALL.X.iloc[first]), check_exact=True)
