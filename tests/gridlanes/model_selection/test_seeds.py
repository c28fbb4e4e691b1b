"""Seeds as an axis of a search, and what it keeps of its candidates."""

import itertools

import keras
import numpy as np
import pytest
from sklearn import model_selection
from sklearn.base import clone
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import check_scoring, log_loss
from small_search import (
    CLASSIFIER,
    LABELS,
    PIPELINE,
    PIPELINE_GRID,
    REGRESSOR,
    TARGETS,
    UNEQUAL,
    X,
    eagerly,
    grid,
    y,
)

import gridlanes
from gridlanes import GridSearchCV, ParameterError
from gridlanes.statistics import one_standard_error

pytestmark = [
    pytest.mark.usefixtures("traced"),
    pytest.mark.xdist_group("search"),
]


@pytest.mark.parametrize("scoring", ["neg_log_loss", ["neg_log_loss", "roc_auc"]])
def test_scores_are_means_over_seeds(scoring):
    """As scikit-learn has them with the seed as one more hyperparameter."""
    several = {"scoring": scoring, "refit": "roc_auc" if isinstance(scoring, list) else True}
    search = grid(PIPELINE, PIPELINE_GRID, seeds=[5, 6], return_train_score=True, **several)
    search.fit(X, y)
    params = {**PIPELINE_GRID, "kerasclassifier__random_state": [5, 6]}
    options = {"cv": 2, "scoring": scoring, "refit": False, "return_train_score": True}
    plain = model_selection.GridSearchCV(PIPELINE, params, **options)
    eagerly(lambda: plain.fit(X, y))
    seeds = np.array([own["kerasclassifier__random_state"] for own in plain.cv_results_["params"]])
    compared = 0
    for column, values in plain.cv_results_.items():
        if not column.startswith("split"):
            continue
        side = column.split("_", 1)
        of_seeds = [values[seeds == seed] for seed in (5, 6)]
        for seed, own in zip((5, 6), of_seeds, strict=True):
            name = f"{side[0]}_seed{seed}_{side[1]}"
            np.testing.assert_allclose(search.cv_results_[name], own, atol=1e-6)
        np.testing.assert_allclose(search.cv_results_[column], np.mean(of_seeds, 0), atol=1e-6)
        compared += 1
    assert compared == 4 * (1 if scoring == "neg_log_loss" else 2)
    metric = "neg_log_loss" if isinstance(scoring, list) else "score"
    folds = [search.cv_results_[f"split{fold}_test_{metric}"] for fold in (0, 1)]
    np.testing.assert_allclose(search.cv_results_[f"mean_test_{metric}"], np.mean(folds, 0))
    assert search.cv_results_["params"] == list(model_selection.ParameterGrid(PIPELINE_GRID))
    assert search.n_splits_ == 2


def test_the_refit_keeps_its_own_seed():
    search = grid(seeds=[5, 6]).fit(X, y)
    assert search.best_params_ == {"units": search.best_estimator_.get_params()["units"]}
    plain = clone(CLASSIFIER).set_params(**search.best_params_)
    plain = eagerly(lambda: plain.fit(X, y))
    np.testing.assert_allclose(search.predict_proba(X), plain.predict_proba(X), atol=1e-6)


@pytest.mark.filterwarnings("ignore:One or more of the")
def test_a_failed_seed_fails_its_candidate():
    search = grid(param_grid={"units": [1, 0]}, seeds=[1, 2])
    with pytest.warns(FitFailedWarning, match="fits failed"):
        search.fit(X, y)
    assert np.isnan(search.cv_results_["mean_test_score"]).tolist() == [False, True]
    assert np.isnan(search.cv_results_["n_weights"]).tolist() == [False, True]


@pytest.mark.parametrize("seeds", [[], [1, 1], [-1], [0.5], "12", 3, iter([1])])
def test_what_is_no_list_of_seeds(seeds):
    with pytest.raises(ParameterError, match="seeds must be None or distinct whole numbers"):
        grid(seeds=seeds).fit(X, y)
    with pytest.raises(ParameterError, match="seeds must be None or distinct whole numbers"):
        grid(seeds=seeds).plan(X, y)


def test_a_seed_is_given_once():
    with pytest.raises(ParameterError, match="'random_state' on the grid are the same"):
        grid(param_grid={"random_state": [1]}, seeds=[1, 2]).fit(X, y)


@pytest.mark.parametrize("option", [{"seeds": [1]}, {"return_predictions": True}])
def test_what_scikit_learn_cannot_do(option):
    search = GridSearchCV(LogisticRegression(), {"C": [1]}, **option)
    with pytest.raises(ParameterError, match=f"{next(iter(option))} needs an estimator that is"):
        search.fit(X, y)


def test_a_plan_counts_seeds():
    assert "12 lanes" in str(grid(seeds=[1, 2, 3]).plan(X, y))


def test_sizes_of_candidates():
    search = grid(param_grid={"units": [1, 3], "epochs": [1, 2]}, cv=UNEQUAL).fit(X, y)
    units, epochs = (
        np.array(search.cv_results_[f"param_{name}"], dtype=int) for name in ("units", "epochs")
    )
    counted = [
        clone(CLASSIFIER).set_params(**own).initialize(X, y).model_.count_params()
        for own in search.cv_results_["params"]
    ]
    np.testing.assert_array_equal(search.cv_results_["n_weights"], counted)
    np.testing.assert_array_equal(counted, 3 * units + units + units + 1)
    # Batches of 30 of at most 40 rows.
    np.testing.assert_array_equal(search.cv_results_["n_steps"], 2 * epochs)


def test_steps_are_those_that_were_taken():
    """Of training that stops early fewer than were asked for, as many as ``model.fit`` takes."""
    stops = keras.callbacks.EarlyStopping("loss", min_delta=10, patience=1)
    estimator = clone(CLASSIFIER).set_params(callbacks=[stops])
    search = grid(estimator, {"epochs": [1, 9]}, cv=UNEQUAL).fit(X, y)
    alone = eagerly(lambda: clone(estimator).set_params(epochs=9).fit(X, y))
    stopped = len(alone.history_["loss"])
    assert stopped == 2
    np.testing.assert_array_equal(search.cv_results_["n_steps"], [2 * 1, 2 * stopped])


def test_the_cheapest_within_one_standard_error():
    """As ``refit``, inside a nested cross-validation too."""
    values = {"units": [3, 1], "epochs": [1, 3, 2]}
    # Learning fast enough that neither the best candidate nor the cheapest is to be chosen.
    estimator = clone(CLASSIFIER).set_params(optimizer__learning_rate=0.7)
    search = grid(estimator, values, cv=3, scoring="accuracy", refit=one_standard_error)
    chosen = search.fit(X, y).best_index_
    results = search.cv_results_
    folds = np.array([results[f"split{fold}_test_score"] for fold in range(3)])
    best = folds.mean(axis=0).argmax()
    enough = folds.mean(axis=0) >= folds[:, best].mean() - folds[:, best].std(ddof=1) / np.sqrt(3)
    cost = list(zip(results["n_weights"], results["n_steps"], strict=True))
    assert cost[chosen] == min(own for own, good in zip(cost, enough, strict=True) if good)
    assert enough[chosen]
    assert chosen not in (best, cost.index(min(cost)))
    assert search.best_estimator_.get_params()["units"] == search.best_params_["units"]
    outer = gridlanes.cross_validate(search, X, y, cv=2, return_estimator=True)
    assert all(own.best_index_ in range(6) for own in outer["estimator"])
    everything = grid(refit=one_standard_error, engine="keras")
    assert eagerly(lambda: everything.fit(X, y)).best_index_ in (0, 1)


def test_predictions_of_all_candidates():
    """Any metric can be computed from them: here the one that the search used."""
    search = grid(PIPELINE, PIPELINE_GRID, return_predictions=True, cv=2).fit(X, y)
    said = search.predictions_
    assert said.outputs.shape == (2, 1, len(X), 2)
    assert said.classes.tolist() == [0, 1]
    assert sorted(said.rows) == list(range(len(X)))
    for fold in range(2):
        rows, own = said.rows[said.splits == fold], said.outputs[:, 0, said.splits == fold]
        scores = [-log_loss(y[rows], candidate) for candidate in own]
        np.testing.assert_allclose(scores, search.cv_results_[f"split{fold}_test_score"], rtol=1e-6)
    plain = clone(PIPELINE).set_params(kerasclassifier__units=3)
    other = eagerly(
        lambda: model_selection.cross_val_predict(plain, X, y, cv=2, method="predict_proba")
    )
    np.testing.assert_allclose(said.outputs[1, 0][np.argsort(said.rows)], other, atol=1e-6)


def test_predictions_where_a_fold_lacks_a_class():
    order = np.argsort(LABELS)
    rare = order[:14]
    splits = [(np.setdiff1d(np.arange(60), rare), rare), (np.arange(30), np.arange(30, 60))]
    # The first fold trains without a class or with few of it.
    labels = np.where(np.isin(np.arange(60), rare), "a", np.where(y == 1, "b", "c"))
    search = grid(cv=splits, scoring="accuracy", return_predictions=True).fit(X, labels)
    said = search.predictions_
    assert said.classes.tolist() == ["a", "b", "c"]
    assert (said.outputs[:, 0, said.splits == 0, 0] == 0).all()
    np.testing.assert_allclose(said.outputs.sum(axis=-1), 1, atol=1e-6)


@pytest.mark.filterwarnings("ignore:One or more of the")
def test_predictions_of_a_regression_with_a_failed_candidate():
    search = grid(REGRESSOR, {"units": [3, 0]}, scoring="r2", return_predictions=True)
    with pytest.warns(FitFailedWarning, match="fits failed"):
        search.fit(X, TARGETS)
    said = search.predictions_
    assert said.classes is None
    assert said.outputs.shape == (2, 1, len(X), 2)
    assert np.isfinite(said.outputs[0]).all()
    assert np.isnan(said.outputs[1]).all()


@pytest.mark.filterwarnings("ignore:One or more of the")
def test_histories_of_all_candidates():
    """Seed by seed, split by split, those of the estimator fitted by itself."""
    search = grid(param_grid={"units": [3, 0], "epochs": [2]}, seeds=[4, 5], refit=False)
    with pytest.warns(FitFailedWarning, match="fits failed"):
        search.fit(X, y)
    known, failed = search.histories_
    assert failed == [None] * 4
    splits = list(model_selection.StratifiedKFold(2).split(X, y))
    for place, (seed, fold) in enumerate(itertools.product([4, 5], [0, 1])):
        own = clone(CLASSIFIER).set_params(units=3, epochs=2, random_state=seed)
        train = splits[fold][0]
        plain = eagerly(lambda own=own, train=train: own.fit(X[train], y[train])).history_
        assert known[place].keys() == plain.keys()
        np.testing.assert_allclose(known[place]["loss"], plain["loss"], rtol=1e-5)


def test_accuracy_is_scikit_learns_to_the_last_digit():
    for labels in (y, LABELS, list(LABELS)):
        for scoring in ("accuracy", None):
            options = {"param_grid": {"epochs": [1]}, "cv": UNEQUAL, "refit": False}
            ours = grid(scoring=scoring, error_score="raise", **options).fit(X, labels)
            theirs = grid(scoring=["accuracy"], **options).fit(X, labels)
            for fold in (0, 1):
                np.testing.assert_array_equal(
                    ours.cv_results_[f"split{fold}_test_score"],
                    theirs.cv_results_[f"split{fold}_test_accuracy"],
                )
            # What stood in for it during the search is gone.
            assert repr(ours.scorer_) == repr(check_scoring(ours.estimator, scoring))


@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
@pytest.mark.parametrize("scoring", ["accuracy", None])
def test_accuracy_of_what_are_no_labels_is_left_to_scikit_learn(scoring):
    """A label that is missing in test rows only is for scikit-learn to refuse."""
    labels = y.astype(float)
    labels[50] = np.nan
    splits = [(np.arange(40), np.arange(40, 60)), (np.arange(20, 40), np.arange(20))]
    with pytest.warns(UserWarning, match="Scoring failed|non-finite"):
        search = grid(scoring=scoring, cv=splits, refit=False).fit(X, labels)
    assert np.isnan(search.cv_results_["split0_test_score"]).all()
    assert np.isfinite(search.cv_results_["split1_test_score"]).all()
