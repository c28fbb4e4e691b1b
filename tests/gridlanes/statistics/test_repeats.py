"""Repeated cross-validation: intervals that cover a known truth, and do not shrink to nothing."""

from typing import NamedTuple

import numpy as np
import pytest
from scipy.special import ndtr

from gridlanes.errors import ParameterError
from gridlanes.statistics import corrected_interval, one_standard_error, score_interval

ROWS, FEATURES, FOLDS, REPEATS, STUDIES = 60, 10, 5, 10, 500


class Study(NamedTuple):
    folds: np.ndarray
    rows: np.ndarray
    truth: float


def simulated(draw: np.random.Generator) -> Study:
    """Cross-validate nearest means on two normal classes, whose accuracy on new rows is known."""
    y = np.arange(ROWS) % 2
    X = draw.normal(size=(ROWS, FEATURES))
    X[:, 0] += 0.7 * y
    right, of_folds, truth = np.zeros((REPEATS, ROWS)), np.zeros((REPEATS, FOLDS)), []
    for repeat in range(REPEATS):
        fold = np.empty(ROWS, int)
        for label in (0, 1):
            fold[draw.permutation(np.flatnonzero(y == label))] = np.arange(ROWS // 2) % FOLDS
        for test in range(FOLDS):
            train = fold != test
            means = [X[train & (y == label)].mean(axis=0) for label in (0, 1)]
            across = means[1] - means[0]
            middle = across @ (means[0] + means[1]) / 2
            hits = (X @ across > middle) == y
            right[repeat, ~train], of_folds[repeat, test] = hits[~train], hits[~train].mean()
            far = np.array([middle, 0.7 * across[0] - middle]) / np.linalg.norm(across)
            truth.append(ndtr(far).mean())
    return Study(of_folds, right, float(np.mean(truth)))


@pytest.fixture(scope="module")
def studies() -> list[Study]:
    draw = np.random.default_rng(0)
    return [simulated(draw) for _ in range(STUDIES)]


def covered(studies, interval) -> tuple[float, float]:
    """Return how often intervals hold the truth, and how wide they are on average."""
    truth = np.mean([own.truth for own in studies])
    ends = np.array([interval(own)[1:] for own in studies])
    return ((ends[:, 0] <= truth) & (truth <= ends[:, 1])).mean(), np.ptp(ends, axis=1).mean()


def test_repeats_make_no_interval_too_narrow(studies):
    chance = 3 * np.sqrt(0.05 * 0.95 / STUDIES)
    ways = {
        "folds": lambda own: corrected_interval(own.folds.ravel(), 1 / (FOLDS - 1)),
        "rows": lambda own: score_interval(own.rows.mean(axis=0), np.arange(ROWS) % FOLDS),
    }
    for interval in ways.values():
        share, _ = covered(studies, interval)
        assert share > 0.95 - chance
    # Rows of all repeats taken for rows of their own, and folds without the correction.
    naive = [
        lambda own: corrected_interval(own.folds.ravel(), 0.0),
        lambda own: score_interval(own.rows.ravel(), np.arange(ROWS * REPEATS) % FOLDS),
    ]
    for interval in naive:
        assert covered(studies, interval)[0] < 0.7


def test_ten_repeats_are_not_ten_times_the_evidence(studies):
    labels = np.arange(ROWS) % FOLDS
    _, once = covered(studies, lambda own: score_interval(own.rows[0], labels))
    _, often = covered(studies, lambda own: score_interval(own.rows.mean(axis=0), labels))
    assert 0.8 < often / once < 1


def test_the_standard_error_of_a_choice_is_that_of_one_repeat():
    scores = np.array([[0.7, 0.8, 0.9], [0.76, 0.76, 0.76]])
    results = {"n_weights": np.array([2, 1]), "n_steps": np.array([1, 1])}
    for repeats in (1, 20):
        columns = np.tile(scores, repeats).T
        results |= {f"split{n}_test_score": own for n, own in enumerate(columns)}
        # 0.04 is less than the standard error of one repeat, 0.058 and 0.047, and more than 0.011.
        assert one_standard_error(results, repeats) == 1
    assert one_standard_error(results) == 0
    for repeats in (7, 0):
        with pytest.raises(ParameterError, match="repeats: allowed is what divides the 60 folds"):
            one_standard_error(results, repeats)
