"""What does not ride says why, and is trained all the same."""

import gc
import threading
from functools import partial

import keras
import lane_cases as cases
import numpy as np
import pytest
from keras import Input, Sequential, layers, optimizers
from sklearn.exceptions import FitFailedWarning
from small_search import without_graph
from traced import PROGRAMS

from gridlanes import CannotRideError, GridSearchCV, KerasClassifier
from gridlanes.networks import audit, reference
from gridlanes.networks.lane import Request
from gridlanes.planning.fit_survey import Survey
from gridlanes.planning.planner import make_plan

pytestmark = pytest.mark.usefixtures("traced")


@pytest.fixture
def plainly(monkeypatch):
    """Let audits train without a graph, which takes longer to trace than it trains here."""
    by_keras = audit.plain_outputs

    def plain_outputs(lane, X):
        with without_graph():
            return by_keras(lane, X)

    monkeypatch.setattr(audit, "plain_outputs", plain_outputs)


class Subclass(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(1, activation="sigmoid")

    def call(self, inputs):
        return self.dense(inputs)


LOCK = threading.Lock()


def locked_loss(y, outputs):
    with LOCK:
        return keras.ops.mean(keras.ops.square(y - outputs), axis=-1)


def of_two_losses():
    model = cases.network()
    model.compile(loss=["mse", "mae"], loss_weights=[1.0, 2.0])
    return model


def with_lambda():
    return cases.network(lambda: layers.Lambda(centred))


def centred(x):
    return x - keras.ops.mean(x, axis=0)


def with_own_activation():
    return cases.network(activation=centred)


def without_weights():
    return Sequential([Input((cases.FEATURES,)), layers.Dense(1, trainable=False)])


def mixed():
    return Sequential([Input((cases.FEATURES,)), layers.Dense(1, dtype="mixed_float16")])


def renormalised():
    return cases.network(lambda: layers.BatchNormalization(renorm=True))


def orthogonal():
    return cases.network(kernel_regularizer=keras.regularizers.OrthogonalRegularizer())


def with_channels_first():
    series = layers.Reshape((1, cases.FEATURES))
    convolution = layers.Conv1D(2, 2, data_format="channels_first")
    return cases.network(lambda: series, lambda: convolution, layers.Flatten, width=4)


def of_any_length():
    return Sequential([Input((None, 1)), layers.GlobalMaxPooling1D(), layers.Dense(1)])


def counting():
    return keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)


def beside_a_tensor():
    rows = Input((cases.FEATURES,))
    hidden = layers.Dense(2)(rows) + keras.ops.ones(2)
    return keras.Model(rows, layers.Dense(1, "sigmoid")(hidden))


def masked():
    return Sequential([Input((4,)), layers.Masking(), layers.Dense(1, "sigmoid")])


def recurrent(layer):
    rows = Input((4,))
    steps = layers.Flatten()(layer()(layers.Reshape((2, 2, 1))(rows)))
    return keras.Model(rows, layers.Dense(1, "sigmoid")(steps))


def in_steps(make):
    return partial(recurrent, lambda: layers.TimeDistributed(make()))


def masked_steps():
    words = [Input((4,)), layers.Embedding(9, 2, mask_zero=True)]
    steps = layers.TimeDistributed(layers.Softmax())
    return Sequential([*words, steps, layers.GlobalAveragePooling1D(), layers.Dense(1)])


def stateful():
    rows = Input((4,), batch_size=8)
    steps = layers.LSTM(2, stateful=True)(layers.Reshape((4, 1))(rows))
    return keras.Model(rows, layers.Dense(1, "sigmoid")(steps))


class OwnOptimizer(optimizers.SGD):
    """What the user's class does is not told by a configuration."""


def with_rate_of_a_function():
    model = cases.network()
    model.compile(optimizers.SGD(lambda: 0.1), "binary_crossentropy")
    return model


CANNOT = {
    "Lambda": ({"model": with_lambda}, "function of layer 'lambda' .Lambda. does not keep rows"),
    "subclass": ({"model": Subclass}, "Subclass is a subclass of keras.Model"),
    "own activation": ({"model": with_own_activation}, "activation .* does not keep rows apart"),
    "no weights": ({"model": without_weights}, "no trainable weights"),
    "mixed precision": ({"model": mixed}, "computes in mixed_float16"),
    "channels": ({"model": with_channels_first}, "has its channels first"),
    "open length": ({"model": of_any_length}, "an input is of open length"),
    "tensor": ({"model": beside_a_tensor}, "operation 'add.*' uses a tensor made outside it"),
    "masked": ({"model": masked}, "the outputs have a mask"),
    "stateful": ({"model": stateful}, "LSTM. keeps its states"),
    "ConvLSTM": (
        {"model": partial(recurrent, lambda: layers.ConvLSTM1D(2, 1))},
        "ConvLSTM1D. cannot ride",
    ),
    "moments of steps": (
        {"model": in_steps(layers.BatchNormalization)},
        "takes the moments of each step",
    ),
    "masks of steps": ({"model": masked_steps}, "hands a mask on, to Softmax"),
    "renorm": ({"model": renormalised}, "renormalises"),
    "orthogonal": ({"model": orthogonal}, "OrthogonalRegularizer"),
    "locked loss": ({"loss": locked_loss}, "loss 'locked_loss' cannot be told by its content"),
    "unreduced": (
        {"loss": keras.losses.MeanSquaredError(reduction=None)},
        "the reduction None of loss 'mean_squared_error' cannot ride",
    ),
    "several losses": ({"model": of_two_losses}, "several losses of one output"),
    "scaled loss": (
        {"optimizer": optimizers.SGD(loss_scale_factor=2.0)},
        "loss_scale_factor of optimizer SGD",
    ),
    "own optimizer": (
        {"optimizer": OwnOptimizer},
        "optimizer OwnOptimizer is not one of Keras' own",
    ),
    "schedule free": (
        {"optimizer": "schedulefreeadamw"},
        "optimizer ScheduleFreeAdamW cannot ride: .* with a graph and without",
    ),
    "rate that is a function": (
        {"model": with_rate_of_a_function},
        "of optimizer SGD is a function",
    ),
    "drawn by XLA": (
        {"model": cases.dropout, "compile__jit_compile": True},
        "with compile.jit_compile=True. its layers draw other random numbers",
    ),
    "callback": ({"callbacks": [counting()]}, "LambdaCallback has on_train_batch_end, which"),
    "checkpoint": ({"callbacks": [keras.callbacks.ModelCheckpoint("a.keras")]}, "ModelCheckpoint"),
}


@pytest.mark.parametrize("name", CANNOT)
def test_the_reason_names_the_part(name):
    parameters, reason = CANNOT[name]
    estimator = KerasClassifier(**{"model": cases.network, "random_state": 7, **parameters})
    rows = estimator.prepare(cases.X, cases.Y)
    plan = make_plan([Request(estimator.lane(rows))], Survey(), {}, None)
    assert not plan.groups
    assert plan.reasons.keys() == {0}
    with pytest.raises(CannotRideError, match=reason):
        Survey().look(estimator.lane(rows))
    assert "by model.fit: " in str(plan)


def test_a_search_with_some_that_cannot():
    grid = {"optimizer": ["sgd", optimizers.SGD(0.01, loss_scale_factor=2.0)]}
    estimator = KerasClassifier(cases.network, random_state=7, batch_size=8)
    auto = GridSearchCV(estimator, grid, cv=2, scoring="neg_log_loss").fit(cases.X, cases.Y)
    plan = str(auto.plan(cases.X, cases.Y))
    assert "2 fits by model.fit: loss_scale_factor of optimizer SGD cannot ride" in plan
    keras_only = GridSearchCV(estimator, grid, cv=2, scoring="neg_log_loss", engine="keras")
    with without_graph():
        keras_only.fit(cases.X, cases.Y)
    np.testing.assert_allclose(
        auto.cv_results_["mean_test_score"], keras_only.cv_results_["mean_test_score"], atol=1e-6
    )
    lanes = GridSearchCV(estimator, grid, cv=2, engine="lanes")
    with pytest.raises(CannotRideError, match='2 of 4 fits cannot ride.*engine="auto" trains'):
        lanes.fit(cases.X, cases.Y)


def test_with_xla_what_draws_nothing_rides():
    own = KerasClassifier(cases.network, random_state=7, batch_size=8, compile__jit_compile=True)
    search = GridSearchCV(own, {}, cv=2, engine="lanes").fit(cases.X, cases.Y)
    theirs = own.fit(cases.X, cases.Y)
    assert theirs.model_.jit_compile
    np.testing.assert_allclose(
        search.predict_proba(cases.X), theirs.predict_proba(cases.X), atol=1e-6
    )


def test_an_engine_that_does_not_exist():
    search = GridSearchCV(KerasClassifier(cases.network), {}, engine="gpu")
    with pytest.raises(ValueError, match="engine must be one of 'auto', 'lanes', 'keras'; found"):
        search.fit(cases.X, cases.Y)


@pytest.mark.usefixtures("plainly")
def test_an_audit():
    search = GridSearchCV(
        KerasClassifier(cases.network, random_state=7, batch_size=8),
        {"optimizer": ["sgd", "adam"], "epochs": [1, 2]},
        cv=2,
        engine="lanes",
    )
    audited = search.audit(cases.X, cases.Y, fits=3)
    assert len(audited) == 3
    assert all(one.agrees and one.difference < one.tolerance for one in audited)
    assert all(one.params in list(search._candidates()) for one in audited)


def test_an_audit_has_the_callbacks_rows_held_out_and_weights_of_the_fit():
    stopping = keras.callbacks.EarlyStopping(patience=1, min_delta=0.1)
    estimator = KerasClassifier(
        cases.network,
        random_state=7,
        batch_size=8,
        epochs=6,
        validation_split=0.3,
        callbacks=[stopping],
        class_weight={0: 0.5, 1: 2.0},
    )
    search = GridSearchCV(estimator, {}, cv=2, engine="lanes")
    assert len(search.fit(cases.X, cases.Y).histories_[0][0]["loss"]) < 6
    with without_graph():
        (audited,) = search.audit(cases.X, cases.Y, fits=1)
    assert audited.agrees


def test_an_audit_of_large_outputs_is_relative_to_them(monkeypatch):
    outputs = np.array([[1000.0], [-1.0]])
    monkeypatch.setattr(audit, "plain_outputs", lambda lane, X: outputs + 0.01)
    assert audit.difference(outputs, None, None) == pytest.approx(1e-5, rel=1e-3)
    monkeypatch.setattr(audit, "plain_outputs", lambda lane, X: outputs / 1e4 + 0.01)
    assert audit.difference(outputs / 1e4, None, None) == pytest.approx(0.01)


@pytest.mark.usefixtures("plainly")
def test_an_audit_finds_what_differs(monkeypatch):
    from gridlanes.programs import optimizers as formulas

    # What is traced with it is for no other test.
    monkeypatch.setitem(PROGRAMS, keras.config.floatx(), {})

    def too_far(w, g, slots, c):
        return w - 1.1 * g.total * c["lr"], slots

    wrong = formulas.Rule(lambda _: too_far, ())
    monkeypatch.setitem(formulas.RULES, "sgd", wrong)
    estimator = KerasClassifier(cases.network, random_state=7, batch_size=8, optimizer="sgd")
    (audited,) = GridSearchCV(estimator, {}, cv=2).audit(cases.X, cases.Y, fits=1)
    assert not audited.agrees


def test_an_optimizer_is_not_taken_for_one_that_is_gone():
    survey = Survey()
    # What other tests have left behind takes seconds to look through, each time.
    gc.collect()
    gc.freeze()
    for number in range(1, 30):
        rate = optimizers.SGD(number / 100)
        estimator = KerasClassifier(cases.network, random_state=7, optimizer=rate)
        surveyed = survey.look(estimator.lane(estimator.prepare(cases.X, cases.Y)))
        assert surveyed.rate == pytest.approx(number / 100)
        del rate, estimator, surveyed
        gc.collect()


def test_rows_that_cannot_be_told_quickly_are_predicted_by_the_trained_network():
    estimator = KerasClassifier(cases.network, random_state=7, batch_size=4, epochs=9)
    grid = {"optimizer": [optimizers.Adam(0.1)]}
    search = GridSearchCV(estimator, grid, cv=2, scoring="neg_log_loss", engine="lanes")
    of_array = search.fit(cases.X, cases.Y).best_score_
    of_list = search.fit(cases.X.tolist(), cases.Y.tolist()).best_score_
    assert of_list == pytest.approx(of_array, abs=1e-6)


@pytest.mark.parametrize("pooling", [layers.MaxPooling3D, layers.AveragePooling3D])
@pytest.mark.parametrize("float_type", ["float64"], indirect=True)
@pytest.mark.usefixtures("float_type")
def test_what_tensorflow_cannot_do_for_lanes_is_tried_by_model_fit(pooling, monkeypatch):
    """It has no such pooling in double precision, of one kind when traced, of one when run."""

    def net(pool=True):
        rows = Input((4,))
        places = layers.Reshape((1, 2, 2, 1))(rows)
        places = pooling((1, 2, 2))(places) if pool else places
        return keras.Model(rows, layers.Dense(1, "sigmoid")(layers.Flatten()(places)))

    search = GridSearchCV(
        KerasClassifier(net, random_state=7), {"pool": [True, False]}, cv=2, error_score=-1.0
    )
    late = "2 of 4 fits turned out not to ride, and are trained by model.fit: TensorFlow cannot"
    with (
        without_graph(),
        pytest.warns(FitFailedWarning, match="2 fits failed"),
        pytest.warns(UserWarning, match=late),
    ):
        search.fit(cases.X, cases.Y)
    failed, fine = search.cv_results_["mean_test_score"]
    assert failed == -1.0 < fine
    assert search.fit_report_.by_reference == 2
    # With lanes only nothing is trained otherwise before that is said.
    trained = []
    monkeypatch.setattr(reference, "run", trained.append)
    search.set_params(engine="lanes")
    with pytest.raises(CannotRideError, match="cannot do it for lanes: "):
        search.fit(cases.X, cases.Y)
    assert not trained
