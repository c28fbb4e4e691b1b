"""Rows in the forms that people keep them in, beside plain Keras."""

import functools
import pickle

import keras
import numpy as np
import pandas as pd
import polars as pl
import pytest
import tensorflow as tf
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from small_fits import LABELS, ONE_FOLD, X, Y, assert_same, classifier, network

from gridlanes import GridSearchCV, KerasRegressor

pytestmark = [
    pytest.mark.usefixtures("eager", "traced"),
    # One worker traces the programs that these tests share.
    pytest.mark.xdist_group("habits"),
]


def test_sparse_rows_are_made_dense():
    rows = sparse.csr_matrix(np.where(X > 0, X, 0))
    assert_same(classifier().fit(rows, Y), classifier().fit(rows.toarray(), Y).model_)
    search = GridSearchCV(classifier(), {"hidden": [3]}, cv=2, engine="lanes").fit(rows, Y)
    dense = GridSearchCV(classifier(), {"hidden": [3]}, cv=2).fit(rows.toarray(), Y)
    assert search.best_score_ == dense.best_score_
    # Whether it is sparse depends on how many zeros there are.
    groups = (np.arange(60) % 4)[:, None]
    encoder = make_column_transformer((OneHotEncoder(), [0]), sparse_threshold=0.5)
    assert make_pipeline(encoder, classifier()).fit(groups, Y).predict(groups).shape == (60,)


def test_sparse_columns_of_a_data_frame_are_made_dense():
    dense = pd.DataFrame(np.where(X > 0, X, 0), columns=list("abcd"))
    frame = dense.astype({name: pd.SparseDtype("float32", 0) for name in "bcd"})
    for rows in (frame[list("bcda")], frame[list("bcd")]):
        build = functools.partial(network, features=rows.shape[1])
        ours = classifier(build).fit(rows, Y)
        assert_same(ours, classifier(build).fit(dense[list(rows)], Y).model_)
        assert ours.feature_names_in_.tolist() == list(rows)
        assert ours.predict(rows).shape == (60,)


@pytest.mark.parametrize("kind", [pd.Series, list, np.asarray])
def test_dates_are_no_numbers(kind):
    ours = KerasRegressor(lambda: network(last=None))
    days = pd.Series(pd.date_range("2020", periods=60))
    with pytest.raises(ValueError, match=r"^y must be numbers, and holds dates or times \(\w+"):
        ours.fit(X, kind(days))
    since = (days - days.min()) / np.timedelta64(1, "D")
    with pytest.raises(ValueError, match="^validation_data: y must be numbers"):
        ours.fit(X, since, validation_data=(X[:2], kind(days[:2])))


def test_large_sparse_rows_are_said_to_be(monkeypatch):
    monkeypatch.setattr("gridlanes.estimators.tables.SAID_WHEN_DENSE", 100)
    with pytest.warns(UserWarning, match=r"60 x 4 numbers take 0.0 GB"):
        classifier().fit(sparse.csr_matrix(X), Y)


def by_names():
    inputs = {name: keras.Input((2,), name=name) for name in "ab"}
    units = [keras.layers.Dense(3, "tanh")(own) for own in inputs.values()]
    both = keras.layers.Concatenate()(units)
    return keras.Model(inputs, keras.layers.Dense(1, "sigmoid")(both))


@pytest.mark.parametrize(
    ("build", "preprocessing", "as_taken"),
    [
        (by_names, None, lambda rows: rows),
        # One that goes by places, and does not look at names.
        (network, FunctionTransformer(np.asarray), lambda rows: np.hstack([rows["a"], rows["b"]])),
    ],
)
def test_a_dict_may_be_in_any_order(build, preprocessing, as_taken):
    rows = {"a": X[:, :2], "b": X[:, 2:]}
    turned = dict(reversed(rows.items()))
    ours = classifier(build, preprocessing=preprocessing)
    search = GridSearchCV(ours, {"epochs": [1]}, cv=ONE_FOLD, engine="keras").fit(rows, Y)
    alone = clone(ours).fit(rows, Y, validation_data=(turned, Y))
    theirs = alone.model_.evaluate(as_taken(rows), Y, verbose=0)
    assert alone.history_["val_loss"][-1] == pytest.approx(theirs[0], abs=1e-6)
    for own in (search, pickle.loads(pickle.dumps(alone)), alone.partial_fit(turned, Y)):
        model = getattr(own, "best_estimator_", own).model_
        said = own.predict_proba(turned)[:, 1]
        expected = np.asarray(model(as_taken(rows)))[:, 0]
        np.testing.assert_allclose(said, expected, atol=1e-6)


def test_a_list_has_the_inputs_in_their_order():
    def two():
        first, second = keras.Input((1,)), keras.Input((3,))
        both = keras.layers.Concatenate()([second, first])
        return keras.Model([first, second], keras.layers.Dense(1, "sigmoid")(both))

    parts = [X[:, :1], X[:, 1:]]
    ours = classifier(two).fit(parts, Y)
    np.testing.assert_array_equal(ours.predict(parts), ours.predict(X))
    keras.utils.set_random_seed(3)
    model = two()
    model.compile("sgd", "binary_crossentropy")
    for epoch in range(2):
        order = np.random.default_rng([3, epoch]).permutation(60)
        rows = [part[order] for part in parts]
        batches = tf.data.Dataset.from_tensor_slices((tuple(rows), Y[order])).batch(40)
        model.fit(batches, shuffle=False, verbose=0)
    assert_same(ours, model)
    search = GridSearchCV(classifier(two), {"epochs": [1]}, cv=2, engine="lanes").fit(parts, Y)
    assert search.predict(parts).shape == (60,)


def test_tables_of_polars_keep_their_names():
    table, y = pl.DataFrame(X, schema=list("abcd")), pl.Series(Y)
    frame = pd.DataFrame(X, columns=list("abcd"))
    expected = classifier().fit(frame, Y)
    ours = classifier().fit(table, y)
    assert ours.feature_names_in_.tolist() == list("abcd")
    assert_same(ours, expected.model_)
    np.testing.assert_array_equal(ours.predict(table), expected.predict(frame))
    scaler = StandardScaler().set_output(transform="polars")
    for share in (0.0, 0.2):
        scaled = classifier(preprocessing=scaler, validation_split=share).fit(table, y)
        assert scaled.feature_names_in_.tolist() == list("abcd")
        plain_scaler = classifier(preprocessing=StandardScaler(), validation_split=share)
        assert_same(scaled, plain_scaler.fit(X, Y).model_)
    search = GridSearchCV(classifier(), {"hidden": [3]}, cv=ONE_FOLD, engine="lanes")
    assert search.fit(table, y).best_score_ == expected.score(frame, Y)


def test_rows_and_targets_keep_their_shapes():
    flat = keras.Sequential([keras.Input((2, 2)), keras.layers.Flatten(), keras.layers.Dense(2)])
    ours = KerasRegressor(flat, loss="mse", random_state=0).fit(X.reshape(60, 2, 2), LABELS[:, :2])
    with pytest.raises(ValueError, match=r"rows of shape \(2, 1\).* rows of shape \(2, 2\)"):
        ours.predict(X[:, :2, None])
    with pytest.raises(ValueError, match=r"y has rows of shape \(\).* rows of shape \(2,\)"):
        ours.partial_fit(X.reshape(60, 2, 2), Y)
