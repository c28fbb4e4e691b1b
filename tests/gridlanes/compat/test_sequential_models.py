"""Sequential models that are built once are those that Keras builds step by step."""

import json
from contextlib import nullcontext
from threading import Thread

import keras
import numpy as np
import pytest

from gridlanes.compat import sequential_models
from gridlanes.compat.sequential_models import built_once
from gridlanes.networks.seeding import own_globals


class Subclass(keras.Sequential):
    """A user's own, which keeps what it was built for."""

    def build(self, input_shape=None):
        self.seen = [*getattr(self, "seen", []), input_shape]
        super().build(input_shape)


def begun(*layers):
    return keras.Sequential([keras.layers.Input((3,)), *layers])


def one_by_one():
    model = begun()
    for units in (4, 5):
        model.add(keras.layers.Dense(units, activation="relu"))
        model.add(keras.layers.Dropout(0.2))
    model.add(keras.layers.Dense(1))
    model.compile("adam", "mse")
    return model


def looked_at():
    model = begun(keras.layers.Dense(4))
    assert model.output_shape == (None, 4)
    assert model.count_params() == 16
    model.add(keras.layers.Dense(model.outputs[0].shape[1] + len(model.weights)))
    model.add(keras.layers.Dense(9))
    model.pop()
    return model


def without_input():
    model = keras.Sequential([keras.layers.Dense(4), keras.layers.Dense(2)])
    assert not model.built
    model.build((None, 3))
    return model


def nested():
    inner = begun(keras.layers.Dense(4))
    inner.add(keras.layers.BatchNormalization())
    outer = keras.Sequential([inner])
    outer.add(keras.layers.Dense(2))
    inputs = keras.Input((3,))
    return keras.Model(inputs, outer(inputs))


def subclass():
    model = Subclass([keras.layers.Input((3,)), keras.layers.Dense(4)])
    model.add(keras.layers.Dense(2))
    assert list(map(tuple, model.seen)) == [(None, 3), (None, 3)]
    return model


def copied():
    model = one_by_one()
    model.add(keras.layers.Dense(2))
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


def inserted():
    model = begun(keras.layers.Dense(4), keras.layers.Dense(4))
    last = model.layers[-1]
    model.pop()
    model.add(keras.layers.Dense(4))
    model.add(last)
    return model


@pytest.mark.parametrize(
    "make", [one_by_one, looked_at, without_input, nested, subclass, copied, inserted]
)
def test_a_model_is_the_one_that_keras_makes(make):
    with own_globals(3):
        expected = make()
    with own_globals(3), built_once():
        model = make()
    assert json.dumps(model.get_config()) == json.dumps(expected.get_config())
    assert model.built == expected.built
    own, other = ([v.path for v in one.variables] for one in (model, expected))
    assert own == other
    for values, others in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_array_equal(values, others)
    X = np.ones((2, 3), "float32")
    np.testing.assert_array_equal(model(X), expected(X))


def test_each_layer_is_called_once():
    calls = []

    class Counted(keras.layers.Layer):
        def call(self, inputs):
            calls.append(self.name)
            return inputs

    with built_once():
        model = begun()
        for _ in range(3):
            model.add(Counted())
    assert len(calls) == len(set(calls)) == 3
    assert "_functional" not in vars(keras.Sequential)
    assert model.output_shape == (None, 3)


def test_what_keras_says_of_a_wrong_layer_is_said():
    def make():
        begun().add(keras.layers.Conv1D(2, 2))

    messages = []
    for block in (nullcontext, built_once):
        with pytest.raises(ValueError, match="ndim") as raised, own_globals(3), block():
            make()
        messages.append(str(raised.value))
    assert messages[0] == messages[1]


def test_a_block_inside_a_block_leaves_the_outer_one_alone():
    with built_once():
        outer = begun(keras.layers.Dense(4))
        with built_once():
            inner = begun(keras.layers.Dense(2))
        outer.add(keras.layers.Dense(5))
    assert (inner.output_shape, outer.output_shape) == ((None, 2), (None, 5))


def test_a_model_may_change_after_the_block():
    with built_once():
        model = begun(keras.layers.Dense(4), keras.layers.Dense(2))
    model.pop()
    assert model.output_shape == (None, 4)
    model.add(keras.layers.Dense(3, name="head"))
    assert model.output_shape == (None, 3)
    features = keras.Model(model.inputs[0], model.layers[0].output)
    assert features(np.ones((1, 3))).shape == (1, 4)


def test_names_that_change_later_are_those_of_the_model_alone():
    with built_once():
        model = begun(keras.layers.Dense(4), keras.layers.Dense(2))
        for layer in model.layers:
            layer.name = "same"
    assert [layer.name for layer in model.layers] == ["same", "same"]
    assert "_functional" not in vars(keras.Sequential)


def test_an_error_at_the_end_leaves_nothing_behind(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise ValueError("refused")

    monkeypatch.setattr(sequential_models, "Functional", refuse)
    refuse.__name__ = "Functional"
    with pytest.raises(ValueError, match="refused"), built_once():
        begun(keras.layers.Dense(4))
    assert "_functional" not in vars(keras.Sequential)
    assert "built_once" not in keras.Sequential.build.__qualname__


def test_a_model_inside_may_grow():
    def make():
        inner = begun(keras.layers.Dense(4))
        outer = keras.Sequential([keras.layers.Input((3,)), inner])
        inner.add(keras.layers.Dense(2))
        outer.add(keras.layers.Dense(1))
        return [weight.shape for weight in outer.weights]

    expected = make()
    with built_once():
        assert make() == expected


def test_another_thread_builds_as_ever():
    seen = []

    def build():
        model = begun(keras.layers.Dense(4))
        seen.append("_pending" in vars(model) and vars(model)["_pending"])

    with built_once():
        thread = Thread(target=build)
        thread.start()
        thread.join()
    assert seen in ([False], [None])
