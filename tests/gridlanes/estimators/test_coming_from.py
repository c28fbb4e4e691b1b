"""Each line of docs/how-to/coming-from-scikeras.md: what people have written does what it says there."""

import functools
import pickle
import re

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from scipy import sparse
from sklearn.base import is_classifier
from sklearn.model_selection import StratifiedKFold, check_cv
from sklearn.preprocessing import LabelBinarizer, StandardScaler
from tiny import ROOT

from gridlanes import GridSearchCV, KerasClassifier, KerasRegressor

# One process has what many lines look at.
pytestmark = [pytest.mark.usefixtures("eager"), pytest.mark.xdist_group("SciKeras")]

X = np.random.default_rng(0).normal(size=(24, 3))
Y = (X[:, 0] > 0).astype(int)
NUMBERS = X[:, 0] * 2
DAY = np.datetime64("2020-01-01")
EarlyStopping = keras.callbacks.EarlyStopping


def build(hidden=2, units=1, last="sigmoid"):
    layers = [keras.layers.Dense(hidden, "tanh"), keras.layers.Dense(units, last)]
    return keras.Sequential([keras.Input((3,)), *layers])


def classifier(model=build, **parameters):
    return KerasClassifier(model, **{"random_state": 1, **parameters})


def fitted(model=build, y=Y, **parameters):
    return classifier(model, **parameters).fit(X, y)


@functools.cache
def once():
    """Return what is fitted where nothing is said, for lines that only look at it."""
    return fitted()


def regressor(**parameters):
    return KerasRegressor(functools.partial(build, last=None), random_state=1, **parameters)


def asking(found, *names):
    """Return a build function that notes what it is given by those names."""
    source = f"def asked({', '.join(names)}):\n    found.update({names[0]}={names[0]})\n    return build()"
    scope = {"found": found, "build": build}
    exec(source, scope)
    return scope["asked"]


def given(name, **parameters):
    found = {}
    fitted(asking(found, name), **parameters)
    return found[name]


class Own(KerasClassifier):
    def __init__(self, hidden=2, **kwargs):
        super().__init__(**kwargs)
        self.hidden = hidden

    def _keras_build_fn(self, hidden):
        assert self.n_features_in_ == 3
        return build(hidden)


def hidden_of(network):
    return network.model_.layers[0].units


@keras.saving.register_keras_serializable("coming from")
class Known(keras.losses.MeanSquaredError):
    pass


class Unknown(keras.losses.MeanSquaredError):
    pass


def through_pickle(loss):
    return pickle.loads(pickle.dumps(fitted(loss=loss())))


def says(pattern, use, kind=ValueError):
    with pytest.raises(kind, match=pattern):
        use()
    return True


def model():
    made = build(hidden=5)
    made.compile("sgd", "binary_crossentropy")
    return made


def takes_any(**kwargs):
    assert kwargs == {"hidden": 4}
    return build(**kwargs)


def of_xy(X, y):
    return build()


def two(y=Y):
    inputs = [keras.Input((1,), name="first"), keras.Input((2,), name="rest")]
    both = keras.layers.Concatenate()(inputs)
    return keras.Model(inputs, keras.layers.Dense(1, "sigmoid")(both))


class Encoding(KerasClassifier):
    """With transformers of its own."""

    target_encoder = LabelBinarizer()
    feature_encoder = StandardScaler()


def encoding(**parameters):
    return Encoding(build, random_state=1, **parameters).fit(X, Y)


class Means(StandardScaler):
    def get_metadata(self):
        return {"mean_": self.mean_}


class Telling(KerasClassifier):
    feature_encoder = Means()


class Scoring(KerasClassifier):
    @staticmethod
    def scorer(y_true, y_pred, **kwargs):
        return 1 + super(Scoring, Scoring).scorer(y_true, y_pred, **kwargs)


LOGITS = keras.losses.BinaryCrossentropy(from_logits=True)
STOP = {"callbacks": EarlyStopping, "callbacks__monitor": "loss", "callbacks__min_delta": 9}

CASES = {
    "model": lambda: hidden_of(fitted(model())) == 5,
    "build_fn": lambda: hidden_of(fitted(None, build_fn=build)) == 2,
    "_keras_build_fn": lambda: hidden_of(Own(4, random_state=1).fit(X, Y)) == 4,
    "meta": lambda: given("meta")["n_classes_"] == 2 and given("meta")["X_shape_"] == (24, 3),
    "compile_kwargs": lambda: given("compile_kwargs", loss="mse")["loss"] == "mse",
    "params": lambda: given("params", extra=3)["extra"] == 3,
    "hidden": lambda: (
        hidden_of(fitted(model__hidden=4)) == hidden_of(fitted(hidden=4)) == 4
        and says("hidden.*model__hidden", lambda: fitted(hidden=3, model__hidden=4))
    ),
    "**kwargs": lambda: hidden_of(fitted(takes_any, hidden=4)) == 4,
    "optimizer": lambda: type(once().model_.optimizer) is keras.optimizers.RMSprop,
    "optimizer__learning_rate": lambda: all(
        fitted(optimizer=own, optimizer__learning_rate=0.5).model_.optimizer.learning_rate == 0.5
        for own in ("sgd", keras.optimizers.SGD, keras.optimizers.SGD(0.1))
    ),
    "loss": lambda: once().model_.loss == "binary_crossentropy",
    "loss__label_smoothing": lambda: all(
        fitted(loss=own, loss__label_smoothing=0.1).model_.loss.get_config()["label_smoothing"]
        for own in (
            "binary_crossentropy",
            keras.losses.BinaryCrossentropy,
            keras.losses.BinaryCrossentropy(),
        )
    ),
    "metrics": lambda: "mae" in fitted(metrics="mae").history_ and "accuracy" in once().history_,
    "metrics__0__num_thresholds": lambda: (
        "auc" in fitted(metrics=[keras.metrics.AUC], metrics__0__num_thresholds=5).history_
    ),
    "callbacks": lambda: (
        len((own := fitted(epochs=5, **STOP)).history_["loss"]) == 2
        and own.callbacks_[0].stopped_epoch == 1
    ),
    "callbacks__patience": lambda: (
        len(fitted(epochs=5, **STOP, callbacks__patience=3).history_["loss"]) == 4
        and says("as 'callbacks__monitor'", lambda: fitted(callbacks=EarlyStopping, callbacks__0=3))
    ),
    "compile__loss": lambda: fitted(compile__loss="mse").model_.loss == "mse",
    "fit__epochs": lambda: len(fitted(fit__epochs=2).history_["loss"]) == 2,
    "predict__batch_size": lambda: (
        fitted(predict__batch_size=5).predict(X).shape == (24,)
        and says("would reach nothing in predict", lambda: fitted(predict__callbacks=[]))
    ),
    "batch_size": lambda: fitted(batch_size=-1).history_ == fitted(batch_size=24).history_,
    "validation_batch_size": lambda: (
        "val_loss" in fitted(validation_split=0.5, validation_batch_size=5).history_
    ),
    "epochs": lambda: len(fitted(epochs=2).history_["loss"]) == 2,
    "verbose": lambda: classifier().verbose == 0,
    "shuffle": lambda: fitted(shuffle=False).history_ != fitted(batch_size=5).history_,
    "validation_split": lambda: "val_loss" in fitted(validation_split=0.5).history_,
    "run_eagerly": lambda: fitted(run_eagerly=True).model_.run_eagerly,
    "warm_start": lambda: (one := fitted(warm_start=True)).model_ is one.fit(X, Y).model_,
    "random_state": lambda: fitted().history_ == once().history_,
    "class_weight": lambda: fitted(class_weight={0: 3, 1: 1}).history_ != once().history_,
    "fit": lambda: (
        len(classifier().fit(X, Y, epochs=2, verbose=0).history_["loss"]) == 2
        and classifier().fit(X, Y * 2, classes=[0, 2]).classes_.tolist() == [0, 2]
        and says("goes through all rows", lambda: classifier().fit(X, Y, steps_per_epoch=1))
    ),
    "validation_data": lambda: (
        "val_loss" in classifier().fit(X, Y, validation_data=(X, Y)).history_
        and says(
            "^validation_data: X has 2 features",
            lambda: GridSearchCV(classifier(), {}).fit(X, Y, validation_data=(X[:, :2], Y)),
        )
    ),
    "GridSearchCV, cross_val_score": lambda: isinstance(
        check_cv(2, Y, classifier=is_classifier(classifier())), StratifiedKFold
    ),
    "partial_fit": lambda: (
        classifier().partial_fit(X, Y).partial_fit(X, Y).history_ == fitted(epochs=2).history_
    ),
    "initialize": lambda: classifier().initialize(X, Y).predict(X).shape == (24,),
    "predict": lambda: (
        regressor().fit(X, NUMBERS).predict(X).dtype == "float64"
        and regressor().fit(X, Y).predict(X).dtype == "float32"
    ),
    "predict_proba": lambda: once().predict_proba(X).shape == (24, 2),
    "decision_function": lambda: (
        fitted(functools.partial(build, last=None), loss=LOGITS).decision_function(X).shape == (24,)
        and not hasattr(once(), "decision_function")
    ),
    "score": lambda: regressor().fit(X, NUMBERS).score(X, NUMBERS) < 1,
    "scorer": lambda: Scoring(build).fit(X, Y).score(X, Y) >= 1,
    "get_params": lambda: classifier(hidden=3).get_params()["hidden"] == 3,
    "set_params": lambda: (
        classifier().set_params(model__hidden=3).get_params()["model__hidden"]
        and says("did you mean 'hidden'", lambda: classifier().set_params(hiden=3))
    ),
    "pickle.loads": lambda: all(
        through_pickle(loss).predict(X).shape == (24,) for loss in (Known, Unknown)
    ),
    "get_metadata": lambda: Telling(build, random_state=1).fit(X, Y).mean_.shape == (3,),
    "target_encoder": lambda: encoding(loss="mse").predict(X).shape == (24,),
    "feature_encoder": lambda: encoding(loss="mse").n_features_in_ == 3,
    "model_": lambda: isinstance(once().model_, keras.Model),
    "history_": lambda: (
        (own := fitted(metrics=["mae"]).history_)["mean_absolute_error"] == own["mae"]
    ),
    "classes_, n_classes_": lambda: (
        once().classes_.tolist() == [0, 1] == [*range(once().n_classes_)]
    ),
    "n_outputs_, n_outputs_expected_": lambda: once().n_outputs_ == once().n_outputs_expected_,
    "n_features_in_": lambda: once().n_features_in_ == 3,
    "target_type_": lambda: once().target_type_ == "binary",
    "X_shape_": lambda: once().X_shape_ == (24, 3),
    "X_dtype_": lambda: once().X_dtype_ == keras.config.floatx(),
    "y_dtype_, y_ndim_": lambda: (
        (own := fitted(y=Y.astype("int8"))).y_dtype_ == "int8" and own.y_ndim_ == 1
    ),
    "target_encoder_": lambda: (
        encoding(loss="mse").target_encoder_.classes_.tolist() == [0, 1]
        and fitted(y=np.array(["no", "yes"])[Y]).target_encoder_.transform(["yes"]) == [[1]]
    ),
    "feature_encoder_": lambda: (
        fitted(two).feature_encoder_.transform(X)[1].shape == (24, 2)
        and (own := encoding(loss="mse")).preprocessing_[-1].n_features_in_ == 3
        and np.allclose(
            own.feature_encoder_.inverse_transform(own.feature_encoder_.transform(X)), X, atol=1e-5
        )
    ),
    "current_epoch": lambda: (own := fitted(epochs=2)).current_epoch == own.current_epoch_ == 2,
    "initialized_": lambda: once().initialized_ and not classifier().initialized_,
    "labels of any kind": lambda: all(
        fitted(y=own.astype(object)).classes_.tolist() == [0, 1] for own in (Y, Y == 1)
    ),
    "one-hot rows": lambda: (
        (own := fitted(functools.partial(build, units=2, last="softmax"), y=np.eye(2)[Y]))
        and own.model_.loss == "categorical_crossentropy"
        and (own.predict(X).sum(axis=1) == 1).all()
    ),
    "several labels a row": lambda: (
        (own := fitted(functools.partial(build, units=2), y=np.c_[Y, X[:, 1] > 0].astype(int)))
        and own.model_.loss == "binary_crossentropy"
        and own.predict(X).shape == (24, 2)
    ),
    "several outputs": lambda: says("MultiOutputClassifier", lambda: fitted(y=np.c_[Y, Y + 1])),
    "sparse rows": lambda: all(
        classifier().fit(own, Y).predict(own).shape == (24,)
        for own in (sparse.csr_array(X), pd.DataFrame.sparse.from_spmatrix(sparse.csr_array(X)))
    ),
    "dict of arrays": lambda: (
        classifier(two).fit({"rest": X[:, 1:], "first": X[:, 0]}, Y).history_
        == classifier(two).fit(X, Y).history_
    ),
    "list of arrays": lambda: (
        classifier(two).fit([X[:, 0], X[:, 1:]], Y).history_ == classifier(two).fit(X, Y).history_
    ),
    "tf.data.Dataset": lambda: says(
        "data sets of Keras and TensorFlow are not taken",
        lambda: classifier().fit(tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)),
    ),
    "dates to predict": lambda: says(
        "y must be numbers, and holds dates", lambda: regressor().fit(X, np.full(24, DAY))
    ),
    "one class only": lambda: says("only one class", lambda: fitted(y=np.zeros(24, int))),
    "SKLearnClassifier": lambda: once().predict(X).shape == (24,),
    "SKLearnRegressor": lambda: regressor().fit(X, NUMBERS).predict(X).shape == (24,),
    "SKLearnTransformer": lambda: not hasattr(once(), "transform"),
    "model(X, y)": lambda: says("meta.'X_shape_'", lambda: fitted(of_xy)),
    "model_kwargs": lambda: says("as model__name", lambda: fitted(model_kwargs={"hidden": 3})),
    "fit_kwargs": lambda: says("as fit__name", lambda: fitted(fit_kwargs={"epochs": 3})),
    "history_ of a Keras object": lambda: (
        once().history_["loss"]
        and says("history_ has", lambda: once().history["loss"], AttributeError)
        and says("a dict itself", lambda: once().history_.history, AttributeError)
    ),
}


@pytest.mark.filterwarnings("ignore:the rows of validation_data are watched")
@pytest.mark.parametrize("line", CASES)
def test_a_line_of_the_page(line):
    assert CASES[line]()


def test_every_line_is_tried():
    page = (ROOT / "docs/how-to/coming-from-scikeras.md").read_text()
    first = re.findall(r"^\| (.*?) \|", page, re.MULTILINE)
    lines = [own.replace("`", "") for own in first if not re.match(r"(-|SciKeras|`keras.wr)", own)]
    assert lines == list(CASES)
