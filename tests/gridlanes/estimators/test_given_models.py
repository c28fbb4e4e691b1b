"""A model in the place of a function that builds it."""

import keras
import pytest
from sklearn.datasets import make_classification

from gridlanes import GridSearchCV, KerasClassifier, ParameterError

pytestmark = pytest.mark.usefixtures("eager")

X, Y = make_classification(20, 4, random_state=0)


def given(compiled=True):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, "sigmoid")])
    if compiled:
        model.compile("sgd", "binary_crossentropy")
    return model


@pytest.mark.parametrize("name", ["hiden", "model__hidden", "training", "optimiser", "epoch"])
def test_it_takes_no_parameters(name):
    says = f"{name!r} would reach nothing: neither the given model nor the estimator takes it"
    ours = KerasClassifier(given())
    with pytest.raises(ParameterError, match=says) as caught:
        ours.set_params(**{name: 50})
    assert len(str(caught.value).splitlines()) == 1
    for near in {"optimiser": "optimizer", "epoch": "epochs"}.get(name, "Allowed"), "epochs, loss":
        assert near in str(caught.value)
    with pytest.raises(ParameterError, match=says):
        KerasClassifier(given(), **{name: 50}).fit(X, Y)
    with pytest.raises(ParameterError, match=says):
        GridSearchCV(ours, {name: [1, 50]}).fit(X, Y)


def test_what_it_takes_is_set():
    ours = KerasClassifier(given(False)).set_params(
        optimizer="sgd", optimizer__learning_rate=0.5, fit__epochs=2, run_eagerly=True
    )
    assert float(ours.fit(X, Y).model_.optimizer.learning_rate) == 0.5
    assert len(ours.history_["loss"]) == 2


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.last = keras.layers.Dense(1, "sigmoid")

    def call(self, rows):
        return self.last(rows)


@pytest.mark.parametrize(
    ("model", "parameters", "says"),
    [
        (Subclassed(), {}, "model: Subclassed cannot be copied with its weights; give a function"),
        (given(), {"optimizer": "adam"}, "the given model is compiled; give it uncompiled, or a f"),
    ],
)
def test_what_cannot_work_is_an_error_of_one_line(model, parameters, says):
    with pytest.raises(ParameterError, match=says) as caught:
        KerasClassifier(model, **parameters).fit(X, Y)
    assert len(str(caught.value).splitlines()) == 1
