"""The statistics on simulated studies with a known truth, in short; and the simulation itself."""

import subprocess
import sys

import numpy as np
import pytest
from sklearn.neighbors import NearestCentroid
from tiny import ROOT

from benchmarks.honesty import correlated, simulate
from benchmarks.simulation import one_strong, scenario, splits, study

# One worker simulates for all tests.
pytestmark = pytest.mark.xdist_group("simulation")

STUDIES, MANY = 300, 1500
SCENARIOS = {
    "noise": scenario(np.zeros(40), candidates=30, rows=200),
    "strong": scenario(one_strong(), candidates=30, rows=200),
    "weak": scenario(np.full(40, 0.15), candidates=30, rows=200),
}


def margin(times):
    """Return three Monte Carlo standard errors of a share near 95 % or 5 %."""
    return 3 * np.sqrt(0.05 * 0.95 / times)


RUNS = [
    pytest.param((name, studies), id=f"{name} {studies}", marks=marks)
    for studies, marks in ((STUDIES, ()), (MANY, pytest.mark.soak))
    for name in SCENARIOS
]


@pytest.fixture(scope="module", params=RUNS)
def result(request):
    """A scenario's name, what its simulation found, and how far chance takes a share."""
    name, studies = request.param
    return name, simulate(SCENARIOS[name], studies, seed=0, draws=200), margin(studies)


def test_bias(result):
    name, found, _ = result
    estimates = found["estimates"]
    for unbiased in ("nested", "one") + (() if name == "noise" else ("bootstrap",)):
        assert abs(estimates[unbiased]["bias"]) < 4 * estimates[unbiased]["error"]
    uncorrected = estimates["uncorrected"]
    assert uncorrected["bias"] > 8 * uncorrected["error"]
    assert abs(estimates["bootstrap"]["bias"]) < uncorrected["bias"] / 4


def test_coverage(result):
    name, found, chance = result
    for kind in ("nested", "nested, fold scores", "bootstrap", "one", "one, fold scores"):
        assert 0.95 - chance < found["coverage"][kind]["share"] <= 1
    if name == "noise":
        # What a learner owes to the other folds' rows cannot be left out for all learners.
        assert found["coverage"]["nested, correlation=0"]["share"] < 0.95 - chance


def test_false_positives(result):
    _, found, chance = result
    assert found["positives"]["corrected"] < 0.05 + chance


def test_correlated_folds_are_what_the_correction_is_for():
    found = correlated(20_000, seed=0)
    assert found["positives"]["corrected"] == pytest.approx(0.05, abs=margin(20_000))
    assert found["coverage"]["share"] == pytest.approx(0.95, abs=margin(20_000))
    assert found["positives"]["plain"] > 0.1


@pytest.mark.parametrize("means", [one_strong(), np.full(40, 0.15)])
def test_the_simulation_is_scikit_learns_nearest_centroid(means):
    settings = scenario(means, candidates=6, rows=120, outer=5)
    own = study(settings, splits(settings), np.random.default_rng(4))
    signs = np.array([[1], [-1]])
    table = np.random.default_rng(4).normal(size=(60, 2, 40)) + signs * means
    fresh = np.random.default_rng(5).normal(size=(20_000, 2, 40)) + signs * means
    pairs, labels = np.arange(60), np.array([1, -1])
    for candidate, features in enumerate(settings.features.T):
        for fold in range(5):
            train, test = (
                table[pairs % 5 != fold][..., features],
                table[pairs % 5 == fold][..., features],
            )
            model = NearestCentroid().fit(np.concatenate(train), np.tile(labels, len(train)))
            hits = model.predict(np.concatenate(test)) == np.tile(labels, len(test))
            np.testing.assert_equal(own.hits[candidate, fold], hits)
            right = model.predict(fresh[..., features].reshape(40_000, -1)) == np.tile(
                labels, 20_000
            )
            assert own.truth[candidate, fold] == pytest.approx(right.mean(), abs=4 * 0.5 / 200)


def test_inner_folds_stay_inside_the_outer_training_set():
    settings = scenario(np.zeros(40), rows=120, outer=5)
    outer, inner = splits(settings)
    assert outer.train.sum(axis=1).tolist() == [48] * 5
    np.testing.assert_equal(np.sort(outer.test.ravel()), np.arange(60))
    for number, (train, test) in enumerate(zip(inner.train, inner.test, strict=True)):
        both = np.sort([*np.flatnonzero(train), *test])
        np.testing.assert_equal(both, np.flatnonzero(outer.train[number // settings.inner]))


def test_nothing_loads_what_it_does_not_need():
    unwanted = {"tensorflow", "keras", "sklearn", "pandas"}
    code = f"import sys, benchmarks.honesty; assert not {unwanted} & {{*sys.modules}}"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
