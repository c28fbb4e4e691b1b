"""Subclasses that choose what they hand on, and what build functions name for themselves."""

import inspect

import keras
import numpy as np
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.model_selection import cross_val_score
from sklearn.preprocessing import StandardScaler

from gridlanes import GridSearchCV, KerasClassifier

pytestmark = pytest.mark.usefixtures("eager", "traced")

X, Y = make_classification(20, 4, random_state=0)


def build(hidden=3):
    layers = [keras.layers.Dense(hidden, "tanh"), keras.layers.Dense(1, "sigmoid")]
    return keras.Sequential([keras.Input((4,)), *layers])


class Chosen(KerasClassifier):
    def __init__(self, hidden=3, **others):
        super().__init__(build, epochs=2, optimizer="sgd", **others)
        self.hidden = hidden


class Closed(KerasClassifier):
    def __init__(self, hidden=3, random_state=None):
        super().__init__(build, epochs=2, optimizer="sgd", optimizer__learning_rate=0.5)
        self.hidden, self.random_state = hidden, random_state


@pytest.mark.parametrize("kind", [Chosen, Closed])
def test_what_a_constructor_hands_on_is_cloned(kind):
    with config_context(enable_metadata_routing=True):
        ours = kind(5, random_state=1).set_fit_request(sample_weight=True)
    rate = {"optimizer__learning_rate": 0.5}
    theirs = KerasClassifier(build, epochs=2, optimizer="sgd", hidden=5, random_state=1, **rate)
    again = clone(clone(ours.set_params(**rate)))
    assert again.get_params() == ours.get_params()
    assert not hasattr(again, "model_")
    with config_context(enable_metadata_routing=True):
        assert again.get_metadata_routing().fit.requests["sample_weight"] is True
    assert again.fit(X, Y).history_ == theirs.fit(X, Y).history_
    scaled = clone(kind(5).set_params(optimizer__learning_rate=0.1))
    assert scaled.get_params()["optimizer__learning_rate"] == 0.1
    half = [(np.arange(10), np.arange(10, 20))]
    np.testing.assert_array_equal(
        cross_val_score(ours, X, Y, cv=half), cross_val_score(theirs, X, Y, cv=half)
    )
    search = GridSearchCV(ours, {"hidden": [1, 2]}, cv=2).fit(X, Y)
    assert search.best_estimator_.model_.layers[0].units == search.best_params_["hidden"]


def test_what_a_subclass_has_set_since_is_cloned():
    ours = Chosen(preprocessing=StandardScaler()).set_params(epochs=4, model__hidden=7)
    again = clone(ours)
    assert (again.epochs, again.get_params()["model__hidden"], again.hidden) == (4, 7, 3)
    assert again.preprocessing is not ours.preprocessing


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("steps_per_execution", 3), ("jit_compile", False), ("run_eagerly", True),
        ("loss_weights", [2.0]), ("weighted_metrics", ["mae"]), ("auto_scale_loss", False),
    ],
)  # fmt: skip
def test_an_argument_of_a_build_function_goes_there(name, value):
    given = []

    def own(**arguments):
        given.append(arguments[name])
        model = build()
        model.compile("sgd", "binary_crossentropy")
        return model

    own.__signature__ = inspect.Signature(
        [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None)]
    )
    KerasClassifier(own, **{name: value}).fit(X, Y)
    KerasClassifier(own).set_params(**{f"model__{name}": value}).fit(X, Y)
    assert given == [value, value]
