"""What is read from an estimator after its fit, and what a subclass may set of it."""

import pickle

import keras
import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import make_classification
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import StandardScaler

from gridlanes import GridSearchCV, KerasClassifier, KerasRegressor

pytestmark = [pytest.mark.usefixtures("eager", "traced"), pytest.mark.xdist_group("habits")]

X, Y = make_classification(60, 4, random_state=0)


class Sizes(keras.layers.Layer):
    """Notes how many rows come in a call."""

    seen: list = []  # noqa: RUF012

    def call(self, rows):
        Sizes.seen.append(rows.shape[0])
        return rows


def network(*layers):
    return keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(1, "sigmoid")])


class Patient(KerasClassifier):
    def __init__(self, predict__batch_size=25, **kwargs):
        super().__init__(**kwargs)
        self.predict__batch_size = predict__batch_size


def test_rows_in_a_call_may_be_a_parameter_of_a_subclass():
    ours = Patient(model=lambda: network(Sizes()), random_state=0).fit(X, Y)
    for ask, expected in (
        (lambda: ours.predict(X), [25, 25, 10]),
        (lambda: ours.predict(X, batch_size=40), [40, 20]),
        (lambda: ours.set_params(predict__batch_size=-1).predict(X), [60]),
    ):
        Sizes.seen.clear()
        ask()
        assert Sizes.seen == expected


def test_histories_are_read_as_dicts_by_both_names():
    kept = KerasClassifier(network, metrics=["mae"], random_state=0).fit(X, Y).history_
    assert "mean_absolute_error" in kept
    assert kept.get("mean_absolute_error") == kept["mae"]
    assert "mean_squared_error" not in kept
    assert kept.get("mean_squared_error", 3) == 3
    assert list(kept) == ["loss", "mae"]


class Last(ClassifierMixin, BaseEstimator):
    """An estimator around a network that looks at how its training went."""

    def __init__(self, estimator):
        self.estimator = estimator

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        self.estimator_ = clone(self.estimator).fit(X, y)
        self.last_ = self.estimator_.history_["mean_absolute_error"][-1]
        return self

    def score(self, X, y):
        return self.last_


def test_full_names_are_in_the_histories_of_networks_inside_another_estimator():
    ours = Last(KerasClassifier(network, metrics=["mae"], random_state=0))
    search = GridSearchCV(
        ours, {"estimator__epochs": [1, 2]}, cv=2, refit=False, error_score="raise"
    ).fit(X, Y)
    expected = cross_val_score(ours.set_params(estimator__epochs=2), X, Y, cv=2)
    found = [search.cv_results_[f"split{number}_test_score"][1] for number in range(2)]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_what_is_known_of_the_data_is_there_as_attributes():
    labels = np.array(["no", "yes"])[Y]
    meta = {}

    def asking(meta=None, found=meta):
        found.update(meta)
        return network()

    ours = KerasClassifier(asking, random_state=0).fit(X, labels[:, None].astype(object)[:, 0])
    assert {name: getattr(ours, name) for name in meta if name != "feature_names_in_"}.keys() == {
        "X_dtype_", "X_shape_", "classes_", "n_classes_", "n_features_in_", "n_outputs_",
        "n_outputs_expected_", "target_type_", "y_dtype_", "y_ndim_",
    }  # fmt: skip
    assert (ours.y_dtype_, ours.y_ndim_, ours.n_classes_) == (object, 1, 2)
    search = GridSearchCV(ours, {"epochs": [1]}, cv=2).fit(X, labels)
    assert search.best_estimator_.y_dtype_ == labels.dtype
    assert search.best_estimator_.n_classes_ == 2


def in_list(loss):
    return [loss]


def by_name(loss):
    return {"last": loss}


@pytest.mark.parametrize(
    ("wrapped", "logits"),
    [
        (in_list, True),
        (by_name, False),
        pytest.param(in_list, False, marks=pytest.mark.soak),
        pytest.param(by_name, True, marks=pytest.mark.soak),
    ],
)
def test_the_loss_of_one_output_may_be_in_a_list_or_dict(wrapped, logits):
    def three():
        rows = keras.Input((4,))
        last = keras.layers.Dense(3, None if logits else "softmax", name="last")
        return keras.Model(rows, last(rows))

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=logits)
    labels = np.arange(60) % 3
    settings = {"batch_size": 20, "epochs": 2, "random_state": 0}
    expected = KerasClassifier(three, loss=loss, **settings).fit(X, labels).predict_proba(X)
    ours = KerasClassifier(three, loss=wrapped(loss), **settings)
    np.testing.assert_allclose(ours.fit(X, labels).predict_proba(X), expected, atol=1e-6)
    search = GridSearchCV(ours, {"epochs": [2]}, cv=2, engine="lanes").fit(X, labels)
    np.testing.assert_allclose(search.predict_proba(X), expected, atol=1e-5)
    assert hasattr(search.best_estimator_, "decision_function") == logits


LABELS = np.array(["no", "perhaps", "yes"])[np.arange(60) % 3]


@pytest.mark.parametrize(
    ("loss", "last"),
    [("sparse_categorical_crossentropy", "softmax"), ("categorical_crossentropy", "softmax"),
     (keras.losses.SparseCategoricalCrossentropy(from_logits=True), None)],
)  # fmt: skip
def test_the_network_is_asked_itself_with_the_transformers_of_the_estimator(loss, last):
    def three():
        return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, last)])

    ours = KerasClassifier(three, loss=loss, preprocessing=StandardScaler()).fit(X, LABELS)
    rows, targets = ours.feature_encoder_.transform(X), ours.target_encoder_.transform(LABELS)
    measured = ours.model_.evaluate(rows, targets, verbose=0, return_dict=True)
    assert measured["accuracy"] == pytest.approx(ours.score(X, LABELS))
    said = np.asarray(ours.model_(rows))
    assert ours.target_encoder_.inverse_transform(said).tolist() == ours.predict(X).tolist()
    np.testing.assert_allclose(ours.feature_encoder_.inverse_transform(rows), X, atol=1e-5)
    chances = ours.target_encoder_.inverse_transform(said, return_proba=True)
    np.testing.assert_allclose(chances, ours.predict_proba(X), atol=1e-6)


def test_the_transformers_are_those_of_the_fit_that_they_are_read_after():
    ours = KerasClassifier(network, random_state=0)
    assert not hasattr(ours, "target_encoder_")
    first = ours.fit(X, Y).target_encoder_
    np.testing.assert_array_equal(ours.feature_encoder_.inverse_transform(X), X)
    assert first is ours.partial_fit(X, Y).target_encoder_
    assert pickle.loads(pickle.dumps(ours)).target_encoder_.transform([1]).tolist() == [[1]]
    with pytest.raises(ValueError, match="unknown categories in y"):
        ours.target_encoder_.transform(["yes"])
    assert ours.fit(X, LABELS == "yes").target_encoder_.transform([True]).tolist() == [[1]]


def test_targets_of_several_outputs_are_an_array_each():
    def both():
        rows = keras.Input((4,))
        return keras.Model(rows, [keras.layers.Dense(1)(rows), keras.layers.Dense(1)(rows)])

    targets = X[:, :2]
    ours = KerasRegressor(both, loss="mse", random_state=0).fit(X, targets)
    made = ours.target_encoder_.transform(targets)
    np.testing.assert_allclose(np.hstack(made), targets, atol=1e-6)
    said = [np.asarray(own) for own in ours.model_(X)]
    np.testing.assert_allclose(
        ours.target_encoder_.inverse_transform(said), ours.predict(X), atol=1e-6
    )
