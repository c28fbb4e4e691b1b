"""Trains fits in lanes and by plain Keras, and compares them."""

import dataclasses

import keras
import lane_cases as cases
import numpy as np
import plain
from traced import PROGRAMS

from gridlanes import KerasClassifier, KerasRegressor
from gridlanes.networks import reference
from gridlanes.networks.lane import Request
from gridlanes.planning.fit_survey import Survey
from gridlanes.planning.planner import make_plan
from gridlanes.workers import execute_plan

TOLERANCE = {"float64": 1e-9, "float32": 1e-5}
#: A bias before a normalisation over rows has no gradient but rounding noise, which grows.
CHAOTIC = ("BatchNormalization", "BatchNormalization of places")
#: Of two mini-batches in an epoch, where four steps show all that six do.
FEW_ROWS = 14
#: Ways to train without this library.
PLAIN = {"ten lines": plain.fit, "mini-batches": plain.fit_by_batches}
COMMON = {"epochs": 2, "batch_size": 8, "random_state": 7}


def requests_for(build, settings, y, rows=cases.ROWS, **common):
    kind = KerasRegressor if np.asarray(y).dtype.kind == "f" else KerasClassifier
    settings = settings() if callable(settings) else settings
    given = [{"model": build, **COMMON, **common, **own} for own in settings]
    estimators = [kind(**own) for own in given]
    prepared = estimators[0].prepare(cases.X[:rows], y[:rows])
    return [Request(estimator.lane(prepared), (prepared.training[0],)) for estimator in estimators]


def train(requests, cap=None):
    survey = Survey()
    plan, outcomes = run(requests, cap, survey)
    check_that_neighbours_change_no_bit(requests, outcomes, survey)
    return plan, outcomes


def run(requests, cap=None, survey=None):
    plan = make_plan(requests, survey or Survey(), PROGRAMS[keras.config.floatx()], cap)
    assert not plan.reasons
    outcomes = execute_plan.run(plan, requests)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome
    return plan, outcomes


def check_that_neighbours_change_no_bit(requests, outcomes, survey=None):
    """Compare the last lane of a run with the same lane alone."""
    _, (alone,) = run(requests[-1:], survey=survey)
    np.testing.assert_array_equal(alone.outputs[0], outcomes[-1].outputs[0])
    assert repr(alone.history) == repr(outcomes[-1].history)


def compare(request, lane, float_type, *, chaotic=False, by=("model.fit", "ten lines")):
    """Compare a lane with ``model.fit`` as this library calls it, and as ten lines do.

    With "mini-batches" among ``by``, with ``train_on_batch`` as ten lines call it.
    """
    eager = dataclasses.replace(request.lane, build=eager_build(request.lane.build))
    tolerance = TOLERANCE[float_type]
    for one in by:
        if one in PLAIN:
            outputs, losses = by_plain_keras(eager, PLAIN[one])
            history = {"loss": losses}
        else:
            own = reference.train(dataclasses.replace(request, lane=eager))
            outputs, history, losses = own.outputs[0], own.history, own.history["loss"]
            assert lane.history.keys() == history.keys()
        if chaotic and float_type == "float32":
            # Only a single step can be compared.
            np.testing.assert_allclose(lane.history["loss"][0], losses[0], rtol=1e-2)
            continue
        np.testing.assert_allclose(lane.outputs[0], outputs, rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(lane.history["loss"], losses, rtol=tolerance * 10)
        for key, values in history.items():
            np.testing.assert_allclose(lane.history[key], values, rtol=1e-5, atol=1e-6)


def compare_in_turn(requests, lanes, float_type, *, by_fit=(), **options):
    """Compare every lane, one with ``model.fit`` as this library calls it, the next with plain Keras.

    Lanes with the numbers ``by_fit`` are compared with ``model.fit`` only.
    """
    turn = ["mini-batches", "model.fit"][:: 1 if float_type == "float64" else -1]
    for number, (request, lane) in enumerate(zip(requests, lanes, strict=True)):
        by = ["model.fit"] if number in by_fit else turn[number % 2 :][:1]
        compare(request, lane, float_type, by=by, **options)


def eager_build(build):
    """Return a build function whose model runs without a graph: the same numbers, sooner."""

    def eager():
        model = build()
        model.run_eagerly = True
        return model

    return eager


def by_plain_keras(lane, fit=plain.fit_by_batches):
    """Train a lane's network as ten lines do; what rows and targets are like, the network says."""
    made = []

    def build():
        made.append(lane.build())
        return made[-1]

    def inputs(X):
        return [X[:, :1], X[:, 1:]] if len(made[-1].inputs) > 1 else X

    def targets(y):
        (model,) = made
        loss = str(getattr(model.loss, "name", model.loss))
        if lane.n_classes == 3 and not loss.startswith("sparse"):
            return np.eye(3, dtype=lane.X.dtype)[y[:, 0].astype(int)]
        ends = np.cumsum([output.shape[-1] for output in model.outputs])[:-1]
        return np.split(y, ends, axis=1) if len(ends) else y

    model, losses = fit(
        build,
        lane.X,
        lane.y.reshape(len(lane.y), -1).astype(lane.X.dtype),
        epochs=lane.epochs,
        batch_size=lane.batch_size,
        seed=lane.seed,
        inputs=inputs,
        targets=targets,
    )
    return reference.predict(model, lane.X), losses
