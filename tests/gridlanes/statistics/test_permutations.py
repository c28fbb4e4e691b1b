"""P-values of permutations against SciPy's permutation test and scikit-learn's."""

import itertools

import numpy as np
import pytest
from scipy import stats
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import permutation_test_score
from sklearn.naive_bayes import GaussianNB

from gridlanes.errors import ParameterError
from gridlanes.statistics import holm, permutation_pvalue, shuffling_pvalue


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


def test_shuffles_are_counted_as_scipy_counts_them():
    drops = np.random.default_rng(3).normal(0.3, 1, size=(3, 4))
    # Which of five is the real one, in each of three folds.
    scores = [[0.0, *(-own)] for own in drops]
    sums = [sum(own) for own in itertools.product(*scores)]
    expected = stats.percentileofscore(sums, -1e-12, kind="strict")
    assert shuffling_pvalue(drops) == pytest.approx(1 - expected / 100, abs=1e-12)
    assert shuffling_pvalue(np.full((3, 5), 0.1)) == pytest.approx(1 / 6**3)
    assert shuffling_pvalue(np.zeros((3, 5))) == 1
    # Drawn, since there are too many.
    assert shuffling_pvalue(np.full((9, 5), 0.1)) == pytest.approx(1 / 20_000)
    drops = np.random.default_rng(4).normal(0.5, 1, size=(4, 17))
    drawn = shuffling_pvalue(np.vstack([drops, np.zeros((3, 17))]))
    assert drawn == pytest.approx(shuffling_pvalue(drops), abs=0.01)


def test_useless_columns_pass_in_one_study_of_twenty_at_most():
    """Of a model that leans on the first of five columns, and hangs on four useless ones."""
    random = np.random.default_rng(5)
    studies, folds, rows, shuffles = 300, 3, 40, 5
    told, found, by_the_sign = 0, 0, 0
    for _ in range(studies):
        drops = np.empty((5, folds, shuffles))
        for fold in range(folds):
            X = random.normal(size=(rows, 5))
            y = X[:, 0] + random.normal(size=rows) > 0
            weights = np.array([1, *random.normal(0, 0.5, 4)])
            orders = np.array([random.permutation(rows) for _ in range(shuffles)])
            # Of each column and order, what it adds to the model's answer: (rows, columns, orders).
            moved = ((X[orders] - X) * weights).transpose(1, 2, 0)
            right = ((X @ weights)[:, None, None] + moved > 0) == y[:, None, None]
            drops[:, fold] = ((X @ weights > 0) == y).mean() - right.mean(axis=0)
        passed = holm([shuffling_pvalue(own) for own in drops]) < 0.05
        found, told = found + passed[0], told + passed[1:].any()
        by_the_sign += (drops.mean(axis=2) > 0).all(axis=1)[1:].any()
    assert told <= stats.binom.ppf(0.99, studies, 0.05)
    assert found > 0.7 * studies
    assert by_the_sign > 0.15 * studies


@pytest.mark.parametrize(
    ("drops", "message"),
    [
        ([0.1], "drops: allowed is .folds, shuffles., got the shape"),
        ([[0.1], [np.nan]], "drops: allowed are finite numbers"),
        (np.empty((2, 0)), "drops: at least 1 shuffles"),
    ],
)
def test_bad_drops(drops, message):
    with pytest.raises(ParameterError, match=message):
        shuffling_pvalue(drops)
