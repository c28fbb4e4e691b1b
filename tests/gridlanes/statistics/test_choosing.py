"""The rule of one standard error by hand, by a loop and inside scikit-learn's search."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import make_classification
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeClassifier

from gridlanes.errors import ParameterError
from gridlanes.statistics import one_standard_error

ROUNDED = st.integers(0, 20).map(lambda hits: hits / 20)
SCORES = arrays("float64", st.tuples(st.integers(1, 7), st.integers(2, 5)), elements=ROUNDED)


def results(scores, weights=None, steps=None):
    scores = np.asarray(scores, dtype=float)
    columns = {f"split{fold}_test_score": own for fold, own in enumerate(scores.T)}
    nothing = np.ones(len(scores), dtype=int)
    return {
        "mean_fit_time": nothing,
        **columns,
        "mean_test_score": scores.mean(axis=1),
        "n_weights": nothing if weights is None else np.asarray(weights),
        "n_steps": nothing if steps is None else np.asarray(steps),
    }


def test_by_hand():
    # The best has the mean 0.80 and the standard error sd(0.7, 0.8, 0.9) / sqrt(3) = 0.0577.
    scores = [[0.7, 0.8, 0.9], [0.75, 0.75, 0.75], [0.74, 0.74, 0.74], [0.78, 0.78, 0.78]]
    assert one_standard_error(results(scores, [400, 300, 200, 300])) == 3
    assert one_standard_error(results(scores, [400, 300, 200, 300], [9, 5, 1, 6])) == 1
    assert one_standard_error(results(scores, [100, 300, 200, 300])) == 0
    # 0.7423 is the limit; one standard deviation, 0.1, would reach further.
    assert one_standard_error(results([*scores, [0.7423] * 3], [5, 4, 1, 4, 2])) == 4
    assert one_standard_error(results([*scores, [0.7422] * 3], [5, 4, 1, 4, 2])) == 3


@given(SCORES, st.data())
def test_a_loop(scores, data):
    costs = [tuple(data.draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))) for _ in scores]
    means = scores.mean(axis=1)
    rank = sorted(range(len(scores)), key=lambda own: (*costs[own], -means[own], own))
    best = next(own for own in rank if means[own] >= means.max() - 1e-12)
    limit = means[best] - scores[best].std(ddof=1) / np.sqrt(scores.shape[1])
    expected = next(own for own in rank if means[own] >= limit - 1e-12)
    found = one_standard_error(results(scores, *np.transpose(costs)))
    assert found == expected
    failed = np.vstack([np.full(scores.shape[1], np.nan), scores])
    weights, steps = np.transpose([(0, 0), *costs])
    assert one_standard_error(results(failed, weights, steps)) == expected + 1


def test_as_refit_of_a_search():
    X, y = make_classification(200, random_state=0)

    def choose(cv_results):
        depth = cv_results["param_max_depth"].astype(int)
        return one_standard_error({**cv_results, "n_weights": 2**depth, "n_steps": depth})

    grid = {"max_depth": [7, 6, 5, 4, 3, 2, 1]}
    search = GridSearchCV(DecisionTreeClassifier(random_state=0), grid, cv=5, refit=choose).fit(
        X, y
    )
    table = search.cv_results_
    best = table["mean_test_score"].argmax()
    # scikit-learn's std has n in its denominator.
    error = table["std_test_score"][best] / np.sqrt(5 - 1)
    enough = table["mean_test_score"] >= table["mean_test_score"][best] - error
    assert search.best_index_ == np.flatnonzero(enough)[-1]
    assert search.best_estimator_.max_depth < grid["max_depth"][best]


def without(name):
    table = results([[0.1, 0.2]])
    del table[name]
    return table


def renamed():
    table = results([[0.1, 0.2]])
    for fold in range(2):
        table[f"split{fold}_test_roc_auc"] = table.pop(f"split{fold}_test_score")
    return {**table, "mean_test_roc_auc": table.pop("mean_test_score")}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (renamed(), "needs a search with one metric, got mean_test_roc_auc"),
        ({}, "needs a search with one metric, got no scores"),
        (without("n_weights"), "the column n_weights is missing, which only searches of Keras"),
        (without("n_steps"), "the column n_steps is missing"),
        (results([[0.1], [0.2]]), "cv_results: at least 2 folds are needed, got 1"),
        (results([[0.1, np.nan]]), "cv_results: all candidates have failed"),
        (
            results([[0.1, 0.2]], weights=[1, 2]),
            "n_weights: allowed is one number for each of the 1",
        ),
    ],
)
def test_bad_input(table, message):
    with pytest.raises(ParameterError, match=message):
        one_standard_error(table)
