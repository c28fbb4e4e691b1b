"""The bootstrap of the choice against a naive double loop."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import r2_score as sklearn_r2

from gridlanes.errors import ParameterError
from gridlanes.statistics import (
    any_score,
    area_under_roc,
    bootstrap_corrected,
    bootstrap_interval,
    mean_score,
    r2_score,
)
from gridlanes.statistics import bootstrap as module

RNG = np.random.default_rng(8)
TRUTH = RNG.normal(size=40)
PREDICTIONS = TRUTH + RNG.normal(size=(6, 40)) * np.linspace(0.9, 1.1, 6)[:, None]
HITS = RNG.uniform(size=(6, 40)) < 0.7


def naive(score, rows, draws, level, seed):
    """The algorithm in words: draw, choose in the bag, score out of it; row by row."""
    generator = np.random.default_rng(seed)
    winners, outs, shares = [], [], []
    for _ in range(draws):
        counts = generator.multinomial(rows, np.full(rows, 1 / rows))
        bag = [row for row in range(rows) for _ in range(counts[row])]
        assert len(bag) == rows
        weights = np.bincount(bag, minlength=rows).astype(float)
        best, high = None, -np.inf
        for candidate, own in enumerate(score(weights[None])[0]):
            if own > high:
                best, high = candidate, own
        out = np.array([[float(row not in bag) for row in range(rows)]])
        winners.append(best)
        outs.append(score(out)[0])
        shares.append(out.mean())
    estimate = np.mean([out[own] for out, own in zip(outs, winners, strict=True)])
    scales = np.sqrt(np.array(shares) / (1 - np.array(shares)))
    variances = []
    for own in winners:
        scores = np.array([out[own] for out in outs])
        variances.append(np.mean(((scores - scores.mean()) * scales) ** 2))
    error = np.sqrt(np.mean(variances))
    ends = stats.t.interval(level, rows - 1, estimate, error)
    return estimate, *ends, [winners.count(own) for own in range(len(outs[0]))]


@pytest.mark.parametrize(
    "score",
    [mean_score(HITS), r2_score(TRUTH, PREDICTIONS), any_score(sklearn_r2, TRUTH, PREDICTIONS)],
)
@pytest.mark.parametrize(("draws", "level", "seed"), [(60, 0.95, 0), (25, 0.8, 4)])
def test_naive_loop(score, draws, level, seed):
    found = bootstrap_corrected(score, 40, draws, level, seed)
    estimate, low, high, chosen = naive(score, 40, draws, level, seed)
    assert found[:3] == pytest.approx((estimate, low, high), rel=1e-12)
    np.testing.assert_equal(found.chosen, chosen)
    assert found.uncorrected == score(np.ones((1, 40))).max()


def test_blocks_change_nothing(monkeypatch):
    whole = bootstrap_corrected(mean_score(HITS), 40, 100)
    monkeypatch.setattr(module, "BLOCK", 40 * 7)
    np.testing.assert_equal(bootstrap_corrected(mean_score(HITS), 40, 100), whole)


def test_one_candidate_has_nothing_to_correct():
    # Without a choice the estimate is the mean, and the interval is that of a mean.
    hits = RNG.uniform(size=(1, 400)) < 0.8
    found = bootstrap_corrected(mean_score(hits), 400, 4000)
    error = np.sqrt(hits.mean() * (1 - hits.mean()) / 400)
    assert found.estimate == pytest.approx(hits.mean(), abs=0.1 * error)
    assert found.low == pytest.approx(hits.mean() - 1.96 * error, abs=0.2 * error)
    assert found.high == pytest.approx(hits.mean() + 1.96 * error, abs=0.2 * error)
    assert found.chosen == [4000]


def test_candidates_without_a_score_are_never_chosen():
    failed = np.vstack([np.full(40, np.nan), HITS, np.full(40, np.nan)])
    failed[0, 1:] = 1
    found = bootstrap_corrected(mean_score(failed), 40, 50)
    expected = bootstrap_corrected(mean_score(HITS), 40, 50)
    assert found[:4] == expected[:4]
    np.testing.assert_equal(found.chosen, [0, *expected.chosen, 0])


def test_a_candidate_without_a_score_on_all_rows_is_not_chosen_on_some():
    def score(weights):
        first = np.where(weights.all(axis=1), np.nan, 1.0)
        return np.column_stack([first, mean_score(HITS)(weights)])

    found = bootstrap_corrected(score, 40, 50)
    np.testing.assert_equal(
        found.chosen, [0, *bootstrap_corrected(mean_score(HITS), 40, 50).chosen]
    )


def test_a_candidate_without_a_score_in_some_draws():
    def score(weights):
        values = mean_score(HITS)(weights)
        values[weights[:, 7] == 0, 2] = np.nan
        return values

    found = bootstrap_corrected(score, 40, 200)
    assert np.isfinite(found[:4]).all()
    # It cannot be scored where it could be chosen: row 7 is in the bag or out of it.
    assert found.chosen[2] == 0
    whole = bootstrap_corrected(mean_score(np.delete(HITS, 2, axis=0)), 40, 200)
    assert found.estimate == pytest.approx(whole.estimate, abs=0.03)


def test_draws_without_a_score_are_left_out():
    # One positive row: it is in the bag or out of it, so one of both sides has no score.
    one = np.zeros(40)
    one[3] = 1
    probabilities = RNG.uniform(size=(2, 40))
    with pytest.raises(ParameterError, match="score: at least one draw with a score is needed"):
        bootstrap_corrected(area_under_roc(one, probabilities, np.zeros(40)), 40, 50)
    one[8] = 1
    found = bootstrap_corrected(area_under_roc(one, probabilities, np.zeros(40)), 40, 200)
    # Either of two rows in the bag and the other out of it: about 2 * 0.632 * 0.368.
    assert 60 < found.chosen.sum() < 130
    assert np.isfinite(found[:4]).all()


def test_identical_candidates():
    found = bootstrap_corrected(mean_score(np.ones((3, 20))), 20, 10)
    assert found[:4] == (1, 1, 1, 1)
    np.testing.assert_equal(found.chosen, [10, 0, 0])


def test_two_rows():
    found = bootstrap_corrected(mean_score([[0.0, 1.0]]), 2, 50)
    # Half of the draws take both rows and leave none.
    assert 10 < found.chosen.sum() < 40


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: bootstrap_corrected(mean_score([[1.0]]), 1),
            "rows: at least 2 rows are needed, got 1",
        ),
        (lambda: bootstrap_corrected(mean_score(HITS), 40, 1), "draws: at least 2 draws"),
        (lambda: bootstrap_corrected(mean_score(HITS), 40, level=95), "level: .* got 95"),
        (
            lambda: bootstrap_corrected(mean_score([[np.nan, 1]]), 2),
            "score: at least one candidate with a score",
        ),
        (
            lambda: bootstrap_corrected(lambda weights: weights.sum(axis=1), 9),
            r"score: .* \(1,\) for 1",
        ),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ParameterError, match=message):
        call()


def test_the_interval_of_one_model_is_that_of_scipys_bootstrap():
    """Of a mean and of a score that is none, and of a difference of both."""
    truth, said = TRUTH, PREDICTIONS[:2]

    def of_resamples(truth, predicted, axis):
        return 1 - ((truth - predicted) ** 2).mean(axis=axis) / truth.var(axis=axis)

    score = r2_score(truth, said)
    own = bootstrap_interval(score, len(truth), 4000)
    for model, predicted in enumerate(said):
        resampled = stats.bootstrap(
            (truth, predicted), of_resamples, paired=True, n_resamples=2000,
            rng=np.random.default_rng(1),
        )  # fmt: skip
        assert own.estimate[model] == pytest.approx(sklearn_r2(truth, predicted))
        half = stats.norm.ppf(0.975) * resampled.standard_error
        assert own.high[model] - own.estimate[model] == pytest.approx(half, rel=0.05)
        assert own.estimate[model] - own.low[model] == pytest.approx(half, rel=0.05)
    mean = bootstrap_interval(mean_score(HITS[:1]), HITS.shape[1], 4000, level=0.9)
    half = stats.norm.ppf(0.95) * HITS[0].std() / np.sqrt(HITS.shape[1])
    assert (mean.high - mean.estimate)[0] == pytest.approx(half, rel=0.05)


def test_what_does_not_vary_has_no_interval():
    same = bootstrap_interval(mean_score(np.ones((1, 30))), 30)
    assert same.estimate == [1]
    assert np.isnan([same.low, same.high]).all()
    # A class is not in every draw.
    rare = area_under_roc(np.arange(30) == 3, np.arange(30.0)[None], np.zeros(30))
    found = bootstrap_interval(rare, 30)
    assert np.isfinite([found.low, found.high]).all()
    with pytest.raises(ParameterError, match="rows: at least 2 rows are needed, got 1"):
        bootstrap_interval(mean_score(np.ones((1, 1))), 1)
