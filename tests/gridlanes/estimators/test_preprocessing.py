"""Transformers inside the estimator: what they are fitted on, and that nothing leaks."""

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn import config_context, model_selection
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler, TargetEncoder
from small_search import CLASSIFIER, OPTIONS, REGRESSOR, TARGETS, X, build, eagerly, grid, y

import gridlanes
from gridlanes import KerasClassifier, ParameterError

pytestmark = [
    pytest.mark.usefixtures("traced"),
    pytest.mark.xdist_group("search"),
]

INSIDE = clone(CLASSIFIER).set_params(preprocessing=StandardScaler())


def test_it_does_what_a_pipeline_does():
    """Where nothing is held out for validation."""
    outside = make_pipeline(StandardScaler(), CLASSIFIER)
    values = {"preprocessing__with_mean": [True, False]}
    names = {"standardscaler__with_mean": [True, False]}
    ours = grid(INSIDE, values).fit(X, y)
    theirs = model_selection.GridSearchCV(outside, names, cv=2, scoring="neg_log_loss")
    eagerly(lambda: theirs.fit(X, y))
    for column in ("split0_test_score", "split1_test_score", "mean_test_score"):
        found, expected = (results[column] for results in (ours.cv_results_, theirs.cv_results_))
        np.testing.assert_allclose(found, expected, atol=1e-6)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    scaler = ours.best_estimator_.preprocessing_
    np.testing.assert_array_equal(
        scaler.mean_ if scaler.with_mean else 0, X.mean(0) * scaler.with_mean
    )


def test_validation_rows_do_not_reach_the_transformer():
    """Its statistics are those of the rows that the network trains on."""
    estimator = clone(INSIDE).set_params(validation_split=0.25)
    eagerly(lambda: estimator.fit(X, y))
    np.testing.assert_allclose(estimator.preprocessing_.mean_, X[:45].mean(0))
    plain = KerasClassifier(build, **OPTIONS, validation_split=0.25)
    scaled = StandardScaler().fit(X[:45]).transform(X)
    eagerly(lambda: plain.fit(scaled, y))
    np.testing.assert_allclose(estimator.predict_proba(X), plain.predict_proba(scaled), atol=1e-6)
    assert estimator.history_["val_loss"] == pytest.approx(plain.history_["val_loss"], abs=1e-6)


def test_transformers_are_fitted_alike_while_metadata_are_routed():
    """scikit-learn's TargetEncoder raises where metadata are routed, and no groups to it."""
    folds = model_selection.KFold(3, shuffle=True, random_state=0)
    estimator = clone(CLASSIFIER).set_params(preprocessing=TargetEncoder(cv=folds))
    rows = np.round(X)
    plain = eagerly(lambda: clone(estimator).fit(rows, y))
    with config_context(enable_metadata_routing=True):
        routed = eagerly(lambda: clone(estimator).fit(rows, y))
    np.testing.assert_array_equal(routed.predict_proba(rows), plain.predict_proba(rows))


class Betrayer(TransformerMixin, BaseEstimator):
    """A column of row numbers becomes the target of the rows it was fitted on.

    Of other rows it knows nothing: the column betrays the target only through statistics of
    these very rows.
    """

    def fit(self, X, y):
        self.known_ = dict(zip(np.asarray(X)[:, 0], y, strict=True))
        return self

    def transform(self, X):
        numbers = np.asarray(X)[:, 0]
        # As far from zero for rows that are known as the network needs to learn it in an epoch.
        betrayed = [8 * self.known_[n] - 4 if n in self.known_ else 0 for n in numbers]
        return np.column_stack([betrayed, np.asarray(X)[:, 1:]])


ROWS = 400
rng = np.random.default_rng(1)
NOISE = np.column_stack([np.arange(ROWS), rng.normal(size=(ROWS, 2))])
COIN = rng.permutation(np.arange(ROWS) % 2)
LEARNER = KerasClassifier(build, epochs=15, batch_size=20, optimizer="adam", random_state=0)


@pytest.fixture(params=["inside", "pipeline"])
def betrayed(request):
    if request.param == "inside":
        return clone(LEARNER).set_params(preprocessing=Betrayer()), ""
    return Pipeline([("before", Betrayer()), ("network", LEARNER)]), "network__"


def test_the_leak_detector_detects():
    leaking = Betrayer().fit(NOISE, COIN).transform(NOISE)
    assert gridlanes.cross_val_score(LEARNER, leaking, COIN, cv=3).min() > 0.95


def test_no_score_is_lifted_by_held_out_rows(betrayed):
    estimator, prefix = betrayed
    scores = gridlanes.cross_val_score(estimator, NOISE, COIN, cv=3)
    search = gridlanes.GridSearchCV(estimator, {f"{prefix}epochs": [12, 15]}, cv=3).fit(NOISE, COIN)
    nested = gridlanes.cross_val_score(search, NOISE, COIN, cv=3)
    for score in (scores.mean(), search.best_score_, nested.mean()):
        # Five standard errors of a fair coin.
        assert abs(score - 0.5) < 5 * 0.5 / np.sqrt(ROWS)


def test_early_stopping_judges_by_rows_that_nothing_was_fitted_on():
    inside = clone(LEARNER).set_params(preprocessing=Betrayer(), validation_split=0.25)
    search = gridlanes.GridSearchCV(inside, {"epochs": [12, 15]}, cv=3).fit(NOISE, COIN)
    watched = search.best_estimator_.history_["val_accuracy"]
    assert abs(watched[-1] - 0.5) < 5 * 0.5 / np.sqrt(ROWS / 4)
    # A pipeline's transformers do see them, as scikit-learn's do; the docstring says so.
    outside = Pipeline([("before", Betrayer()), ("network", clone(LEARNER))])
    outside.set_params(network__validation_split=0.25)
    refitted = gridlanes.GridSearchCV(outside, {}, cv=3).fit(NOISE, COIN).best_estimator_
    assert refitted[-1].history_["val_accuracy"][-1] > 0.95


def test_gaps_and_frames():
    frame = pd.DataFrame(X, columns=["a", "b", "c"]).mask(lambda table: table > 1.5)
    before = make_pipeline(SimpleImputer(), MinMaxScaler())
    estimator = clone(REGRESSOR).set_params(preprocessing=before, validation_split=0.2)
    search = grid(
        estimator, {"preprocessing__simpleimputer__strategy": ["mean", "median"]}, scoring="r2"
    )
    search.fit(frame, TARGETS)
    learnt = search.best_estimator_.preprocessing_[0]
    assert learnt.feature_names_in_.tolist() == ["a", "b", "c"]
    own = {"mean": frame[:48].mean(), "median": frame[:48].median()}[learnt.strategy]
    np.testing.assert_allclose(learnt.statistics_, own)
    assert search.predict(frame).shape == TARGETS.shape


def test_tables_that_come_out_keep_their_names():
    before = StandardScaler().set_output(transform="pandas")
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    estimator = clone(CLASSIFIER).set_params(preprocessing=before, validation_split=0.25)
    eagerly(lambda: estimator.fit(frame, y))
    assert estimator.feature_names_in_.tolist() == ["a", "b", "c"]
    estimator.predict(frame)


def test_a_fitted_estimator_keeps_its_transformer_until_it_is_fitted_again():
    estimator = clone(INSIDE)
    eagerly(lambda: estimator.fit(X * 100, y))
    before = estimator.predict_proba(X * 100)
    estimator.set_params(preprocessing=None)
    np.testing.assert_array_equal(estimator.predict_proba(X * 100), before)
    assert not hasattr(eagerly(lambda: estimator.fit(X, y)), "preprocessing_")


def test_parameters_that_reach_no_transformer():
    with pytest.raises(ParameterError, match="'preprocessing__with_mean' would reach nothing"):
        clone(CLASSIFIER).set_params(preprocessing__with_mean=False)
    with pytest.raises(ParameterError, match="preprocessing: Invalid parameter 'with_men'"):
        clone(INSIDE).set_params(preprocessing__with_men=False)
    estimator = clone(CLASSIFIER).set_params(preprocessing=MinMaxScaler(), preprocessing__clip=True)
    assert estimator.get_params()["preprocessing__clip"] is True


def test_candidates_of_unlike_transformers_share_no_fold():
    values = {"preprocessing": [None, StandardScaler(), MinMaxScaler((5, 6))]}
    search = grid(clone(CLASSIFIER), values).fit(X * [1, 10, 100], y)
    apart = [
        grid(clone(CLASSIFIER), {"preprocessing": [one]}).fit(X * [1, 10, 100], y).best_score_
        for one in values["preprocessing"]
    ]
    np.testing.assert_array_equal(search.cv_results_["mean_test_score"], apart)
    assert len(set(apart)) == 3


def by_name(meta, units=2):
    """A network with an input for each column, in another order than that of the columns."""
    names = [str(name) for name in reversed(meta["feature_names_in_"])]
    inputs = [keras.Input((1,), name=name) for name in names]
    hidden = keras.layers.Dense(units, "tanh")(keras.layers.Concatenate()(inputs))
    return keras.Model(inputs, keras.layers.Dense(1, "sigmoid")(hidden))


def test_folds_of_other_columns_train_side_by_side():
    """One fold does not see a rare category, and each column has its name in its own fold."""
    frame = pd.DataFrame(X, columns=["a", "b", "c"])
    frame["kind"] = np.where(np.arange(len(X)) < 2, "rare", np.where(X[:, 1] > 0, "up", "down"))
    blocks = [
        ("codes", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["kind"]),
        ("numbers", StandardScaler(), ["a", "b", "c"]),
    ]
    before = ColumnTransformer(blocks).set_output(transform="pandas")
    folds = [(np.arange(30), np.arange(30, 60)), (np.arange(30, 60), np.arange(30))]
    own = KerasClassifier(by_name, **OPTIONS, preprocessing=before)
    outcome = gridlanes.cross_validate(
        own, frame, y, cv=folds, scoring="neg_log_loss", engine="lanes", return_estimator=True
    )
    widths = [one.n_features_in_ for one in outcome["estimator"]]
    assert widths == [6, 5]
    assert [len(one.feature_names_in_) for one in outcome["estimator"]] == widths
    plan = grid(own, {"units": [2, 3]}, cv=folds).plan(frame, y)
    assert not plan.reasons
    theirs = eagerly(
        lambda: model_selection.cross_val_score(own, frame, y, cv=folds, scoring="neg_log_loss")
    )
    np.testing.assert_allclose(outcome["test_score"], theirs, atol=1e-6)
