"""A network that is trained further, on rows and by parameters that are looked at as before."""

import copy
import pickle

import keras
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import make_classification
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_class_weight

from gridlanes import KerasClassifier, ParameterError

pytestmark = pytest.mark.usefixtures("eager")

X, Y = make_classification(40, 4, random_state=0)
X = X.astype("float32")


def network(hidden=3):
    layers = [keras.layers.Dense(hidden, "tanh"), keras.layers.Dense(1, "sigmoid")]
    return keras.Sequential([keras.Input((4,)), *layers])


def classifier(build=network, **parameters):
    return KerasClassifier(build, **{"optimizer": "sgd", "random_state": 3, **parameters})


def evaluated(ours, rows):
    """Return the loss of rows by plain Keras."""
    return ours.model_.evaluate(X[rows], Y[rows], verbose=0, return_dict=True)["loss"]


@pytest.mark.parametrize("go_on", ["partial_fit", "fit"])
def test_rows_held_out_stay_held_out(go_on):
    settings = {"warm_start": go_on == "fit", "preprocessing": StandardScaler()}
    ours = classifier(**settings).fit(X[:30], Y[:30], validation_data=(X[30:], Y[30:]))
    getattr(ours, go_on)(X[:30], Y[:30], validation_data=(X[30:], Y[30:]))
    split = classifier(**settings).fit(X, Y, validation_split=0.25)
    getattr(split, go_on)(X, Y, validation_split=0.25)
    assert split.history_ == ours.history_
    for one, other in zip(split.model_.get_weights(), ours.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_rows_held_out_are_so_from_the_first_epoch():
    ours = classifier(preprocessing=StandardScaler(), validation_split=0.5)
    ours.partial_fit(X, Y, validation_split=0.25)
    np.testing.assert_allclose(ours.preprocessing_.mean_, X[:30].mean(axis=0), rtol=1e-5)
    assert "val_loss" in ours.history_


def one_of_three():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, "softmax")])


ONE_HOT = np.eye(3)[np.arange(40) % 3].astype(int)


SPLIT = {"validation_split": 0.25}


@pytest.mark.parametrize(
    ("one_hot", "held_out"),
    [
        (False, {}),
        (True, SPLIT),
        pytest.param(True, {}, marks=pytest.mark.soak),
        pytest.param(False, SPLIT, marks=pytest.mark.soak),
    ],
)
def test_classes_weigh_as_in_keras(held_out, one_hot):
    y, weights = ONE_HOT if one_hot else ONE_HOT.argmax(axis=1), {0: 1.0, 1: 5.0, 2: 0.5}
    keras.utils.set_random_seed(3)
    theirs = one_of_three()
    theirs.compile("sgd", f"{'' if one_hot else 'sparse_'}categorical_crossentropy")
    run = theirs.fit(X, y, class_weight=weights, shuffle=False, verbose=0, **held_out)
    ours = classifier(one_of_three, shuffle=False, class_weight=weights).fit(X, y, **held_out)
    for name, values in run.history.items():
        np.testing.assert_allclose(ours.history_[name], values, rtol=1e-5)
    # Of rows to train on, the first class has another share than of all.
    y = np.where(np.arange(40) < 20, 0, ONE_HOT.argmax(axis=1))
    trained = y[:30] if held_out else y
    balanced = compute_class_weight("balanced", classes=np.arange(3), y=trained)
    y = np.eye(3)[y] if one_hot else y
    one, other = (
        classifier(one_of_three, class_weight=own).fit(X, y, **held_out).history_["loss"]
        for own in ("balanced", dict(enumerate(balanced)))
    )
    assert one == other


@pytest.mark.parametrize("go_on", ["partial_fit", "fit"])
def test_what_has_changed_is_taken_over_or_an_error(go_on):
    ours = classifier(warm_start=True, hidden=3, optimizer__learning_rate=0.1).fit(X, Y)
    theirs = keras.models.clone_model(ours.model_)
    theirs.set_weights(ours.model_.get_weights())
    theirs.compile(keras.optimizers.SGD(0.5), "binary_crossentropy")
    for changed, says in [
        ({"hidden": 9}, "'hidden' is 9, and the network .* built with 3; fit anew"),
        ({"model__hidden": 9}, "'hidden' is 9, .* built with 3"),
        ({"preprocessing": StandardScaler()}, r"'preprocessing' is StandardScaler.*with None"),
        ({"optimizer__momentum": 0.9}, "'optimizer__momentum' is 0.9, .* built with None"),
        ({"loss": "mse"}, "'loss' is 'mse', .* built with None"),
    ]:
        other = copy.copy(ours).set_params(**{"optimizer__learning_rate": 0.5, **changed})
        with pytest.raises(ParameterError, match=says) as caught:
            getattr(other, go_on)(X, Y)
        assert len(str(caught.value).splitlines()) == 1
        assert float(ours.model_.optimizer.learning_rate) == pytest.approx(0.1)
    again = pickle.loads(pickle.dumps(ours)).set_params(
        model__hidden=3, optimizer__learning_rate=0.5, batch_size=8, shuffle=False, random_state=5
    )
    getattr(again, go_on)(X, Y)
    theirs.fit(X, Y, batch_size=8, shuffle=False, verbose=0)
    for one, other in zip(again.model_.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-6)
    getattr(again, go_on)(X, Y)
    assert clone(again).set_params(hidden=9).fit(X, Y).model_.layers[0].units == 9


@pytest.mark.parametrize(
    ("y", "says"),
    [
        (ONE_HOT * 5, "y must be 0 and 1, .* found .*5"),
        (ONE_HOT + np.nan, "y must be 0 and 1, .* found .*nan"),
        (ONE_HOT.astype(str).astype(object), "y must be 0 and 1, .* found '"),
        (ONE_HOT.argmax(axis=1), r"a column for each of 3 classes, as in fit; found shape \(40,\)"),
        (ONE_HOT[:, :2], r"a column for each of 3 classes, as in fit; found shape \(40, 2\)"),
        (ONE_HOT * 0, "one 1 in each row, as in fit"),
    ],
)
def test_further_one_hot_rows_are_looked_at(y, says):
    ours = classifier(one_of_three).initialize(X, ONE_HOT)
    for use in (
        lambda: ours.partial_fit(X, y),
        lambda: classifier(one_of_three).fit(X, ONE_HOT, validation_data=(X, y)),
    ):
        with pytest.raises(ValueError, match=says) as caught:
            use()
        assert len(str(caught.value).splitlines()) == 1
    ours.partial_fit(X, ONE_HOT[::-1].astype(bool), validation_data=(X, ONE_HOT.tolist()))


def test_further_rows_of_several_labels_may_have_none():
    several = np.c_[Y, X[:, 0] > 0, X[:, 1] > 0].astype(int)
    ours = classifier(one_of_three, loss="binary_crossentropy").fit(X, several)
    ours.partial_fit(X, several * 0, validation_data=(X, several))
    with pytest.raises(ValueError, match="y must be 0 and 1"):
        ours.partial_fit(X, several * 2)
