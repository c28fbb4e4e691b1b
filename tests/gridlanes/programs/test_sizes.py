"""Networks of every size share a program, and so do those that lack what others have."""

import keras
import lane_cases as cases
import numpy as np
import pytest
from agreement import COMMON, FEW_ROWS, compare_in_turn, requests_for, run, train
from keras import Input, Sequential, layers
from traced import PROGRAMS

from gridlanes import CannotRideError, KerasClassifier
from gridlanes.errors import DivergedError
from gridlanes.networks.lane import Request
from gridlanes.planning.fit_survey import Survey
from gridlanes.planning.planner import make_plan
from gridlanes.workers import execute_plan

pytestmark = pytest.mark.usefixtures("traced")


def widths(width=4, last=3):
    """Every layer with weights of its own that takes sizes as they come, and noise."""
    return cases.network(
        layers.BatchNormalization,
        lambda: layers.Dense(last, name=f"dense_of_{last}"),
        layers.PReLU,
        lambda: layers.Dropout(0.3),
        layers.LayerNormalization,
        width=width,
    )


def hidden(hidden=(8,)):
    return Sequential(
        [
            Input((cases.FEATURES,)),
            *(layers.Dense(units, activation="relu") for units in hidden),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def words(columns=2, words=10):
    rows = Input((cases.FEATURES,))
    numbers = layers.Rescaling(0.3, offset=5.0)(rows)
    found = layers.Flatten()(layers.Embedding(words, columns)(numbers))
    return keras.Model(rows, layers.Dense(1, activation="sigmoid")(found))


def windows(filters=3, size=2):
    """Convolutions of all kinds one after the other, and one beside them."""
    rows = Input((cases.FEATURES,))
    series = layers.Reshape((cases.FEATURES, 1))(rows)
    inner = layers.ZeroPadding1D(3)(series)
    inner = layers.Conv1D(filters, size, strides=2, padding="same", activation="tanh")(inner)
    inner = layers.Conv1D(2, size, dilation_rate=2, padding="causal", use_bias=False)(inner)
    inner = layers.Conv1D(filters, 2, padding="same", dilation_rate=3)(inner)
    inner = layers.Conv1D(2 * filters, size, groups=2, padding="same")(layers.Dense(4)(inner))
    beside = layers.Conv1D(2, size, strides=3, padding="valid")(layers.ZeroPadding1D(4)(series))
    both = layers.Concatenate()([layers.GlobalAveragePooling1D()(own) for own in (inner, beside)])
    return keras.Model(rows, layers.Dense(1, activation="sigmoid")(both))


def of_meta(meta, units=3):
    classes = meta["n_classes_"]
    return Sequential(
        [
            Input(meta["X_shape_"][1:]),
            layers.Dense(units, activation="tanh"),
            layers.Dense(classes, activation="softmax"),
        ]
    )


def lacking(rate=0.0, bound=None, l2=None, momentum=0.99, positive=False, activation="tanh"):
    kinds = keras.constraints
    constraint = kinds.MaxNorm(bound) if bound else kinds.NonNeg() if positive else None
    return cases.network(
        lambda: layers.Dropout(rate),
        lambda: layers.Dense(4, activation, kernel_constraint=constraint),
        lambda: layers.BatchNormalization(momentum=momentum, epsilon=(1 - momentum) / 10),
        lambda: layers.GaussianNoise(rate),
        kernel_regularizer=None if l2 is None else keras.regularizers.L2(l2),
        activity_regularizer=None if l2 is None else keras.regularizers.L2(l2),
    )


def added(width=3):
    """A network in which tensors of one shape are added without a layer."""
    rows = Input((cases.FEATURES,))
    inner = layers.Dense(width, activation="tanh")(rows)
    inner = inner + layers.Dense(width)(inner) * 0.5
    return keras.Model(rows, layers.Dense(1, activation="sigmoid")(inner))


def weighted(width=3):
    """A network in which tensors of two shapes are multiplied without a layer."""
    rows = Input((cases.FEATURES,))
    inner = layers.Dense(width, activation="tanh")(rows) * layers.Dense(1)(rows)
    return keras.Model(rows, layers.Dense(1, activation="sigmoid")(inner))


def centred():
    rows = Input((cases.FEATURES,))
    inner = rows - keras.ops.mean(rows, axis=0, keepdims=True)
    return keras.Model(rows, layers.Dense(1, activation="sigmoid")(inner))


#: name -> (build function, settings, target, runs)
SHARING = {
    "layers": (widths, [{}, {"width": 17, "last": 1}, {"width": 1, "last": 40}], cases.Y, 3),
    "embeddings": (words, [{}, {"columns": 5}, {"words": 14}], cases.Y, 3),
    "operations": (added, [{}, {"width": 7}], cases.Y, 2),
    "convolutions": (
        windows,
        [{}, {"filters": 6, "size": 3}, {"size": 1, "random_state": 8}],
        cases.Y,
        3,
    ),
    "what others lack": (
        lacking,
        [
            {},
            {"rate": 0.4},
            {"bound": 0.3},
            {"bound": 1.0, "l2": 0.1},
            {"positive": True, "momentum": 0.5},
            {"rate": 0.2, "random_state": 8},
        ],
        cases.Y,
        1,
    ),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(own, marks=pytest.mark.soak) if own == "convolutions" else own
        for own in SHARING
    ],
)
def test_one_program_serves(name, float_type):
    build, settings, y, runs = SHARING[name]
    requests = requests_for(build, settings, y, FEW_ROWS)
    plan, lanes = train(requests)
    assert (len(plan.groups), len(plan.parts)) == (1, runs)
    chaotic = name != "embeddings"
    compare_in_turn(requests, lanes, float_type, chaotic=chaotic)


def test_any_number_of_features_and_classes():
    requests = []
    for features, classes in ((4, 3), (2, 3), (3, 4)):
        estimator = KerasClassifier(of_meta, **COMMON, loss="sparse_categorical_crossentropy")
        X, y = cases.X[:, :features], (np.arange(cases.ROWS) * 7) % classes
        rows = estimator.prepare(X, y)
        requests.append(Request(estimator.lane(rows), (rows.training[0],)))
    plan, lanes = train(requests)
    assert (len(plan.groups), len(plan.parts)) == (1, 3)
    for request, lane in zip(requests, lanes, strict=True):
        (alone,) = run([request])[1]
        np.testing.assert_array_equal(lane.outputs[0], alone.outputs[0])
        assert lane.outputs[0].shape == (cases.ROWS, request.lane.n_classes)


def test_a_depth_is_a_program():
    settings = [{"hidden": own} for own in ([8], [16], [32, 16], [64, 32])]
    requests = requests_for(hidden, settings, cases.Y, FEW_ROWS)
    plan, lanes = train(requests)
    assert (len(plan.groups), len(plan.parts)) == (2, 4)
    assert "2 programs" in str(plan)
    compare_in_turn(requests, lanes, keras.config.floatx())


def test_a_width_that_diverges_leaves_others_alone():
    wild = {"optimizer": keras.optimizers.SGD(float("inf"))}
    requests = requests_for(hidden, [{"hidden": [8]}, {"hidden": [9], **wild}], cases.Y)
    plan = make_plan(requests, Survey(), PROGRAMS[keras.config.floatx()])
    assert len(plan.groups) == 1
    fine, diverged = execute_plan.run(plan, requests)
    assert isinstance(diverged, DivergedError)
    (alone,) = run(requests[:1])[1]
    np.testing.assert_array_equal(fine.outputs[0], alone.outputs[0])


def test_where_a_size_cannot_be_left_open_there_is_a_program_for_each():
    requests = requests_for(weighted, [{}, {"width": 5}], cases.Y, FEW_ROWS)
    plan, lanes = train(requests)
    assert len(plan.groups) == 2
    compare_in_turn(requests, lanes, keras.config.floatx())


def joined(join="add", axis=1):
    rows = Input((cases.FEATURES,))
    parts = [layers.Dense(4)(rows) for _ in range(2)]
    square = layers.Reshape((2, 2))(getattr(keras.ops, join)(*parts))
    rows_of_square = layers.Flatten()(keras.ops.softmax(square, axis=axis))
    return keras.Model(rows, layers.Dense(1, activation="sigmoid")(rows_of_square))


def test_what_operations_do_is_part_of_a_program():
    settings = [{}, {"join": "multiply"}, {"axis": 2}]
    requests = requests_for(joined, settings, cases.Y)
    assert len({Survey().look(request.lane).structure for request in requests}) == 3


def test_an_operation_that_mixes_rows_does_not_ride():
    (request,) = requests_for(centred, [{}], cases.Y)
    with pytest.raises(CannotRideError, match="does not keep rows apart"):
        Survey().look(request.lane)


def test_a_program_takes_nothing_from_the_network_that_was_seen_first():
    """As where that one's fit is in a store, and only others are to be trained."""
    first = {"activation": "sigmoid", "rate": 0.5, "bound": 0.3, "l2": 0.1}
    seen, wanted = requests_for(lacking, [first, {"activation": "relu"}], cases.Y)
    survey = Survey()
    assert survey.look(seen.lane).structure == survey.look(wanted.lane).structure
    (lane,) = execute_plan.run(make_plan([wanted], survey, {}), [wanted])
    (alone,) = execute_plan.run(make_plan([wanted], Survey(), {}), [wanted])
    np.testing.assert_array_equal(lane.outputs[0], alone.outputs[0])
