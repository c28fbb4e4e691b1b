"""P-values of permutations against SciPy's permutation test and scikit-learn's."""

import numpy as np
import pytest
from scipy import stats
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import permutation_test_score
from sklearn.naive_bayes import GaussianNB

from gridlanes.errors import ParameterError
from gridlanes.statistics import permutation_pvalue


@pytest.mark.parametrize("estimator", [GaussianNB(), DummyClassifier()])
def test_scikit_learn(estimator):
    random = np.random.default_rng(2)
    y = np.arange(60) % 2
    X = random.normal(size=(60, 2)) + 0.25 * y[:, None]
    score, permuted, pvalue = permutation_test_score(
        estimator, X, y, n_permutations=50, random_state=0
    )
    assert permutation_pvalue(score, permuted) == pytest.approx(pvalue, rel=1e-12)


def test_scipy():
    first, second = np.random.default_rng(1).normal([[0.5], [0.0]], size=(2, 12))
    test = stats.permutation_test(
        (first, second),
        lambda x, y: x.mean() - y.mean(),
        alternative="greater",
        n_resamples=200,
        rng=np.random.default_rng(0),
    )
    found = permutation_pvalue(test.statistic, test.null_distribution)
    assert found == pytest.approx(test.pvalue, rel=1e-12)


def test_no_pvalue_is_zero():
    assert permutation_pvalue(1, np.zeros(99)) == 0.01
    assert permutation_pvalue(0, np.zeros(99)) == 1


@pytest.mark.parametrize(
    ("score", "permuted", "message"),
    [
        (0.5, [], "permuted: at least 1 permutations"),
        (0.5, [0.1, np.nan], "permuted: allowed are finite numbers, got 1 that are not"),
        (np.nan, [0.1], "score: allowed are finite numbers"),
        (0.5, [[0.1]], "permuted: allowed is one dimension"),
    ],
)
def test_bad_input(score, permuted, message):
    with pytest.raises(ParameterError, match=message):
        permutation_pvalue(score, permuted)
