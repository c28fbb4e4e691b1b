"""What callbacks have noted in a fit, which works on copies of them."""

import pickle

import keras
import numpy as np
import pytest
from sklearn.base import clone

from gridlanes import KerasClassifier

pytestmark = pytest.mark.usefixtures("eager")

X = np.random.default_rng(0).normal(size=(24, 3))
Y = (X[:, 0] > 0).astype(int)


class Losses(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.losses = []
        self.stream = None

    def on_train_begin(self, logs=None):
        self.stream = (_ for _ in ())

    def on_epoch_end(self, epoch, logs=None):
        self.losses.append(logs["loss"])


def build():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, "sigmoid")])


def test_the_copies_have_what_was_noted():
    given = Losses()
    own = KerasClassifier(build, epochs=2, random_state=1, callbacks=[given])
    for _ in range(2):
        # Each fit begins with copies of what was given.
        (copy,) = own.fit(X, Y).callbacks_
        np.testing.assert_allclose(copy.losses, own.history_["loss"])
        assert copy.model is own.model_
    assert given.losses == []
    (copy,) = own.fit(X, Y, epochs=1, callbacks=[Losses()]).callbacks_
    assert len(copy.losses) == 1
    (copy,) = own.partial_fit(X, Y).callbacks_
    assert len(copy.losses) == 1
    assert not hasattr(clone(own), "callbacks_")
    assert not hasattr(pickle.loads(pickle.dumps(own)), "callbacks_")
    assert not hasattr(own.set_params(callbacks=None).fit(X, Y), "callbacks_")
