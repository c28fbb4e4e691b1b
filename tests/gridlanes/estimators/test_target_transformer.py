"""Targets transformed inside the estimator: what scikit-learn's wrapper does, in a lane."""

import numpy as np
import pytest
from sklearn import model_selection
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import KFold
from sklearn.preprocessing import FunctionTransformer, PowerTransformer, StandardScaler
from small_search import OPTIONS, REGRESSOR, TARGETS, X, build, eagerly, grid

from gridlanes import KerasRegressor, ParameterError, cross_validate

pytestmark = [
    pytest.mark.usefixtures("traced"),
    pytest.mark.xdist_group("search"),
]

TARGET = TARGETS[:, 0] * 100
LOG = FunctionTransformer(np.log1p, np.expm1)
KINDS = {
    "standard": (StandardScaler(), TARGET),
    "several columns": (StandardScaler(), TARGETS * 100),
    "yeo_johnson": (PowerTransformer(), TARGET),
    "log1p": (LOG, np.abs(TARGET)),
}


@pytest.mark.parametrize(
    "kind",
    [
        "standard",
        "several columns",
        "log1p",
        # For the network the same as "standard".
        pytest.param("yeo_johnson", marks=pytest.mark.soak),
    ],
)
def test_it_does_what_transformed_target_regressor_does(kind):
    transformer, y = KINDS[kind]
    inside = clone(REGRESSOR).set_params(target_transformer=transformer)
    outside = TransformedTargetRegressor(clone(REGRESSOR), transformer=transformer)
    ours = grid(inside, {"units": [1, 3]}, scoring="r2", return_predictions=True).fit(X, y)
    theirs = model_selection.GridSearchCV(outside, {"regressor__units": [1, 3]}, cv=2, scoring="r2")
    eagerly(lambda: theirs.fit(X, y))
    assert ours.fit_report_.by_reference == 0
    for column in ("split0_test_score", "split1_test_score"):
        np.testing.assert_allclose(
            ours.cv_results_[column], theirs.cv_results_[column], rtol=1e-5, atol=1e-5
        )
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-4)
    assert ours.predict(X).shape == y.shape
    # Predictions out of the folds are in the unit of the target, too.
    said = ours.predictions_
    split = said.splits == 0
    score = ours.cv_results_["split0_test_score"][1]
    errors = said.outputs[1, 0, split].reshape(y[said.rows[split]].shape) - y[said.rows[split]]
    spread = y[said.rows[split]] - y[said.rows[split]].mean(0)
    assert 1 - np.mean((errors**2).sum(0) / (spread**2).sum(0)) == pytest.approx(score, abs=1e-5)


def test_held_out_rows_do_not_reach_the_transformer():
    estimator = clone(REGRESSOR).set_params(
        target_transformer=StandardScaler(), validation_split=0.25
    )
    eagerly(lambda: estimator.fit(X, TARGET))
    assert estimator.target_transformer_.mean_ == pytest.approx(TARGET[:45].mean())
    plain = KerasRegressor(build, **OPTIONS, validation_split=0.25)
    scaled = (TARGET - TARGET[:45].mean()) / TARGET[:45].std()
    eagerly(lambda: plain.fit(X, scaled))
    assert estimator.history_["val_loss"] == pytest.approx(plain.history_["val_loss"], abs=1e-6)


def test_it_goes_on_in_the_unit_that_it_has_learnt():
    estimator = clone(REGRESSOR).set_params(target_transformer=StandardScaler())
    for _ in range(2):
        eagerly(lambda: estimator.partial_fit(X, TARGET))
    whole = clone(estimator).set_params(epochs=2)
    eagerly(lambda: whole.fit(X, TARGET))
    np.testing.assert_allclose(estimator.predict(X), whole.predict(X), rtol=1e-5)


def test_transformers_on_the_grid():
    """Each candidate has targets of its own, and scores in the unit of all."""
    values = [None, "passthrough", StandardScaler(), StandardScaler(with_mean=False)]
    search = grid(clone(REGRESSOR), {"target_transformer": values}, scoring="r2").fit(X, TARGET)
    apart = [
        grid(clone(REGRESSOR), {"target_transformer": [one]}, scoring="r2").fit(X, TARGET)
        for one in values
    ]
    scores = search.cv_results_["mean_test_score"]
    np.testing.assert_array_equal(scores, [one.best_score_ for one in apart])
    assert scores[0] == scores[1]
    assert len(set(scores)) == 3
    own = clone(REGRESSOR).set_params(target_transformer=StandardScaler())
    inner = grid(own, {"target_transformer__with_mean": [True, False]}, scoring="r2")
    np.testing.assert_array_equal(inner.fit(X, TARGET).cv_results_["mean_test_score"], scores[2:])


def test_it_is_fitted_anew_in_each_fold():
    own = clone(REGRESSOR).set_params(target_transformer=StandardScaler())
    fitted = cross_validate(own, X, TARGET, cv=KFold(2), return_estimator=True)["estimator"]
    means = [float(one.target_transformer_.mean_[0]) for one in fitted]
    assert means == pytest.approx([TARGET[30:].mean(), TARGET[:30].mean()])
    estimator = fitted[0].set_params(target_transformer=None)
    assert not hasattr(eagerly(lambda: estimator.fit(X, TARGET)), "target_transformer_")


def test_what_cannot_work():
    own = clone(REGRESSOR).set_params(target_transformer=LOG)
    with np.errstate(all="ignore"), pytest.raises(ValueError, match="no finite number for -1 in y"):
        own.prepare(X, np.full(len(X), -1.0))
    with pytest.raises(ParameterError, match="target_transformer: Invalid parameter 'with_men'"):
        clone(REGRESSOR).set_params(
            target_transformer=StandardScaler(), target_transformer__with_men=False
        )
    with pytest.raises(ParameterError, match="target_transformer is None"):
        clone(REGRESSOR).set_params(target_transformer__with_mean=False)
