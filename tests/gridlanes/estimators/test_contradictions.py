"""Two settings of one thing, given in different places."""

import keras
import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gridlanes import GridSearchCV, KerasClassifier, ParameterError

pytestmark = pytest.mark.usefixtures("eager", "traced")

X, Y = make_classification(20, 4, random_state=0)


def network():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, "sigmoid")])


def compiled(optimizer):
    model = network()
    model.compile(optimizer, "binary_crossentropy")
    return model


def by_itself(learning_rate=0.1):
    return compiled(keras.optimizers.SGD(learning_rate))


def changed(optimizer="sgd", learning_rate=0.1):
    optimizer = keras.optimizers.get(optimizer)
    optimizer.learning_rate = learning_rate
    return compiled(optimizer)


def left(compile_kwargs):
    return compiled(keras.optimizers.SGD(0.1))


def left_too(optimizer):
    return compiled(keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 9, 0.5)))


def other_optimizer(optimizer="sgd"):
    return compiled("adam")


def other_loss(loss="mse"):
    return compiled("adam")


def own_loss(loss="mse"):
    model = network()
    model.compile("sgd", keras.losses.get(loss))
    return model


def taken(optimizer="sgd", learning_rate=None):
    return compiled(optimizer)


def scaled(compile_kwargs):
    optimizer = compile_kwargs["optimizer"]
    optimizer.learning_rate = optimizer.learning_rate * 2
    return compiled(optimizer)


BOTH = {"learning_rate": 0.1, "optimizer__learning_rate": 0.5}


@pytest.mark.parametrize(
    ("build", "parameters", "says"),
    [
        (by_itself, BOTH, r"'optimizer__learning_rate' would.* argument 'learning_rate' is given"),
        (
            changed, BOTH,
            r"is 0.5, but changed\(\) compiles its model with 0.1, from its argument 'learning_rate'",
        ),
        (
            left, {"optimizer__learning_rate": 0.5},
            r"is 0.5, but left\(\) compiles its model with 0.1, from an optimizer of its own",
        ),
        (left, {"optimizer__clipnorm": 1.0}, r"'optimizer__clipnorm' is 1.0, but left\(\).* another"),
        (
            other_optimizer, {"optimizer": "sgd", "optimizer__momentum": 0.9},
            r"'optimizer__momentum' is 0.9, but .* compiles its model with Adam, which has none",
        ),
        *[
            (
                build, {"loss": loss},
                rf"'loss' is {loss!r}, but {build.__name__}\(\) compiles its model with 'binary_cross",
            )
            for build, loss in [(left, "mse"), (other_loss, "mse"), (other_loss, "hinge")]
        ],
        (left_too, {"optimizer__learning_rate": 0.5}, r"with another, from an optimizer of its own"),
    ],
)  # fmt: skip
def test_two_places_are_named(build, parameters, says):
    ours = KerasClassifier(build, random_state=0, **parameters)
    with pytest.raises(ParameterError, match=says) as caught:
        ours.fit(X, Y)
    assert len(str(caught.value).splitlines()) == 1
    grid = {name: [value] for name, value in parameters.items()}
    search = GridSearchCV(KerasClassifier(build, random_state=0), grid, cv=2, error_score="raise")
    with pytest.raises(ParameterError, match=says):
        search.fit(X, Y)


@pytest.mark.parametrize(
    ("build", "loss"),
    [
        (other_loss, "BinaryCrossentropy"),
        (other_loss, keras.losses.BinaryCrossentropy()),
        (other_loss, keras.losses.binary_crossentropy),
        (own_loss, keras.losses.Hinge()),
        (own_loss, "hinge"),
        (own_loss, "Hinge"),
        (other_loss, None),
    ],
)
def test_a_loss_in_other_words_is_no_contradiction(build, loss):
    assert len(KerasClassifier(build, loss=loss).fit(X, Y).history_["loss"]) == 1


class Own(KerasClassifier):
    def _keras_build_fn(self):
        return compiled("sgd")


@pytest.mark.parametrize(
    ("use", "says"),
    [
        (lambda: Own(left).fit(X, Y), "model and _keras_build_fn of Own both build the network"),
        (lambda: Own().set_params(build_fn=left), "build_fn and _keras_build_fn of Own both"),
        (lambda: KerasClassifier(left, build_fn=taken).fit(X, Y), "model and build_fn of KerasCl"),
    ],
)
def test_two_build_functions_are_named(use, says):
    with pytest.raises(ParameterError, match=says):
        use()


@pytest.mark.parametrize(
    ("build", "parameters", "rate"),
    [
        (taken, {"optimizer__learning_rate": 0.5}, 0.5),
        (taken, BOTH, 0.5),
        (left, {"optimizer__learning_rate": 0.1}, 0.1),
        (changed, {"learning_rate": 0.2, "optimizer__learning_rate": np.float64(0.2)}, 0.2),
        (scaled, {"optimizer__learning_rate": 0.5}, 1.0),
    ],
)
def test_what_is_no_contradiction_is_trained(build, parameters, rate):
    ours = KerasClassifier(build, random_state=0, **parameters).fit(X, Y)
    assert float(ours.model_.optimizer.learning_rate) == pytest.approx(rate)


def of_units(hidden=3, batch_size=None):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(hidden), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def uncompiled():
    return network()


@pytest.mark.parametrize(
    ("build", "parameters"),
    [
        (of_units, {"hidden": 5, "model__hidden": 9}),
        (of_units, {"epochs": 3, "fit__epochs": 2}),
        (of_units, {"batch_size": 8, "fit__batch_size": 16}),
        (uncompiled, {"optimizer": "adam", "compile__optimizer": "sgd"}),
        (uncompiled, {"run_eagerly": True, "compile__run_eagerly": False}),
    ],
)
def test_two_spellings_are_named(build, parameters):
    (first, one), (second, other) = parameters.items()
    says = f"{first!r} and {second!r} are the same parameter, given as {one!r} and {other!r}; give"
    for use in (
        lambda: KerasClassifier(build, **parameters).fit(X, Y),
        lambda: KerasClassifier(build).set_params(**parameters),
        lambda: GridSearchCV(
            KerasClassifier(build, **parameters), {"random_state": [1]}, cv=2, error_score="raise"
        ).fit(X, Y),
    ):
        with pytest.raises(ParameterError, match=says) as caught:
            use()
        assert len(str(caught.value).splitlines()) == 1


def test_what_is_set_later_replaces_what_was_set_in_another_spelling():
    ours = KerasClassifier(of_units, model__hidden=9, epochs=5)
    ours.set_params(hidden=5, fit__epochs=2)
    assert ours.get_params()["hidden"] == 5
    assert not {"model__hidden"} & ours.get_params().keys()
    assert len(ours.fit(X, Y).history_["loss"]) == 2
    assert len(ours.set_params(epochs=3).fit(X, Y).history_["loss"]) == 3
    assert "fit__epochs" not in ours.get_params()
    same = KerasClassifier(of_units, hidden=5, model__hidden=5, fit__batch_size=16).fit(X, Y)
    assert same.model_.layers[0].units == 5
    for given, name in [("model__hidden", "hidden"), ("hidden", "model__hidden")]:
        search = GridSearchCV(KerasClassifier(of_units, **{given: 9}), {name: [1, 2]}, cv=2)
        search.fit(X, Y)
        assert search.best_estimator_.model_.layers[0].units == search.best_params_[name]


@pytest.mark.parametrize("prefix", ["", "kerasclassifier__"])
@pytest.mark.parametrize("name", ["epochs", "fit__epochs"])
def test_a_candidate_and_the_call_of_fit_are_named(prefix, name):
    ours = KerasClassifier(of_units, random_state=0)
    ours = make_pipeline(StandardScaler(), ours) if prefix else ours
    grid, given = {f"{prefix}{name}": [1, 2]}, {f"{prefix}epochs": 2}
    says = f"given {prefix}epochs=2, and a candidate has '{prefix}{name}' as 1; give one of them"
    with pytest.raises(ParameterError, match=says):
        GridSearchCV(ours, grid, cv=2).fit(X, Y, **given)
    search = GridSearchCV(ours, {f"{prefix}{name}": [2]}, cv=2, refit=False).fit(X, Y, **given)
    assert len(search.histories_[0][0]["loss"]) == 2
