"""Optimizers in runs that end early, are watched, or know variables by name."""

import keras
import lane_cases as cases
import pytest
from agreement import compare, requests_for, run, train
from keras import layers, optimizers

from gridlanes.programs.optimizers import RULES

pytestmark = pytest.mark.parametrize("float_type", ["float64"], indirect=True)


def shielded():
    """A network of which one kernel, known by identity, and the biases do not decay."""
    model = cases.network()
    optimizer = optimizers.SGD(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay([model.layers[0].kernel], ["bias"])
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    return model


def by_fit(requests, float_type):
    plan, lanes = run(requests)
    for request, lane in zip(requests, lanes, strict=True):
        compare(request, lane, float_type, by=("model.fit",))
    return plan


def test_a_fit_ends_with_the_average_while_a_longer_one_goes_on(float_type):
    averaging = optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)
    gathering = optimizers.Adam(0.1, gradient_accumulation_steps=4)
    settings = [
        {"optimizer": averaging, "epochs": 1},
        {"optimizer": averaging, "epochs": 3},
        {"optimizer": gathering, "epochs": 2},
        {"model": shielded},
    ]
    (group,) = by_fit(requests_for(cases.network, settings, cases.Y), float_type).groups
    assert len(group.planned_lanes) == 3


def test_callbacks_see_the_weights_and_leave_what_they_restore(float_type):
    averaging = optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9)
    stopping = [
        keras.callbacks.EarlyStopping("loss", min_delta=0.1, restore_best_weights=restore)
        for restore in (True, False)
    ]
    settings = [{"optimizer": averaging, "callbacks": [one], "epochs": 4} for one in stopping]
    settings.append({"model": cases.warming, "callbacks": stopping[:1], "epochs": 3})
    requests = requests_for(cases.network, settings, cases.Y, validation_split=0.3)
    by_fit(requests, float_type)


def test_a_lane_that_is_the_only_one_of_its_kind(float_type):
    """TensorFlow multiplies small matrices otherwise where there is one of them."""

    def wide():
        return cases.network(lambda: layers.Dense(3), width=9)

    settings = [{"optimizer": "sgd"}, {"optimizer": optimizers.Muon(0.05)}]
    requests = requests_for(wide, settings, cases.Y)
    _, lanes = train(requests)
    compare(requests[1], lanes[1], float_type, by=("model.fit",))


def test_every_setting_is_an_attribute(float_type):
    """Settings are read off the optimizer, for Keras cannot put each one into a configuration."""
    names = {name.lower(): name for name in dir(optimizers)}
    for own in RULES:
        optimizer = getattr(optimizers, names[own])()
        config = optimizer.get_config()
        config.pop("learning_rate")
        assert config == {name: getattr(optimizer, name) for name in config}
