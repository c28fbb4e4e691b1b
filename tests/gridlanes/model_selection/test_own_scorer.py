"""A ``scorer`` of a subclass, as SciKeras has it: what ``score`` and searches go by."""

import keras
import numpy as np
import pytest
from sklearn.metrics import accuracy_score, make_scorer, mean_absolute_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gridlanes import GridSearchCV, KerasClassifier, KerasRegressor, cross_val_score

pytestmark = pytest.mark.usefixtures("eager", "traced")

X = np.random.default_rng(0).normal(size=(40, 3))
NUMBERS = X @ [1.0, 2.0, 0.0]
LABELS = np.where(NUMBERS > 0, "yes", "no")
GRID = {"optimizer__learning_rate": [0.001, 0.1]}


def build(meta):
    last = "sigmoid" if "n_classes_" in meta else None
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, last)])


def error(y_true, y_pred, sample_weight=None):
    return -mean_absolute_error(y_true, y_pred, sample_weight=sample_weight)


def share_of_yes(y_true, y_pred, sample_weight=None):
    assert y_true.shape == y_pred.shape
    return float(np.mean(y_pred == "yes"))


class Regressor(KerasRegressor):
    scorer = staticmethod(error)


class Classifier(KerasClassifier):
    @staticmethod
    def scorer(y_true, y_pred, **kwargs):
        return share_of_yes(y_true, y_pred, **kwargs)


class Doubled(KerasClassifier):
    def scorer(self, y_true, y_pred, **kwargs):
        return self.model_.count_params() * super().scorer(y_true, y_pred, **kwargs)


def doubled(y_true, y_pred):
    return 4 * accuracy_score(y_true, y_pred)


@pytest.mark.parametrize(
    ("kind", "usual", "y", "measure"),
    [
        (Regressor, KerasRegressor, NUMBERS, error),
        (Classifier, KerasClassifier, LABELS, share_of_yes),
        (Doubled, KerasClassifier, LABELS, doubled),
    ],
)
def test_scores_are_those_of_the_subclass(kind, usual, y, measure):
    own = kind(build, epochs=2, random_state=0)
    theirs = usual(build, epochs=2, random_state=0)
    assert own.fit(X, y).score(X, list(y)) == measure(y, own.predict(X))
    found = GridSearchCV(own, GRID, cv=2).fit(X, y)
    expected = GridSearchCV(theirs, GRID, cv=2, scoring=make_scorer(measure)).fit(X, y)
    np.testing.assert_array_equal(
        *(one.cv_results_["mean_test_score"] for one in (found, expected))
    )
    assert found.score(X, y) == expected.score(X, y)
    assert len({*found.cv_results_["mean_test_score"]}) == 2


def test_behind_transformers_and_with_weights():
    own = Regressor(build, epochs=2, random_state=0)
    weights = np.arange(40.0)
    assert own.fit(X, NUMBERS).score(X, NUMBERS, weights) == error(NUMBERS, own.predict(X), weights)
    pipeline = make_pipeline(StandardScaler(), own)
    np.testing.assert_array_equal(
        cross_val_score(pipeline, X, NUMBERS, cv=2),
        cross_val_score(pipeline, X, NUMBERS, cv=2, scoring=make_scorer(error)),
    )
