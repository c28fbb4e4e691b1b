"""Holm's adjustment against stdlib's p.adjust and its definition; what is like the best."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from r_random import r_normal

from gridlanes.errors import ParameterError
from gridlanes.statistics import corrected_t_test, holm, indistinguishable

PVALUES = arrays("float64", st.integers(0, 12), elements=st.floats(0, 1) | st.just(np.nan))
ROUNDED = st.integers(0, 20).map(lambda hits: hits / 20)
SCORES = arrays("float64", st.tuples(st.integers(1, 7), st.integers(2, 6)), elements=ROUNDED)


def closure(pvalues: np.ndarray) -> list[float]:
    """Holm's adjustment as what it is by theory: the closed test with Bonferroni's."""
    m = len(pvalues)
    sets = [[i for i in range(m) if code >> i & 1] for code in range(1, 2**m)]
    local = [min(1.0, len(own) * min(pvalues[i] for i in own)) for own in sets]
    return [max(p for own, p in zip(sets, local, strict=True) if i in own) for i in range(m)]


def test_published_values():
    # The example of @stdlib/stats/padjust, which follows R's p.adjust.
    adjusted = holm([0.319, 0.201, 0.4, 0.374, 0.113])
    np.testing.assert_allclose(adjusted, [0.957, 0.804, 0.957, 0.957, 0.565], rtol=1e-12)


@given(arrays("float64", st.integers(1, 6), elements=st.floats(0, 1)))
def test_it_is_the_closed_bonferroni_test(pvalues):
    np.testing.assert_allclose(holm(pvalues), closure(pvalues), rtol=1e-12)


@given(PVALUES, st.randoms(use_true_random=False))
def test_holm_invariants(pvalues, random):
    adjusted = holm(pvalues)
    missing = np.isnan(pvalues)
    np.testing.assert_equal(np.isnan(adjusted), missing)
    known = pvalues[~missing]
    assert (adjusted[~missing] >= known).all()
    assert (adjusted[~missing] <= 1).all()
    assert (np.diff(adjusted[~missing][np.argsort(known, kind="stable")]) >= 0).all()
    np.testing.assert_equal(adjusted[~missing], holm(known))
    order = random.sample(range(len(pvalues)), len(pvalues))
    np.testing.assert_equal(holm(pvalues[order]), adjusted[order])


def test_against_the_definition():
    scores = 0.7 + 0.03 * r_normal(5, 80).reshape(8, 10) - np.arange(8)[:, None] * 0.015
    best = scores.mean(axis=1).argmax()
    pvalues = [corrected_t_test(scores[best] - own, 1 / 9).pvalue for own in scores]
    order = sorted(set(range(8)) - {best}, key=lambda own: pvalues[own])
    expected = np.ones(8, dtype=bool)
    for rank, own in enumerate(order):
        if pvalues[own] * (7 - rank) >= 0.05:
            break
        expected[own] = False
    assert 1 < expected.sum() < 8
    np.testing.assert_equal(indistinguishable(scores, 1 / 9), expected)


@given(SCORES, st.randoms(use_true_random=False))
def test_the_order_of_candidates_plays_no_part(scores, random):
    mask = indistinguishable(scores, 0.5)
    order = random.sample(range(len(scores)), len(scores))
    np.testing.assert_equal(indistinguishable(scores[order], 0.5), mask[order])
    means = scores.mean(axis=1)
    assert mask[means >= means.max() - 1e-15].all()


@given(SCORES)
def test_failed_candidates_change_nothing_for_the_others(scores):
    failed = np.vstack([scores, np.full((1, scores.shape[1]), 1.0)])
    failed[-1, -1] = np.nan
    expected = [*indistinguishable(scores, 0.5), False]
    np.testing.assert_equal(indistinguishable(failed, 0.5), expected)


def test_worse_by_the_same_in_all_folds_is_no_evidence():
    scores = np.array([[0.7, 0.8, 0.9], [0.6, 0.7, 0.8]])
    np.testing.assert_equal(indistinguishable(scores, 0.5), [True, True])


def test_equal_scores_in_other_digits():
    scores = np.array([[0.1 + 0.2, 0.7, 0.9], [0.3, 0.7, 0.9], [0.0, 0.39, 0.61]])
    np.testing.assert_equal(indistinguishable(scores, 0.5), [True, True, False])


def test_one_candidate():
    np.testing.assert_equal(indistinguishable([[0.5, 0.6]], 1), [True])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: holm([0.1, 1.2]), r"pvalues: .* got 1\.2"),
        (lambda: holm([[0.1]]), "pvalues: allowed is one dimension"),
        (
            lambda: indistinguishable([[0.5], [0.6]], 1),
            "scores: at least 2 folds are needed, got 1",
        ),
        (
            lambda: indistinguishable([[0.5, np.nan]], 1),
            "scores: at least one candidate without NaN",
        ),
        (
            lambda: indistinguishable([0.5, 0.6], 1),
            r"scores: allowed is the shape \(candidates, folds\)",
        ),
        (lambda: indistinguishable([[0.5, 0.6]], 1, 5), "alpha: .* got 5"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
