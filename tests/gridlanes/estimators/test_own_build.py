"""What ``_keras_build_fn`` sets on its estimator, as in SciKeras' notebook of autoencoders."""

import pickle
from inspect import signature

import keras
import numpy as np
import pytest

from gridlanes import GridSearchCV, KerasRegressor
from gridlanes.networks.given_models import MethodOf
from gridlanes.store.content_digest import content

pytestmark = pytest.mark.usefixtures("traced", "eager")

X = np.random.default_rng(0).normal(size=(24, 3))


class AutoEncoder(KerasRegressor):
    def __init__(self, size=2, **options):
        super().__init__(**options)
        self.size = size

    def _keras_build_fn(self, size):
        rows = keras.Input((self.n_features_in_,))
        coded = keras.layers.Dense(size, "tanh", name="code")(rows)
        self.encoder_model_ = keras.Model(rows, coded)
        return keras.Model(rows, keras.layers.Dense(self.n_features_in_)(coded))

    def transform(self, X):
        return self.encoder_model_(X).numpy()


def check(found):
    code = found.model_.get_layer("code")
    assert code in found.encoder_model_.layers
    expected = keras.Model(found.model_.input, code.output)(X)
    np.testing.assert_array_equal(found.transform(X), expected)
    weights, bias = code.get_weights()
    np.testing.assert_allclose(found.transform(X), np.tanh(X @ weights + bias), rtol=1e-5)


def test_it_is_there_after_a_fit_and_a_pickle():
    own = AutoEncoder(random_state=1).fit(X, X)
    check(own)
    assert len(own.model_.layers) == 3
    found = pickle.loads(pickle.dumps(own))
    np.testing.assert_allclose(found.transform(X), own.transform(X))
    np.testing.assert_allclose(found.predict(X), own.predict(X))


def test_it_is_there_after_a_search():
    own = AutoEncoder(random_state=1)
    search = GridSearchCV(own, {"size": [1, 2]}, cv=2, engine="lanes").fit(X, X)
    check(search.best_estimator_)
    assert not hasattr(own, "encoder_model_")


class Plain:
    def __init__(self, size):
        self.size = size

    def build(self, units=2):
        return None


def test_what_a_method_finds_can_be_told():
    two, other, three = (content(MethodOf(Plain(size), "build", {})) for size in (2, 2, 3))
    assert two == other != three
    assert list(signature(MethodOf(Plain(2), "build", {})).parameters) == ["units"]
