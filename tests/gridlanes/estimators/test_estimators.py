"""The estimators as scikit-learn's users expect them."""

import copy
import io
import pickle

import joblib
import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.datasets import load_diabetes, load_wine, make_classification
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import (
    estimator_checks_generator,
    parametrize_with_checks,
)

from gridlanes import KerasClassifier, KerasRegressor, ModelError, ParameterError

pytestmark = pytest.mark.usefixtures("eager")

X, Y = make_classification(60, 4, random_state=0)


def create_model(activation="relu", optimizer="rmsprop", init="glorot_uniform"):
    """The tutorial's function, as written there."""
    model = keras.Sequential()
    model.add(keras.layers.Input((4,)))
    model.add(keras.layers.Dense(12, kernel_initializer=init, activation=activation))
    model.add(keras.layers.Dense(8, kernel_initializer=init, activation=activation))
    model.add(keras.layers.Dense(1, kernel_initializer=init, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer=optimizer, metrics=["accuracy"])
    return model


def uncompiled(meta, hidden=5, last=None):
    units = meta.get("n_classes_", meta["n_outputs_"])
    units = 1 if meta["target_type_"] == "binary" else units
    kinds = {"binary": "sigmoid", "multiclass": "softmax"}
    return keras.Sequential(
        [
            keras.layers.Input(meta["X_shape_"][1:]),
            keras.layers.Dense(hidden, activation="relu"),
            keras.layers.Dense(units, activation=last or kinds.get(meta["target_type_"])),
        ]
    )


class Checked:
    """A network on which scikit-learn's statistical expectations can hold.

    Its loss is divided by the sum of weights, so that weights and repeated rows are the same; the
    penalty keeps what the weights of classes say ahead of what single rows say. One step of this
    size over all rows learns what the checks ask for. It is an object, because a
    function's name in a test's id would hold an address.
    """

    def __repr__(self):
        return "Checked()"

    def __call__(self, meta):
        classes = meta.get("n_classes_")
        penalty = keras.regularizers.L2(0.02 if classes else 0.0)
        model = keras.Sequential(
            [
                keras.layers.Input(meta["X_shape_"][1:]),
                keras.layers.Dense(16, activation="tanh"),
                keras.layers.Dense(
                    classes or meta["n_outputs_"],
                    activation="softmax" if classes else None,
                    kernel_initializer="zeros",
                    kernel_regularizer=penalty,
                ),
            ]
        )
        losses = keras.losses
        loss = losses.SparseCategoricalCrossentropy if classes else losses.MeanSquaredError
        model.compile(
            keras.optimizers.SGD(1.0 if classes else 0.4), loss(reduction="mean_with_sample_weight")
        )
        return model


#: Parts of the names of checks of targets, weights and predictions, in which a regressor differs;
#: the others look at what it has from where the classifier has it, and are for the long form.
OF_A_REGRESSOR = ("regressor", "weight", "_y", "methods", "dtypes", "overwrite", "pickle")


#: Checks of all kinds of sparse tables: each is made dense first.
SAME = ("check_estimator_sparse_array", "check_estimator_sparse_matrix")


def checks(kind, often=("",)):
    estimator = kind(Checked(), epochs=1, batch_size=1000, random_state=0)
    for own, check in estimator_checks_generator(estimator):
        name = getattr(check, "func", check).__name__
        wanted = any(part in name for part in often) and name not in SAME
        marks = () if wanted else pytest.mark.soak
        yield pytest.param(own, check, id=f"{kind.__name__}-{name}", marks=marks)


@pytest.mark.parametrize(
    ("estimator", "check"),
    [*checks(KerasClassifier), *checks(KerasRegressor, OF_A_REGRESSOR)],
)
def test_scikit_learns_checks(estimator, check, float_type):
    # In float64, because the checks compare predictions to 1e-7. None is expected to fail.
    assert check(estimator) is None


class CheckedToo(Checked):
    """Another sensible one: functional, one unit for two classes, and Adam."""

    def __repr__(self):
        return "CheckedToo()"

    def __call__(self, meta, compile_kwargs):
        classes, losses = meta.get("n_classes_"), keras.losses
        units = 1 if classes == 2 else classes or meta["n_outputs_"]
        rows = keras.Input(meta["X_shape_"][1:])
        hidden = keras.layers.Dense(12, activation="relu")(rows)
        hidden = keras.layers.Dense(6, activation="tanh")(hidden)
        last = "sigmoid" if classes == 2 else "softmax" if classes else None
        penalty = keras.regularizers.L2(0.01 if classes else 0.0)
        outputs = keras.layers.Dense(
            units, last, kernel_initializer="zeros", kernel_regularizer=penalty
        )(hidden)
        loss = losses.SparseCategoricalCrossentropy if classes else losses.MeanSquaredError
        loss = losses.BinaryCrossentropy if classes == 2 else loss
        model = keras.Model(rows, outputs)
        model.compile(compile_kwargs["optimizer"], loss(reduction="mean_with_sample_weight"))
        return model


def patient(kind):
    settings = {"optimizer": "adam", "optimizer__learning_rate": 0.1, "random_state": 0}
    return kind(CheckedToo(), epochs=15, batch_size=1000, **settings)


@pytest.mark.soak
@parametrize_with_checks([patient(KerasClassifier), patient(KerasRegressor)])
def test_scikit_learns_checks_of_another_network(estimator, check, float_type):
    assert check(estimator) is None


def test_tags_say_what_scikit_learns_checks_may_expect():
    for kind, of in ((KerasClassifier, "classifier_tags"), (KerasRegressor, "regressor_tags")):
        drawn, long = kind(create_model), kind(create_model, random_state=0, epochs=9)
        assert [get_tags(own).non_deterministic for own in (drawn, long)] == [True, False]
        assert [getattr(get_tags(own), of).poor_score for own in (drawn, long)] == [True, False]
        assert get_tags(drawn).input_tags.sparse


def test_kinds():
    assert is_classifier(KerasClassifier(create_model))
    assert is_regressor(KerasRegressor(create_model))
    folds = cross_val_score(KerasClassifier(create_model, random_state=0), X, Y, cv=2)
    stratified = cross_val_score(
        KerasClassifier(create_model, random_state=0), X, Y, cv=StratifiedKFold(2)
    )
    np.testing.assert_array_equal(folds, stratified)


@pytest.fixture(scope="module")
def fitted():
    return KerasClassifier(create_model, epochs=2, random_state=0, activation="tanh").fit(X, Y)


def _through_joblib(estimator):
    file = io.BytesIO()
    joblib.dump(estimator, file)
    file.seek(0)
    return joblib.load(file)


@pytest.mark.parametrize(
    "through",
    [lambda e: pickle.loads(pickle.dumps(e)), copy.deepcopy, _through_joblib],
    ids=["pickle", "deepcopy", "joblib"],
)
def test_copies_predict_the_same_to_the_last_bit(fitted, through):
    copied = through(fitted)
    np.testing.assert_array_equal(copied.predict_proba(X), fitted.predict_proba(X))
    assert copied.get_params() == fitted.get_params()
    assert copied.history_ == fitted.history_


def test_a_clone_has_the_parameters_and_no_fit(fitted):
    copied = clone(fitted)
    assert copied.get_params() == fitted.get_params()
    assert not hasattr(copied, "model_")
    assert copied.fit(X, Y).history_ == fitted.history_


def test_the_tutorials_search_works_as_written():
    grid = {"activation": ["tanh", "relu"], "optimizer": ["sgd"], "epochs": [1], "init": ["normal"]}
    search = GridSearchCV(KerasClassifier(create_model, random_state=0), grid, cv=2).fit(X, Y)
    assert search.best_params_["optimizer"] == "sgd"
    model = search.best_estimator_.model_
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    assert isinstance(model.layers[0].kernel_initializer, keras.initializers.RandomNormal)


def test_keras_own_input_argument_still_works():
    def build():
        with pytest.warns(UserWarning, match="input_dim"):
            first = keras.layers.Dense(3, input_dim=4)
        model = keras.Sequential([first, keras.layers.Dense(1, activation="sigmoid")])
        model.compile("adam", "binary_crossentropy")
        return model

    assert KerasClassifier(build).fit(X, Y).predict(X).shape == (60,)


@pytest.mark.parametrize("parameter", ["hidden", "model__hidden"])
def test_arguments_reach_the_build_function(parameter):
    fit = KerasClassifier(uncompiled, **{parameter: 7}).fit(X, Y)
    assert fit.model_.layers[0].units == 7


@pytest.mark.parametrize("rate", [np.float32(0.25), np.int64(1)])
def test_settings_may_be_numbers_of_numpy(rate):
    used = KerasClassifier(uncompiled, optimizer__learning_rate=rate).fit(X, Y).model_.optimizer
    assert float(used.learning_rate) == rate


OPTIMIZERS = ["sgd", keras.optimizers.SGD, keras.optimizers.SGD(0.5), {"class_name": "SGD"}]


@pytest.mark.parametrize(
    ("build", "optimizer"),
    [(create_model, own) for own in OPTIMIZERS]
    + [(uncompiled, OPTIMIZERS[0])]
    + [pytest.param(uncompiled, own, marks=pytest.mark.soak) for own in OPTIMIZERS[1:]],
)
def test_settings_reach_the_optimizer(build, optimizer):
    estimator = KerasClassifier(build, optimizer=optimizer, optimizer__learning_rate=1)
    estimator.set_params(optimizer__momentum=0.25)
    used = estimator.fit(X, Y).model_.optimizer
    assert isinstance(used, keras.optimizers.SGD)
    assert used is not optimizer
    assert float(used.learning_rate) == 1
    assert used.momentum == 0.25


def test_settings_reach_the_default_optimizer_of_the_signature():
    used = KerasClassifier(create_model, optimizer__learning_rate=0.5).fit(X, Y).model_.optimizer
    assert isinstance(used, keras.optimizers.RMSprop)
    assert float(used.learning_rate) == 0.5


def test_a_named_optimizer_has_the_float_type_of_its_fit(request):
    settings = {"optimizer": "adam", "random_state": 0}
    KerasClassifier(uncompiled, **settings).fit(X, Y)
    request.getfixturevalue("float_type")
    used = KerasClassifier(uncompiled, **settings).fit(X, Y).model_.optimizer
    expected = keras.optimizers.Adam(name=used.name)
    assert used.get_config() == expected.get_config()


def test_a_model_that_comes_back_uncompiled_is_compiled():
    fit = KerasClassifier(uncompiled, optimizer="adam", loss="mse", metrics=["mae"]).fit(X, Y)
    assert isinstance(fit.model_.optimizer, keras.optimizers.Adam)
    assert fit.model_.loss == "mse"
    assert set(fit.history_) == {"loss", "mae"}


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"actvation": "relu"}, "'actvation' would reach nothing.*did you mean 'activation'"),
        ({"model__units": 3}, "'model__units' would reach nothing"),
        ({"loss": "mse"}, "'loss' would reach nothing: create_model.. compiles its model itself"),
        ({"metrics": ["mae"]}, "'metrics' would reach nothing"),
        ({"epochs": 0}, "epochs must be a whole number of at least 1; found 0"),
        (
            {"batch_size": 2.5},
            "batch_size must be a whole number of at least 1, or -1 for all rows; found 2.5",
        ),
        ({"epochs": 2**40}, r"epochs must be .* at least 1 and below 2\*\*32; found 1099511627776"),
        (
            {"random_state": 2**40},
            r"random_state must be .* at least 0 and below 2\*\*32, a .*; found 1099511627776",
        ),
        ({"random_state": np.random.default_rng(0)}, "RandomState or None; found Generator"),
        (
            {"callbacks": {"a": keras.callbacks.EarlyStopping}, "callbacks__es__patience": 1},
            "'callbacks__es__patience' would .* those of callbacks are a; 'callbacks__patience' is",
        ),
        (
            {"model": None},
            "model must be a function that returns a Keras model, or a Keras model;.* got None",
        ),
        ({"optimizer__nesterof": True}, "nesterof"),
        ({"activation": "rellu"}, "rellu"),
    ],
)
def test_a_parameter_that_cannot_work_is_an_error(settings, says):
    estimator = KerasClassifier(**{"model": create_model, **settings})
    with pytest.raises(ValueError, match=says):
        estimator.fit(X, Y)


def test_what_the_function_asks_for_compiles_a_model_it_leaves_uncompiled():
    def build(meta, optimizer="sgd", loss="mse"):
        return uncompiled(meta)

    for settings, kind in (({}, "sgd"), ({"optimizer": "adam"}, "adam")):
        fit = KerasClassifier(build, optimizer__learning_rate=0.5, **settings).fit(X, Y)
        assert fit.model_.optimizer.name == kind
        assert float(fit.model_.optimizer.learning_rate) == 0.5
        assert fit.model_.loss == "mse"


def test_a_shallow_copy_has_parameters_of_its_own():
    first = KerasClassifier(create_model, activation="relu")
    copy.copy(first).set_params(activation="tanh")
    assert first.get_params()["activation"] == "relu"


def test_a_model_that_compiles_itself_takes_no_optimizer():
    def build():
        return create_model()

    for settings in ({"optimizer": "sgd"}, {"optimizer__learning_rate": 0.1}):
        with pytest.raises(ParameterError, match="would reach nothing: build.. compiles"):
            KerasClassifier(build, **settings).fit(X, Y)


def test_setting_an_unknown_parameter_sets_nothing():
    estimator = KerasClassifier(create_model)
    with pytest.raises(ParameterError, match="did you mean 'epochs'"):
        estimator.set_params(activation="tanh", epoch=3)
    assert "activation" not in estimator.get_params()


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: None, "must return a Keras model; got None"),
        (lambda meta: uncompiled({**meta, "target_type_": "multiclass", "n_classes_": 3}), "1 or 2 unit"),
        (lambda: keras.Sequential([keras.layers.Input((4,)), keras.layers.Reshape((2, 2))]), "shape"),
    ],
    ids=["nothing", "too wide", "wrong rank"],
)  # fmt: skip
def test_a_model_that_does_not_fit_the_task_is_an_error(build, says):
    with pytest.raises(ModelError, match=says):
        KerasClassifier(build).fit(X, Y)


def test_two_outputs_are_an_error():
    def build():
        rows = keras.layers.Input((4,))
        heads = [keras.layers.Dense(1)(rows), keras.layers.Dense(1)(rows)]
        return keras.Model(rows, heads)

    with pytest.raises(ModelError, match="one output"):
        KerasClassifier(build).fit(X, Y)


def test_labels_may_be_of_any_kind():
    labels = np.array(["no", "yes"], dtype=object)[Y]
    numbers = KerasClassifier(create_model, epochs=2, random_state=0).fit(X, Y)
    words = KerasClassifier(create_model, epochs=2, random_state=0).fit(X, labels)
    np.testing.assert_array_equal(words.classes_, ["no", "yes"])
    np.testing.assert_array_equal(words.predict(X) == "yes", numbers.predict(X) == 1)


@pytest.mark.parametrize(
    "loss", [None, "sparse_categorical_crossentropy", "categorical_crossentropy", "kl_divergence"]
)
def test_several_classes_under_any_loss(loss):
    rows, labels = load_wine(return_X_y=True)
    rows = (rows - rows.mean(0)) / rows.std(0)
    settings = {"optimizer": "adam", "optimizer__learning_rate": 0.1, "batch_size": 178}
    fit = KerasClassifier(uncompiled, loss=loss, epochs=6, random_state=0, **settings)
    fit.fit(rows, labels)
    assert fit.predict_proba(rows).shape == (178, 3)
    assert fit.score(rows, labels) > 0.9


def test_two_classes_may_have_two_outputs():
    two = {"target_type_": "multiclass", "n_classes_": 2}
    fit = KerasClassifier(lambda meta: uncompiled({**meta, **two}), random_state=0)
    assert fit.fit(X, Y).predict_proba(X).shape == (60, 2)


def test_logits_become_probabilities():
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    fit = KerasClassifier(uncompiled, last="linear", loss=loss, random_state=0).fit(X, Y)
    logits = np.asarray(fit.model_(X))[:, 0]
    np.testing.assert_allclose(fit.predict_proba(X)[:, 1], 1 / (1 + np.exp(-logits)), rtol=1e-5)


def test_one_target_and_several():
    rows, target = load_diabetes(return_X_y=True)
    target = (target - target.mean()) / target.std()
    settings = {"optimizer": "adam", "optimizer__learning_rate": 0.1, "epochs": 12}
    settings["batch_size"] = 442
    one = KerasRegressor(uncompiled, random_state=0, **settings).fit(rows, target)
    assert one.predict(rows).shape == (442,)
    assert one.score(rows, target) > 0.3
    several = KerasRegressor(uncompiled, random_state=0, **settings)
    both = np.column_stack([target, -target])
    assert several.fit(rows, both).predict(rows).shape == (442, 2)
    assert several.score(rows, both) > 0.3
    column = KerasRegressor(uncompiled, random_state=0).fit(rows, target[:, None])
    assert column.predict(rows).shape == (442, 1)


def test_frames_keep_their_names():
    frame = pd.DataFrame(X, columns=list("abcd"))
    fit = KerasClassifier(create_model, random_state=0).fit(frame, Y)
    assert list(fit.feature_names_in_) == list("abcd")
    with pytest.raises(ValueError, match="feature names"):
        fit.predict(frame[["b", "a", "c", "d"]])


def test_meta_describes_the_data():
    seen = {}

    def build(meta, epochs):
        seen.update(meta, epochs=epochs)
        return uncompiled(meta)

    KerasClassifier(build, epochs=2).fit(pd.DataFrame(X, columns=list("abcd")), Y + 3)
    assert seen["n_features_in_"] == 4
    assert seen["X_shape_"] == (60, 4)
    assert seen["target_type_"] == "binary"
    assert seen["n_classes_"] == 2
    assert seen["classes_"].tolist() == [3, 4]
    assert list(seen["feature_names_in_"]) == list("abcd")
    assert seen["epochs"] == 2


def test_rows_may_be_tables():
    rows = np.random.default_rng(0).normal(size=(60, 6, 2))

    def build(meta):
        return keras.Sequential(
            [
                keras.layers.Input(meta["X_shape_"][1:]),
                keras.layers.Conv1D(3, 2),
                keras.layers.Flatten(),
                keras.layers.Dense(1, activation="sigmoid"),
            ]
        )

    assert KerasClassifier(build).fit(rows, Y).predict(rows).shape == (60,)
