"""Subclasses with a ``fit`` of their own in searches, beside scikit-learn's search of the same."""

import keras
import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_search import OPTIONS, X, assert_equal_results, eagerly, scikit_learns, y

from gridlanes import GridSearchCV, KerasClassifier, ParameterError, cross_val_predict

pytestmark = [pytest.mark.usefixtures("traced"), pytest.mark.xdist_group("search")]


class Widening(KerasClassifier):
    """Notes before it trains what its network and its predictions need."""

    def __init__(self, units=1, **options):
        super().__init__(**options)
        self.units = units

    def fit(self, X, y, **given):
        self.width_ = np.shape(X)[1]
        super().fit(X, y, **given)
        self.weights_ = self.model_.count_params()
        return self

    def _keras_build_fn(self, units):
        layers = [keras.layers.Dense(units, "tanh"), keras.layers.Dense(1, "sigmoid")]
        return keras.Sequential([keras.Input((self.width_,)), *layers])

    def predict(self, X, **given):
        assert np.shape(X)[1] == self.width_
        return super().predict(X, **given)


@pytest.mark.parametrize("before", [(), (StandardScaler(),)])
def test_a_search_runs_their_own_fit(before):
    own = make_pipeline(*before, Widening(**OPTIONS)) if before else Widening(**OPTIONS)
    grid = {"widening__units" if before else "units": [1, 3]}
    ours = GridSearchCV(own, grid, cv=2, error_score="raise", engine="lanes").fit(X, y)
    theirs = eagerly(lambda: scikit_learns(ours).fit(X, y))
    assert_equal_results(ours.cv_results_, theirs.cv_results_)
    best = ours.best_estimator_[-1] if before else ours.best_estimator_
    assert best.width_ == 3
    assert best.weights_ == best.model_.count_params()
    assert ours.fit_report_.by_reference == 0
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


def test_what_needs_the_fits_themselves_says_so():
    with pytest.raises(ParameterError, match="Widening, a subclass with a fit of its own"):
        GridSearchCV(Widening(**OPTIONS), {"units": [1]}, seeds=[1, 2]).fit(X, y)


def test_predictions_out_of_fold():
    found = cross_val_predict(Widening(**OPTIONS), X, y, cv=2)
    assert found.shape == y.shape
