"""What people have written for SciKeras and Keras' own wrappers, beside plain Keras."""

import keras
import numpy as np
import pytest
from sklearn import model_selection
from sklearn.base import clone
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_fits import ONE_FOLD, X, Y, assert_same, classifier, network, plain, plain_once

from gridlanes import GridSearchCV, KerasClassifier, ParameterError

pytestmark = [
    pytest.mark.usefixtures("eager", "traced"),
    # One worker traces the programs that these tests share.
    pytest.mark.xdist_group("habits"),
]


def compiled_by_kwargs(hidden=3, *, compile_kwargs):
    model = network(hidden)
    model.compile(**{**compile_kwargs, "loss": compile_kwargs["loss"] or "binary_crossentropy"})
    return model


def by_all_parameters(params):
    return network(params["hidden"])


def that_uses_up(layers=()):
    model = keras.Sequential([keras.Input((4,))])
    while layers:
        model.add(keras.layers.Dense(layers.pop(0), "tanh"))
    model.add(keras.layers.Dense(1, "sigmoid"))
    return model


class UsesUp(KerasClassifier):
    def __init__(self, layers=(), **kwargs):
        super().__init__(**kwargs)
        self.layers = layers

    def _keras_build_fn(self):
        return that_uses_up(self.layers)


@pytest.mark.parametrize(
    ("ours", "engine"),
    [
        (KerasClassifier(that_uses_up, layers=[3, 2]), "keras"),
        (KerasClassifier(that_uses_up, layers=[3, 2]), "lanes"),
        (UsesUp(layers=[3, 2]), "keras"),
    ],
)
def test_what_a_build_function_changes_is_its_own(ours, engine):
    ours = clone(ours).set_params(batch_size=40, optimizer="sgd", random_state=3)
    settings = {"cv": 2, "scoring": "neg_log_loss"}
    search = GridSearchCV(ours, {}, engine=engine, **settings).fit(X, Y)
    # 3 units have 5 weights each, 2 have 4, and one has 3.
    assert search.cv_results_["n_weights"].tolist() == [26]
    theirs = model_selection.GridSearchCV(ours, {}, **settings).fit(X, Y)
    for column in ("split0_test_score", "split1_test_score"):
        found, expected = (own.cv_results_[column] for own in (search, theirs))
        np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(search.predict_proba(X), theirs.predict_proba(X), atol=1e-5)
    assert search.best_estimator_.get_params()["layers"] == [3, 2]


class Perceptron(KerasClassifier):
    """As SciKeras' documentation writes them."""

    def __init__(self, hidden=3, optimizer="sgd", optimizer__learning_rate=0.01, **kwargs):
        super().__init__(**kwargs)
        self.hidden = hidden
        self.optimizer = optimizer
        self.optimizer__learning_rate = optimizer__learning_rate

    def _keras_build_fn(self, compile_kwargs):
        assert (self.n_features_in_, self.target_type_) == (4, "binary")
        model = network(self.hidden)
        model.compile(loss="binary_crossentropy", optimizer=compile_kwargs["optimizer"])
        return model


@pytest.mark.parametrize(
    "fitted",
    [
        lambda: classifier(compiled_by_kwargs, hidden=3),
        lambda: classifier(by_all_parameters, hidden=3),
        lambda: classifier(hidden=3, model__hidden=3),
        lambda: classifier(epochs=1, compile__loss="binary_crossentropy").set_params(fit__epochs=2),
        lambda: classifier(metrics="accuracy", hidden=np.int64(3), epochs=np.int64(2)),
        lambda: clone(Perceptron(epochs=2, batch_size=40, random_state=3)),
    ],
)
def test_ways_to_write_one_network(fitted):
    ours = fitted().fit(X, Y)
    assert_same(ours, plain_once()[0])
    assert len(ours.history_["loss"]) == 2


@pytest.mark.parametrize(
    "settings",
    [
        {"batch_size": None},
        {"batch_size": -1},
        {"shuffle": False},
    ],
)
def test_mini_batches_are_those_of_keras(settings):
    rows = {None: 32, -1: len(X)}.get(settings.get("batch_size", 40), 40)
    model, history = plain_once(batch_size=rows, shuffle=settings.get("shuffle", True))
    for ours in (classifier(**settings).fit(X, Y), classifier().fit(X, Y, **settings)):
        assert_same(ours, model)
        assert ours.history_["loss"] == pytest.approx(history["loss"])


def test_a_search_without_shuffling_is_that_of_keras():
    search = GridSearchCV(
        classifier(shuffle=False), {"hidden": [3]}, engine="lanes", cv=ONE_FOLD,
        scoring="neg_log_loss",
    ).fit(X, Y)  # fmt: skip
    expected = log_loss(Y, np.asarray(plain_once(shuffle=False)[0](X))[:, 0])
    assert -search.best_score_ == pytest.approx(expected, abs=1e-6)


def test_objects_are_made_with_their_parameters():
    ours = classifier(
        optimizer=keras.optimizers.SGD, optimizer__learning_rate=0.5, loss="binary_crossentropy",
        loss__label_smoothing=0.1, metrics=[keras.metrics.AUC, "mae"], metrics__0__num_thresholds=9,
    ).fit(X, Y)  # fmt: skip
    loss = keras.losses.BinaryCrossentropy(label_smoothing=0.1)
    metrics = [keras.metrics.AUC(num_thresholds=9, name="auc"), "mae"]
    model, history = plain(optimizer=keras.optimizers.SGD(0.5), loss=loss, metrics=metrics)
    assert_same(ours, model)
    assert ours.history_ == {name: pytest.approx(own) for name, own in history.items()}
    searched = GridSearchCV(
        classifier(loss=keras.losses.Huber(), metrics=["mae"]), {"loss__delta": [0.1, 2.0]},
        cv=ONE_FOLD, engine="lanes", refit=False,
    ).fit(X, Y)  # fmt: skip
    for (kept,), delta in zip(searched.histories_[:2], [0.1, 2.0], strict=False):
        own = plain(loss=keras.losses.Huber(delta=delta), metrics=["mae"])[1]
        assert kept["loss"] == pytest.approx(own["loss"])


@pytest.mark.parametrize(
    "settings",
    [
        {"callbacks": keras.callbacks.EarlyStopping("loss", patience=0, min_delta=9)},
        {
            "callbacks": [keras.callbacks.EarlyStopping],
            "callbacks__0__monitor": "loss",
            "callbacks__min_delta": 9,
        },
        {
            "callbacks": {"stop": keras.callbacks.EarlyStopping},
            "callbacks__stop__monitor": "loss",
            "callbacks__stop__min_delta": 9,
        },
    ],
)
def test_callbacks_in_every_form(settings):
    # Nothing improves by 9: it ends after the second of nine epochs.
    assert len(classifier(epochs=9, **settings).fit(X, Y).history_["loss"]) == 2


def test_a_call_of_fit_takes_what_keras_does():
    ours = classifier().fit(
        X, Y, epochs=3, batch_size=15, verbose=0, validation_data=(X[:9], Y[:9]),
        callbacks=keras.callbacks.EarlyStopping("loss", min_delta=9, patience=1),
        class_weight={0: 1, 1: 1},
    )  # fmt: skip
    model, history = plain(epochs=2, batch_size=15, validation_data=(X[:9], Y[:9]))
    assert_same(ours, model)
    assert ours.history_ == {name: pytest.approx(own) for name, own in history.items()}
    assert len(classifier().fit(X, Y).history_) == 2


def test_a_model_is_copied():
    given = network()
    given.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    weights = given.get_weights()
    ours = classifier(given, optimizer=None).fit(X, Y)

    def again():
        model = network()
        model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
        model.set_weights(weights)
        return model

    assert_same(ours, plain(again)[0])
    for before, after in zip(weights, given.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    assert clone(ours).model is given
    search = GridSearchCV(clone(ours), {"epochs": [1, 2]}, cv=2, engine="lanes").fit(X, Y)
    assert search.fit_report_.trained == 4


def test_training_further():
    whole = classifier(epochs=3).fit(X, Y)
    parts = classifier()
    for epoch in range(3):
        assert parts.current_epoch_ == epoch
        parts.partial_fit(X, Y)
    assert_same(parts, whole.model_)
    assert parts.history_ == whole.history_
    assert whole.current_epoch == 3
    warm = classifier(warm_start=True, epochs=1)
    warm.fit(X, Y)
    before = warm.model_
    losses = warm.history_["loss"] + warm.fit(X, Y).history_["loss"]
    assert warm.model_ is before
    assert losses[1] < losses[0]
    begun = classifier().initialize(X, Y)
    assert begun.initialized_
    assert begun.history_ == {}
    keras.utils.set_random_seed(3)
    assert_same(begun, network())


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"epoch": 3}, "'epoch' would reach nothing in fit.*'epochs'"),
        ({"epochs": 0}, "epochs must be a whole number of at least 1; found 0"),
    ],
)
def test_what_no_fit_of_a_search_could_be_given_is_one_error(given, says):
    """Not a traceback for each fit."""
    scaled = make_pipeline(StandardScaler(), classifier())
    routed = {f"kerasclassifier__{name}": value for name, value in given.items()}
    for ours, own in ((classifier(), given), (scaled, routed)):
        with pytest.raises(ParameterError, match=f"(?s)^[^\n]*{says}[^\n]*$"):
            GridSearchCV(ours, {}, cv=2).fit(X, Y, **own)


def test_a_search_predicts_with_what_its_estimator_takes():
    search = GridSearchCV(classifier(), {"hidden": [3]}, cv=ONE_FOLD, engine="lanes").fit(X, Y)
    best = search.best_estimator_
    np.testing.assert_array_equal(search.predict(X, verbose=0), best.predict(X))
    said = search.predict_proba(X, batch_size=7, verbose=0)
    np.testing.assert_allclose(said, best.predict_proba(X), atol=1e-6)
    with pytest.raises(ParameterError, match="give the rows to predict for"):
        search.predict(X, steps=3)
    assert not hasattr(search, "decision_function")
    assert not hasattr(clone(search).set_params(refit=False).fit(X, Y), "predict")


@keras.utils.register_keras_serializable("elsewhere")
class Named(keras.metrics.MeanAbsoluteError):
    pass


class Unnamed(keras.metrics.MeanAbsoluteError):
    """One that Keras cannot find again by its name."""


def test_metrics_of_ones_own_are_no_hindrance_to_a_clone():
    for kind in (Named, Unnamed):
        ours = classifier(metrics=[kind(name="own")])
        search = GridSearchCV(ours, {"hidden": [3]}, cv=ONE_FOLD, engine="lanes", refit=False)
        expected = plain_once(metrics=("mae",))[1]["mae"]
        assert search.fit(X, Y).histories_[0][0]["own"] == pytest.approx(expected)


def test_histories_have_full_names_too():
    kept = classifier(metrics=["mae"]).fit(X, Y, validation_split=0.2).history_
    assert sorted(kept) == ["loss", "mae", "val_loss", "val_mae"]
    assert kept["mean_absolute_error"] is kept["mae"]
    assert kept["val_mean_absolute_error"] is kept["val_mae"]
    with pytest.raises(KeyError, match="accuracy"):
        kept["accuracy"]


def test_a_loss_may_be_said_again_of_a_model_that_has_it():
    def build():
        model = network()
        model.compile("sgd", "binary_crossentropy")
        return model

    same = classifier(build, optimizer=None, loss="BinaryCrossentropy")
    other = classifier(build, optimizer=None, loss="mse")
    again = classifier(build, optimizer=None, loss="binary_crossentropy").fit(X, Y)
    assert_same(again, plain_once()[0])
    for own in (same, other):
        with pytest.raises(ParameterError, match="'loss' would reach nothing"):
            own.fit(X, Y)


def test_nothing_before_the_network_may_be_said_as_in_a_pipeline():
    assert_same(classifier(preprocessing="passthrough").fit(X, Y), plain_once()[0])


@pytest.mark.parametrize(
    ("use", "says"),
    [
        (lambda: classifier().fit(X, Y, epoch=3), "'epoch' would reach nothing in fit.*'epochs'"),
        (lambda: classifier().fit(X, Y, initial_epoch=3), "partial_fit.. and warm_start=True"),
        (lambda: classifier(fit__steps_per_epoch=3).fit(X, Y), "goes through all rows"),
        (lambda: classifier().set_params(fit__epoch=3), "'fit__epoch' would reach nothing"),
        (lambda: classifier().fit(X, Y).predict(X, steps=3), "give the rows to predict for"),
        (lambda: classifier(loss__delta=1).fit(X, Y), "'loss__delta' would reach nothing"),
        (lambda: classifier(loss="mse", loss__delta=1).fit(X, Y), "loss__.*delta"),
        (lambda: classifier(callbacks=[3]).fit(X, Y), "callbacks must be.* found 3"),
        (lambda: classifier(callbacks__patience=3).fit(X, Y), "callbacks__patience"),
        (
            lambda: classifier().set_params(hidden=3, model__hidden=4),
            "'hidden' and 'model__hidden' are the same",
        ),
        (
            lambda: classifier().set_params(epochs=3, fit__epochs=4),
            "'epochs' and 'fit__epochs' are the same",
        ),
        (lambda: classifier(shuffle="yes").fit(X, Y), "shuffle must be True or False"),
        (lambda: classifier(validation_batch_size=0).fit(X, Y), "or -1 for all rows; found 0"),
        (lambda: classifier(meta=3).fit(X, Y), "'meta' is for the build function to ask for"),
    ],
)
def test_what_would_reach_nothing_is_an_error(use, says):
    with pytest.raises(ParameterError, match=says) as caught:
        use()
    assert len(str(caught.value).splitlines()) == 1
