"""Lanes give the numbers of ``model.fit``, for everything in the table of what rides."""

import keras
import numpy as np
import plain
import pytest
import riding_cases as cases

from gridlanes import KerasClassifier, KerasRegressor, backends, reference
from gridlanes.lane import Request
from gridlanes.plan import make_plan
from gridlanes.survey import Survey

TOLERANCE = {"float64": 1e-9, "float32": 1e-5}
#: A bias before a normalisation over rows has no gradient but rounding noise, which grows.
CHAOTIC = ("BatchNormalization", "BatchNormalization of places")
COMMON = {"epochs": 2, "batch_size": 8, "random_state": 7}


@pytest.fixture(params=["float64", "float32"])
def float_type(request):
    keras.config.set_floatx(request.param)
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")


def requests_for(build, settings, y, **common):
    kind = KerasRegressor if np.asarray(y).dtype.kind == "f" else KerasClassifier
    settings = settings() if callable(settings) else settings
    estimators = [kind(build, **{**COMMON, **common, **own}) for own in settings]
    rows = estimators[0].prepare(cases.X, y)
    return [Request(estimator.lane(rows), (rows.training[0],), True) for estimator in estimators]


def train(requests, cap=None):
    plan = make_plan(requests, Survey(), {}, cap)
    assert not plan.reasons
    outcomes = backends.run(plan, requests)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
    return plan, outcomes


@pytest.mark.parametrize("name", cases.CASES)
def test_a_row_of_the_table(name, float_type):
    requests = requests_for(*cases.CASES[name])
    plan, lanes = train(requests)
    assert len(plan.groups) == 1
    for request, lane in zip(requests[:2], lanes, strict=False):
        by_reference = reference.train(request)
        by_hand, losses = by_plain_keras(request.lane)
        if name in CHAOTIC and float_type == "float32":
            continue
        tolerance = TOLERANCE[float_type]
        for other in (by_reference.outputs[0], by_hand):
            np.testing.assert_allclose(lane.outputs[0], other, rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(lane.history["loss"], losses, rtol=tolerance * 10)
        assert lane.history.keys() == by_reference.history.keys()
        for key, values in lane.history.items():
            np.testing.assert_allclose(values, by_reference.history[key], rtol=1e-5, atol=1e-6)


def by_plain_keras(lane):
    def build():
        model = lane.build()
        # The numbers are the same, without waiting for a graph.
        model.run_eagerly = True
        return model

    several = len(lane.build().inputs) > 1
    model, losses = plain.fit(
        build,
        lane.X,
        targets_of(lane),
        epochs=lane.epochs,
        batch_size=lane.batch_size,
        seed=lane.seed,
        inputs=(lambda X: [X[:, :1], X[:, 1:]]) if several else (lambda X: X),
    )
    return reference.predict(model, lane.X), losses


def targets_of(lane):
    loss = str(getattr(lane.build().loss, "name", lane.build().loss))
    if lane.n_classes == 3 and not loss.startswith("sparse"):
        return np.eye(3, dtype=lane.X.dtype)[lane.y]
    return lane.y.reshape(len(lane.y), -1).astype(lane.X.dtype)
