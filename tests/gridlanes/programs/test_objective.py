"""Losses and metrics of every kind in lanes, beside those of ``model.fit``."""

import dataclasses
import re
import threading
from functools import partial

import keras
import lane_cases as cases
import numpy as np
import objective_cases as objectives
import plain
import pytest
from agreement import TOLERANCE, eager_build, train
from keras import ops
from tiny import ROOT

from gridlanes import KerasClassifier, KerasRegressor
from gridlanes.errors import CannotRideError
from gridlanes.networks import reference
from gridlanes.networks.lane import Request
from gridlanes.planning.fit_survey import Survey
from gridlanes.planning.planner import make_plan
from gridlanes.programs.training_loop import Run
from gridlanes.store.content_digest import content

COMMON = {"epochs": 2, "batch_size": 8, "random_state": 7}


def requests_for(build, settings, y, weight=None, X=cases.X, **common):
    kind = KerasRegressor if np.asarray(y).dtype.kind == "f" else KerasClassifier
    estimators = [kind(build, **{**COMMON, **common, **own}) for own in settings]
    rows = estimators[0].prepare(X, y, weight)
    return [Request(own.lane(rows), (rows.training[0],)) for own in estimators]


def compare(request, lane, float_type):
    """Compare all that a fit leaves with ``model.fit``, whose graph weighs no mini-batch."""
    tolerance = TOLERANCE[float_type]
    own = reference.train(request)
    np.testing.assert_allclose(lane.outputs[0], own.outputs[0], rtol=tolerance, atol=tolerance)
    assert lane.history.keys() == own.history.keys()
    for name, values in own.history.items():
        if name == "odds_false_positives" and f"val_{name}" in own.history:
            # Keras logs the variable itself, which holds what was held out by then.
            continue
        assert np.shape(lane.history[name]) == np.shape(values), name
        close = {"rtol": tolerance * 10, "atol": tolerance, "err_msg": name}
        np.testing.assert_allclose(lane.history[name], values, **close)


def agree(build, settings, float_type, y=None, compared=1, **options):
    y = objectives.target_of(build()) if y is None else y
    requests = requests_for(build, settings, y, **options)
    plan, lanes = train(requests)
    assert len(plan.groups) == 1
    for request, lane in list(zip(requests, lanes, strict=True))[:compared]:
        compare(request, lane, float_type)
    return lanes


DIFFERING = [{"share": 0.5}, {"share": 2.0, "random_state": 8}]


@pytest.mark.parametrize("float_type", ["float64"], indirect=True)
def test_losses_and_metrics_of_each_kind(float_type):
    losses = ("a function of your own", "a function of your own, one number")
    measured = ("F1Score", "FalsePositives", "R2Score", "a metric of your own")
    build = partial(objectives.network, losses, measured)
    history = agree(build, DIFFERING, float_type, weight=objectives.WEIGHTS)[0].history
    assert np.shape(history["classes_f1_score"]) == (2, 3)


@pytest.mark.parametrize("float_type", ["float64"], indirect=True)
def test_rows_held_out_are_cut_as_keras_cuts_them(float_type):
    """There are more than one mini-batch of them, the last one short."""
    options = {"loss": objectives.of_all_rows, "metrics": [objectives.largest_error]}
    settings = [{**options, "random_state": seed} for seed in (7, 8)]
    X, y = np.tile(cases.X, (4, 1)), np.tile(cases.YR, 4)
    agree(cases.linear, settings, float_type, y=y, X=X, validation_split=0.5)


@pytest.mark.parametrize("float_type", ["float64"], indirect=True)
def test_losses_whose_configuration_does_not_tell_them_apart(float_type):
    """Keras leaves ``delta`` out: told by the rest, one would be trained with that of the other."""
    losses = [keras.losses.Huber(delta=delta) for delta in (0.1, 2.0)]
    requests = requests_for(cases.linear, [{"loss": loss} for loss in losses], cases.YR)
    lanes = train(requests)[1]
    for request, lane in zip(requests, lanes, strict=True):
        own = dataclasses.replace(request.lane, build=eager_build(request.lane.build))
        y = own.y.reshape(-1, 1)
        expected = plain.fit(own.build, own.X, y, epochs=2, batch_size=8, seed=7)[1]
        np.testing.assert_allclose(lane.history["loss"], expected, rtol=TOLERANCE[float_type])
        by_fit = reference.train(dataclasses.replace(request, lane=own)).history["loss"]
        np.testing.assert_allclose(by_fit, expected, rtol=TOLERANCE[float_type])


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (keras.losses.Huber, {"delta": 1.0}, {"delta": 2.0}),
        (keras.losses.CosineSimilarity, {"axis": -1}, {"axis": 1}),
        (keras.losses.SparseCategoricalCrossentropy, {"axis": -1}, {"axis": 1}),
        (keras.metrics.CosineSimilarity, {"axis": -1}, {"axis": 1}),
        (keras.metrics.SparseTopKCategoricalAccuracy, {"from_sorted_ids": True}, {}),
        (keras.initializers.IdentityInitializer, {"gain": 1.0}, {"gain": 2.0}),
    ],
)
def test_what_a_configuration_leaves_out_is_in_the_digest(kind, one, other):
    assert content(kind(**one)) == content(kind(**one))
    assert content(kind(**one)) != content(kind(**other))


def drawing(y, outputs):
    return ops.mean(ops.square(y - outputs + keras.random.normal(ops.shape(y))), axis=-1)


class Unreduced(objectives.Quantile):
    def __call__(self, y_true, y_pred, sample_weight=None):
        return self.call(y_true, y_pred)


@pytest.mark.parametrize(
    ("loss", "reason"),
    [
        (drawing, "loss 'drawing' draws, reads or keeps something by itself"),
        (Unreduced(name="own"), "loss 'own' is several numbers"),
    ],
)
def test_losses_that_turn_out_not_to_ride(loss, reason):
    requests = requests_for(cases.linear, [{"loss": loss}], cases.YR)
    (part,) = make_plan(requests, Survey(), {}).parts
    run = Run(part.group.program, part.pool, part.group.planned_lanes, stop=threading.Event())
    with pytest.raises(CannotRideError, match=reason):
        run.prepare()


def in_type(names, float_type):
    """Return metrics that Keras computes in a float type: its top k are of single precision."""
    return tuple(name for name in names if float_type == "float32" or "TopK" not in name)


@pytest.mark.soak
@pytest.mark.parametrize("float_type", ["float64", "float32"], indirect=True)
@pytest.mark.parametrize("options", [{"weight": objectives.WEIGHTS}, {"validation_split": 0.4}])
def test_all_metrics(float_type, options):
    build = partial(objectives.network, (), in_type(objectives.METRICS, float_type))
    agree(build, DIFFERING, float_type, compared=2, **options)


@pytest.mark.soak
@pytest.mark.parametrize("float_type", ["float64", "float32"], indirect=True)
@pytest.mark.parametrize("name", objectives.LOSSES)
def test_a_loss(name, float_type):
    agree(partial(objectives.network, (name,)), DIFFERING, float_type, compared=2)


@pytest.mark.soak
@pytest.mark.parametrize("float_type", ["float64", "float32"], indirect=True)
def test_metrics_of_classes_by_number(float_type):
    options = {"loss": "sparse_categorical_crossentropy", "optimizer": "sgd"}
    names = in_type(objectives.SPARSE, float_type)
    own = [make() for name in names for make in objectives.SPARSE[name]]
    settings = [{**options, "metrics": own, "random_state": seed} for seed in (7, 8)]
    agree(cases.three_classes, settings, float_type, y=cases.Y3)


def test_every_metric_of_keras_is_in_the_table():
    text = (ROOT / "docs/reference/lanes.md").read_text()
    rows = set(re.findall(r"^\| ([^|]+?) \|", text, re.MULTILINE))
    own = {name for name, kind in vars(keras.metrics).items() if isinstance(kind, type)}
    tested = {*objectives.METRICS, *objectives.SPARSE}
    assert own == (tested - {"a metric of your own"}) | set(objectives.NOT_OF_OUTPUTS)
    assert tested | {*objectives.LOSSES, "several losses"} <= rows
