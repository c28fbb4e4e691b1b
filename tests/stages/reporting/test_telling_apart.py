"""From which difference on candidates are told apart, by SciPy's own tests."""

import numpy as np
import pytest
from scipy import stats

from gridlanes.statistics import corrected_t_test, holm
from stages.reporting.telling_apart import told_apart

FOLDS = 5


def test_a_difference_of_that_size_is_told_and_a_smaller_one_is_not():
    rng = np.random.default_rng(0)
    noise = rng.normal(0, 0.02, FOLDS)
    noise -= noise.mean()
    best = np.full(FOLDS, 0.8)
    others = [best - own + sign * noise for own, sign in ((0.1, 1), (0.2, -1), (0.3, 1))]
    found = told_apart(np.array([best, *others, np.full(FOLDS, np.nan)]), 1 / (FOLDS - 1))
    error = noise.std(ddof=1) * np.sqrt(1 / FOLDS + 1 / (FOLDS - 1))
    assert found["told_alone"] == pytest.approx(stats.t.ppf(0.975, FOLDS - 1) * error)
    assert found["told_among_all"] == pytest.approx(stats.t.ppf(1 - 0.025 / 3, FOLDS - 1) * error)
    for factor, told in ((1.01, True), (0.99, False)):
        of_one = noise + factor * found["told_among_all"]
        pvalue = corrected_t_test(of_one, 1 / (FOLDS - 1)).pvalue
        assert (holm([pvalue, 1, 1])[0] < 0.05) == told


def test_without_noise_or_another_candidate_there_is_no_size():
    assert told_apart(np.array([[0.8, 0.7]]), 1.0) == {}
    assert told_apart(np.array([[0.8, 0.7], [0.7, 0.6]]), 1.0) == {}
