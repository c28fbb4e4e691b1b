"""Fits by ``model.fit`` trace a network once, and each is the fit that plain Keras makes of it."""

import gc
import logging
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.exceptions import FitFailedWarning

from gridlanes import GridSearchCV, KerasClassifier
from gridlanes.compat.compiled_models import all_variables
from gridlanes.networks import shared_traces

RNG = np.random.default_rng(2)
X = RNG.normal(size=(50, 4)).astype("float32")
Y = (X[:, 0] + 0.5 * RNG.normal(size=50) > 0).astype(int)


class Own(keras.Model):
    """A subclass with layers that draw and remember, which says when it is traced."""

    def __init__(self, strength):
        super().__init__()
        self.hidden = keras.layers.Dense(3, "relu")
        self.dropout = keras.layers.Dropout(0.2)
        self.norm = keras.layers.BatchNormalization()
        self.last = keras.layers.Dense(1, "sigmoid")
        self.strength = strength

    def call(self, rows, training=False):
        hidden = self.dropout(self.hidden(rows), training=training)
        return self.last(self.norm(hidden, training=training) * self.strength)

    def train_step(self, data):
        logging.getLogger("traced").info("train")
        if self.strength < 0:
            raise ValueError("a strength below 0")
        return super().train_step(data)

    def test_step(self, data):
        logging.getLogger("traced").info("test")
        return super().test_step(data)


def build(strength=1.0, rate=0.01, eager=False):
    model = Own(strength)
    optimizer = keras.optimizers.SGD(rate, momentum=0.5)
    # It makes its variables at its first update.
    metrics = [keras.metrics.R2Score()]
    model.compile(optimizer, "binary_crossentropy", metrics=metrics, run_eagerly=eager)
    return model


class Doubled(keras.optimizers.SGD):
    """An optimizer of the user's."""

    def update_step(self, gradient, variable, learning_rate):
        super().update_step(gradient, variable, 2 * learning_rate)


def sequential(before=keras.layers.Identity, eager=False):
    layers = [keras.Input((4,)), before(), keras.layers.Dense(1, "sigmoid")]
    model = keras.Sequential(layers)
    model.compile(Doubled(0.2, momentum=0.5), "binary_crossentropy", run_eagerly=eager)
    return model


def fit(seed=0, model=build, **options):
    return KerasClassifier(
        model, random_state=seed, **{"epochs": 1, "batch_size": 25, **options}
    ).fit(X, Y)


def assert_plain(ours, seed, model=build, epochs=1, batch_size=25, callbacks=(), **arguments):
    """Compare a fit with the lines of plain Keras, which do without a graph here."""
    held_out = round(len(X) * arguments.pop("validation_split", 0))
    rows = len(X) - held_out
    keras.utils.set_random_seed(seed)
    model = model(eager=True, **arguments)
    for epoch in range(epochs):
        order = np.random.default_rng([seed, epoch]).permutation(rows)
        history = model.fit(
            X[order], Y[order, None], batch_size=batch_size, shuffle=False, verbose=0,
            callbacks=list(callbacks),
            validation_data=(X[rows:], Y[rows:, None]) if held_out else None,
        ).history  # fmt: skip
    for one, other in zip(ours.model_.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)
    last = {name: values[-1:] for name, values in ours.history_.items()}
    assert last == {name: pytest.approx(values, abs=1e-5) for name, values in history.items()}


@pytest.fixture
def traced(caplog):
    """Tell what has been traced since the last time that this was asked."""
    caplog.set_level(logging.INFO, "traced")

    def since():
        said = {record.message for record in caplog.records if record.name == "traced"}
        caplog.clear()
        return said

    return since


def test_fits_of_a_network_trace_it_once(traced):
    options = {"validation_split": 0.3, "epochs": 2}
    first = fit(**options)
    assert traced() == {"train", "test"}
    weights = first.model_.get_weights()
    other = {"rate": 0.1, "epochs": 3, "batch_size": 20, "validation_split": 0.2}
    second, again = fit(3, **other), fit(**options)
    assert traced() == set()
    assert_plain(second, 3, **other)
    assert again.history_ == first.history_
    # Each fit has a model of its own, and that is an ordinary one.
    for model in (first.model_, again.model_):
        for one, other in zip(model.get_weights(), weights, strict=True):
            np.testing.assert_array_equal(one, other)
    assert first.model_.train_function is None
    traced()


def test_what_a_step_depends_on_is_traced_anew(traced):
    class Freezing(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.hidden.trainable = False

    fit()
    for options in ({"strength": 2.0}, {"callbacks": [Freezing()]}):
        traced()
        ours = fit(1, **options)
        assert "train" in traced()
        assert_plain(ours, 1, **options)


class Drawing(keras.layers.Layer):
    """A number that is drawn when it is traced."""

    def call(self, rows):
        return rows * np.random.uniform()


class Counting(keras.layers.Layer):
    """A function of Python's that remembers."""

    def __init__(self):
        super().__init__()
        self.calls = []

    def call(self, rows):
        def counted(own):
            self.calls.append(None)
            return own * np.float32(1 + len(self.calls) % 7)

        scaled = tf.numpy_function(counted, [rows], tf.float32)
        scaled.set_shape(rows.shape)
        return scaled


@pytest.mark.parametrize("before", [Drawing, Counting])
def test_what_is_more_than_its_variables_is_not_kept(before):
    kept = list(shared_traces._known)
    fit(model=sequential, before=before)
    assert list(shared_traces._known) == kept


def adapted():
    """What it was adapted to is a constant of its graph."""
    layer = keras.layers.Normalization()
    layer.adapt(X * np.random.uniform(1, 9))
    return layer


def test_a_kept_graph_holds_constants_but_no_weights():
    kept = len(shared_traces._known)
    first, second = (fit(seed, sequential, before=adapted) for seed in range(2))
    assert len(shared_traces._known) == kept + 2
    assert_plain(second, 1, sequential, before=adapted)
    held = [weakref.ref(own.value.handle) for own in all_variables(first.model_)]
    del first
    gc.collect()
    assert not any(own() is not None for own in held)


def test_a_fit_that_fails_is_an_error_of_its_own():
    class Raising(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise ValueError("not this one")

    grid = [{"strength": [-1.0, 1.0]}, {"callbacks": [[Raising()]]}]
    search = GridSearchCV(
        KerasClassifier(build, epochs=1, batch_size=25, random_state=0), grid, cv=2, refit=False
    )
    with pytest.warns((FitFailedWarning, UserWarning)) as caught:
        search.fit(X, Y)
    said = str(caught.pop(FitFailedWarning).message)
    assert "a strength below 0" in said
    assert "not this one" in said
    assert np.isfinite(search.cv_results_["mean_test_score"]).tolist() == [False, True, False]
