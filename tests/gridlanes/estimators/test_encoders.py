"""Transformers of a subclass's own, as in SciKeras, beside plain Keras."""

import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn import model_selection
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.datasets import make_classification
from sklearn.ensemble import BaggingClassifier
from sklearn.model_selection import cross_val_predict
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from gridlanes import (
    CannotRideError,
    GridSearchCV,
    KerasClassifier,
    KerasRegressor,
    ModelError,
    ParameterError,
)

pytestmark = [pytest.mark.usefixtures("eager", "traced"), pytest.mark.xdist_group("habits")]

X, Y = make_classification(40, 4, random_state=0)
X = X.astype("float32")
#: Two targets with classes of their own, and two labels a row.
CLASSES = np.c_[Y + (X[:, 0] > 0), X[:, 1] > 0].astype(int)
LABELS = np.c_[Y, X[:, 1] > 0].astype(int)


class Columns(TransformerMixin, BaseEstimator):
    """As the transformers in SciKeras' documentation: each column is an output of its own."""

    def fit(self, y):
        self.n_outputs_expected_ = y.shape[1]
        self.classes_ = [np.unique(column) for column in y.T]
        self.dtype_ = y.dtype
        return self

    def transform(self, y):
        pairs = zip(self.classes_, y.T, strict=True)
        return [np.searchsorted(classes, column)[:, None] for classes, column in pairs]

    def inverse_transform(self, outputs, return_proba=False):
        if return_proba:
            return outputs
        numbers = [own.argmax(1) if own.shape[1] > 1 else own[:, 0] > 0.5 for own in outputs]
        pairs = zip(self.classes_, numbers, strict=True)
        columns = [classes[own.astype(int)] for classes, own in pairs]
        return np.stack(columns, axis=1).astype(self.dtype_)

    def get_metadata(self):
        return {
            "classes_": self.classes_,
            "n_classes_": [len(own) for own in self.classes_],
            "n_outputs_expected_": self.n_outputs_expected_,
        }


class Several(KerasClassifier):
    @property
    def target_encoder(self):
        return Columns()

    def score(self, X, y):
        return float((self.predict(X) == y).all(axis=1).mean())


def several(units, last="softmax"):
    rows = keras.Input((4,))
    hidden = keras.layers.Dense(3, "tanh")(rows)
    return keras.Model(rows, [keras.layers.Dense(own, last)(hidden) for own in units])


def by_meta(meta):
    assert meta["n_outputs_expected_"] == 2
    return several(meta["n_classes_"])


def of_labels(hidden=3):
    return several([1, 1], "sigmoid")


def trained(build, loss, rows, targets, seed=3, epochs=2):
    """Return a model trained by the documented loop."""
    keras.utils.set_random_seed(seed)
    model = build()
    model.compile("sgd", loss)
    for epoch in range(epochs):
        order = np.random.default_rng([seed, epoch]).permutation(len(targets[0]))
        parts = [tuple(own[order] for own in columns) for columns in (rows, targets)]
        given = tuple(own if len(own) > 1 else own[0] for own in parts)
        batches = tf.data.Dataset.from_tensor_slices(given).batch(20)
        model.fit(batches, shuffle=False, verbose=0)
    return model


SETTINGS = {"epochs": 2, "batch_size": 20, "optimizer": "sgd", "random_state": 3}
SPARSE = "sparse_categorical_crossentropy"


def assert_same(fitted, model):
    for ours, theirs in zip(fitted.model_.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


def test_targets_with_classes_of_their_own():
    ours = Several(by_meta, loss=SPARSE, **SETTINGS).fit(X, CLASSES)
    model = trained(lambda: several([3, 2]), SPARSE, [X], list(CLASSES.T))
    assert_same(ours, model)
    said = [np.asarray(own) for own in model(X)]
    expected = np.stack([own.argmax(1) for own in said], axis=1)
    np.testing.assert_array_equal(ours.predict(X), expected)
    for own, theirs in zip(ours.predict_proba(X), said, strict=True):
        np.testing.assert_allclose(own, theirs, atol=1e-6)
    assert [own.tolist() for own in ours.classes_] == [[0, 1, 2], [0, 1]]
    copied = pickle.loads(pickle.dumps(ours))
    np.testing.assert_array_equal(copied.predict(X), expected)
    assert len(ours.partial_fit(X, CLASSES).history_["loss"]) == 3
    bagged = BaggingClassifier(clone(ours), n_estimators=2, random_state=0)
    with pytest.raises(ValueError, match="y should be a 1d array"):
        bagged.fit(X, CLASSES)


def test_a_search_scores_what_the_transformer_makes_of_outputs():
    names = np.array(["no", "yes"])[LABELS]
    ours = Several(of_labels, loss="binary_crossentropy", **SETTINGS)
    search = GridSearchCV(ours, {"epochs": [1, 4]}, cv=2, engine="lanes").fit(X, names)
    assert search.fit_report_.trained == 4
    expected = model_selection.GridSearchCV(ours, {"epochs": [1, 4]}, cv=2).fit(X, names)
    for column in ("split0_test_score", "split1_test_score"):
        np.testing.assert_array_equal(search.cv_results_[column], expected.cv_results_[column])
    np.testing.assert_array_equal(search.predict(X), expected.predict(X))
    with pytest.raises(ParameterError, match="return_predictions=True has no place"):
        GridSearchCV(ours, {"epochs": [1]}, cv=2, return_predictions=True).fit(X, names)


def test_one_column_for_several_units_does_not_ride():
    search = GridSearchCV(
        Several(by_meta, loss=SPARSE, **SETTINGS), {"epochs": [1, 2]}, cv=2, refit=False
    ).fit(X, CLASSES)
    expected = model_selection.cross_val_score(search.estimator, X, CLASSES, cv=2)
    assert search.cv_results_["split0_test_score"][1] == expected[0]
    assert search.fit_report_.by_reference == 4
    with pytest.raises(CannotRideError, match="a column for each output, not for each unit"):
        clone(search).set_params(engine="lanes").fit(X, CLASSES)


class Scaled(KerasRegressor):
    def __init__(self, with_mean=True, **kwargs):
        super().__init__(**kwargs)
        self.with_mean = with_mean

    @property
    def target_encoder(self):
        return StandardScaler(with_mean=self.with_mean)


def linear(hidden=3):
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])


def test_targets_are_scaled_for_the_network_and_back():
    y = np.c_[X[:, 0] * 3 + 5, X[:, 1] + Y]
    ours = Scaled(model=linear, loss="mse", **SETTINGS).fit(X, y, validation_data=(X, y))
    scaler = StandardScaler().fit(y)
    model = trained(linear, "mse", [X], [scaler.transform(y)])
    assert_same(ours, model)
    expected = scaler.inverse_transform(np.asarray(model(X)))
    np.testing.assert_allclose(ours.predict(X), expected, atol=1e-5)
    assert ours.history_["val_loss"][-1] == pytest.approx(
        model.evaluate(X, scaler.transform(y), verbose=0), abs=1e-6
    )
    # What it is made of may be on the grid.
    values = {"with_mean": [True, False]}
    settings = {"cv": 2, "scoring": "r2", "refit": False}
    search = GridSearchCV(clone(ours), values, engine="lanes", **settings).fit(X, y)
    plain = model_selection.GridSearchCV(clone(ours), values, **settings).fit(X, y)
    for column in ("split0_test_score", "split1_test_score"):
        np.testing.assert_allclose(search.cv_results_[column], plain.cv_results_[column], atol=1e-5)


class Informed(Scaled):
    """Builds by what was learnt of the rows that it trains on."""

    def _keras_build_fn(self):
        start = self.target_encoder_.mean_[0] - self.preprocessing_.mean_[0]
        initial = keras.initializers.Constant(start)
        layer = keras.layers.Dense(2, bias_initializer=initial)
        return keras.Sequential([keras.Input((4,)), layer])


def test_a_method_knows_the_transformers_of_its_fold():
    y = np.c_[X[:, 0] * 3 + 5, X[:, 1] + Y]
    ours = Informed(preprocessing=StandardScaler(), loss="mse", **SETTINGS)
    settings = {"cv": 2, "scoring": "r2"}
    search = GridSearchCV(ours, {"epochs": [1, 2]}, **settings).fit(X, y)
    plain = model_selection.GridSearchCV(ours, {"epochs": [1, 2]}, **settings).fit(X, y)
    for column in ("split0_test_score", "split1_test_score"):
        np.testing.assert_allclose(search.cv_results_[column], plain.cv_results_[column], atol=1e-5)
    np.testing.assert_allclose(search.predict(X), plain.predict(X), atol=1e-5)


def two_inputs(table):
    return [table[:, 0], table[:, 1:4]]


class Parted(KerasClassifier):
    """A network with two inputs, from one table."""

    @property
    def feature_encoder(self):
        return FunctionTransformer(two_inputs)

    def _keras_build_fn(self, meta):
        assert meta["n_classes_"] == 2
        return parted()


def parted():
    inputs = [keras.Input((1,)), keras.Input((3,))]
    parts = [keras.layers.Dense(2, "tanh")(own) for own in inputs]
    both = keras.layers.Concatenate()(parts)
    return keras.Model(inputs, keras.layers.Dense(1, "sigmoid")(both))


def test_rows_are_parted_for_several_inputs():
    ours = Parted(**SETTINGS).fit(X, Y)
    model = trained(parted, "binary_crossentropy", two_inputs(X), [Y])
    assert_same(ours, model)
    said = np.asarray(model(two_inputs(X)))[:, 0]
    np.testing.assert_allclose(ours.predict_proba(X)[:, 1], said, atol=1e-6)
    both = Parted(preprocessing=StandardScaler(), validation_split=0.2, **SETTINGS).fit(X, Y)
    scaled = StandardScaler().fit(X[:32]).transform(X)
    apart = Parted(validation_split=0.2, **SETTINGS).fit(scaled, Y)
    assert_same(both, apart.model_)
    options = {"cv": 2, "engine": "lanes", "refit": False}
    search = GridSearchCV(clone(ours), {"epochs": [2]}, **options).fit(X, Y)
    expected = cross_val_predict(clone(ours), X, Y, cv=2)
    assert search.cv_results_["mean_test_score"][0] == pytest.approx((expected == Y).mean())


class Given(KerasClassifier):
    """A transformer that is a parameter of the constructor."""

    def __init__(self, feature_encoder=None, **kwargs):
        super().__init__(**kwargs)
        self.feature_encoder = feature_encoder


def of_one_input():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, "sigmoid")])


def test_a_transformer_may_be_a_parameter():
    encoders = [None, FunctionTransformer(np.negative), FunctionTransformer(np.square)]
    ours = Given(model=of_one_input, **{**SETTINGS, "optimizer": "adam"})
    halves = np.array_split(np.arange(len(X)), 2)
    settings = {"cv": [halves], "scoring": "neg_log_loss", "refit": False}
    search = GridSearchCV(ours, {"feature_encoder": encoders}, engine="lanes", **settings)
    plain = model_selection.GridSearchCV(ours, {"feature_encoder": encoders}, **settings)
    scores = plain.fit(X, Y).cv_results_["mean_test_score"]
    assert len(np.unique(scores)) == 3
    found = search.fit(X, Y).cv_results_["mean_test_score"]
    np.testing.assert_allclose(found, scores, atol=1e-5)


class Widths(FunctionTransformer):
    """Knows what a network is to be made of."""

    def get_metadata(self):
        return {"units_": 3, "features_": self.n_features_in_}


def of_widths(meta):
    layers = [keras.layers.Dense(meta["units_"]), keras.layers.Dense(1, "sigmoid")]
    return keras.Sequential([keras.Input((meta["features_"],)), *layers])


@pytest.mark.parametrize("preprocessing", [None, StandardScaler()])
def test_what_a_feature_encoder_knows_reaches_the_build_function(preprocessing):
    class Own(KerasClassifier):
        feature_encoder = Widths(validate=True)

    ours = Own(of_widths, preprocessing=preprocessing)
    search = GridSearchCV(ours, {}, cv=2, engine="lanes").fit(X, Y)
    for own in (ours.fit(X, Y), search.best_estimator_):
        assert own.model_.layers[0].units == own.units_ == 3
        assert own.features_ == 4


@pytest.mark.parametrize(
    ("use", "error", "says"),
    [
        (
            lambda: Several(by_meta, **SETTINGS).fit(X, CLASSES),
            ParameterError,
            "loss must be given where target_encoder makes the targets",
        ),
        (
            lambda: Several(by_meta, loss=SPARSE).fit(X, CLASSES, classes=[0, 1, 2, 3]),
            ParameterError,
            "classes has 3, which y lacks; target_encoder is fitted on y alone",
        ),
        (
            lambda: Several(lambda: several([3, 2, 2]), loss=SPARSE).fit(X, CLASSES),
            ModelError,
            r"7 unit\(s\) in 3 output\(s\); target_encoder makes 2 column\(s\)",
        ),
        (
            lambda: KerasClassifier(of_labels).fit(X, Y),
            ModelError,
            "one output; it has several: .* with a target_encoder may have them",
        ),
    ],
)
def test_what_cannot_work_is_said(use, error, says):
    with pytest.raises(error, match=says):
        use()
