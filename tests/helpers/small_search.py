"""A small search, scikit-learn's own search of the same, and what must be equal between them."""

from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import joblib
import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn import model_selection
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gridlanes import GridSearchCV, KerasClassifier, KerasRegressor
from gridlanes.networks import reference

ROWS = 60
rng = np.random.default_rng(0)
X = rng.normal(size=(ROWS, 3))
y = (X[:, 0] + rng.normal(size=ROWS) > 0).astype(int)
LABELS = np.array(["b", "c", "a"])[np.digitize(X[:, 1], [-0.5, 0.5])]
TARGETS = X[:, :2] * [1, 2] + 1
WEIGHTS = rng.uniform(0.5, 2, ROWS)
GROUPS = np.arange(ROWS) % 5
UNEQUAL = [(np.arange(20, ROWS), np.arange(20)), (np.arange(0, 25), np.arange(25, ROWS))]


def build(meta, units=3):
    if units < 1:
        raise ValueError(f"{units} units are too few")
    outputs = meta["n_outputs_"]
    activation = None
    if "n_classes_" in meta:
        outputs = 1 if meta["n_classes_"] == 2 else meta["n_classes_"]
        activation = "sigmoid" if outputs == 1 else "softmax"
    return keras.Sequential(
        [
            keras.Input((meta["n_features_in_"],)),
            keras.layers.Dense(units, "tanh"),
            keras.layers.Dense(outputs, activation),
        ]
    )


def at_once(meta, units=2):
    """The same network, which ``model.fit`` trains without a graph wherever it is."""
    model = build(meta, units)
    model.compile = partial(model.compile, run_eagerly=True)
    return model


OPTIONS = {"epochs": 1, "batch_size": 30, "optimizer": "sgd", "random_state": 3}
CLASSIFIER = KerasClassifier(build, **OPTIONS)
REGRESSOR = KerasRegressor(build, **OPTIONS)
PIPELINE = make_pipeline(StandardScaler(), CLASSIFIER)
#: Two networks of which tests of other modules ask for the same, to be traced once.
GRID = {"units": [1, 3]}
#: Parameters that scikit-learn's searches lack.
OWN = {"engine", "memory", "memory_errors", "return_predictions", "seeds"}
PIPELINE_GRID = {"kerasclassifier__units": [1, 3]}


def own_score(estimator, X, y):
    # The user's function gets the estimator itself, not what stands in for it.
    assert isinstance(estimator, KerasClassifier)
    return estimator.predict_proba(X)[np.arange(len(y)), y].mean() + len(estimator.history_)


def own_scores(estimator, X, y):
    return {"own": own_score(estimator, X, y), "half": own_score(estimator, X, y) / 2}


@contextmanager
def without_graph():
    """Let ``model.fit`` do without a graph, which takes longer to trace than it trains here."""
    with pytest.MonkeyPatch.context() as patch:
        # No kernel of a data set holds threads then, so there is nothing to forget.
        patch.setattr(reference, "FITS_REMEMBERED", 10**6)
        tf.config.run_functions_eagerly(True)
        try:
            yield patch
        finally:
            tf.config.run_functions_eagerly(False)


#: Fits by ``model.fit``, by all that they depend on.
FITS = {}


def eagerly(train):
    """Train without a graph; a fit that another test has compared with is taken from there."""

    def fit(request, verbose=0):
        # Which fold it is of changes nothing.
        key = joblib.hash(replace(request, fold=None))
        if key not in FITS:
            FITS[key] = by_keras(request, verbose)
        return FITS[key]

    by_keras = reference.run
    with without_graph() as patch:
        patch.setattr(reference, "run", fit)
        return train()


def scikit_learns(search):
    """Return scikit-learn's own search of the same."""
    kind = getattr(model_selection, type(search).__name__)
    params = clone(search).get_params(deep=False)
    return kind(**{name: value for name, value in params.items() if name not in OWN})


def assert_equal_results(ours, theirs):
    assert list(ours) == list(theirs)
    for column, values in theirs.items():
        if column == "params" or values.dtype == object:
            # Estimators on a grid are equal only in what they say of themselves.
            assert repr(ours[column]) == repr(values)
            continue
        assert ours[column].dtype == values.dtype, column
        assert ours[column].shape == values.shape, column
        if column.endswith("_time"):
            assert np.isfinite(ours[column]).all()
        elif values.dtype.kind == "f":
            np.testing.assert_allclose(ours[column], values, rtol=0, atol=1e-6, err_msg=column)
        else:
            np.testing.assert_array_equal(ours[column], values)


def grid(estimator=CLASSIFIER, param_grid=GRID, **options):
    return GridSearchCV(estimator, param_grid, **{"cv": 2, "scoring": "neg_log_loss", **options})
