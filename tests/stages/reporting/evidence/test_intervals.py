"""What is said of folds that are not alike: groups, an order of time, rows that weigh."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import accuracy_score, balanced_accuracy_score, max_error
from small_tables import FOLDS, ROWS, study

from stages.reporting.evidence.intervals import interval, ratio
from stages.reporting.evidence.resampling import resampled
from stages.reporting.evidence.scoring import Said
from stages.reporting.evidence.verdict import verdict
from stages.reporting.words import sentences as words
from stages.reporting.words.rows import row_words

TIME = {"column": "when", "minimum": "2019-01-01", "maximum": "2020-12-31", "times": 24}
rng = np.random.default_rng(0)
TRUTH = rng.integers(0, 2, ROWS)
OUTPUTS = rng.random((3, ROWS, 1))
OWN = Said(TRUTH, np.arange(ROWS) % 3, np.concatenate([OUTPUTS, 1 - OUTPUTS], axis=2), np.arange(2))
CODES = rng.integers(0, 7, ROWS)
WEIGHTS = rng.uniform(0, 3, ROWS)


def of(role: str, *, candidates: int = 2, **changed):
    """Return a study whose rows have groups, times or weights, and what is said of it."""
    own = {"groups": CODES.astype(str), "time": np.arange(ROWS), "weights": WEIGHTS}[role]
    profile = {"task": "classification", "rows": ROWS, role: TIME}
    content = study((0.9, 0.6, 0.3)[:candidates], profile=profile, **changed)
    content["rows"] = pd.DataFrame({role: own})
    content["scores"]["rows"] = ROWS // FOLDS
    content["best"]["params"] = {"epochs": 0}
    found = verdict(content)
    return found, words.sentences(found, content["best"]) + words.answer(found, content["best"])


@pytest.mark.parametrize("outer", [0.5, 0.8])
@pytest.mark.parametrize("candidates", [1, 2])
def test_of_folds_in_the_order_of_time_no_test_is_told(outer, candidates):
    found, said = of("time", outer=outer, candidates=candidates, permutations=None)
    for own in (found["nested_cv"], found["base_model"]["accuracy"]):
        assert not {"low", "high", "pvalue"} & own.keys()
        assert own["unknown"] == "no interval is known for folds in the order of time"
    for own in found["baselines"]["models"].values():
        assert not {"low", "high", "pvalue"} & own.keys()
    for name in ("bootstrap_corrected", "not_distinguishable", "cheapest"):
        assert "no test is known for folds in the order of time" in found[name]["missing"]
    above = "Not decided: the network is above logistic regression, which may be chance (diff"
    below = "The network is not above always predicting the majority class: do not use it (diff"
    assert said[0].startswith(above if outer > 0.7 else below)
    assert "95 %" not in " ".join(said)


def test_groups_and_weights_are_judged_by_the_scores_of_folds():
    plain = verdict(study(spread=0.1))["nested_cv"]
    for role in ("groups", "weights"):
        found, _ = of(role, spread=0.1)
        own = found["nested_cv"]
        half = stats.t.ppf(0.975, 2) * np.sqrt((1 / 3 + 1 / 2) * np.var([0.7, 0.8, 0.9], ddof=1))
        assert own["low"] == pytest.approx(0.8 - half, abs=1e-6)
        assert own["low"] != plain["low"]


def test_folds_of_groups_are_of_different_sizes():
    profile = {"groups": {}}
    assert ratio(profile, 3, [10, 10, 10]) == pytest.approx(ratio({}, 3))
    assert ratio(profile, 3, [10, 20, 70]) == pytest.approx((1 / 9 + 1 / 4 + 7 / 3) / 3)
    assert ratio(profile | {"time": TIME}, 3) is None
    wide, narrow = (
        interval([0.7, 0.8, 0.9], "accuracy", own) for own in (ratio(profile, 3, [10, 20, 70]), 0.5)
    )
    assert wide["low"] < narrow["low"]


@pytest.mark.parametrize("scoring", ["accuracy", "balanced_accuracy", "average_precision"])
def test_a_draw_of_groups_is_one_of_their_rows(scoring):
    score, things, _ = resampled(scoring, OWN, pd.DataFrame({"groups": CODES}))
    plain, rows, _ = resampled(scoring, OWN, pd.DataFrame())
    assert (things, rows) == (7, ROWS)
    drawn = rng.integers(0, 3, (4, 7)).astype(float)
    _, first = np.unique(CODES, return_index=True)
    names = CODES[np.sort(first)]
    by_row = np.array([[own[list(names).index(code)] for code in CODES] for own in drawn])
    np.testing.assert_allclose(score(drawn), plain(by_row))


@pytest.mark.parametrize(
    ("scoring", "metric"),
    [("accuracy", accuracy_score), ("balanced_accuracy", balanced_accuracy_score)],
)
def test_weights_are_those_of_scikit_learn(scoring, metric):
    score, *_ = resampled(scoring, OWN, pd.DataFrame({"weights": WEIGHTS}))
    expected = [metric(TRUTH, own, sample_weight=WEIGHTS) for own in OWN.predicted]
    np.testing.assert_allclose(score(np.ones((1, ROWS)))[0], expected)


def test_a_slow_scorer_takes_weights_too_and_one_that_cannot_counts_rows():
    said = Said(TRUTH.astype(float), OWN.folds, OUTPUTS, None)
    rows = pd.DataFrame({"weights": WEIGHTS})
    score, _, quick = resampled("neg_root_mean_squared_error", said, rows)
    assert not quick
    errors = np.average((OUTPUTS[:, :, 0] - TRUTH) ** 2, axis=1, weights=WEIGHTS)
    np.testing.assert_allclose(score(np.ones((1, ROWS)))[0], -np.sqrt(errors))
    score, *_ = resampled("neg_max_error", said, rows)
    expected = [-max_error(TRUTH, own[:, 0]) for own in OUTPUTS]
    np.testing.assert_allclose(score(np.ones((1, ROWS)))[0], expected)


def test_the_data_are_told_of():
    profile = {
        "task": "classification",
        "rows": 90,
        "groups": {"column": "who", "groups": 40, "largest": 12},
        "time": TIME,
        "weights": {"column": "w", "minimum": 0, "maximum": 2.5},
    }
    groups, time, weights = row_words(profile, ["accuracy", "neg_max_error"])
    assert "same who stay on one side of every split: 40 groups, the largest of 12 of 90" in groups
    assert "from 2019-01-01 to 2020-12-31 (24 different times)" in time
    assert "from 0 to 2.5, in fits and scores; linear discriminant analysis and neg max error" in (
        weights
    )
    assert row_words({"rows": 90}, ["accuracy"]) == []
    (weights,) = row_words({"task": "regression", "weights": profile["weights"]}, ["r2"])
    assert "in fits and scores. Figures" in weights


@pytest.mark.parametrize("role", [None, "groups", "weights"])
def test_a_repeat_that_says_the_same_again_is_no_evidence(role):
    """Neither to the bootstrap, which draws a row with its repeats, nor to rows and folds."""
    rows = {"groups": CODES.astype(str), "weights": WEIGHTS}
    table = pd.DataFrame({} if role is None else {role: rows[role]})
    profile = {"task": "classification"} | ({} if role is None else {role: TIME})
    content = study((0.9, 0.6), profile=profile, rows=table)
    content["scores"]["rows"] = ROWS // FOLDS
    once = verdict(content)
    repeated = dict(content)
    repeated["best"] = content["best"] | {"folds": 2 * FOLDS, "repeats": 2}
    for name in ("predictions", "outer_predictions", "scores", "outer"):
        first = content[name]
        again = pd.concat(
            [first.assign(repeat=0), first.assign(repeat=1, fold=first["fold"] + FOLDS)]
        )
        by = [own for own in ("candidate", "row") if name.endswith("predictions")]
        repeated[name] = again.sort_values([*by, "fold"], ignore_index=True)
    splits = content["candidates"].filter(regex="^split")
    splits.columns = [f"split{FOLDS + fold}_test_score" for fold in range(FOLDS)]
    repeated["candidates"] = pd.concat([content["candidates"], splits], axis=1)
    for name in ("baselines", "outer_baselines"):
        first = content[name]
        repeated[name] = pd.concat([first, first.assign(fold=first["fold"] + FOLDS)])
    found = verdict(repeated)
    for figure in ("estimate", "low", "high"):
        expected = once["bootstrap_corrected"][figure]
        assert found["bootstrap_corrected"][figure] == pytest.approx(expected, abs=1e-5)
    if role is None:
        assert found["nested_cv"]["low"] == once["nested_cv"]["low"]
    # With twice as many folds of the same scores: t of 5 degrees of freedom and 1 / 6 for 1 / 3.
    own, base = content["scores"]["accuracy"], found["base_model"]["accuracy"]
    deviation = np.std([*own, *own], ddof=1)
    sizes = 1 / 2
    half = stats.t.ppf(0.975, 5) * deviation * np.sqrt(1 / 6 + sizes)
    if role != "groups":
        assert base["mean"] - base["low"] == pytest.approx(half, abs=1e-5)
    assert found["nested_cv"]["repeats"] == found["baselines"]["repeats"] == 2
    assert "repeats" not in once["nested_cv"]
