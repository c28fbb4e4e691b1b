"""Weighted metrics of many candidates against scikit-learn's, one call at a time."""

import warnings

import numpy as np
import pytest
from sklearn import metrics

from gridlanes.errors import ParameterError
from gridlanes.statistics import any_score, area_under_roc, mean_score, r2_score

RNG = np.random.default_rng(3)
ROWS, CANDIDATES = 60, 4
COUNTS = RNG.multinomial(ROWS, np.full(ROWS, 1 / ROWS), size=12).astype(float)
#: Bootstrap counts, rows out of the bag, all rows, and weights of no such kind.
WEIGHTS = np.vstack([COUNTS, COUNTS == 0, np.ones(ROWS), RNG.uniform(size=(3, ROWS))])
LABELS = RNG.integers(0, 2, ROWS)
#: With ties, within a class and between classes.
PROBABILITIES = np.round(RNG.uniform(0.05, 0.95, size=(CANDIDATES, ROWS)), 1)
FOLDS = RNG.permutation(np.arange(ROWS) % 5)
VALUES = 1e3 + RNG.normal(size=ROWS)
PREDICTIONS = VALUES + RNG.normal(size=(CANDIDATES, ROWS))


def one_by_one(function, truth, predictions):
    return [[function(truth, own, sample_weight=row) for own in predictions] for row in WEIGHTS]


def by_fold(truth, prediction, sample_weight):
    """The area within each fold that has both classes, by scikit-learn."""
    areas = []
    for fold in np.unique(FOLDS):
        own = (fold == FOLDS) & (sample_weight > 0)
        if len(set(truth[own])) == 2:
            weight = sample_weight[own]
            areas.append(metrics.roc_auc_score(truth[own], prediction[own], sample_weight=weight))
    return np.mean(areas)


def test_accuracy():
    classes = (PROBABILITIES > 0.5).astype(int)
    found = mean_score(classes == LABELS)(WEIGHTS)
    expected = one_by_one(metrics.accuracy_score, LABELS, classes)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_log_loss():
    likelihood = np.where(LABELS, PROBABILITIES, 1 - PROBABILITIES)
    found = mean_score(np.log(likelihood))(WEIGHTS)
    expected = one_by_one(metrics.log_loss, LABELS, PROBABILITIES)
    np.testing.assert_allclose(-found, expected, rtol=1e-12)


def test_squared_error():
    found = mean_score(-((PREDICTIONS - VALUES) ** 2))(WEIGHTS)
    expected = one_by_one(metrics.mean_squared_error, VALUES, PREDICTIONS)
    np.testing.assert_allclose(-found, expected, rtol=1e-12)


def test_r2():
    found = r2_score(VALUES, PREDICTIONS)(WEIGHTS)
    expected = one_by_one(metrics.r2_score, VALUES, PREDICTIONS)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_area_under_roc():
    found = area_under_roc(LABELS, PROBABILITIES, FOLDS)(WEIGHTS)
    np.testing.assert_allclose(found, one_by_one(by_fold, LABELS, PROBABILITIES), rtol=1e-12)


def test_area_under_roc_of_one_fold():
    found = area_under_roc(LABELS == 1, PROBABILITIES, np.zeros(ROWS))(WEIGHTS)
    expected = one_by_one(metrics.roc_auc_score, LABELS, PROBABILITIES)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_area_under_roc_compares_rows_of_a_fold_only():
    shifted = PROBABILITIES + 10 * FOLDS
    np.testing.assert_allclose(
        area_under_roc(LABELS, shifted, FOLDS)(WEIGHTS),
        area_under_roc(LABELS, PROBABILITIES, FOLDS)(WEIGHTS),
        rtol=1e-12,
    )


def test_folds_that_lack_a_class_are_left_out():
    labels = np.where(FOLDS == 2, 1, LABELS)
    own = FOLDS != 2
    np.testing.assert_allclose(
        area_under_roc(labels, PROBABILITIES, FOLDS)(WEIGHTS),
        area_under_roc(labels[own], PROBABILITIES[:, own], FOLDS[own])(WEIGHTS[:, own]),
        rtol=1e-12,
    )


def test_any_score_is_any_metric():
    found = any_score(metrics.r2_score, VALUES, PREDICTIONS)(WEIGHTS)
    np.testing.assert_allclose(found, r2_score(VALUES, PREDICTIONS)(WEIGHTS), atol=1e-12)
    names = np.array(["no", "yes"])
    classes = names[(PROBABILITIES > 0.5).astype(int)]
    found = any_score(metrics.balanced_accuracy_score, names[LABELS], classes)(WEIGHTS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = one_by_one(metrics.balanced_accuracy_score, names[LABELS], classes)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        mean_score,
        lambda values: r2_score(VALUES, values),
        lambda values: area_under_roc(LABELS, values, FOLDS),
        lambda values: any_score(metrics.r2_score, VALUES, values),
    ],
)
def test_a_failed_candidate_has_no_score(make):
    failed = PREDICTIONS.copy()
    failed[1, 5] = np.nan
    expected = make(PREDICTIONS)(WEIGHTS)
    expected[:, 1] = np.nan
    np.testing.assert_equal(make(failed)(WEIGHTS), expected)


@pytest.mark.parametrize("make", [mean_score, lambda values: r2_score(VALUES, values)])
@pytest.mark.parametrize("value", [np.inf, 1e308])
def test_a_diverged_candidate_has_no_score(make, value):
    diverged = PREDICTIONS.copy()
    diverged[1, 5] = value
    np.testing.assert_equal(
        np.isnan(make(diverged)(WEIGHTS)).any(axis=0), [False, True, False, False]
    )


def test_what_is_not_defined_is_nan():
    weights = np.zeros((3, ROWS))
    weights[1] = LABELS == 1
    weights[2, 0] = 1
    assert np.isnan(area_under_roc(LABELS, PROBABILITIES, FOLDS)(weights)).all()
    assert np.isnan(r2_score(VALUES, PREDICTIONS)(weights[[0, 2]])).all()
    assert np.isnan(mean_score(PREDICTIONS)(weights[:1])).all()
    assert np.isnan(r2_score(np.full(ROWS, 0.1), PREDICTIONS)(WEIGHTS)).all()
    assert np.isnan(any_score(metrics.roc_auc_score, LABELS, PROBABILITIES)(weights)).all()


def test_any_score_hides_no_error_of_a_metric():
    def wrong(truth, prediction, sample_weight):
        raise ValueError("not a metric")

    with pytest.raises(ValueError, match="not a metric"):
        any_score(wrong, VALUES, PREDICTIONS)(np.ones((1, ROWS)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: mean_score([1, 0]),
            r"row_scores: allowed is the shape \(candidates, rows\), got \(2,\)",
        ),
        (lambda: mean_score(np.zeros((0, 3))), "row_scores: allowed is the shape"),
        (lambda: r2_score([1.0, 2.0], [[1.0]]), r"predictions: .* \(candidates, 2\), got \(1, 1\)"),
        (lambda: r2_score([1.0, np.nan], [[1.0, 2.0]]), "truth: allowed are finite numbers"),
        (lambda: area_under_roc([1, 2], [[0.1, 0.2]], [0, 0]), "truth: allowed are 0 and 1"),
        (
            lambda: area_under_roc([0, 1], [[0.1, 0.2]], [0]),
            "folds: allowed is one fold for each of the 2 rows",
        ),
        (
            lambda: any_score(metrics.r2_score, [1.0, 2.0], [1.0, 2.0]),
            "predictions: allowed is the shape",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
