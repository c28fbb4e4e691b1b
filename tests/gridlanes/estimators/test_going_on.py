"""A network that is trained further, on rows and by parameters that are looked at as before."""

import keras
import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.preprocessing import StandardScaler

from gridlanes import KerasClassifier

pytestmark = pytest.mark.usefixtures("eager")

X, Y = make_classification(40, 4, random_state=0)
X = X.astype("float32")


def network(hidden=3):
    layers = [keras.layers.Dense(hidden, "tanh"), keras.layers.Dense(1, "sigmoid")]
    return keras.Sequential([keras.Input((4,)), *layers])


def classifier(build=network, **parameters):
    return KerasClassifier(build, **{"optimizer": "sgd", "random_state": 3, **parameters})


def evaluated(ours, rows):
    """Return the loss of rows by plain Keras."""
    return ours.model_.evaluate(X[rows], Y[rows], verbose=0, return_dict=True)["loss"]


@pytest.mark.parametrize("go_on", ["partial_fit", "fit"])
def test_rows_held_out_stay_held_out(go_on):
    settings = {"warm_start": go_on == "fit", "preprocessing": StandardScaler()}
    ours = classifier(**settings).fit(X[:30], Y[:30], validation_data=(X[30:], Y[30:]))
    getattr(ours, go_on)(X[:30], Y[:30], validation_data=(X[30:], Y[30:]))
    split = classifier(**settings).fit(X, Y, validation_split=0.25)
    getattr(split, go_on)(X, Y, validation_split=0.25)
    assert split.history_ == ours.history_
    for one, other in zip(split.model_.get_weights(), ours.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_rows_held_out_are_so_from_the_first_epoch():
    ours = classifier(preprocessing=StandardScaler(), validation_split=0.5)
    ours.partial_fit(X, Y, validation_split=0.25)
    np.testing.assert_allclose(ours.preprocessing_.mean_, X[:30].mean(axis=0), rtol=1e-5)
    assert "val_loss" in ours.history_
