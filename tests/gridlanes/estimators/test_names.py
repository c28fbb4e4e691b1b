"""Names that Keras does not know, in errors of one line that say which are near."""

import keras
import pytest
from sklearn.datasets import make_classification

from gridlanes import KerasClassifier, ParameterError, Tunable

pytestmark = pytest.mark.usefixtures("eager")

X, Y = make_classification(20, 4, random_state=0)
STOP = keras.callbacks.EarlyStopping


def build():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, "sigmoid")])


def asking(compile_kwargs):
    raise NotImplementedError


@pytest.mark.parametrize("function", [build, asking])
@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"optimizer": "sdg"}, "optimizer: Keras has none of the name 'sdg'; did you mean 'sgd'"),
        (
            {"optimizer__lr": 0.1},
            "'optimizer__lr' would .* RMSprop .* did you mean 'learning_rate'",
        ),
        ({"optimizer": "sgd", "optimizer__moment": 1}, "__moment' .* SGD .* mean 'momentum'"),
        (
            {"optimizer": keras.optimizers.SGD(), "optimizer__rho": 1},
            "optimizer__rho.* SGD does not",
        ),
        ({"loss": "binary_crossentropyy"}, "loss: .*'; did you mean 'binary_crossentropy'"),
        ({"metrics": ["acuracy"]}, "metrics: .* 'acuracy'; did you mean 'accuracy'"),
        (
            {"callbacks": STOP, "callbacks__1__patience": 3},
            "__1__patience' .* callbacks is no list",
        ),
        (
            {"callbacks": [STOP], "callbacks__1__patience": 3},
            "__1__patience' .* of callbacks are 0",
        ),
    ],
)
def test_a_name_that_keras_has_not(function, parameters, says):
    with pytest.raises(ParameterError, match=says) as caught:
        KerasClassifier(function, **parameters).fit(X, Y)
    assert len(str(caught.value).splitlines()) == 1


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
