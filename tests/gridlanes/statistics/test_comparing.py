"""Corrected tests against correctR, scikit-learn's and Weka's figures, baycomp and SciPy."""

import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from r_random import r_normal
from scipy import stats
from sklearn.datasets import make_moons
from sklearn.model_selection import GridSearchCV, RepeatedStratifiedKFold
from sklearn.svm import SVC

from gridlanes.errors import ParameterError
from gridlanes.statistics import (
    bayesian_comparison,
    corrected_interval,
    corrected_t_test,
    corrected_welch_test,
)

SCORES = st.floats(-1e3, 1e3).map(lambda score: round(score, 6))
DIFFERENCES = arrays("float64", st.tuples(st.integers(1, 4), st.integers(2, 8)), elements=SCORES)


#: One worker makes the scores that these tests share.
MOONS = pytest.mark.xdist_group("moons")


@functools.cache
def moons():
    """The scores of scikit-learn's example "Statistical comparison of models using grid search"."""
    X, y = make_moons(noise=0.352, random_state=1, n_samples=100)
    grid = [{"kernel": ["linear"]}, {"kernel": ["poly"], "degree": [2, 3]}, {"kernel": ["rbf"]}]
    cv = RepeatedStratifiedKFold(n_splits=10, n_repeats=10, random_state=0)
    search = GridSearchCV(SVC(random_state=0), grid, scoring="roc_auc", cv=cv).fit(X, y)
    scores = [search.cv_results_[f"split{fold}_test_score"] for fold in range(100)]
    return dict(zip(("linear", "2_poly", "3_poly", "rbf"), np.transpose(scores), strict=True))


def test_correctr():
    # resampled_ttest(x, y, n = 30, n1 = 80, n2 = 20) in the vignette of correctR 0.1.2, where
    # p.value is of one side: 2.407318, 0.01132991.
    normal = r_normal(123, 60)
    differences = (0.6 + 0.1 * normal[:30]) - (0.4 + 0.1 * normal[30:])
    test = corrected_t_test(differences, 20 / 80)
    assert test.statistic == pytest.approx(2.407318, abs=5e-7)
    assert test.pvalue == pytest.approx(2 * 0.01132991, abs=2e-8)
    assert test.df == 29


@MOONS
@pytest.mark.parametrize(
    ("first", "second", "statistic", "worse", "better", "equivalent"),
    [
        # The tables that scikit-learn's documentation prints.
        ("rbf", "linear", 0.750, 0.068, 0.500, 0.432),
        ("rbf", "3_poly", 1.657, 0.018, 0.882, 0.100),
        ("rbf", "2_poly", 4.565, 0.000, 1.000, 0.000),
        ("linear", "3_poly", 1.111, 0.063, 0.750, 0.187),
        ("linear", "2_poly", 4.276, 0.000, 1.000, 0.000),
        ("3_poly", "2_poly", 3.851, 0.000, 1.000, 0.000),
    ],
)
def test_scikit_learns_example(first, second, statistic, worse, better, equivalent):
    differences = moons()[first] - moons()[second]
    assert corrected_t_test(differences, 10 / 90).statistic == pytest.approx(statistic, abs=6e-4)
    found = bayesian_comparison(differences, 10 / 90, rope=0.01)
    assert found == pytest.approx((worse, equivalent, better), abs=6e-4)


@MOONS
def test_scikit_learns_example_of_two_candidates():
    differences = moons()["rbf"] - moons()["linear"]
    assert corrected_t_test(differences, 10 / 90).pvalue / 2 == pytest.approx(0.227, abs=6e-4)
    assert corrected_t_test(differences, 0).statistic == pytest.approx(2.611, abs=6e-4)
    assert corrected_t_test(differences, 0).pvalue / 2 == pytest.approx(0.005, abs=6e-4)
    assert bayesian_comparison(differences, 10 / 90, 0).better == pytest.approx(0.773, abs=6e-4)


@given(DIFFERENCES)
def test_without_correction_it_is_the_paired_t_test(differences):
    spread = differences.std(axis=-1)
    differences = differences[spread > 1e-6 * np.abs(differences).max(axis=-1)]
    test = corrected_t_test(differences, 0)
    expected = stats.ttest_1samp(differences, 0, axis=-1) if len(differences) else test
    np.testing.assert_allclose(test.statistic, expected.statistic, rtol=1e-7)
    np.testing.assert_allclose(test.pvalue, expected.pvalue, rtol=1e-7, atol=1e-300)


@given(DIFFERENCES, st.floats(0, 2))
def test_wekas_formula(differences, ratio):
    # PairedStatsCorrected: t = mean / sqrt((1 / count + ratio) * sd²), the p-value by F with 1
    # and count - 1 degrees of freedom.
    test = corrected_t_test(differences, ratio)
    n = differences.shape[-1]
    for row, statistic, pvalue in zip(differences, test.statistic, test.pvalue, strict=True):
        if np.isfinite(statistic) and statistic != 0:
            t = row.mean() / np.sqrt((1 / n + ratio) * row.var(ddof=1))
            assert statistic == pytest.approx(t, rel=1e-6)
            assert pvalue == pytest.approx(stats.f.sf(t**2, 1, n - 1), rel=1e-5)


@given(DIFFERENCES, st.floats(0, 2), st.floats(0, 1e4))
def test_invariants(differences, ratio, rope):
    test = corrected_t_test(differences, ratio)
    turned = corrected_t_test(-differences[:, ::-1], ratio)
    assert ((test.pvalue >= 0) & (test.pvalue <= 1)).all()
    np.testing.assert_allclose(test.pvalue, turned.pvalue, rtol=1e-6, atol=1e-12)
    found = bayesian_comparison(differences, ratio, rope)
    np.testing.assert_allclose(np.sum(found, axis=0), 1, rtol=1e-12)
    assert (np.array(found) >= 0).all()
    mirrored = bayesian_comparison(-differences, ratio, rope)
    np.testing.assert_allclose(found.worse, mirrored.better, atol=1e-12)


@given(DIFFERENCES, st.floats(0, 2))
def test_interval_excludes_what_the_test_rejects(differences, ratio):
    interval = corrected_interval(differences, ratio, level=0.9)
    pvalue = corrected_t_test(differences, ratio).pvalue
    clear = np.abs(pvalue - 0.1) > 1e-6
    excluded = (interval.low > 0) | (interval.high < 0)
    assert ((pvalue < 0.1) == excluded)[clear].all()


def test_interval_without_correction_is_scipys():
    scores = r_normal(1, 10)
    expected = stats.t.interval(0.95, 9, scores.mean(), stats.sem(scores))
    assert corrected_interval(scores, 0)[1:] == pytest.approx(expected, rel=1e-12)


SIDES = st.tuples(st.integers(1, 4), st.integers(2, 8), st.integers(2, 8)).flatmap(
    lambda shape: st.tuples(
        arrays("float64", (shape[0], shape[1]), elements=SCORES),
        arrays("float64", (shape[0], shape[2]), elements=SCORES),
    )
)


@given(SIDES)
def test_without_correction_the_other_is_welchs_t_test(sides):
    size = max(np.abs(side).max() for side in sides)
    clear = np.min([side.std(axis=-1) for side in sides], axis=0) > 1e-6 * size
    first, second = sides[0][clear], sides[1][clear]
    if len(first):
        expected = stats.ttest_ind(first, second, axis=-1, equal_var=False)
        test = corrected_welch_test(first, second, 0, 0)
        np.testing.assert_allclose(test.statistic, expected.statistic, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(test.pvalue, expected.pvalue, rtol=1e-6, atol=1e-300)
        np.testing.assert_allclose(test.df, expected.df, rtol=1e-7)


@given(SIDES, st.floats(0, 2), st.floats(0, 2))
def test_welchs_sides_can_be_swapped(sides, ratio, other):
    test = corrected_welch_test(*sides, ratio, other)
    turned = corrected_welch_test(*sides[::-1], other, ratio)
    assert ((test.pvalue >= 0) & (test.pvalue <= 1)).all()
    np.testing.assert_array_equal(test.pvalue, turned.pvalue)
    np.testing.assert_array_equal(test.statistic, -np.asarray(turned.statistic))


def test_welch_by_hand():
    # Variances 1 and 4; (1/3 + 1/2) * 1 = 5/6 and (1/3 + 1/2) * 4 = 20/6; t = -2 / sqrt(25/6);
    # df = (25/6)² / ((5/6)² / 2 + (20/6)² / 2) = 625 / 212.5.
    test = corrected_welch_test([1, 2, 3], [2, 4, 6], 1 / 2, 1 / 2)
    assert test.statistic == pytest.approx(-2 / np.sqrt(25 / 6))
    assert test.df == pytest.approx(625 / 212.5)
    assert test.pvalue == pytest.approx(2 * stats.t.cdf(-2 / np.sqrt(25 / 6), 625 / 212.5))


def test_welch_on_correlated_folds():
    """Folds of one division share a correlation of 1 / k, which the correction is for."""
    random, studies = np.random.default_rng(0), 20_000

    def division(folds):
        shared, own = random.normal(size=(studies, 1)), random.normal(size=(studies, folds))
        return np.sqrt(1 / folds) * shared + np.sqrt(1 - 1 / folds) * own

    first, second = division(5), division(10)
    margin = 3 * np.sqrt(0.05 * 0.95 / studies)
    corrected = corrected_welch_test(first, second, 1 / 4, 1 / 9).pvalue
    assert np.mean(corrected < 0.05) == pytest.approx(0.05, abs=margin)
    assert np.mean(corrected_welch_test(first, second, 0, 0).pvalue < 0.05) > 0.1


def test_welch_without_variance_or_without_scores():
    sides = [[1, 1], [1, 1], [1, np.nan], [0.1, 0.2]], [[1, 1, 1], [2, 2, 2], [1, 2, 3], [1, 1, 1]]
    statistic, pvalue, df = corrected_welch_test(*sides, 1, 1 / 2)
    np.testing.assert_array_equal(np.isnan(statistic), [False, True, True, False])
    np.testing.assert_array_equal(pvalue[:3], [1, 1, np.nan])
    np.testing.assert_array_equal(np.isnan(df), [True, True, True, False])
    assert df[3] == pytest.approx(1)
    assert statistic[0] == 0


def test_equal_scores_are_no_difference():
    assert corrected_t_test(np.zeros(5), 0.25) == (0, 1, 4)
    assert bayesian_comparison(np.zeros(5), 0.25, 0) == (0, 1, 0)


@pytest.mark.parametrize(
    "differences", [np.full(10, 0.1), np.linspace(0.6, 0.9, 4) - [0.5, 0.6, 0.7, 0.8]]
)
def test_no_variance_is_no_evidence(differences):
    # Equal but for their last digits, as sums of decimal fractions are.
    assert differences.std() < 1e-15
    statistic, pvalue, _ = corrected_t_test(differences, 1 / 9)
    assert np.isnan(statistic)
    assert pvalue == 1
    assert np.isnan(corrected_interval(differences, 1 / 9)[1:]).all()


@pytest.mark.parametrize(
    ("mean", "rope", "expected"),
    [
        # baycomp's test_probs_var_0.
        (42, 2, (0, 0, 1)),
        (2, 2, (0, 1, 0)),
        (0.5, 2, (0, 1, 0)),
        (0, 2, (0, 1, 0)),
        (-2, 2, (0, 1, 0)),
        (-42, 2, (1, 0, 0)),
        (42, 0, (0, 0, 1)),
        (-42, 0, (1, 0, 0)),
    ],
)
def test_without_variance_the_mean_is_certain(mean, rope, expected):
    assert bayesian_comparison(np.full(10, mean), 1 / 9, rope) == expected


def test_baycomps_posterior():
    # baycomp's test_compute_statistics: mean 1, variance (4² + 4²) / 2 * (1 / 3 + 1 / 2), df 2.
    posterior = stats.t(2, loc=1, scale=np.sqrt(16 * (1 / 3 + 1 / 2)))
    found = bayesian_comparison([5 - 4, 7 - 2, 3 - 6], 1 / 2, 0.5)
    expected = posterior.cdf(-0.5), posterior.cdf(0.5) - posterior.cdf(-0.5), posterior.sf(0.5)
    assert found == pytest.approx(expected, rel=1e-12)


def test_failed_fits_leave_the_others_alone():
    differences = np.array([[0.1, np.nan, 0.3], [0.1, 0.2, 0.4], [np.inf, 0.2, 0.3]])
    whole = corrected_t_test(differences[1], 0.5)
    test = corrected_t_test(differences, 0.5)
    np.testing.assert_equal(test.statistic, [np.nan, whole.statistic, np.nan])
    np.testing.assert_equal(test.pvalue, [np.nan, whole.pvalue, np.nan])
    assert np.isnan(np.array(bayesian_comparison(differences, 0.5, 0.1))[:, [0, 2]]).all()
    assert np.isnan(np.array(corrected_interval(differences, 0.5))[:, [0, 2]]).all()


@pytest.mark.parametrize("size", [1e-300, 1e-160, 1e49])
def test_units_play_no_part(size):
    differences = np.array([1.0, 3.0, 2.0, 5.0])
    expected = corrected_t_test(differences, 1 / 3)
    assert corrected_t_test(differences * size, 1 / 3) == pytest.approx(expected, rel=1e-12)
    assert corrected_interval(differences * size, 1 / 3).low / size == pytest.approx(
        corrected_interval(differences, 1 / 3).low
    )
    found = bayesian_comparison(differences * size, 1 / 3, 2 * size)
    assert found == pytest.approx(bayesian_comparison(differences, 1 / 3, 2), rel=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: corrected_t_test([0.1], 1), "differences: at least 2 folds are needed, got 1"),
        (lambda: corrected_t_test(0.1, 1), "differences: allowed is an array"),
        (lambda: corrected_t_test(["a", "b"], 1), "differences: allowed are numbers, got"),
        (
            lambda: corrected_t_test([0.1, 0.2], -1),
            "ratio: allowed are finite numbers from 0, got -1",
        ),
        (lambda: corrected_t_test([0.1, 0.2], np.inf), "ratio: .* got inf"),
        (lambda: corrected_interval([0.1], 1), "scores: at least 2 folds are needed, got 1"),
        (
            lambda: corrected_interval([0.1, 0.2], 1, 95),
            "level: allowed are numbers between 0 and 1, got 95",
        ),
        (lambda: corrected_welch_test([0.1], [0.1, 0.2], 1, 1), "first: at least 2 folds"),
        (lambda: corrected_welch_test([0.1, 0.2], [0.1], 1, 1), "second: at least 2 folds"),
        (
            lambda: corrected_welch_test([[0.1, 0.2]], [0.1, 0.2], 1, 1),
            r"second: allowed is the leading shape of first, \(1,\), got \(\)",
        ),
        (lambda: corrected_welch_test([0.1, 0.2], [0.1, 0.2], 1, -1), "second_ratio: .* got -1"),
        (lambda: bayesian_comparison([0.1], 1, 0.1), "differences: at least 2 folds"),
        (lambda: bayesian_comparison([0.1, 0.2], 1, -0.1), "rope: .* got -0.1"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ParameterError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
