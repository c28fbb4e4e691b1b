"""Rows that a splitter of scikit-learn holds out of training, to be watched."""

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.model_selection import (
    GroupKFold,
    GroupShuffleSplit,
    KFold,
    ShuffleSplit,
    StratifiedShuffleSplit,
    TimeSeriesSplit,
)
from sklearn.preprocessing import StandardScaler
from sklearn.utils.class_weight import compute_sample_weight
from small_search import (
    CLASSIFIER,
    GROUPS,
    OPTIONS,
    PIPELINE,
    REGRESSOR,
    ROWS,
    TARGETS,
    WEIGHTS,
    X,
    build,
    eagerly,
    grid,
    scikit_learns,
    without_graph,
    y,
)

from gridlanes import ParameterError
from gridlanes.model_selection.fit_requests import Folds

pytestmark = [pytest.mark.usefixtures("traced"), pytest.mark.xdist_group("search")]

BY_GROUPS = GroupShuffleSplit(1, test_size=0.4, random_state=0)
STRATIFIED = StratifiedShuffleSplit(1, test_size=0.25, random_state=0)


def by_keras(training, held_out, weights):
    """Return outputs for all rows and the history, by plain Keras on rows in their order."""
    keras.utils.set_random_seed(OPTIONS["random_state"])
    model = build({"n_outputs_": 1, "n_classes_": 2, "n_features_in_": 3})
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy"], run_eagerly=True)
    order = np.random.default_rng([OPTIONS["random_state"], 0]).permutation(len(training))
    rows = training[order]
    history = model.fit(
        X[rows],
        y[rows],
        sample_weight=weights[order],
        batch_size=OPTIONS["batch_size"],
        validation_data=(X[held_out], y[held_out]),
        shuffle=False,
        verbose=0,
    )
    return np.asarray(model(X))[:, 0], history.history


@pytest.mark.parametrize("splitter", [BY_GROUPS, STRATIFIED], ids=["by groups", "stratified"])
def test_it_is_keras_on_the_rows_of_the_splitter(float_type, splitter):
    own_groups = GROUPS if splitter is BY_GROUPS else None
    training, held_out = (np.sort(own) for own in next(splitter.split(X, y, own_groups)))
    weights = compute_sample_weight({0: 1, 1: 3}, y[training])
    estimator = clone(CLASSIFIER).set_params(validation_split=splitter, class_weight={0: 1, 1: 3})
    eagerly(lambda: estimator.fit(X, y, groups=GROUPS))
    outputs, history = by_keras(training, held_out, weights)
    np.testing.assert_allclose(estimator.predict_proba(X)[:, 1], outputs, rtol=1e-9)
    assert estimator.history_.keys() == history.keys()
    for name, values in history.items():
        np.testing.assert_allclose(estimator.history_[name], values, rtol=1e-6)


def test_the_last_split_is_taken():
    """So that KFold holds out the last rows, as a share does."""
    found = []
    for own in (KFold(4), TimeSeriesSplit(3), 0.25):
        estimator = clone(CLASSIFIER).set_params(validation_split=own)
        found.append(eagerly(lambda own=estimator: own.fit(X, y)).predict_proba(X))
    np.testing.assert_array_equal(found[0], found[2])
    np.testing.assert_array_equal(found[1], found[2])


def test_transformers_see_the_rows_that_are_trained_on():
    splitter = ShuffleSplit(1, test_size=0.25, random_state=2)
    training = np.sort(next(splitter.split(X))[0])
    estimator = clone(REGRESSOR).set_params(
        validation_split=splitter,
        preprocessing=StandardScaler(),
        target_transformer=StandardScaler(),
    )
    table, targets = pd.DataFrame(X, columns=list("abc")), pd.DataFrame(TARGETS)
    eagerly(lambda: estimator.fit(table, targets, sample_weight=WEIGHTS))
    rows = estimator.prepare(table, targets, WEIGHTS)
    np.testing.assert_allclose(estimator.preprocessing_.mean_, X[training].mean(0))
    np.testing.assert_allclose(estimator.target_transformer_.mean_, TARGETS[training].mean(0))
    np.testing.assert_allclose(rows.training[2], WEIGHTS[training].astype("float32"))
    assert len(rows.validation[0]) == ROWS - len(training)


@pytest.mark.parametrize(
    ("estimator", "splits"),
    [(CLASSIFIER, [BY_GROUPS, STRATIFIED, 0]), (PIPELINE, [BY_GROUPS, 0])],
    ids=["network", "pipeline"],
)
def test_groups_are_routed_to_it(estimator, splits):
    """Also where only some candidates go by groups."""
    prefix = "" if estimator is CLASSIFIER else "kerasclassifier__"
    with config_context(enable_metadata_routing=True):
        own = clone(estimator)
        (own if estimator is CLASSIFIER else own[-1]).set_fit_request(groups=True)
        values = {f"{prefix}validation_split": splits}
        options = {"cv": GroupKFold(2), "refit": False}
        ours = grid(own, values, **options).fit(X, y, groups=GROUPS)
        theirs = scikit_learns(grid(own, values, **options))
        eagerly(lambda: theirs.fit(X, y, groups=GROUPS))
    for name in ("split0_test_score", "split1_test_score"):
        scores = ours.cv_results_[name]
        np.testing.assert_allclose(scores, theirs.cv_results_[name], atol=1e-6)
        assert len(np.unique(scores)) == len(splits)


def test_groups_go_nowhere_unless_somebody_asks():
    with config_context(enable_metadata_routing=True):
        grid(CLASSIFIER, {"units": [1]}, cv=GroupKFold(2)).fit(X, y, groups=GROUPS)
        for splitter, asked in ((0.2, set()), (STRATIFIED, set()), (BY_GROUPS, {"groups"})):
            own = clone(CLASSIFIER).set_params(validation_split=splitter)
            assert own.get_metadata_routing().consumes("fit", ["groups"]) == asked


def test_candidates_with_equal_splitters_share_their_folds():
    splits = list(KFold(2).split(X))
    candidates = [{"units": 1}, {"units": 3}, {"validation_split": KFold(3)}]
    own = clone(CLASSIFIER).set_params(validation_split=STRATIFIED)
    fits = Folds(X, y, {}).prepare(own, candidates, splits)
    assert len({id(one.fold) for one in fits}) == 4


@pytest.mark.parametrize(
    ("settings", "given", "says"),
    [
        ({"validation_split": 0.2}, {"groups": GROUPS}, "validation_split=0.2 holds out the last rows, whatever their groups"),
        ({"validation_split": "some"}, {}, "from 0 to below 1, or a splitter of scikit-learn; found 'some'"),
        ({"validation_split": BY_GROUPS}, {}, "The 'groups' parameter should not be None"),
        ({"validation_split": BY_GROUPS}, {"groups": GROUPS[:9]}, "inconsistent numbers of samples"),
    ],
)  # fmt: skip
def test_what_cannot_be_held_out_is_said(settings, given, says):
    with pytest.raises(ValueError, match=says), without_graph():
        clone(CLASSIFIER).set_params(**settings).fit(X, y, **given)


def test_a_share_takes_no_groups():
    with pytest.raises(ParameterError):
        clone(CLASSIFIER).set_params(validation_split=0.2).fit(X, y, groups=GROUPS)


def test_training_goes_on_with_the_same_rows():
    estimator = clone(CLASSIFIER).set_params(validation_split=BY_GROUPS)
    eagerly(lambda: estimator.partial_fit(X, y, groups=GROUPS))
    once = clone(estimator)
    eagerly(lambda: once.fit(X, y, groups=GROUPS))
    np.testing.assert_array_equal(estimator.predict_proba(X), once.predict_proba(X))
