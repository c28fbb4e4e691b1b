"""Folds that lack a class, for networks with a unit for each class of all rows, against Keras."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from small_search import LABELS, X, eagerly

from gridlanes import GridSearchCV, KerasClassifier
from gridlanes.model_selection import missing_classes

pytestmark = [pytest.mark.usefixtures("traced"), pytest.mark.xdist_group("search")]

ROWS = np.arange(len(X))
NUMBERS = np.searchsorted(["a", "b", "c"], LABELS)


def three(units=3):
    layers = [keras.layers.Dense(units, "tanh"), keras.layers.Dense(3, "softmax")]
    return keras.Sequential([keras.Input((3,)), *layers])


def three_of(meta, units=3):
    """The same of a function that asks for what it does not heed."""
    assert meta["n_classes_"] >= 2
    return three(units)


def two_or_three(meta, units=3):
    layers = [keras.layers.Dense(units, "tanh"), keras.layers.Dense(meta["n_classes_"], "softmax")]
    return keras.Sequential([keras.Input((3,)), *layers])


def folds_without(label):
    """One split in whose training rows a label is missing, one in whose none is."""
    test = np.flatnonzero(label == LABELS)
    return [(np.setdiff1d(ROWS, test), ROWS[::2]), (ROWS[1::2], ROWS[::2])]


def plain_keras(split, numbers=NUMBERS, build=three, rows=slice(None), weights=None):
    """Return the probabilities that a fit by plain Keras gives to the rows of a split's test."""
    train, test = split
    train = train[rows]
    keras.utils.set_random_seed(3)
    model = build()
    model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
    for epoch in range(2):
        order = train[np.random.default_rng([3, epoch]).permutation(len(train))]
        given = None if weights is None else weights[numbers[order]]
        own = (X[order].astype("float32"), numbers[order], given)
        batches = tf.data.Dataset.from_tensor_slices(own[: 3 if weights is not None else 2])
        model.fit(batches.batch(30), shuffle=False, verbose=0)
    return np.asarray(model(X[test].astype("float32")))


def search(build, splits, engine="auto", **options):
    network = KerasClassifier(
        build, epochs=2, batch_size=30, optimizer="sgd", random_state=3, **options
    )
    search = GridSearchCV(
        network, {"units": [3]}, cv=splits, scoring="accuracy", return_predictions=True,
        refit=False, engine=engine, error_score="raise",
    )  # fmt: skip
    return eagerly(lambda: search.fit(X, LABELS)).predictions_.outputs[0, 0]


@pytest.mark.parametrize(
    ("label", "build", "engine"), [("a", three, "lanes"), ("c", three_of, "keras")]
)
def test_labels_keep_their_numbers_over_all_folds(label, build, engine):
    splits = folds_without(label)
    said = search(build, splits, engine)
    expected = np.concatenate([plain_keras(split) for split in splits])
    np.testing.assert_allclose(said, expected, rtol=0, atol=1e-6)


def test_rows_held_out_and_weights_of_classes_are_those_of_the_fold():
    splits = folds_without("b")
    options = {"validation_split": 0.2, "class_weight": {"a": 3.0, "b": 9.0, "c": 0.5}}
    said = search(three, splits, **options)
    rows, weights = slice(0, int(len(splits[0][0]) * 0.8)), np.array([3, 9, 0.5])
    expected = plain_keras(splits[0], rows=rows, weights=weights)
    np.testing.assert_allclose(said[: len(expected)], expected, rtol=0, atol=1e-6)


def test_a_network_that_follows_the_classes_has_those_of_its_fold():
    """As scikit-learn's classifiers do; the class that is missing is given no probability."""
    splits = folds_without("b")
    said = search(two_or_three, splits)
    numbers = np.searchsorted(["a", "c"], LABELS)
    expected = plain_keras(splits[0], numbers, lambda: two_or_three({"n_classes_": 2}))
    np.testing.assert_allclose(said[: len(expected)][:, [0, 2]], expected, rtol=0, atol=1e-6)
    assert (said[: len(expected), 1] == 0).all()


def test_a_fold_is_scored_as_one_of_scikit_learns_classifiers_is():
    network = KerasClassifier(three, epochs=2, batch_size=30, optimizer="sgd", random_state=3)
    splits = folds_without("c")
    ours = GridSearchCV(network, {"units": [3]}, cv=splits, refit=False).fit(X, LABELS)
    theirs = cross_val_score(LogisticRegression(), X, LABELS, cv=splits)
    assert np.isfinite(theirs).all()
    said = plain_keras(splits[0]).argmax(axis=1)
    assert ours.cv_results_["split0_test_score"][0] == np.mean(said == NUMBERS[splits[0][1]])


def test_what_are_no_labels_has_no_classes():
    assert missing_classes.classes_of([1, "a", None]) is None
    assert missing_classes.classes_of(X) is None
    assert missing_classes.classes_of(None) is None


def sigmoids():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, "sigmoid")])


def test_a_fold_without_rows_of_several_classes_has_the_loss_of_the_others():
    """With rows of one class each alone, it would be that of classes that exclude each other."""
    labels = np.eye(3, dtype=int)[NUMBERS]
    labels[0] = 1
    splits = [(ROWS[1:], ROWS[:9]), (ROWS, ROWS[:9])]
    network = KerasClassifier(
        sigmoids, epochs=2, batch_size=30, optimizer="sgd", random_state=3, metrics=[]
    )
    options = {"cv": splits, "refit": False, "return_predictions": True, "scoring": "accuracy"}
    search = GridSearchCV(network, {}, engine="lanes", **options).fit(X, labels)
    expected = []
    for split in splits:
        keras.utils.set_random_seed(3)
        model = sigmoids()
        model.compile("sgd", "binary_crossentropy", run_eagerly=True)
        for epoch in range(2):
            order = split[0][np.random.default_rng([3, epoch]).permutation(len(split[0]))]
            given = X[order].astype("float32"), labels[order].astype("float32")
            batches = tf.data.Dataset.from_tensor_slices(given).batch(30)
            model.fit(batches, shuffle=False, verbose=0)
        expected.append(np.asarray(model(X[:9].astype("float32"))))
    said = search.predictions_.outputs[0, 0]
    np.testing.assert_allclose(said, np.concatenate(expected), rtol=0, atol=1e-6)
    # And so are predictions made: each class for itself.
    right = [(labels[:9] == (own > 0.5)).all(axis=1).mean() for own in expected]
    scores = [search.cv_results_[f"split{number}_test_score"][0] for number in range(2)]
    assert scores == pytest.approx(right)
