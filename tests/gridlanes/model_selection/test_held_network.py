"""A search over scikit-learn's estimators around one network tells of that network's fits."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import (
    FixedThresholdClassifier,
    TunedThresholdClassifierCV,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from small_search import CLASSIFIER, UNEQUAL, X, eagerly, y

from gridlanes import GridSearchCV
from gridlanes.errors import ParameterError

pytestmark = [pytest.mark.usefixtures("traced"), pytest.mark.xdist_group("search")]

SEEDS = [3, 4]
AROUND = {
    "tuned": (TunedThresholdClassifierCV(CLASSIFIER, cv=2), "estimator__"),
    "fixed": (FixedThresholdClassifier(CLASSIFIER, threshold=0.4), "estimator__"),
    "pipeline": (
        TunedThresholdClassifierCV(make_pipeline(StandardScaler(), CLASSIFIER), cv=2),
        "estimator__kerasclassifier__",
    ),
}


@pytest.mark.parametrize("name", AROUND)
def test_predictions_curves_sizes_and_seeds_are_those_of_the_network_alone(name):
    outer, prefix = AROUND[name]
    # Two folds and two seeds once, so that none is in the place of another.
    cv = 2 if name == "tuned" else UNEQUAL[:1]
    options = {"cv": cv, "seeds": SEEDS, "return_predictions": True, "refit": False}
    grid = {"epochs": [1, 2]}
    own = prefix.removeprefix("estimator__")
    alone = GridSearchCV(outer.estimator, {f"{own}{key}": v for key, v in grid.items()}, **options)
    search = GridSearchCV(outer, {f"{prefix}{key}": v for key, v in grid.items()}, **options)
    alone.fit(X, y)
    search.fit(X, y)
    for part in ("rows", "splits", "outputs", "classes"):
        found, expected = (getattr(one.predictions_, part) for one in (search, alone))
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert len(search.histories_) == 2
    for found, expected in zip(search.histories_, alone.histories_, strict=True):
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one["loss"], other["loss"], rtol=1e-6)
    for column in ("n_weights", "n_steps"):
        assert search.cv_results_[column].tolist() == alone.cv_results_[column].tolist()


def test_scores_are_those_of_the_tuned_estimator_with_each_seed():
    outer = TunedThresholdClassifierCV(CLASSIFIER, cv=2)
    options = {"cv": 2, "seeds": SEEDS, "refit": False}
    search = GridSearchCV(outer, {"estimator__epochs": [2]}, **options).fit(X, y)
    for seed in SEEDS:
        plain = clone(outer).set_params(estimator__epochs=2, estimator__random_state=seed)
        expected = eagerly(lambda own=plain: cross_val_score(own, X, y, cv=2))
        found = [search.cv_results_[f"split{fold}_seed{seed}_test_score"][0] for fold in (0, 1)]
        assert found == pytest.approx(expected.tolist())


def test_others_that_hold_networks_tell_nothing_of_them():
    outer = CalibratedClassifierCV(CLASSIFIER, cv=2, ensemble=False)
    with pytest.raises(ParameterError, match="return_predictions needs an estimator"):
        GridSearchCV(outer, {}, cv=2, return_predictions=True).fit(X, y)
    search = GridSearchCV(outer, {"estimator__epochs": [1]}, cv=2).fit(X, y)
    assert not hasattr(search, "histories_")
    assert "n_weights" not in search.cv_results_
