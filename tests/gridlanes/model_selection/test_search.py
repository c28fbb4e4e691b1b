"""Searches in lanes give what scikit-learn gives with the same estimators fitted one by one."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest
import sklearn
from keras import Input, Sequential, layers
from sklearn import model_selection
from sklearn.base import BaseEstimator, clone
from sklearn.callback.tests._utils import RecordingAutoPropagatedCallback
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import FitFailedWarning
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, make_scorer, zero_one_loss
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from small_search import (
    CLASSIFIER,
    GRID,
    GROUPS,
    LABELS,
    OWN,
    PIPELINE,
    PIPELINE_GRID,
    REGRESSOR,
    TARGETS,
    UNEQUAL,
    WEIGHTS,
    X,
    assert_equal_results,
    eagerly,
    grid,
    own_score,
    own_scores,
    scikit_learns,
    y,
)

import gridlanes
from gridlanes import (
    CannotRideError,
    GridSearchCV,
    KerasClassifier,
    RandomizedSearchCV,
)

pytestmark = [
    pytest.mark.usefixtures("traced"),
    # One worker traces the programs that all tests share.
    pytest.mark.xdist_group("search"),
]


def both(search, *args, **params):
    """Return a search fitted in lanes, and scikit-learn's by ``model.fit``, after comparing them."""
    lanes = clone(search).set_params(engine="lanes").fit(*args, **params)
    other = scikit_learns(search)
    eagerly(lambda: other.fit(*args, **params))
    ours = dict(lanes.cv_results_)
    assert [ours.pop(name).shape for name in ("n_weights", "n_steps")] == [
        (len(ours["params"]),)
    ] * 2
    assert_equal_results(ours, other.cv_results_)
    assert vars(lanes).keys() - vars(other).keys() == {
        "fit_report_",
        "histories_",
        "timings_",
        "_session",
        *OWN,
    }
    assert vars(other).keys() <= vars(lanes).keys()
    if hasattr(other, "best_index_"):
        assert lanes.best_index_ == other.best_index_
        assert repr(lanes.best_params_) == repr(other.best_params_)
    if search.refit:
        assert type(lanes.best_estimator_) is type(other.best_estimator_)
        rows = args[0]
        method = "predict_proba" if hasattr(other, "predict_proba") else "predict"
        ours, theirs = (getattr(one, method)(rows) for one in (lanes, other))
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(lanes.predict(rows).dtype, other.predict(rows).dtype)
    return lanes, other


#: Candidates that share a network, and so what is traced.
LONGER = {"epochs": [1, 2]}

SEARCHES = {
    "several metrics": {"scoring": ["accuracy", "neg_log_loss", "roc_auc"], "refit": "accuracy"},
    "metrics by name": {
        "scoring": {"loss": "neg_log_loss", "own": own_score},
        "refit": "own",
    },
    "the estimator's own score": {"scoring": None},
    "callable scoring": {"scoring": own_score},
    "callable scoring of several metrics": {"scoring": own_scores, "refit": "half"},
    "a scorer": {"scoring": make_scorer(zero_one_loss, greater_is_better=False)},
    "callable refit": {"refit": lambda results: int(results["rank_test_score"].argmax())},
    "no refit": {"refit": False},
    "scores of training": {"return_train_score": True},
    "list of grids": {"param_grid": [{"units": [3]}, {"units": [1], "epochs": [1, 2]}]},
    "KFold": {"cv": model_selection.KFold(2, shuffle=True, random_state=1)},
    "unequal folds": {"cv": UNEQUAL},
    "TimeSeriesSplit": {"cv": model_selection.TimeSeriesSplit(2)},
    "repeated": {
        "cv": model_selection.RepeatedStratifiedKFold(n_splits=2, n_repeats=2, random_state=0)
    },
}


#: Splitters are asked alike: `make test` has one that shuffles, and folds of unlike sizes.
ALIKE = ("TimeSeriesSplit", "repeated")


@pytest.mark.parametrize(
    "name",
    [pytest.param(own, marks=pytest.mark.soak if own in ALIKE else ()) for own in SEARCHES],
)
def test_a_search(name):
    both(grid(**SEARCHES[name]), X, y)


def test_groups():
    both(grid(cv=model_selection.GroupKFold(2)), X, y, groups=GROUPS)


def test_splits_from_a_generator():
    search = grid(cv=iter(UNEQUAL), engine="lanes").fit(X, y)
    assert_equal_results(search.cv_results_, grid(cv=UNEQUAL, engine="lanes").fit(X, y).cv_results_)


def test_weights():
    lanes, _ = both(grid(scoring=None), X, y, sample_weight=WEIGHTS)
    without = grid(scoring=None, engine="lanes").fit(X, y)
    assert (lanes.cv_results_["mean_test_score"] != without.cv_results_["mean_test_score"]).any()


def test_weights_for_a_step():
    search = grid(PIPELINE, PIPELINE_GRID)
    both(search, X, y, kerasclassifier__sample_weight=WEIGHTS)


def test_routed_metadata():
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = clone(CLASSIFIER).set_fit_request(sample_weight=True)
        estimator.set_score_request(sample_weight=True)
        search = grid(estimator, scoring=None, cv=model_selection.GroupKFold(2))
        both(search, X, y, sample_weight=WEIGHTS, groups=GROUPS)


def test_a_transformer_on_the_grid():
    pipeline = Pipeline([("grow", PolynomialFeatures(include_bias=False)), ("net", CLASSIFIER)])
    both(grid(pipeline, {"grow__degree": [1, 2], "net__epochs": [1, 2]}, refit=True), X, y)


def test_a_step_without_a_network_on_the_grid():
    pipeline = Pipeline([("scale", StandardScaler()), ("last", CLASSIFIER)])
    both(grid(pipeline, {"last": [CLASSIFIER, LogisticRegression()]}), X, y)


def test_a_randomized_search():
    search = RandomizedSearchCV(
        CLASSIFIER,
        {"units": [1, 3], "epochs": [1, 2]},
        n_iter=3,
        cv=2,
        random_state=5,
        scoring="neg_log_loss",
    )
    both(search, X, y)


def test_targets_of_several_columns():
    both(grid(REGRESSOR, LONGER, scoring="neg_mean_squared_error"), X, TARGETS)


def test_labels_that_are_strings():
    lanes, _ = both(grid(param_grid=LONGER), X, LABELS)
    assert list(lanes.classes_) == ["a", "b", "c"]


def test_data_frames():
    frame = pd.DataFrame(X, columns=["one", "two", "three"])
    lanes, _ = both(grid(PIPELINE, PIPELINE_GRID), frame, pd.Series(y, name="y"))
    assert list(lanes.feature_names_in_) == ["one", "two", "three"]


@pytest.mark.parametrize("engine", ["auto", "keras"])
def test_a_candidate_that_cannot_be_built(engine):
    search = grid(param_grid={"units": [1, 0, 3]}, engine=engine, error_score=-9.0)
    # Equal errors are counted, not repeated.
    message = "(?s)2 fits failed with the following error.*0 units are too few"
    with pytest.warns(FitFailedWarning, match=message):
        eagerly(lambda: search.fit(X, y)) if engine == "keras" else search.fit(X, y)
    assert (search.cv_results_["mean_test_score"] == -9).tolist() == [False, True, False]
    expected = grid(engine="lanes").fit(X, y).cv_results_["mean_test_score"]
    np.testing.assert_allclose(search.cv_results_["mean_test_score"][[0, 2]], expected, atol=1e-6)


def for_columns(columns=3, units=2):
    model = Sequential([Input((columns,)), layers.Dense(units), layers.Dense(2, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def of_words(words=3):
    rows = [Input((1,)), layers.Embedding(words, 2), layers.Flatten(), layers.Dense(2, "softmax")]
    model = Sequential(rows)
    model.compile("sgd", "sparse_categorical_crossentropy")
    return model


def test_a_word_that_an_embedding_does_not_have_fails_its_fits_alone():
    words = np.arange(len(y))[:, None] % 5
    network = KerasClassifier(of_words, random_state=7)
    search = GridSearchCV(network, {"words": [3, 5]}, cv=2, error_score=-9.0)
    with pytest.warns(FitFailedWarning, match="the loss became nan in epoch 1"):
        search.fit(words, y)
    assert (search.cv_results_["mean_test_score"] == -9).tolist() == [True, False]
    alone = clone(search).set_params(param_grid={"words": [5]}).fit(words, y)
    assert alone.best_score_ == search.best_score_
    # Of rows that are only predicted a classifier would make classes.
    unseen = np.where(np.arange(len(y)) < len(y) // 2, 0, words[:, 0])[:, None]
    halves = [np.array_split(np.arange(len(y)), 2)]
    with pytest.warns(FitFailedWarning, match="the outputs for .* rows are not numbers"):
        clone(search).set_params(cv=halves).fit(unseen, y)


def test_numbers_of_numpy_are_python_s_in_a_build_function():
    search = grid(CLASSIFIER, {"units": np.arange(1, 3)}).fit(X, y)
    assert search.best_score_ == grid(CLASSIFIER, {"units": [1, 2]}).fit(X, y).best_score_


def test_a_search_that_scikit_learn_makes_says_so():
    search = GridSearchCV(TransformedTargetRegressor(LinearRegression()), {}, cv=2).fit(X, y)
    assert str(search.fit_report_).startswith("by scikit-learn: ")
    assert search.timings_ == {}


#: name -> (grid, estimator, what the plan says, what is said where only lanes will do)
NOT_TRAINED = {
    "built": (
        {"units": [1, 0]},
        CLASSIFIER,
        "2 fits cannot be built: 0 units are too few",
        '2 of 4 fits cannot be built, the first of them fit 2: 0 units are too few; engine="auto"',
    ),
    "columns": (
        {"columns": [4, 3]},
        KerasClassifier(for_columns),
        "2 fits cannot be built: for_columns() returned a model that takes 4 columns; the data",
        "2 of 4 fits cannot be built, the first of them fit 0: for_columns() returned a model",
    ),
    "prepared": (
        {"batch_size": [0, 32]},
        CLASSIFIER,
        "2 fits cannot be prepared: batch_size must be a whole number of at least 1, or -1",
        "2 of 4 fits cannot be prepared, the first of them fit 0: batch_size must be",
    ),
    "no network": (
        {},
        make_pipeline(LinearRegression()),
        "2 fits by scikit-learn: LinearRegression is no network",
        "no fit can ride in lanes: LinearRegression is no network",
    ),
}


@pytest.mark.parametrize("name", NOT_TRAINED)
def test_what_cannot_be_trained_is_in_the_plan_and_no_fit_for_lanes_alone(name):
    param_grid, estimator, planned, message = NOT_TRAINED[name]
    search = GridSearchCV(estimator, param_grid, cv=2)
    assert planned in str(search.plan(X, y))
    search.set_params(engine="lanes")
    with pytest.raises(CannotRideError, match=re.escape(message)):
        search.fit(X, y)
    with pytest.raises(CannotRideError):
        search.plan(X, y)


def test_an_error_is_raised_with_a_note_of_its_fit():
    search = grid(param_grid={"units": [1, 0]}, error_score="raise")
    with pytest.raises(ValueError, match="0 units are too few") as caught:
        search.fit(X, y)
    assert caught.value.__notes__ == ["This was the fit to split 0 with {'units': 0}."]
    estimator = clone(CLASSIFIER).set_params(units=0)
    with pytest.raises(ValueError, match="0 units are too few") as caught:
        gridlanes.cross_val_score(estimator, X, y, cv=2, error_score="raise")
    assert caught.value.__notes__ == ["This was the fit to split 0."]


def test_a_fitted_search_is_as_if_nothing_had_stood_in():
    estimator = clone(CLASSIFIER)
    search = GridSearchCV(estimator, GRID, cv=iter(UNEQUAL), scoring=own_score, n_jobs=2)
    given = dict(search.get_params(deep=False))
    search.fit(X, y)
    assert all(value is given[name] for name, value in search.get_params(deep=False).items())
    assert search.scorer_ is own_score
    assert vars(estimator).keys() == vars(clone(CLASSIFIER)).keys()
    # A search that was fitted before may be fitted again without a refit.
    search.set_params(cv=2, refit=False).fit(X, y)


@pytest.mark.parametrize("scoring", [None, "neg_log_loss", own_score, {"own": own_score}])
def test_a_fitted_search_can_be_pickled(scoring):
    refit = "own" if isinstance(scoring, dict) else True
    search = grid(scoring=scoring, refit=refit, engine="lanes").fit(X, y)
    again = pickle.loads(pickle.dumps(search))
    assert_equal_results(again.cv_results_, search.cv_results_)
    np.testing.assert_allclose(again.predict_proba(X), search.predict_proba(X), rtol=1e-6)


def test_a_search_whose_optimizer_has_a_state_is_pickled_without_a_warning():
    estimator = clone(CLASSIFIER).set_params(optimizer="adam")
    pickle.loads(pickle.dumps(grid(estimator, LONGER, engine="lanes").fit(X, y)))


def test_callbacks_that_scikit_learn_hands_on():
    seen = RecordingAutoPropagatedCallback()
    search = grid(PIPELINE, PIPELINE_GRID, engine="lanes").set_callbacks(seen).fit(X, y)
    assert seen.count_hooks("on_fit_task_begin") == seen.count_hooks("on_fit_task_end") > 0
    assert not hasattr(search.best_estimator_, "_skl_callbacks")


def test_cross_validation():
    options = {
        "cv": 2,
        "scoring": ["accuracy", "neg_log_loss"],
        "params": {"sample_weight": WEIGHTS},
    }
    options |= {"return_train_score": True, "return_estimator": True, "return_indices": True}
    lanes = gridlanes.cross_validate(CLASSIFIER, X, y, engine="lanes", **options)
    other = eagerly(lambda: model_selection.cross_validate(CLASSIFIER, X, y, **options))
    assert list(lanes) == list(other)
    for ours, theirs in zip(lanes.pop("estimator"), other.pop("estimator"), strict=True):
        assert ours.history_.keys() == theirs.history_.keys()
        np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    for side, indices in other.pop("indices").items():
        for ours, theirs in zip(lanes["indices"][side], indices, strict=True):
            np.testing.assert_array_equal(ours, theirs)
    del lanes["indices"]
    assert_equal_results(lanes, other)


class ShareRight(BaseEstimator):
    """A scorer that is an object, and so can say which metadata it asks for."""

    def score(self, estimator, X, y, sample_weight=None):
        assert isinstance(estimator, KerasClassifier)
        return accuracy_score(y, estimator.predict(X), sample_weight=sample_weight)

    __call__ = score


@pytest.mark.parametrize("several", [True, False])
def test_metadata_go_to_scorers_of_the_user_s_own(several):
    with sklearn.config_context(enable_metadata_routing=True):
        estimator = clone(CLASSIFIER).set_fit_request(sample_weight=True)
        scorer = ShareRight().set_score_request(sample_weight=True)
        plain = ShareRight().set_score_request(sample_weight=False)
        scoring = {"own": scorer, "plain": plain} if several else scorer
        options = {"cv": 2, "scoring": scoring, "params": {"sample_weight": WEIGHTS}}
        lanes = gridlanes.cross_validate(estimator, X, y, engine="lanes", **options)
        other = eagerly(lambda: model_selection.cross_validate(estimator, X, y, **options))
        assert_equal_results(lanes, other)
        search = grid(estimator, scoring=scoring, refit="own" if several else True)
        both(search, X, y, sample_weight=WEIGHTS)


def test_scores_of_cross_validation():
    lanes = gridlanes.cross_val_score(PIPELINE, X, y, scoring="neg_log_loss", cv=2, engine="lanes")
    other = model_selection.cross_val_score
    np.testing.assert_allclose(
        lanes, eagerly(lambda: other(PIPELINE, X, y, scoring="neg_log_loss", cv=2)), atol=1e-6
    )


@pytest.mark.parametrize("method", ["predict", "predict_proba"])
@pytest.mark.parametrize("labels", [y, LABELS], ids=["numbers", "strings"])
def test_predictions_of_cross_validation(method, labels):
    options = {"cv": 3, "method": method}
    lanes = gridlanes.cross_val_predict(CLASSIFIER, X, labels, engine="lanes", **options)
    other = eagerly(lambda: model_selection.cross_val_predict(CLASSIFIER, X, labels, **options))
    assert lanes.dtype == other.dtype
    if method == "predict":
        np.testing.assert_array_equal(lanes, other)
    else:
        np.testing.assert_allclose(lanes, other, atol=1e-6)
