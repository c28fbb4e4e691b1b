"""Names that Keras does not know, in errors of one line that say which are near."""

import keras
import pytest
from sklearn.datasets import make_classification
from sklearn.preprocessing import StandardScaler

from gridlanes import KerasClassifier, ParameterError, Tunable

pytestmark = pytest.mark.usefixtures("eager")

X, Y = make_classification(20, 4, random_state=0)
STOP = keras.callbacks.EarlyStopping


class Patient(STOP):
    def __init__(self, **others):
        super().__init__(**others)


class Slow(keras.optimizers.SGD):
    def __init__(self, learning_rate=0.001, **others):
        super().__init__(learning_rate, **others)


def build():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, "sigmoid")])


def asking(compile_kwargs):
    raise NotImplementedError


@pytest.mark.parametrize("function", [build, asking])
@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        (
            {"optimizer": "sdg"},
            "Could not interpret optimizer identifier 'sdg': Keras has none of the name; did you mean 'sgd'",
        ),
        (
            {"optimizer__lr": 0.1},
            "'optimizer__lr' would .* RMSprop .* did you mean 'learning_rate'",
        ),
        ({"optimizer": "sgd", "optimizer__moment": 1}, "__moment' .* SGD .* mean 'momentum'"),
        (
            {"optimizer": keras.optimizers.SGD(), "optimizer__rho": 1},
            "optimizer__rho.* SGD does not",
        ),
        (
            {"loss": "binary_crossentropyy"},
            "loss identifier .*; did you mean 'binary_crossentropy'",
        ),
        ({"metrics": ["acuracy"]}, "metric identifier 'acuracy'.*; did you mean 'accuracy'"),
        (
            {"callbacks": STOP, "callbacks__1__patience": 3},
            "__1__patience' .* callbacks is no list",
        ),
        (
            {"callbacks": [STOP], "callbacks__1__patience": 3},
            "__1__patience' .* of callbacks are 0",
        ),
        ({"callbacks": {"stop": STOP}, "callbacks__stp__patience": 3}, "of callbacks are stop"),
        ({"callbacks": STOP, "callbacks__patienc": 3}, "EarlyStopping .* mean 'patience'"),
        ({"callbacks": [STOP], "callbacks__0__patienc": 3}, "0__patienc' .* mean 'patience'"),
        ({"callbacks": Patient, "callbacks__patienc": 3}, "Patient .* mean 'patience'"),
        ({"callbacks": STOP(), "callbacks__patience": 3}, "it's not a class"),
        ({"optimizer": Slow, "optimizer__learnin_rate": 3}, "Slow .* mean 'learning_rate'"),
        ({"optimizer": Slow(), "optimizer__learnin_rate": 3}, "Slow .* mean 'learning_rate'"),
        ({"loss": keras.losses.BinaryCrossentropy, "loss__label_smooth": 0}, "n 'label_smoothing'"),
        ({"loss": "binary_crossentropy", "loss__label_smooth": 0}, "mean 'label_smoothing'"),
        ({"loss": keras.losses.binary_crossentropy, "loss__axis": 0}, "it's not a class"),
        ({"metrics": [keras.metrics.AUC()], "metrics__0__curv": "PR"}, "AUC .* mean 'curve'"),
        ({"calbacks__patience": 3}, "did you mean 'callbacks__patience'"),
        ({"loss": [None]}, "provide a loss"),
        ({"preprocessing": "passthrough", "preprocessing__copy": 1}, "__copy' .* 'passthrough'"),
        ({"preprocessing": StandardScaler(), "preprocessing__copy": 1}, "give 'copy' to Standard"),
    ],
)
def test_a_name_that_keras_has_not(function, parameters, says):
    with pytest.raises(ParameterError, match=says) as caught:
        KerasClassifier(function, **parameters).fit(X, Y)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("parameters", [{"hiden": 3}, {"loss__axs": 0}, {"fit__epoch": 3}])
def test_a_name_that_reaches_nothing_is_caught_as_one_that_a_function_does_not_take(parameters):
    ours = KerasClassifier(build, loss="binary_crossentropy", **parameters)
    for kind in (TypeError, ValueError):
        with pytest.raises(kind, match="would reach nothing"):
            ours.fit(X, Y)


def test_short_names_and_those_of_ones_own_are_known():
    class Own(keras.optimizers.SGD):
        def __init__(self, lr=0.5, **others):
            super().__init__(lr, **others)

        def get_config(self):
            return {"lr": 0.5}

    ours = KerasClassifier(build, optimizer=Own, optimizer__lr=0.25, metrics=["acc", "mae"])
    assert float(ours.fit(X, Y).model_.optimizer.learning_rate) == 0.25


def test_what_takes_no_parameters_and_what_is_no_function():
    ours = KerasClassifier(build, preprocessing="passthrough")
    with pytest.raises(ParameterError, match="'preprocessing__x' would .* is 'passthrough'"):
        ours.set_params(preprocessing__x=3)
    with pytest.raises(ParameterError, match=r"Tunable\(\) takes a function .* found 3"):
        Tunable(3)
    chosen = Tunable(lambda hp: hp.Choice("penalty", [None, "l2"]) and hp.Int("more", 1, 2))
    assert chosen.param_distributions == {"penalty": [None, "l2"], "more": [1, 2]}
