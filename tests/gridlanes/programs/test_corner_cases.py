"""Networks at the edge of what lanes can do agree with Keras, or go to ``model.fit``."""

import keras
import lane_cases as cases
import numpy as np
import pytest
from agreement import FEW_ROWS, compare, compare_in_turn, requests_for, train
from keras import Input, Sequential, layers

from gridlanes import CannotRideError
from gridlanes.errors import DivergedError
from gridlanes.planning.fit_survey import Survey
from gridlanes.planning.planner import make_plan
from gridlanes.workers import execute_plan

pytestmark = pytest.mark.usefixtures("traced")


def rows_of_zeros(units=3):
    """A relu that puts out nothing for some rows, whose length is taken then."""
    return cases.network(lambda: layers.Dense(units, "relu"), layers.UnitNormalization)


def normalised_twice(units=5):
    """Gradients of weights that are repeated for all rows, and of what comes after."""
    return cases.network(
        lambda: layers.Dense(units, "tanh"), layers.LayerNormalization, layers.PReLU,
        layers.BatchNormalization,
    )  # fmt: skip


def normalised_along(axis=(1, 2)):
    return cases.network(
        lambda: layers.Reshape((2, 3)),
        lambda: layers.PReLU(shared_axes=[1], alpha_initializer="ones"),
        lambda: layers.LayerNormalization(axis=axis, gamma_initializer="random_normal"),
        layers.Flatten,
        width=6,
    )


def handed_on(activation="sigmoid"):
    """The output's activation is not in the last layer: Keras looks for logits behind both."""
    return Sequential(
        [
            Input((cases.FEATURES,)),
            layers.Dense(
                1, activation=activation, kernel_initializer=keras.initializers.Constant(90)
            ),
            layers.Dropout(0.0),
            layers.Activation("linear"),
        ]
    )


def shared_by_models(rate=0.4):
    rows, dropout = Input((cases.FEATURES,)), layers.Dropout(rate)
    dense = layers.Dense(2, kernel_regularizer=keras.regularizers.L2(0.1))
    inner = [
        Sequential([Input((cases.FEATURES,)), layers.Dense(3), dropout, dense]) for _ in range(2)
    ]
    both = layers.Add()([model(rows) for model in inner])
    return keras.Model(rows, layers.Dense(1, activation="sigmoid")(both))


def partly_frozen(part="kernel"):
    model = cases.network()
    getattr(model.layers[0], part).trainable = False
    return model


def overflowing(activation="relu"):
    """Numbers below all that there are, of which relu makes 0 and silu none."""
    large = float(np.finfo(keras.config.floatx()).max ** 0.6)
    return cases.network(
        lambda: layers.Activation("exponential"),
        lambda: layers.Rescaling(-large),
        lambda: layers.Rescaling(large),
        lambda: layers.Activation(activation),
    )


#: name -> (build function, settings, programs)
AGREE = {
    "rows of zeros": (rows_of_zeros, [{}, {"units": 4}], 1),
    "normalised twice": (normalised_twice, [{}, {"random_state": 8}], 1),
    "normalised along axes": (normalised_along, [{}, {"axis": 1}], 2),
    "handed on": (handed_on, [{}, {"activation": "hard_sigmoid"}], 2),
    "shared by models": (shared_by_models, [{}, {"rate": 0.2}], 1),
    "partly frozen": (partly_frozen, [{}, {"part": "bias"}], 2),
    "cosine": (rows_of_zeros, [{"loss": "cosine_similarity", "metrics": ["mae"]}] * 2, 1),
}


@pytest.mark.parametrize("name", AGREE)
def test_agrees(name):
    build, settings, programs = AGREE[name]
    requests = requests_for(build, settings, cases.Y, FEW_ROWS)
    plan, lanes = train(requests)
    assert len(plan.groups) == programs
    chaotic = name == "normalised twice"
    compare_in_turn(requests, lanes, keras.config.floatx(), chaotic=chaotic)


def test_what_others_have_chosen_leaves_a_lane_alone():
    requests = requests_for(overflowing, [{}, {"activation": "silu"}], cases.Y)
    plan = make_plan(requests, Survey(), {})
    assert len(plan.groups) == 1
    lane, diverged = execute_plan.run(plan, requests)
    assert isinstance(diverged, DivergedError)
    compare(requests[0], lane, keras.config.floatx())


def stopped():
    rows = Input((cases.FEATURES,))
    inner = keras.ops.stop_gradient(layers.Dense(3)(rows))
    return keras.Model(rows, layers.Dense(1, activation="sigmoid")(inner))


def across_rows():
    return cases.network(lambda: layers.Softmax(axis=0))


CANNOT = {
    "no gradient": (stopped, {}, "weights to which no gradient comes"),
    "across rows": (across_rows, {}, "layer 'softmax' .Softmax. works across rows"),
}


@pytest.mark.parametrize("name", CANNOT)
def test_cannot_ride(name):
    build, settings, reason = CANNOT[name]
    (request,) = requests_for(build, [settings], cases.Y)
    with pytest.raises(CannotRideError, match=reason):
        Survey().look(request.lane)


def test_a_schedule_that_fails_fails_its_own_fit():
    wild = keras.optimizers.schedules.PiecewiseConstantDecay([3], ["a", "b"])
    settings = [{"optimizer": keras.optimizers.SGD(own)} for own in (wild, 0.1)]
    wrong, right = requests_for(cases.network, settings, cases.Y)
    survey = Survey()
    with pytest.raises(CannotRideError, match="Keras cannot describe it"):
        survey.look(wrong.lane)
    survey.look(right.lane)
