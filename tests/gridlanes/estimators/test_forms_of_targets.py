"""Labels and targets in the forms that people keep them in, beside plain Keras."""

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.model_selection import cross_val_predict, cross_val_score
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler
from small_fits import LABELS, X, Y, assert_same, classifier, network, plain

import gridlanes
from gridlanes import GridSearchCV, KerasRegressor, ParameterError

pytestmark = [
    pytest.mark.usefixtures("eager", "traced"),
    # One worker traces the programs that these tests share.
    pytest.mark.xdist_group("habits"),
]


def test_classes_may_come_later():
    ours = classifier(lambda: network(units=3, last="softmax"))
    ours.partial_fit(X, Y, classes=[0, 1, 2])
    ours.partial_fit(X, np.full(60, 2))
    assert ours.predict_proba(X).shape == (60, 3)
    with pytest.raises(ValueError, match="as 7; the classes are 0, 1, 2"):
        ours.partial_fit(X, np.full(60, 7))
    with pytest.raises(ParameterError, match="partial_fit.. trains for one epoch"):
        ours.partial_fit(X, Y, epochs=2)


@pytest.mark.parametrize(
    ("last", "loss", "y"),
    [
        ("sigmoid", "binary_crossentropy", LABELS),
        (None, keras.losses.BinaryCrossentropy(from_logits=True), LABELS),
        ("softmax", "categorical_crossentropy", np.eye(3, dtype=int)[LABELS.sum(axis=1) % 3]),
        (None, keras.losses.CategoricalCrossentropy(from_logits=True), np.eye(3)[Y * 2]),
    ],
)
def test_a_column_for_each_class(last, loss, y):
    def build():
        return network(units=3, last=last)

    ours = classifier(build, loss=loss).fit(X, y)
    model, history = plain(build, loss=loss, y=y)
    assert_same(ours, model)
    assert ours.history_["loss"] == pytest.approx(history["loss"])
    said, like = ours.predict(X), MLPClassifier((3,), max_iter=1)
    with pytest.warns(UserWarning, match="Maximum iterations"):
        like.fit(X, y)
    assert said.shape == like.predict(X).shape
    assert said.dtype == like.predict(X).dtype
    assert ours.predict_proba(X).shape == like.predict_proba(X).shape
    np.testing.assert_array_equal(ours.classes_, like.classes_)
    outputs = np.asarray(model(X))
    if (y.sum(axis=1) == 1).all():
        np.testing.assert_array_equal(said.argmax(axis=1), outputs.argmax(axis=1))
    else:
        np.testing.assert_array_equal(said, outputs > (0 if last is None else 0.5))


def test_a_search_over_several_labels_a_row_is_scored_as_scikit_learn_scores_them():
    ours = classifier(lambda hidden: network(hidden, units=3), loss="binary_crossentropy", hidden=3)
    settings = {"cv": 2, "engine": "lanes", "refit": False, "return_predictions": True}
    search = GridSearchCV(ours, {"hidden": [3, 4]}, **settings).fit(X, LABELS)
    expected = cross_val_score(ours, X, LABELS, cv=2)
    assert search.cv_results_["split0_test_score"][0] == expected[0]
    said = cross_val_predict(ours, X, LABELS, cv=2, method="predict_proba")
    np.testing.assert_allclose(search.predictions_.outputs[0, 0], said, atol=1e-5)
    assert search.predictions_.classes.tolist() == [0, 1, 2]


@pytest.mark.parametrize("kind", [int, bool])
def test_labels_kept_as_objects(kind):
    plain = Y.astype(kind)
    labels = pd.Series(plain.astype(object))
    ours = classifier().fit(X, labels)
    assert ours.classes_.tolist() == [0, 1]
    assert ours.score(X, labels) == ours.score(X, plain)
    search = GridSearchCV(ours, {}, cv=2, scoring=["accuracy", "roc_auc"], refit=False)
    found, expected = (clone(search).fit(X, own).cv_results_ for own in (labels, plain))
    for name in ("mean_test_accuracy", "mean_test_roc_auc"):
        assert found[name] == expected[name]
    alone = gridlanes.cross_val_score(ours, X, labels, cv=2)
    assert alone.mean() == found["mean_test_accuracy"]


def test_columns_of_several_classes_say_what_takes_them():
    with pytest.raises(ValueError, match=r"MultiOutputClassifier\(KerasClassifier"):
        classifier().fit(X, np.c_[Y, Y + 1])


def test_numbers_come_back_in_the_type_of_the_targets():
    for kind, expected in (("float32", "float32"), ("float64", "float64"), ("uint8", "float32")):
        ours = KerasRegressor(lambda: network(last=None), random_state=0).fit(X, Y.astype(kind))
        assert ours.predict(X).dtype == expected
        ours = ours.set_params(target_transformer=StandardScaler()).fit(X, Y.astype(kind))
        assert ours.predict(X).dtype == ("float32" if kind == "float32" else "float64")
