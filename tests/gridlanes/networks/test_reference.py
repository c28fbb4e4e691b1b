"""The contract of a fit, against the lines of plain Keras that define it."""

import random
import threading

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import make_classification

from gridlanes import KerasClassifier, KerasRegressor

X, Y = make_classification(90, 5, random_state=0)
X = X.astype("float32")
WEIGHTS = np.random.default_rng(1).uniform(0.2, 3, len(X)).astype("float32")


def perceptron(
    last="sigmoid", loss="binary_crossentropy", between=(), eager=True, optimizer="sgd",
    metrics=("mae",),
):  # fmt: skip
    def build():
        layers = [keras.layers.Dense(6, activation="relu"), *(kind() for kind in between)]
        model = keras.Sequential(
            [keras.layers.Input((5,)), *layers, keras.layers.Dense(1, activation=last)]
        )
        # A graph takes longer to trace than it trains here.
        model.compile(optimizer, loss, metrics=list(metrics), run_eagerly=eager)
        return model

    return build


def plain_keras(build, y, *, epochs, batch_size, seed, sample_weight=None):
    """Train as the documentation of the estimators says, without this project's code."""
    keras.utils.set_random_seed(seed)
    model = build()
    histories = []
    for epoch in range(epochs):
        order = np.random.default_rng([seed, epoch]).permutation(len(X))
        weights = None if sample_weight is None else sample_weight[order]
        run = model.fit(
            X[order], y[order], sample_weight=weights, batch_size=batch_size, epochs=1,
            shuffle=False, verbose=0,
        )  # fmt: skip
        histories.append(run.history)
    history = {name: [step[name][0] for step in histories] for name in histories[0]}
    return model, history


@pytest.mark.parametrize(
    "make",
    # The variables of one are there before the first row is, those of the other are not.
    [keras.metrics.MeanAbsoluteError, lambda: keras.metrics.AUC(num_thresholds=9, name="auc")],
)
def test_a_metric_given_as_an_object_counts_for_one_fit_only(make):
    given = make()
    build = perceptron(metrics=[given])
    _, history = plain_keras(perceptron(metrics=[make()]), Y, epochs=1, batch_size=30, seed=4)
    network = KerasClassifier(build, epochs=1, batch_size=30, random_state=4)
    for _ in range(2):
        assert network.fit(X, Y).history_ == {k: pytest.approx(v) for k, v in history.items()}


@pytest.mark.parametrize(("batch_size", "eager"), [(16, False), (90, True), (1000, True)])
def test_a_classifier_is_plain_keras(batch_size, eager):
    # A layer that draws and one whose statistics depend on each mini-batch.
    between = [lambda: keras.layers.Dropout(0.3), keras.layers.BatchNormalization]
    build = perceptron(between=between, eager=eager, optimizer="adam")
    model, history = plain_keras(build, Y, epochs=3, batch_size=batch_size, seed=4)
    ours = KerasClassifier(build, epochs=3, batch_size=batch_size, random_state=4).fit(X, Y)
    for theirs, mine in zip(model.get_weights(), ours.model_.get_weights(), strict=True):
        np.testing.assert_allclose(theirs, mine, rtol=0, atol=1e-7)
    assert ours.history_ == {name: pytest.approx(values) for name, values in history.items()}
    expected = model.predict(X, verbose=0)[:, 0]
    np.testing.assert_allclose(ours.predict_proba(X)[:, 1], expected, rtol=0, atol=1e-6)


def test_a_regressor_is_plain_keras():
    target = X @ np.arange(5, dtype="float32")
    build = perceptron("linear", "mean_squared_error")
    model, _ = plain_keras(build, target, epochs=2, batch_size=20, seed=0)
    ours = KerasRegressor(build, epochs=2, batch_size=20, random_state=0).fit(X, target)
    np.testing.assert_allclose(ours.predict(X), model.predict(X, verbose=0)[:, 0], atol=1e-6)


def test_weights_of_rows_and_classes_multiply():
    by_class = np.where(Y == 1, 2.5, 0.5).astype("float32")
    model, _ = plain_keras(
        perceptron(), Y, epochs=2, batch_size=16, seed=1, sample_weight=WEIGHTS * by_class
    )
    ours = KerasClassifier(
        perceptron(), epochs=2, batch_size=16, random_state=1, class_weight={0: 0.5, 1: 2.5}
    ).fit(X, Y, sample_weight=WEIGHTS)
    for theirs, mine in zip(model.get_weights(), ours.model_.get_weights(), strict=True):
        np.testing.assert_allclose(theirs, mine, atol=1e-6)


def test_a_long_run_passes_through_the_short_one():
    fits = [KerasClassifier(perceptron(), epochs=n, random_state=3).fit(X, Y) for n in (2, 3)]
    short, long = (fit.history_["loss"] for fit in fits)
    assert long[:2] == short


def test_a_fit_does_not_depend_on_what_ran_before():
    first = KerasClassifier(perceptron(), random_state=2).fit(X, Y)
    KerasClassifier(perceptron(), random_state=5).fit(X, Y)
    second = KerasClassifier(perceptron(), random_state=2).fit(X, Y)
    np.testing.assert_array_equal(first.predict_proba(X), second.predict_proba(X))
    assert first.history_ == second.history_
    names = [[layer.name for layer in fit.model_.layers] for fit in (first, second)]
    assert names[0] == names[1] == ["dense", "dense_1"]


@keras.saving.register_keras_serializable("tests")
class Jitter(keras.layers.Layer):
    """Noise by an operation of TensorFlow's first generation, which counts its calls."""

    def __init__(self, seed=None, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed

    def call(self, rows, training=False):
        return rows + tf.random.normal(tf.shape(rows), seed=self.seed) if training else rows


@pytest.mark.parametrize("eager", [False, True])
def test_random_operations_that_count_begin_anew_in_each_fit(eager):
    """Whatever was drawn before, by a fit or by the caller; with a seed of their own or none."""

    def draw(random, size):
        return random([size]) + random([size], seed=3)

    def build():
        model = perceptron(between=[Jitter, lambda: Jitter(3)], eager=eager)()
        model.layers[0].bias.assign(draw(tf.random.uniform, 6))
        return model

    model, _ = plain_keras(build, Y, epochs=2, batch_size=30, seed=4)
    expected = model.get_weights()
    for _ in range(2):
        draw(tf.random.normal, 2)
        ours = KerasClassifier(build, epochs=2, batch_size=30, random_state=4).fit(X, Y)
        for theirs, mine in zip(expected, ours.model_.get_weights(), strict=True):
            np.testing.assert_allclose(theirs, mine, rtol=0, atol=1e-6)
        perceptron()()


def test_the_callers_random_states_are_left_alone():
    random.seed(0)
    np.random.seed(0)
    states = random.getstate(), np.random.get_state()[1].tolist()
    KerasClassifier(perceptron(), random_state=2).fit(X, Y)
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states


def test_another_thread_that_draws_from_the_same_generator_changes_nothing():
    # As Dask's does, at any moment, in a process of any search on its workers.
    def build(draw):
        layers = [keras.layers.Dense(3, "relu")]
        if draw:
            thread = threading.Thread(target=random.random)
            thread.start()
            thread.join()
        model = keras.Sequential([keras.Input((5,)), *layers, keras.layers.Dense(1, "sigmoid")])
        model.compile("sgd", "binary_crossentropy", run_eagerly=True)
        return model

    alone, disturbed = (
        KerasClassifier(build, random_state=2, draw=draw).fit(X, Y).model_.get_weights()
        for draw in (False, True)
    )
    for one, other in zip(alone, disturbed, strict=True):
        assert one.tolist() == other.tolist()


def test_no_seed_is_a_fresh_seed():
    losses = {KerasClassifier(perceptron()).fit(X, Y).history_["loss"][0] for _ in range(2)}
    assert len(losses) == 2


def test_a_generator_gives_the_seeds_one_after_the_other():
    def losses():
        states = np.random.RandomState(0)
        fit = KerasClassifier(perceptron(), random_state=states).fit
        return [fit(X, Y).history_["loss"] for _ in range(2)]

    once, again = losses(), losses()
    assert once == again
    assert once[0] != once[1]


def test_callbacks_see_one_run_and_start_afresh_in_each():
    stopping = keras.callbacks.EarlyStopping("loss", patience=1, min_delta=10)
    fit = KerasClassifier(perceptron(), epochs=9, random_state=0, callbacks=[stopping])
    # The first epoch is the best that can be, so that the second without gain ends the run.
    assert len(fit.fit(X, Y).history_["loss"]) == 2
    assert len(fit.fit(X, Y).history_["loss"]) == 2
    assert stopping.stopped_epoch == 0
