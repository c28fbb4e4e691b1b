"""Callbacks of lanes do and see what they would under ``model.fit``."""

import copy

import keras
import lane_cases as cases
import numpy as np
import pytest
from agreement import check_that_neighbours_change_no_bit, compare, requests_for, run
from keras import callbacks
from small_search import without_graph
from traced import PROGRAMS

from gridlanes.networks import reference
from gridlanes.planning.fit_survey import Survey
from gridlanes.planning.planner import make_plan
from gridlanes.workers import execute_plan

COMMON = {
    "epochs": 4,
    "validation_split": 0.3,
    "optimizer": keras.optimizers.Adam(0.1),
    "metrics": ["accuracy"],
}


class Anneals(callbacks.Callback):
    """Reads and sets what a callback may: the learning rate, the weights, predictions, the end."""

    def on_train_begin(self, logs=None):
        self.model.set_weights([weight * 0.5 for weight in self.model.get_weights()])

    def on_epoch_begin(self, epoch, logs=None):
        rate = self.model.optimizer.learning_rate
        rate.assign(rate / (1 + epoch))

    def on_epoch_end(self, epoch, logs=None):
        logs["said"] = float(np.mean(self.model.predict(cases.X, verbose=0)))
        first, *others = self.model.get_weights()
        self.model.set_weights([first * 0.9, *others])
        assert self.model.optimizer.iterations == (epoch + 1) * self.params["steps"]
        self.model.stop_training = epoch == 2

    def on_train_end(self, logs=None):
        self.model.set_weights([weight + logs["loss"] for weight in self.model.get_weights()])


class Tells(callbacks.Callback):
    """Keeps the calls that it gets where a copy of it keeps them too."""

    def __init__(self, calls):
        super().__init__()
        self.calls = calls

    def __deepcopy__(self, memo):
        return Tells(self.calls)

    def on_train_begin(self, logs=None):
        self.calls.append(("train begins", logs, self.params))

    def on_epoch_begin(self, epoch, logs=None):
        self.calls.append((f"epoch {epoch} begins", logs))

    def on_epoch_end(self, epoch, logs=None):
        self.calls.append((f"epoch {epoch} ends", list(logs)))

    def on_train_end(self, logs=None):
        self.calls.append(("train ends", list(logs)))


def decaying(epoch, rate):
    return rate * 0.7


#: By name, what callbacks of Keras and of users are compared in.
RIDING = {
    "ReduceLROnPlateau": [
        callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=0, min_delta=0.2)
    ],
    "with a cooldown": [callbacks.ReduceLROnPlateau("loss", patience=0, cooldown=1, min_delta=0.1)],
    "LearningRateScheduler": [callbacks.LearningRateScheduler(decaying)],
    "TerminateOnNaN, LambdaCallback": [
        callbacks.TerminateOnNaN(),
        callbacks.LambdaCallback(on_epoch_end=lambda _, logs: logs.update(more=1)),
    ],
    "own": [Anneals()],
    "several": [
        callbacks.LearningRateScheduler(decaying),
        Anneals(),
        callbacks.EarlyStopping("val_loss", patience=1, restore_best_weights=True),
        callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=0),
    ],
}


def test_callbacks_do_what_they_do_under_model_fit(float_type):
    requests = requests_for(
        cases.network, [{"callbacks": own} for own in RIDING.values()], cases.Y, **COMMON
    )
    plan, lanes = run(requests)
    assert len(plan.groups) == 1
    check_that_neighbours_change_no_bit(requests, lanes)
    for request, lane in zip(requests, lanes, strict=True):
        compare(request, lane, float_type, by=["model.fit"])
    rates = {
        name: lane.history.get("learning_rate") for name, lane in zip(RIDING, lanes, strict=True)
    }
    assert len(set(rates["ReduceLROnPlateau"])) > 1
    assert len(lanes[list(RIDING).index("own")].history["said"]) == 3


def test_a_callback_is_called_as_keras_calls_it():
    in_lane, by_fit = [], []
    for calls, train in ((in_lane, lambda own: run([own])), (by_fit, reference.run)):
        (own,) = requests_for(cases.network, [{"callbacks": [Tells(calls)]}], cases.Y, **COMMON)
        with without_graph():
            train(own)
    assert in_lane == by_fit
    assert len(by_fit) == 2 + 2 * COMMON["epochs"]


def test_a_schedule_meets_callbacks_that_read_the_learning_rate():
    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.5)
    common = {**COMMON, "optimizer": keras.optimizers.Adam(rate)}
    reads = callbacks.ReduceLROnPlateau("loss", patience=9)
    requests = requests_for(cases.network, [{"callbacks": [reads]}, {}], cases.Y, **common)
    _, (lane, _) = run(requests)
    compare(requests[0], lane, "float32", by=["model.fit"])
    assert lane.history["learning_rate"][0] > lane.history["learning_rate"][-1]


class Counts(callbacks.Callback):
    """Logs how many updates the optimizer has made."""

    def on_epoch_end(self, epoch, logs=None):
        logs["updates"] = int(self.model.optimizer.iterations)


def test_a_callback_sees_updates_of_accumulated_gradients_counted():
    optimizer = keras.optimizers.SGD(0.1, gradient_accumulation_steps=2)
    common = {**COMMON, "epochs": 2, "optimizer": optimizer}
    requests = requests_for(cases.network, [{"callbacks": [Counts()]}, {}], cases.Y, **common)
    _, (lane, _) = run(requests)
    compare(requests[0], lane, "float32", by=["model.fit"])
    assert lane.history["updates"][-1] > 0


def trained(own, **common):
    """Return outcomes of fits with callbacks, the last without any, and the plan."""
    settings = [*({"callbacks": [one]} for one in own), {}]
    requests = requests_for(cases.network, settings, cases.Y, **{**COMMON, **common})
    plan = make_plan(requests, Survey(), PROGRAMS[keras.config.floatx()], None)
    return requests, plan, execute_plan.run(plan, requests)


class Fails(callbacks.Callback):
    def __init__(self, hook):
        super().__init__()
        setattr(self, hook, self.fail)

    def fail(self, *_, **__):
        raise KeyError("no such log")


def test_a_callback_that_raises_fails_its_own_lane():
    hooks = ["on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end"]
    requests, plan, outcomes = trained([Fails(hook) for hook in hooks])
    assert not plan.reasons
    assert all(isinstance(outcome, KeyError) for outcome in outcomes[:-1])
    compare(requests[-1], outcomes[-1], "float32", by=["model.fit"])


class Changes(callbacks.Callback):
    """Changes what lanes have been planned by, or when training is to stop."""

    def __init__(self, what):
        super().__init__()
        self.what = what

    def on_epoch_begin(self, epoch, logs=None):
        if self.what == "end":
            self.model.stop_training = epoch == 2

    def on_epoch_end(self, epoch, logs=None):
        if self.what == "layer" and epoch == 1:
            self.model.layers[0].trainable = False
        if self.what == "optimizer" and epoch == 1:
            self.model.optimizer.beta_1 = 0.5


def test_what_shows_only_in_training_goes_to_model_fit():
    changes = [Changes(what) for what in ("layer", "optimizer", "end")]
    with without_graph():
        with pytest.warns(UserWarning, match="3 of 4 fits turned out not to ride"):
            requests, plan, outcomes = trained(changes)
        expected = [reference.run(request) for request in requests[:-1]]
    assert list(plan.reasons) == [0, 1, 2]
    assert "changed the network or its optimizer" in plan.reasons[0]
    assert "stopped training where an epoch begins" in plan.reasons[2]
    for outcome, own in zip(outcomes[:-1], expected, strict=True):
        np.testing.assert_array_equal(outcome.outputs[0], own.outputs[0])
        assert outcome.history == own.history


def test_a_log_is_written_whole(tmp_path):
    """By as many lanes as there are: the file is that of one of them."""
    path = tmp_path / "log.csv"
    own = [callbacks.ReduceLROnPlateau("loss", patience=0), callbacks.CSVLogger(str(path))]
    requests = requests_for(
        cases.network,
        [{"callbacks": copy.deepcopy(own), "random_state": 7} for _ in range(3)],
        cases.Y,
        **COMMON,
    )
    plan, _ = run(requests)
    written = path.read_text().splitlines()
    with without_graph():
        reference.run(requests[0])
    expected = path.read_text().splitlines()
    assert not plan.reasons
    assert written[0] == expected[0]
    numbers = [
        np.array([line.split(",") for line in own[1:]], float) for own in (written, expected)
    ]
    np.testing.assert_allclose(*numbers, rtol=1e-4)
