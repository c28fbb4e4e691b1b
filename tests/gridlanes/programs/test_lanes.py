"""What lanes do to each other: nothing."""

import dataclasses
import itertools

import keras
import lane_cases as cases
import numpy as np
import pytest
import tensorflow as tf
from agreement import COMMON, by_plain_keras, compare, compare_in_turn, eager_build, train
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.callbacks import EarlyStopping
from traced import PROGRAMS

from gridlanes import KerasClassifier
from gridlanes.errors import DivergedError
from gridlanes.networks import reference
from gridlanes.networks.lane import Request
from gridlanes.planning.fit_survey import Survey
from gridlanes.planning.planner import make_plan
from gridlanes.programs import held_out
from gridlanes.programs.weights import IntegerPlaces, Weights, integers_in_lanes
from gridlanes.workers import execute_plan

RNG = np.random.default_rng(1)
X = RNG.normal(size=(60, 4))
Y = (X[:, 0] + RNG.normal(size=60) > 0).astype(int)
#: Lanes on the same rows share the arrays.
PREPARED = {}


def request(rows=60, build=cases.network, weight=None, **parameters):
    estimator = KerasClassifier(build, **{**COMMON, **parameters})
    return of_estimator(estimator, rows, weight)


def of_estimator(estimator, rows=60, weight=None):
    key = (rows, weight is None, estimator.validation_split, keras.config.floatx())
    if key not in PREPARED:
        PREPARED[key] = estimator.prepare(X[:rows], Y[:rows], weight)
    prepared = PREPARED[key]
    return Request(estimator.lane(prepared), (prepared.training[0],))


def by_model_fit(own):
    """Train a fit as this library does by ``model.fit``, without a graph."""
    lane = dataclasses.replace(own.lane, build=eager_build(own.lane.build))
    return reference.train(dataclasses.replace(own, lane=lane))


def test_unequal_folds_seeds_and_epochs_share_a_program(float_type):
    requests = [
        request(rows, epochs=epochs, random_state=seed, batch_size=20)
        for rows in (60, 41)
        for epochs in (1, 3)
        for seed in (7, 8)
    ]
    plan, lanes = train(requests)
    assert len(plan.groups) == 1
    assert len(plan.groups[0].planned_lanes) == 4, "epochs share a lane"
    # Every two of the three that differ, each way.
    half = [0, 3, 5, 6]
    compare_in_turn([requests[own] for own in half], [lanes[own] for own in half], float_type)


def test_noise_with_unequal_folds(float_type):
    requests = [request(rows, cases.dropout, rate=0.4, batch_size=20) for rows in (60, 41)]
    plan, lanes = train(requests)
    assert len(plan.groups) == 1
    compare_in_turn(requests, lanes, float_type)


class Asking(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model(X[:4])


def dropping(rate=0.2):
    return cases.Sequential(
        [
            cases.Input((4,)),
            cases.layers.Reshape((2, 2)),
            cases.layers.LSTM(2, dropout=rate, recurrent_dropout=0.2),
            cases.layers.Dense(1, "sigmoid"),
        ]
    )


def test_cells_draw_whenever_keras_has_them_draw():
    """When they are measured too, on 36 rows twice, and when a callback asks."""
    held_out = {"validation_split": 0.6, "epochs": 2, "batch_size": 30}
    requests = [
        request(build=dropping, **held_out),
        request(build=dropping, rate=0.4, **held_out, callbacks=[Asking()]),
        request(41, build=dropping, **{**held_out, "validation_split": 0.3}),
    ]
    plan, lanes = train(requests)
    assert len(plan.groups) == 1
    for own, lane in list(zip(requests, lanes, strict=True))[:2]:
        by_keras = by_model_fit(own)
        np.testing.assert_allclose(lane.outputs[0], by_keras.outputs[0], rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(lane.history["val_loss"], by_keras.history["val_loss"], 1e-5)


def test_statistics_with_unequal_folds(float_type):
    requests = [request(rows, cases.batch_normalization, batch_size=20) for rows in (60, 41)]
    _, lanes = train(requests)
    compare(requests[0], lanes[0], float_type, by=("mini-batches",))
    for own, lane in zip(requests, lanes, strict=True):
        by_reference = by_model_fit(own).model
        for ours, theirs in zip(lane.model.weights, by_reference.weights, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


def test_weights_and_a_batch_without_any(float_type):
    weight = RNG.random(60)
    weight[np.random.default_rng([7, 0]).permutation(60)[:25]] = 0
    weighted, plain_rows = (request(weight=own, batch_size=25) for own in (weight, None))
    plan, lanes = train([weighted, plain_rows])
    assert len(plan.groups) == 1
    by_reference = by_model_fit(weighted)
    np.testing.assert_allclose(lanes[0].outputs[0], by_reference.outputs[0], rtol=1e-9)
    np.testing.assert_allclose(lanes[0].history["loss"], by_reference.history["loss"], rtol=1e-9)
    compare(plain_rows, lanes[1], float_type)


def test_neighbours_change_nothing():
    own = request(optimizer="adam", epochs=3)
    others = [
        request(rows, epochs=5, random_state=seed, optimizer=optimizer)
        for rows in (60, 41)
        for seed in (1, 2)
        for optimizer in ("sgd", "rmsprop")
    ]
    (alone,) = train([own])[1]
    among = train([*others[:5], own, *others[5:]])[1][5]
    many = train([own, *[request(random_state=seed, epochs=3) for seed in range(20, 50)]])[1][0]
    for lane in (among, many):
        np.testing.assert_allclose(lane.outputs[0], alone.outputs[0], rtol=0, atol=1e-6)
        assert ((lane.outputs[0] > 0.5) == (alone.outputs[0] > 0.5)).all()


def test_a_lane_that_diverges_harms_no_other():
    healthy = request(epochs=4)
    wild = request(epochs=4, optimizer=keras.optimizers.SGD(float("inf")))
    requests = [wild, healthy]
    plan = make_plan(requests, Survey(), PROGRAMS[keras.config.floatx()], None)
    assert len(plan.groups) == 1
    diverged, fine = execute_plan.run(plan, requests)
    assert isinstance(diverged, DivergedError)
    (alone,) = train([healthy])[1]
    np.testing.assert_allclose(fine.outputs[0], alone.outputs[0], rtol=0, atol=1e-6)
    with pytest.raises(DivergedError, match=str(diverged)):
        by_model_fit(wild)


def test_a_short_run_does_not_see_what_a_longer_one_comes_to():
    """The fit to 1 epoch is finite, though its lane goes on until it diverges."""
    rates = keras.optimizers.schedules.PiecewiseConstantDecay([8], [0.01, 1e30])
    requests = [
        request(
            epochs=epochs,
            build=cases.logits,
            loss="mean_squared_error",
            optimizer=keras.optimizers.SGD(rates),
        )
        for epochs in (1, 4)
    ]
    plan = make_plan(requests, Survey(), PROGRAMS[keras.config.floatx()], None)
    short, long = execute_plan.run(plan, requests)
    assert isinstance(long, DivergedError)
    assert np.isfinite(short.outputs[0]).all()


def stopper(monitor, patience, restore=True):
    return [EarlyStopping(monitor, patience=patience, restore_best_weights=restore)]


def test_early_stopping_is_that_of_model_fit(float_type):
    """Lanes leave, so that the last is alone at the end, which its bits do not tell."""
    stoppers = [
        {"callbacks": stopper("val_loss", 1, restore=False)},
        {"callbacks": stopper("val_loss", 1, restore=True)},
        {"callbacks": stopper("val_loss", 3, restore=True)},
        {"callbacks": stopper("loss", 1, restore=True)},
        {"callbacks": stopper("val_accuracy", 1, restore=True)},
        {"callbacks": stopper("val_loss", 9, restore=True)},
        {"callbacks": stopper("val_loss", 1, restore=True), "random_state": 8},
        {},
    ]
    common = {
        "epochs": 7,
        "batch_size": 21,
        "validation_split": 0.3,
        "optimizer": keras.optimizers.Adam(0.1),
    }
    requests = [request(**common, **own) for own in stoppers]
    plan, lanes = train(requests)
    assert len(plan.groups) == 1
    # The last two are what others are beside.
    for own, lane in list(zip(requests, lanes, strict=True))[:-2]:
        by_reference = by_model_fit(own)
        assert lane.history.keys() == by_reference.history.keys()
        for name, values in lane.history.items():
            np.testing.assert_allclose(values, by_reference.history[name], rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(lane.outputs[0], by_reference.outputs[0], rtol=1e-9)
    lengths = [len(lane.history["loss"]) for lane in lanes]
    assert [lengths[-3], lengths[-1]] == [7, 7]
    assert all(length < 7 for length in (*lengths[:-3], lengths[-2]))


@pytest.mark.parametrize("at_once", [1, 3 * 12_000])
def test_rows_held_out_are_measured_alike_whoever_is_measured_beside(at_once, monkeypatch):
    """In one call, in several, or alone, with lanes that have more rows or leave before."""
    common = {"epochs": 4, "validation_split": 0.3}
    weight = np.linspace(0.5, 2.0, 60)
    requests = [
        request(
            rows, weight=own, random_state=seed, callbacks=stopper("val_loss", patience), **common
        )
        for rows, own in ((60, None), (60, weight), (57, None), (33, None))
        for seed, patience in ((7, 1), (8, 12))
    ]
    together = [lane.history for lane in train(requests)[1]]
    monkeypatch.setattr(held_out, "AT_ONCE", at_once)
    assert [lane.history for lane in train(requests)[1]] == together
    assert [train([own])[1][0].history for own in requests] == together


def test_rows_held_out_are_known_by_their_targets_and_weights_too():
    own = request(validation_split=0.3, callbacks=stopper("val_loss", 9), epochs=2)
    rows, targets, _ = own.lane.validation
    others = [(rows, 1 - targets, None), (rows, targets, np.arange(1, 19, dtype=rows.dtype))]
    requests = [own] + [
        dataclasses.replace(own, lane=dataclasses.replace(own.lane, validation=validation))
        for validation in others
    ]
    together = [lane.history for lane in train(requests)[1]]
    assert together == [train([one])[1][0].history for one in requests]
    assert len({history["val_loss"][0] for history in together}) == 3


def test_validation_split_is_that_of_model_fit(float_type):
    own = request(validation_split=0.25, epochs=2, batch_size=20)
    model = own.lane.build()
    assert len(own.lane.X) == 45
    by_reference = by_model_fit(own)
    keras.utils.set_random_seed(7)
    model = own.lane.build()
    history = {"val_loss": [], "loss": []}
    for epoch in range(2):
        order = np.random.default_rng([7, epoch]).permutation(45)
        held_out = (X[45:], Y[45:, None])
        fitted = model.fit(
            X[:45][order],
            Y[:45, None][order],
            batch_size=20,
            shuffle=False,
            verbose=0,
            validation_data=held_out,
        )
        for name in history:
            history[name] += fitted.history[name]
    for name, values in history.items():
        np.testing.assert_allclose(by_reference.history[name], values, rtol=1e-9)


def test_lanes_without_dropout_draw_as_those_beside_them():
    """So that all of them draw once, from one state."""
    own = [IntegerPlaces((0, 3, 4), 5), IntegerPlaces((0,), 5), IntegerPlaces((0, 1, 2, 3, 4), 5)]
    numbers = [np.array(values) for values in ([9, 5, 6], [9], [9, 3, 4, 5, 6])]
    starts = [Weights(np.zeros(1), np.zeros(0), values) for values in numbers]
    found = integers_in_lanes(starts, own)
    np.testing.assert_array_equal(found, [[9, 3, 4, 5, 6]] * 3)
    alone = integers_in_lanes(starts[1:2], own[1:2])
    np.testing.assert_array_equal(alone, [[9, 0, 0, 0, 0]])


def test_lanes_are_divided_when_memory_is_short():
    requests = [request(random_state=seed) for seed in range(12)]
    plan, lanes = train(requests)
    small = sum(part.bytes for part in plan.parts) // 3
    divided, same = train(requests, cap=small)
    assert len(divided.parts) > len(plan.parts)
    for part in divided.parts:
        assert part.bytes <= small
    for one, other in zip(lanes, same, strict=True):
        np.testing.assert_allclose(one.outputs[0], other.outputs[0], atol=1e-6)


def test_a_model_trained_in_a_lane_is_an_ordinary_one():
    own = request(optimizer="adam")
    (lane,) = train([own])[1]
    model = lane.model
    np.testing.assert_allclose(model.predict(X, verbose=0), lane.outputs[0], atol=1e-6)
    assert model.optimizer.name == "adam"
    model.fit(X, Y, epochs=1, verbose=0)


def one_or_two(values):
    return st.lists(values, min_size=1, max_size=2, unique=True)


#: All have the same optimizers and activations, so that they share their programs.
grids = st.fixed_dictionaries(
    {
        "optimizer": st.just(["sgd", "adam", "nadam", "ftrl"]),
        "activation": st.just(["relu", "tanh", "elu"]),
        "batch_size": one_or_two(st.integers(1, 70)),
        "epochs": one_or_two(st.integers(1, 3)),
        "random_state": one_or_two(st.integers(0, 2**31)),
        "rows": one_or_two(st.integers(4, 60)),
    }
)


@settings(max_examples=settings().max_examples // 50)
@given(grids, st.data())
def test_a_random_grid_agrees_with_plain_keras(grid, data):
    combinations = [
        dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())
    ]
    usable = [one for one in combinations if len(set(Y[: one["rows"]])) == 2]
    if not usable:
        return
    requests = [request(build=cases.activation, **one) for one in usable]
    plan, lanes = train(requests)
    assert len(plan.groups) == 1
    number = data.draw(st.integers(0, len(requests) - 1))
    own = requests[number].lane
    eager = dataclasses.replace(own, build=eager_build(own.build))
    outputs, _ = by_plain_keras(eager)
    np.testing.assert_allclose(lanes[number].outputs[0], outputs, atol=1e-5)


def test_the_likeliest_class_is_found_for_all_lanes_at_once():
    """Without a loop over lanes, and as Keras finds it: -0.0 is below 0.0."""
    values = np.array([[0.1, 0.7, 0.2], [-0.0, 0.0, -1.0], [3.0, -0.0, 3.0]], "float32")
    own = tf.vectorized_map(keras.ops.argmax, tf.constant(values), fallback_to_while_loop=False)
    assert own.numpy().tolist() == [int(keras.ops.argmax(row)) for row in values] == [1, 1, 0]
