"""What people have written for SciKeras and Keras' own wrappers, beside plain Keras."""

import functools
import pickle

import keras
import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn import model_selection
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import make_classification
from sklearn.metrics import log_loss
from sklearn.model_selection import cross_val_predict, cross_val_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

import gridlanes
from gridlanes import GridSearchCV, KerasClassifier, KerasRegressor, ParameterError

pytestmark = pytest.mark.usefixtures("eager")

X, Y = make_classification(60, 4, random_state=0)
X = X.astype("float32")
#: All rows train, and are judged.
ONE_FOLD = [(np.arange(60), np.arange(60))]
LABELS = np.c_[Y, X[:, 0] > 0, X[:, 1] > 0].astype(int)


def network(hidden=3, units=1, last="sigmoid", features=4):
    layers = [keras.layers.Dense(hidden, "tanh"), keras.layers.Dense(units, last)]
    return keras.Sequential([keras.Input((features,)), *layers])


def plain(
    build=network, optimizer="sgd", loss="binary_crossentropy", y=Y, epochs=2, seed=3,
    batch_size=40, shuffle=True, metrics=("accuracy",), **held_out,
):  # fmt: skip
    """Return a model trained by the documented loop, and its history."""
    keras.utils.set_random_seed(seed)
    model = build()
    if not model.compiled:
        model.compile(optimizer, loss, metrics=list(metrics))
    history = {}
    for epoch in range(epochs):
        order = np.arange(len(X))
        if shuffle:
            order = np.random.default_rng([seed, epoch]).permutation(order)
        run = model.fit(
            X[order], y[order], batch_size=batch_size, shuffle=False, verbose=0, **held_out
        )
        for name, values in run.history.items():
            history.setdefault(name, []).extend(values)
    return model, history


def classifier(build=network, **parameters):
    settings = {"epochs": 2, "batch_size": 40, "optimizer": "sgd", "random_state": 3}
    return KerasClassifier(build, **{**settings, **parameters})


def assert_same(fitted, model):
    for ours, theirs in zip(fitted.model_.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


def compiled_by_kwargs(hidden=3, *, compile_kwargs):
    model = network(hidden)
    model.compile(**{**compile_kwargs, "loss": compile_kwargs["loss"] or "binary_crossentropy"})
    return model


def by_all_parameters(params):
    return network(params["hidden"])


def that_uses_up(layers=()):
    model = keras.Sequential([keras.Input((4,))])
    while layers:
        model.add(keras.layers.Dense(layers.pop(0), "tanh"))
    model.add(keras.layers.Dense(1, "sigmoid"))
    return model


class UsesUp(KerasClassifier):
    def __init__(self, layers=(), **kwargs):
        super().__init__(**kwargs)
        self.layers = layers

    def _keras_build_fn(self):
        return that_uses_up(self.layers)


@pytest.mark.parametrize(
    ("ours", "engine"),
    [
        (KerasClassifier(that_uses_up, layers=[3, 2]), "keras"),
        (KerasClassifier(that_uses_up, layers=[3, 2]), "lanes"),
        (UsesUp(layers=[3, 2]), "keras"),
    ],
)
def test_what_a_build_function_changes_is_its_own(ours, engine):
    ours = clone(ours).set_params(batch_size=40, optimizer="sgd", random_state=3)
    settings = {"cv": 2, "scoring": "neg_log_loss"}
    search = GridSearchCV(ours, {}, engine=engine, **settings).fit(X, Y)
    # 3 units have 5 weights each, 2 have 4, and one has 3.
    assert search.cv_results_["n_weights"].tolist() == [26]
    theirs = model_selection.GridSearchCV(ours, {}, **settings).fit(X, Y)
    for column in ("split0_test_score", "split1_test_score"):
        found, expected = (own.cv_results_[column] for own in (search, theirs))
        np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(search.predict_proba(X), theirs.predict_proba(X), atol=1e-5)
    assert search.best_estimator_.get_params()["layers"] == [3, 2]


class Perceptron(KerasClassifier):
    """As SciKeras' documentation writes them."""

    def __init__(self, hidden=3, optimizer="sgd", optimizer__learning_rate=0.01, **kwargs):
        super().__init__(**kwargs)
        self.hidden = hidden
        self.optimizer = optimizer
        self.optimizer__learning_rate = optimizer__learning_rate

    def _keras_build_fn(self, compile_kwargs):
        assert (self.n_features_in_, self.target_type_) == (4, "binary")
        model = network(self.hidden)
        model.compile(loss="binary_crossentropy", optimizer=compile_kwargs["optimizer"])
        return model


@pytest.mark.parametrize(
    "fitted",
    [
        lambda: classifier(compiled_by_kwargs, hidden=3),
        lambda: classifier(by_all_parameters, hidden=3),
        lambda: classifier(hidden=3, model__hidden=3),
        lambda: classifier(epochs=1, compile__loss="binary_crossentropy").set_params(fit__epochs=2),
        lambda: classifier(metrics="accuracy", hidden=np.int64(3), epochs=np.int64(2)),
        lambda: clone(Perceptron(epochs=2, batch_size=40, random_state=3)),
    ],
)
def test_ways_to_write_one_network(fitted):
    ours = fitted().fit(X, Y)
    assert_same(ours, plain()[0])
    assert len(ours.history_["loss"]) == 2


@pytest.mark.parametrize(
    "settings",
    [
        {"batch_size": None},
        {"batch_size": -1},
        {"shuffle": False},
    ],
)
def test_mini_batches_are_those_of_keras(settings):
    rows = {None: 32, -1: len(X)}.get(settings.get("batch_size", 40), 40)
    model, history = plain(batch_size=rows, shuffle=settings.get("shuffle", True))
    for ours in (classifier(**settings).fit(X, Y), classifier().fit(X, Y, **settings)):
        assert_same(ours, model)
        assert ours.history_["loss"] == pytest.approx(history["loss"])


def test_a_search_without_shuffling_is_that_of_keras():
    search = GridSearchCV(
        classifier(shuffle=False), {"hidden": [3]}, engine="lanes", cv=ONE_FOLD,
        scoring="neg_log_loss",
    ).fit(X, Y)  # fmt: skip
    expected = log_loss(Y, plain(shuffle=False)[0].predict(X, verbose=0)[:, 0])
    assert -search.best_score_ == pytest.approx(expected, abs=1e-6)


def test_objects_are_made_with_their_parameters():
    ours = classifier(
        optimizer=keras.optimizers.SGD, optimizer__learning_rate=0.5, loss="binary_crossentropy",
        loss__label_smoothing=0.1, metrics=[keras.metrics.AUC, "mae"], metrics__0__num_thresholds=9,
    ).fit(X, Y)  # fmt: skip
    loss = keras.losses.BinaryCrossentropy(label_smoothing=0.1)
    metrics = [keras.metrics.AUC(num_thresholds=9, name="auc"), "mae"]
    model, history = plain(optimizer=keras.optimizers.SGD(0.5), loss=loss, metrics=metrics)
    assert_same(ours, model)
    assert ours.history_ == {name: pytest.approx(own) for name, own in history.items()}
    searched = GridSearchCV(
        classifier(loss=keras.losses.Huber(), metrics=["mae"]), {"loss__delta": [0.1, 2.0]},
        cv=ONE_FOLD, engine="lanes", refit=False,
    ).fit(X, Y)  # fmt: skip
    for (kept,), delta in zip(searched.histories_[:2], [0.1, 2.0], strict=False):
        own = plain(loss=keras.losses.Huber(delta=delta), metrics=["mae"])[1]
        assert kept["loss"] == pytest.approx(own["loss"])


@pytest.mark.parametrize(
    "settings",
    [
        {"callbacks": keras.callbacks.EarlyStopping("loss", patience=0, min_delta=9)},
        {
            "callbacks": [keras.callbacks.EarlyStopping],
            "callbacks__0__monitor": "loss",
            "callbacks__min_delta": 9,
        },
        {
            "callbacks": {"stop": keras.callbacks.EarlyStopping},
            "callbacks__stop__monitor": "loss",
            "callbacks__stop__min_delta": 9,
        },
    ],
)
def test_callbacks_in_every_form(settings):
    # Nothing improves by 9: it ends after the second of nine epochs.
    assert len(classifier(epochs=9, **settings).fit(X, Y).history_["loss"]) == 2


def test_a_call_of_fit_takes_what_keras_does():
    ours = classifier().fit(
        X, Y, epochs=3, batch_size=15, verbose=0, validation_data=(X[:9], Y[:9]),
        callbacks=keras.callbacks.EarlyStopping("loss", min_delta=9, patience=1),
        class_weight={0: 1, 1: 1},
    )  # fmt: skip
    model, history = plain(epochs=2, batch_size=15, validation_data=(X[:9], Y[:9]))
    assert_same(ours, model)
    assert ours.history_ == {name: pytest.approx(own) for name, own in history.items()}
    assert len(classifier().fit(X, Y).history_) == 2


def test_rows_to_watch_go_through_the_transformer_and_have_labels():
    names = np.array(["no", "yes"])[Y]
    scaled = make_pipeline(OneHotEncoder())
    groups = np.char.add("g", (np.arange(60) % 4).astype(str))[:, None]
    ours = classifier(preprocessing=OneHotEncoder(sparse_output=False))
    ours.fit(groups, names, validation_data=(groups[:9], names[:9]))
    dense = scaled.fit_transform(groups).toarray()
    same = classifier().fit(dense, Y, validation_data=(dense[:9], Y[:9]))
    assert ours.history_ == same.history_
    with pytest.raises(
        ValueError, match="Found unknown categories in y, as 'maybe'; the classes are 'no', 'yes'"
    ):
        ours.fit(groups, names, validation_data=(groups[:1], ["maybe"]))
    with pytest.raises(ParameterError, match="validation_data must be"):
        ours.fit(groups, names, validation_data=groups)


def test_rows_to_watch_in_a_search_are_said_to_be_the_same_in_every_fold():
    search = GridSearchCV(classifier(), {"hidden": [3]}, cv=2, refit=False, engine="lanes")
    with pytest.warns(UserWarning, match="watched by every fit of the search") as said:
        search.fit(X, Y, epochs=1, validation_data=(X[:9], Y[:9]))
    assert sum("watched by every fit" in str(one.message) for one in said) == 1
    assert all("val_loss" in kept for kept in search.histories_[0])


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((X[:9], Y[:8]), "^validation_data: 9 rows and 8 targets$"),
        (
            (X[:9, :2], Y[:9]),
            "^validation_data: X has 2 features, but KerasClassifier is expecting",
        ),
        ((X[:9], Y[:9] + 5), "^validation_data: Found unknown categories in y, as"),
        ((X[:9], Y[:9], np.ones(8)), r"^validation_data: sample_weight must have shape \(9,\)"),
        (X[:9], "^validation_data must be "),
    ],
)
@pytest.mark.filterwarnings("ignore:the rows of validation_data are watched")
def test_rows_that_no_fit_of_a_search_can_watch(rows, says):
    def never():
        raise AssertionError("a network is built")

    ours = classifier(never)
    search = GridSearchCV(ours, {"epochs": [1, 2]}, cv=2)
    in_pipeline = make_pipeline(StandardScaler(), ours)
    for use in (
        lambda: ours.fit(X, Y, validation_data=rows),
        lambda: search.fit(X, Y, validation_data=rows),
        lambda: gridlanes.cross_val_score(
            in_pipeline, X, Y, cv=2, params={"kerasclassifier__validation_data": rows}
        ),
    ):
        with pytest.raises(ParameterError, match=says) as caught:
            use()
        assert "\n" not in str(caught.value)


def test_one_column_of_targets_to_watch_is_one_target():
    numbers = X[:, 0]
    settings = {"loss": "mse", "random_state": 0}
    one, other = (KerasRegressor(lambda: network(last=None), **settings) for _ in range(2))
    one.fit(X, numbers, validation_data=(X[:9], numbers[:9, None]))
    other.fit(X, numbers[:, None], validation_data=(X[:9], numbers[:9]))
    assert one.history_ == other.history_
    with pytest.raises(ValueError, match=r"y has rows of shape \(2,\), but KerasRegressor was"):
        one.fit(X, numbers, validation_data=(X[:9], X[:9, :2]))


def test_rows_to_watch_may_be_on_the_grid():
    stop = keras.callbacks.EarlyStopping(patience=0, restore_best_weights=True)
    grid = {"fit__validation_data": [(X, Y), (X, 1 - Y)]}
    ours = classifier(callbacks=[stop], epochs=2)
    settings = {"cv": 2, "scoring": "neg_log_loss", "refit": False}
    with pytest.warns(UserWarning, match="watched by every fit of the search") as said:
        search = GridSearchCV(ours, grid, engine="keras", **settings).fit(X, Y)
    assert sum("watched by every fit" in str(one.message) for one in said) == 1
    theirs = model_selection.GridSearchCV(ours, grid, **settings).fit(X, Y)
    scores = theirs.cv_results_["mean_test_score"]
    assert scores[0] > scores[1]
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], scores, atol=1e-5)


def test_a_model_is_copied():
    given = network()
    given.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    weights = given.get_weights()
    ours = classifier(given, optimizer=None).fit(X, Y)

    def again():
        model = network()
        model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
        model.set_weights(weights)
        return model

    assert_same(ours, plain(again)[0])
    for before, after in zip(weights, given.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    assert clone(ours).model is given
    search = GridSearchCV(clone(ours), {"epochs": [1, 2]}, cv=2, engine="lanes").fit(X, Y)
    assert search.fit_report_.trained == 4


def test_training_further():
    whole = classifier(epochs=3).fit(X, Y)
    parts = classifier()
    for epoch in range(3):
        assert parts.current_epoch_ == epoch
        parts.partial_fit(X, Y)
    assert_same(parts, whole.model_)
    assert parts.history_ == whole.history_
    assert whole.current_epoch == 3
    warm = classifier(warm_start=True, epochs=1)
    warm.fit(X, Y)
    before = warm.model_
    losses = warm.history_["loss"] + warm.fit(X, Y).history_["loss"]
    assert warm.model_ is before
    assert losses[1] < losses[0]
    begun = classifier().initialize(X, Y)
    assert begun.initialized_
    assert begun.history_ == {}
    keras.utils.set_random_seed(3)
    assert_same(begun, network())


def test_classes_may_come_later():
    ours = classifier(lambda: network(units=3, last="softmax"))
    ours.partial_fit(X, Y, classes=[0, 1, 2])
    ours.partial_fit(X, np.full(60, 2))
    assert ours.predict_proba(X).shape == (60, 3)
    with pytest.raises(ValueError, match="as 7; the classes are 0, 1, 2"):
        ours.partial_fit(X, np.full(60, 7))
    with pytest.raises(ParameterError, match="partial_fit.. trains for one epoch"):
        ours.partial_fit(X, Y, epochs=2)


@pytest.mark.parametrize(
    ("last", "loss", "y"),
    [
        ("sigmoid", "binary_crossentropy", LABELS),
        (None, keras.losses.BinaryCrossentropy(from_logits=True), LABELS),
        ("softmax", "categorical_crossentropy", np.eye(3, dtype=int)[LABELS.sum(axis=1) % 3]),
        (None, keras.losses.CategoricalCrossentropy(from_logits=True), np.eye(3)[Y * 2]),
    ],
)
def test_a_column_for_each_class(last, loss, y):
    def build():
        return network(units=3, last=last)

    ours = classifier(build, loss=loss).fit(X, y)
    model, history = plain(build, loss=loss, y=y)
    assert_same(ours, model)
    assert ours.history_["loss"] == pytest.approx(history["loss"])
    said, like = ours.predict(X), MLPClassifier((3,), max_iter=1)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        like.fit(X, y)
    assert said.shape == like.predict(X).shape
    assert said.dtype == like.predict(X).dtype
    assert ours.predict_proba(X).shape == like.predict_proba(X).shape
    np.testing.assert_array_equal(ours.classes_, like.classes_)
    outputs = model.predict(X, verbose=0)
    if (y.sum(axis=1) == 1).all():
        np.testing.assert_array_equal(said.argmax(axis=1), outputs.argmax(axis=1))
    else:
        np.testing.assert_array_equal(said, outputs > (0 if last is None else 0.5))


def test_a_search_over_several_labels_a_row_is_scored_as_scikit_learn_scores_them():
    ours = classifier(lambda hidden: network(hidden, units=3), loss="binary_crossentropy", hidden=3)
    settings = {"cv": 2, "engine": "lanes", "refit": False, "return_predictions": True}
    search = GridSearchCV(ours, {"hidden": [3, 4]}, **settings).fit(X, LABELS)
    expected = cross_val_score(ours, X, LABELS, cv=2)
    assert search.cv_results_["split0_test_score"][0] == expected[0]
    said = cross_val_predict(ours, X, LABELS, cv=2, method="predict_proba")
    np.testing.assert_allclose(search.predictions_.outputs[0, 0], said, atol=1e-5)
    assert search.predictions_.classes.tolist() == [0, 1, 2]


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize("kind", [int, bool])
def test_labels_kept_as_objects(kind):
    plain = Y.astype(kind)
    labels = pd.Series(plain.astype(object))
    ours = classifier().fit(X, labels)
    assert ours.classes_.tolist() == [0, 1]
    assert ours.score(X, labels) == ours.score(X, plain)
    search = GridSearchCV(ours, {}, cv=2, scoring=["accuracy", "roc_auc"], refit=False)
    found, expected = (clone(search).fit(X, own).cv_results_ for own in (labels, plain))
    for name in ("mean_test_accuracy", "mean_test_roc_auc"):
        assert found[name] == expected[name]
    alone = gridlanes.cross_val_score(ours, X, labels, cv=2)
    assert alone.mean() == found["mean_test_accuracy"]


def test_columns_of_several_classes_say_what_takes_them():
    with pytest.raises(ValueError, match=r"MultiOutputClassifier\(KerasClassifier"):
        classifier().fit(X, np.c_[Y, Y + 1])


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


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"epoch": 3}, "'epoch' would reach nothing in fit.*'epochs'"),
        ({"epochs": 0}, "epochs must be a whole number of at least 1; found 0"),
    ],
)
def test_what_no_fit_of_a_search_could_be_given_is_one_error(given, says):
    """Not a traceback for each fit."""
    scaled = make_pipeline(StandardScaler(), classifier())
    routed = {f"kerasclassifier__{name}": value for name, value in given.items()}
    for ours, own in ((classifier(), given), (scaled, routed)):
        with pytest.raises(ParameterError, match=f"(?s)^[^\n]*{says}[^\n]*$"):
            GridSearchCV(ours, {}, cv=2).fit(X, Y, **own)


def test_a_search_predicts_with_what_its_estimator_takes():
    search = GridSearchCV(classifier(), {"hidden": [3]}, cv=ONE_FOLD, engine="lanes").fit(X, Y)
    best = search.best_estimator_
    np.testing.assert_array_equal(search.predict(X, verbose=0), best.predict(X))
    said = search.predict_proba(X, batch_size=7, verbose=0)
    np.testing.assert_allclose(said, best.predict_proba(X), atol=1e-6)
    with pytest.raises(ParameterError, match="give the rows to predict for"):
        search.predict(X, steps=3)
    assert not hasattr(search, "decision_function")
    assert not hasattr(clone(search).set_params(refit=False).fit(X, Y), "predict")


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
    search = GridSearchCV(ours, {"epochs": [1, 2]}, cv=2, engine="keras").fit(rows, Y)
    alone = clone(ours).fit(rows, Y, validation_data=(turned, Y))
    theirs = alone.model_.evaluate(as_taken(rows), Y, verbose=0)
    assert alone.history_["val_loss"][-1] == pytest.approx(theirs[0], abs=1e-6)
    for own in (search, pickle.loads(pickle.dumps(alone)), alone.partial_fit(turned, Y)):
        model = getattr(own, "best_estimator_", own).model_
        said = own.predict_proba(turned)[:, 1]
        expected = model.predict(as_taken(rows), verbose=0)[:, 0]
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
        model.fit(rows, Y[order], batch_size=40, shuffle=False, verbose=0)
    assert_same(ours, model)
    search = GridSearchCV(classifier(two), {"epochs": [1, 2]}, cv=2, engine="lanes").fit(parts, Y)
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


def test_numbers_come_back_in_the_type_of_the_targets():
    for kind, expected in (("float32", "float32"), ("float64", "float64"), ("uint8", "float32")):
        ours = KerasRegressor(lambda: network(last=None), random_state=0).fit(X, Y.astype(kind))
        assert ours.predict(X).dtype == expected
        ours = ours.set_params(target_transformer=StandardScaler()).fit(X, Y.astype(kind))
        assert ours.predict(X).dtype == ("float32" if kind == "float32" else "float64")


@keras.utils.register_keras_serializable("elsewhere")
class Named(keras.metrics.MeanAbsoluteError):
    pass


class Unnamed(keras.metrics.MeanAbsoluteError):
    """One that Keras cannot find again by its name."""


def test_metrics_of_ones_own_are_no_hindrance_to_a_clone():
    for kind in (Named, Unnamed):
        ours = classifier(metrics=[kind(name="own")])
        search = GridSearchCV(ours, {"hidden": [3]}, cv=ONE_FOLD, engine="lanes").fit(X, Y)
        assert search.histories_[0][0]["own"] == pytest.approx(plain(metrics=["mae"])[1]["mae"])


def test_histories_have_full_names_too():
    kept = classifier(metrics=["mae"]).fit(X, Y, validation_split=0.2).history_
    assert sorted(kept) == ["loss", "mae", "val_loss", "val_mae"]
    assert kept["mean_absolute_error"] is kept["mae"]
    assert kept["val_mean_absolute_error"] is kept["val_mae"]
    with pytest.raises(KeyError, match="accuracy"):
        kept["accuracy"]


def test_a_loss_may_be_said_again_of_a_model_that_has_it():
    def build():
        model = network()
        model.compile("sgd", "binary_crossentropy")
        return model

    same = classifier(build, optimizer=None, loss="BinaryCrossentropy")
    other = classifier(build, optimizer=None, loss="mse")
    assert_same(classifier(build, optimizer=None, loss="binary_crossentropy").fit(X, Y), plain()[0])
    for own in (same, other):
        with pytest.raises(ParameterError, match="'loss' would reach nothing"):
            own.fit(X, Y)


def test_rows_and_targets_keep_their_shapes():
    flat = keras.Sequential([keras.Input((2, 2)), keras.layers.Flatten(), keras.layers.Dense(2)])
    ours = KerasRegressor(flat, loss="mse", random_state=0).fit(X.reshape(60, 2, 2), LABELS[:, :2])
    with pytest.raises(ValueError, match=r"rows of shape \(2, 1\).* rows of shape \(2, 2\)"):
        ours.predict(X[:, :2, None])
    with pytest.raises(ValueError, match=r"y has rows of shape \(\).* rows of shape \(2,\)"):
        ours.partial_fit(X.reshape(60, 2, 2), Y)


def test_nothing_before_the_network_may_be_said_as_in_a_pipeline():
    assert_same(classifier(preprocessing="passthrough").fit(X, Y), plain()[0])


@pytest.mark.parametrize(
    ("use", "says"),
    [
        (lambda: classifier().fit(X, Y, epoch=3), "'epoch' would reach nothing in fit.*'epochs'"),
        (lambda: classifier().fit(X, Y, initial_epoch=3), "partial_fit.. and warm_start=True"),
        (lambda: classifier(fit__steps_per_epoch=3).fit(X, Y), "goes through all rows"),
        (lambda: classifier().set_params(fit__epoch=3), "'fit__epoch' would reach nothing"),
        (lambda: classifier().fit(X, Y).predict(X, steps=3), "give the rows to predict for"),
        (lambda: classifier(loss__delta=1).fit(X, Y), "'loss__delta' would reach nothing"),
        (lambda: classifier(loss="mse", loss__delta=1).fit(X, Y), "loss__.*delta"),
        (lambda: classifier(callbacks=[3]).fit(X, Y), "callbacks must be.* found 3"),
        (lambda: classifier(callbacks__patience=3).fit(X, Y), "callbacks__patience"),
        (
            lambda: classifier().set_params(hidden=3, model__hidden=4),
            "'hidden' and 'model__hidden' are the same",
        ),
        (
            lambda: classifier().set_params(epochs=3, fit__epochs=4),
            "'epochs' and 'fit__epochs' are the same",
        ),
        (lambda: classifier(shuffle="yes").fit(X, Y), "shuffle must be True or False"),
        (lambda: classifier(validation_batch_size=0).fit(X, Y), "or -1 for all rows; found 0"),
        (lambda: classifier(meta=3).fit(X, Y), "'meta' is for the build function to ask for"),
    ],
)
def test_what_would_reach_nothing_is_an_error(use, says):
    with pytest.raises(ParameterError, match=says) as caught:
        use()
    assert len(str(caught.value).splitlines()) == 1
