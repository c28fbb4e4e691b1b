"""Pickles of networks with classes and functions of the user's, which Keras alone cannot read."""

import copy
import pickle

import keras
import numpy as np
import pytest
from keras import ops

from gridlanes import KerasRegressor
from gridlanes.networks import pickling

pytestmark = pytest.mark.usefixtures("eager")

X = np.random.default_rng(0).normal(size=(24, 3))
Y = X[:, 0] * 2


class Steep(keras.losses.MeanSquaredError):
    pass


class Twice(keras.layers.Layer):
    def call(self, rows):
        return 2 * rows


class Furthest(keras.metrics.MeanAbsoluteError):
    pass


def wrong_by(y_true, y_pred):
    return ops.mean(ops.abs(y_true - y_pred), axis=-1)


def bent(x):
    return ops.where(x > 0, x, x / 2)


def of_user(kind=keras.Sequential):
    layers = [Twice(), keras.layers.Dense(2, bent), keras.layers.Dense(1)]
    return kind([keras.Input((3,)), *layers])


def of_local_class():
    class Stack(keras.Sequential):
        pass

    return of_user(Stack)


def of_registered_local_class():
    @keras.saving.register_keras_serializable()
    class Pile(keras.Sequential):
        pass

    return of_user(Pile)


def with_an_optimizer_of_its_own():
    class Slow(keras.optimizers.SGD):
        pass

    model = of_user()
    model.compile(Slow(0.01), loss=wrong_by)
    return model


@pytest.mark.parametrize(
    ("model", "given"),
    [
        (of_user, {"loss": Steep(), "metrics": [Furthest(), wrong_by]}),
        (of_user, {"loss": [wrong_by], "metrics": ["mae"]}),
        (of_local_class, {}),
        (of_registered_local_class, {}),
        (with_an_optimizer_of_its_own, {}),
    ],
)
@pytest.mark.parametrize("again", [lambda own: pickle.loads(pickle.dumps(own)), copy.deepcopy])
def test_what_is_read_back_predicts_the_same_and_trains_on(model, given, again):
    ours = KerasRegressor(model, random_state=0, **given).fit(X, Y)
    other = again(ours)
    np.testing.assert_array_equal(other.predict(X), ours.predict(X))
    assert other.model_ is not ours.model_
    assert type(other.model_) is type(ours.model_)
    for _ in range(2):
        ours.partial_fit(X, Y)
        other = again(other.partial_fit(X, Y))
    np.testing.assert_array_equal(other.predict(X), ours.predict(X))
    assert other.history_ == ours.history_
    assert other.current_epoch_ == 3


def test_a_shallow_copy_shares_the_very_objects():
    loss = Steep()
    ours = KerasRegressor(of_local_class, loss=loss, metrics=[Furthest()]).fit(X, Y)
    other = copy.copy(ours)
    assert other.model_ is ours.model_
    assert other.loss is loss
    assert other.metrics[0] is ours.metrics[0]


def test_a_class_that_is_nowhere_to_be_found_is_named(monkeypatch):
    kept = pickle.dumps(KerasRegressor(of_local_class).fit(X, Y))
    # Another process has none of them.
    monkeypatch.setattr(pickling, "_local", {})
    with pytest.raises(TypeError, match=r"Could not locate class 'Stack'.*register_keras_serial"):
        pickle.loads(kept)
