"""Intervals of a score against SciPy's and Newcombe's figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gridlanes.errors import ParameterError
from gridlanes.statistics import score_interval


def hits(right: int, rows: int) -> np.ndarray:
    return (np.arange(rows) < right).astype(float)


@pytest.mark.parametrize(
    ("right", "rows", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17, 1998, table I, method 3 (Wilson's score).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_published_proportions(right, rows, low, high):
    found = score_interval(hits(right, rows), np.arange(rows) % 5, correlation=0)
    assert found == pytest.approx((right / rows, low, high), abs=6e-5)


@given(st.integers(0, 50), st.floats(0.5, 0.999))
def test_wilsons_interval_is_scipys(right, level):
    found = score_interval(hits(right, 50), np.arange(50) % 5, level, correlation=0)
    expected = stats.binomtest(right, 50).proportion_ci(level, method="wilson")
    assert found[1:] == pytest.approx(tuple(expected), abs=1e-12)


def test_other_scores_have_the_normal_interval():
    scores = np.random.default_rng(0).normal(size=100)
    found = score_interval(scores, np.arange(100) % 5, 0.9, correlation=0)
    expected = stats.norm.interval(0.9, scores.mean(), stats.sem(scores))
    assert found[1:] == pytest.approx(expected, rel=1e-12)


def test_correlation_widens_as_if_there_were_fewer_rows():
    scores = np.random.default_rng(0).normal(size=100)
    folds = np.arange(100) % 5
    _, low, high = score_interval(scores, folds, correlation=0)
    _, least, most = score_interval(scores, folds)
    # The variance of the mean of 5 scores with the correlation 1/5.
    correlated = np.full((5, 5), 0.2) + 0.8 * np.eye(5)
    ratio = correlated.mean() / (np.eye(5).mean())
    assert (most - least) / (high - low) == pytest.approx(np.sqrt(ratio), rel=1e-12)
    found = score_interval(hits(63, 90), np.arange(90) % 5)
    assert found[1:] == pytest.approx(
        tuple(stats.binomtest(35, 50).proportion_ci(method="wilson")), rel=1e-12
    )


@pytest.mark.parametrize("right", [0, 30])
def test_all_right_or_all_wrong_is_not_certain(right):
    _, low, high = score_interval(hits(right, 30), np.arange(30) % 3)
    assert 0.1 < high - low < 0.3
    assert low >= 0
    assert high <= 1


def test_equal_errors_hold_no_estimate_of_noise():
    mean, low, high = score_interval(np.full(10, 0.1), np.arange(10) % 2)
    assert mean == pytest.approx(0.1)
    assert np.isnan([low, high]).all()


@pytest.mark.parametrize("size", [1e-300, 1e49])
def test_units_play_no_part(size):
    scores, folds = np.array([1.0, 3, 2, 5]), [0, 0, 1, 1]
    expected = score_interval(scores, folds)
    assert np.array(score_interval(scores * size, folds)) / size == pytest.approx(expected)


def test_rows_of_one_model_are_not_correlated():
    ours = score_interval(hits(30, 40))
    theirs = stats.binomtest(30, 40).proportion_ci(method="wilson")
    np.testing.assert_allclose(ours[1:], (theirs.low, theirs.high))
    errors = np.random.default_rng(0).normal(size=50)
    half = stats.norm.ppf(0.975) * stats.sem(errors)
    np.testing.assert_allclose(score_interval(errors)[1:], errors.mean() + [-half, half])


def test_a_failed_fit():
    assert np.isnan(score_interval([1.0, np.nan], [0, 1])).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: score_interval([1.0], [0]), "row_scores: at least 2 rows are needed, got 1"),
        (lambda: score_interval([1.0, 0.0], [0, 0]), "folds: at least 2 folds are needed, got 1"),
        (
            lambda: score_interval([1.0, 0.0], [0]),
            "folds: allowed is one fold for each of the 2 rows",
        ),
        (lambda: score_interval([1.0, 0.0], [0, 1], 1.0), "level: .* got 1.0"),
        (lambda: score_interval([1.0, 0.0], [0, 1], correlation=1), "correlation: .* got 1"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
