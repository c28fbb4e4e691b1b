"""Objects of Keras with some of their settings replaced."""

import inspect

import keras
import numpy as np
import pytest

from gridlanes import ParameterError
from gridlanes.networks.routed import made

RNG = np.random.default_rng(0)
TRUE, SAID = RNG.uniform(0, 4, (6, 3)), RNG.uniform(0, 4, (6, 3))


class Weighted(keras.losses.Loss):
    def __init__(self, weights, power=2, **options):
        super().__init__(**options)
        self.weights, self._power = weights, power

    def call(self, y_true, y_pred):
        return keras.ops.mean(self.weights * (y_true - y_pred) ** self._power, axis=-1)


class Told(Weighted):
    def __init__(self, weights, power=2, **options):
        super().__init__(weights, power, **options)
        self.power = power


def with_settings(given, **settings):
    return made(given, settings, "loss", lambda _: None)


def test_what_a_configuration_leaves_out_is_kept():
    ours = with_settings(keras.losses.Huber(delta=0.5), reduction="sum")
    theirs = keras.losses.Huber(delta=0.5, reduction="sum")
    assert float(ours(TRUE, SAID)) == float(theirs(TRUE, SAID))
    weights = np.array([1.0, 2.0, 3.0])
    own = with_settings(Told(weights, power=4), reduction="sum")
    assert float(own(TRUE, SAID)) == float(Told(weights, 4, reduction="sum")(TRUE, SAID))


def test_what_cannot_be_found_is_not_reset():
    with pytest.raises(ParameterError, match=r"loss__reduction .* Weighted .* 'power' stands") as e:
        with_settings(Weighted(np.ones(3), power=4), reduction="sum")
    assert len(str(e.value).splitlines()) == 1
    ours = with_settings(Weighted(np.ones(3), power=4), power=4, reduction="sum")
    assert float(ours(TRUE, SAID)) == float(Told(np.ones(3), 4, reduction="sum")(TRUE, SAID))


KINDS = [
    own
    for part in (keras.losses, keras.metrics)
    for own in vars(part).values()
    if inspect.isclass(own) and own not in (keras.losses.Loss, keras.metrics.Metric)
]


def test_all_of_keras_can_be_made_anew():
    wanted = {"num_classes": 3, "target_class_ids": [0], "fn": keras.losses.mean_squared_error}
    wanted |= dict.fromkeys(("precision", "recall", "sensitivity", "specificity"), 0.5)
    for kind in KINDS:
        names = inspect.signature(kind).parameters
        given = kind(**{name: own for name, own in wanted.items() if name in names})
        again = with_settings(given, name="another")
        assert again.get_config() == {**given.get_config(), "name": "another"}
