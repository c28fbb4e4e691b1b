"""What the report says of the winner's predictions, beside scikit-learn's scores of them."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from scipy import stats
from sklearn import metrics
from small_tables import FOLDS, study

from stages.reporting.evidence.verdict import verdict
from stages.reporting.evidence.winner_errors import areas, by_class, winner
from stages.reporting.evidence.winner_leaning import importance, learning_curve
from stages.reporting.evidence.winner_rows import of_interest, winner_rows
from stages.reporting.evidence.winner_threshold import criterion, curve
from stages.reporting.figures.winner import of_winner
from stages.reporting.pages.winner import section
from stages.reporting.words import winner as words

ROWS = 600
rng = np.random.default_rng(0)
TRUTH = rng.permutation(np.arange(ROWS) % 3 == 0).astype(int)
FOLD = np.arange(ROWS) % FOLDS


def of_classes(said, truth=TRUTH, **columns) -> pd.DataFrame:
    """Return predictions of one run, of two classes."""
    table = pd.DataFrame({"row": range(len(truth)), "fold": FOLD[: len(truth)], "truth": truth})
    return table.assign(probability_0=1 - said, probability_1=said, **columns)


def content(table, *, task="classification", features=None, importance=None, curve=None, **changed):
    """Return what a study left whose only candidate has these predictions."""
    features = pd.DataFrame({"a": np.arange(ROWS) % 5}) if features is None else features
    kinds = {name: {"kind": "number"} for name in features}
    profile = {"task": task, "target": "y", "features": kinds, "columns": kinds}
    best = study()["best"] | {"candidate": 0, "candidates": 2, "mean": 0.8, "params": {}}
    found = {"nested_cv": {"mean": 0.75}, "bootstrap_corrected": {"missing": ""}}
    return {
        "profile": profile | changed.pop("profile", {}),
        "best": best | changed.pop("best", {}),
        "predictions": table.assign(candidate=changed.pop("candidate", 0)),
        "features": features,
        "rows": pd.DataFrame(changed.pop("rows", {})),
        "importance": importance,
        "learning_curve": curve,
        "verdict": found,
        **changed,
    }


SAID = np.clip(0.3 + 0.25 * TRUTH + rng.normal(0, 0.15, ROWS), 0.01, 0.99)


def test_classes_and_areas_are_those_of_scikit_learn():
    own = content(of_classes(SAID))
    table = winner_rows(own)
    named = (SAID > 0.5).astype(int)
    assert table["predicted"].tolist() == named.tolist()
    report = metrics.classification_report(TRUTH, named, output_dict=True)
    for of in by_class(table):
        plain = report[str(of["label"])]
        assert of["rows"] == plain["support"]
        assert of["found"] / of["rows"] == pytest.approx(plain["recall"])
        assert of["found"] / of["named"] == pytest.approx(plain["precision"])
        assert (of["taken_for"], of["times"]) == (1 - of["label"], of["rows"] - of["found"])
    found = areas(table, 1)
    folds = [fold == FOLD for fold in range(FOLDS)]
    for name, score in (
        ("roc", metrics.roc_auc_score),
        ("precision_recall", metrics.average_precision_score),
    ):
        of_folds = np.mean([score(TRUTH[fold], SAID[fold]) for fold in folds])
        assert found[name] == pytest.approx(score(TRUTH, SAID), abs=1e-6)
        assert found[f"{name}_folds"] == pytest.approx(of_folds, abs=1e-6)
        assert found[name] != found[f"{name}_folds"]
    own["winner"] = winner(own)
    shown = next(of_winner(own))
    pooled, mean = f"{found['roc']:.3f}", f"{found['roc_folds']:.3f}"
    assert f"of all folds' rows together is {pooled}, mean over folds {mean}." in shown.caption
    right, most = (named == TRUTH).sum(), (TRUTH == 0).sum()
    said = words.how_wrong(own["winner"], own)
    assert said[0].startswith(f"Right for {right} of 600 rows")
    assert f"always saying class 0 would be right for {most} (67 %)." in said[0]
    assert said[1] == (
        "Expect somewhat worse on new rows than on these: accuracy 0.750 instead of 0.800."
    )


def test_a_class_that_is_never_found_is_named():
    """A share of right rows hides it where the class is rare."""
    own = content(of_classes(np.zeros(ROWS)))
    never = (TRUTH == 1).sum()
    assert f"It is never right for class 1 ({never} rows)." in words.how_wrong(winner(own), own)


@pytest.mark.parametrize(("expected", "candidates"), [(0.81, 2), (0.8001, 2), (0.7, 1), (None, 2)])
def test_rows_that_flatter_by_nothing(expected, candidates):
    own = content(of_classes(SAID), best={"candidates": candidates})
    own["verdict"]["nested_cv"] = None if expected is None else {"mean": expected}
    assert len(words.how_wrong(winner(own), own)) == 1


def test_repeats_and_seeds():
    """The first repeat, the mean over seeds; at tuned thresholds the class of most seeds."""
    runs = [np.clip(SAID + shift, 0, 1) for shift in (0, 0.1, 0.2)]
    table = pd.concat(of_classes(own, seed=seed) for seed, own in enumerate(runs))
    again = pd.concat([table.assign(repeat=0), of_classes(1 - SAID, seed=0, repeat=1)])
    own = content(again, best={"seeds": [0, 1, 2], "repeats": 2})
    found = winner_rows(own)
    np.testing.assert_allclose(found["probability_1"], np.mean(runs, axis=0))
    said = words.how_wrong(winner(own), own)
    assert "the first of 2 repeats" in said[2]
    assert "the mean over 3 seeds" in said[3]
    votes = np.array([np.zeros(ROWS), TRUTH, np.ones(ROWS)], dtype=int)
    tuned = table.assign(predicted=votes.ravel())
    best = {"seeds": [0, 1, 2], "scoring": "f1_tuned", "threshold": {"class": 1, "at": 0.3}}
    assert winner_rows(content(tuned, best=best))["predicted"].tolist() == TRUTH.tolist()


def test_where_nothing_won_there_is_nothing_to_say():
    failed = of_classes(np.where(FOLD == 1, np.nan, SAID))
    for own in (
        content(failed),
        content(of_classes(SAID), best={"candidate": None}),
        content(of_classes(SAID), candidate=1),
    ):
        own["winner"] = winner(own)
        assert own["winner"] is None
        assert section(own) is None
        assert list(of_winner(own)) == []


SCORERS = {
    "accuracy": metrics.accuracy_score,
    "balanced_accuracy": metrics.balanced_accuracy_score,
    "f1": metrics.f1_score,
    "fbeta_2": lambda truth, named: metrics.fbeta_score(truth, named, beta=2),
    "jaccard": metrics.jaccard_score,
    "matthews_corrcoef": metrics.matthews_corrcoef,
    "neg_cost_fp1_fn5": lambda truth, named: -np.mean((named > truth) + 5 * (named < truth)),
}


@pytest.mark.parametrize("name", SCORERS)
def test_a_curve_of_thresholds_is_scikit_learns(name):
    found = curve(TRUTH == 1, SAID, name)
    assert len(found) <= 200
    for _, row in found.iloc[5:-5:25].iterrows():
        named = (row["threshold"] <= SAID).astype(int)
        assert row["precision"] == pytest.approx(metrics.precision_score(TRUTH, named))
        assert row["recall"] == pytest.approx(metrics.recall_score(TRUTH, named))
        assert row[name] == pytest.approx(SCORERS[name](TRUTH, named))


def test_which_score_thresholds_are_compared_by():
    assert [criterion(name)[0] for name in ("roc_auc", "f1_tuned", "neg_cost_fp1_fn5_tuned")] == [
        "f1",
        "f1",
        "neg_cost_fp1_fn5",
    ]


def test_another_threshold_is_told_where_it_brings_more_than_noise():
    """Probabilities that are all too low by far, and ones that are right."""
    low = content(of_classes(SAID * 0.7), best={"scoring": "f1"})
    found = winner(low)["threshold"]
    (said,) = words.of_thresholds(found)
    assert said.startswith(f"A threshold of about {found['other']['at']:.2f} for class 1 instead")
    now = metrics.f1_score(TRUTH, SAID * 0.7 > 0.5)
    assert f"raises the f1 from {now:.3f} to " in said
    assert found["other"]["low"] > 0
    chance = rng.random(ROWS)
    right = content(of_classes(chance, (rng.random(ROWS) < chance).astype(int)))
    (said,) = words.of_thresholds(winner(right)["threshold"])
    assert said.startswith("No other threshold for class 1 raises the accuracy by more than noise")
    # Rows that are there four times in one group say as much as once.
    few, groups = np.arange(150), np.repeat(np.arange(150), 4)
    one, four = (
        winner(
            content(
                of_classes(0.7 * SAID[rows], TRUTH[rows]).assign(fold=rows % FOLDS),
                profile={"groups": {"column": "g"}},
                rows={"groups": np.resize(rows, ROWS)},
            )
        )["threshold"]["other"]
        for rows in (few, groups)
    )
    assert (four["low"], four["high"]) == pytest.approx((one["low"], one["high"]))
    for changed in ({"best": {"threshold": {"class": 1, "at": 0.3}}}, {"profile": {"time": {}}}):
        assert words.of_thresholds(winner(content(of_classes(SAID), **changed))["threshold"]) == []


def test_the_class_that_figures_are_of():
    table = winner_rows(content(of_classes(SAID)))
    for changed, label in (
        ({}, 1),
        ({"profile": {"positive": 0}}, 0),
        ({"best": {"threshold": {"class": 0, "at": 0.4}}}, 0),
    ):
        assert of_interest(content(of_classes(SAID), **changed), table) == label
    three = table.assign(probability_2=0.0)
    assert of_interest(content(of_classes(SAID)), three) is None
    own = content(of_classes(SAID).assign(probability_2=0.0))
    own["winner"] = winner(own)
    assert own["winner"]["threshold"] is None
    assert "area under the ROC curve" not in next(of_winner(own)).caption


def drops(means: dict[str, float], spread=0.001, repeats=9) -> pd.DataFrame:
    noise = np.random.default_rng(1)
    return pd.DataFrame(
        [
            (name, fold, repeat, mean + noise.normal(0, spread))
            for name, mean in means.items()
            for fold in range(FOLDS)
            for repeat in range(repeats)
        ],
        columns=["feature", "fold", "repeat", "drop"],
    )


def test_columns_that_it_leans_on():
    table = drops({"b": 0.1, "a": 0.02, "noise": -0.03, **{f"c{n}": 0.0 for n in range(25)}})
    own = content(of_classes(SAID), importance=table)
    found = importance(own)
    means = table.groupby("feature")["drop"].mean()
    assert list(found["leans"]) == ["b", "a"]
    assert found["leans"]["b"] == pytest.approx(means["b"], abs=1e-6)
    assert list(found["columns"])[:2] == ["b", "a"]
    assert (len(found["columns"]), found["of"]) == (20, 28)
    (said,) = words.leaning(found, "accuracy")
    assert "more than chance would give among 28 columns" in said
    assert "Holm): b 0.1, a 0.02. What 26 other columns cost may be chance. " in said
    # A file of numbers is read as numbers.
    assert list(importance(own | {"importance": drops({1: 0.1})})["leans"]) == ["1"]
    (said,) = words.leaning(importance(own | {"importance": drops({"a": -0.1})}), "accuracy")
    assert said.startswith("It leans on no column that shows: ")
    assert "The largest" not in said
    few = importance(own | {"importance": drops({"b": 0.1, "a": -0.1}, repeats=2)})
    smallest = [2 / (1 + shuffles) ** FOLDS for shuffles in (few["enough"] - 1, few["enough"])]
    assert smallest[0] >= 0.05 > smallest[1]
    few = importance(own | {"importance": table[table["repeat"] < 2]})
    (said,) = words.leaning(few, "accuracy")
    assert said.startswith(
        f"Too few folds and shuffles to tell which columns it leans on: {FOLDS} "
    )
    assert "2 shuffles of each of 28 columns" in said
    assert "The largest mean losses of accuracy are b 0.1, a 0.02, " in said
    timed = own | {"profile": own["profile"] | {"time": {}}}
    again = own | {"best": own["best"] | {"repeats": 2}}
    for untested in (timed, again):
        (said,) = words.leaning(importance(untested), "accuracy")
        assert said.startswith("For rows in groups, in the order of time or tested more than once")
    # A score that some shuffle leaves undefined: of that column nothing is shown.
    lone = table.assign(drop=table["drop"].mask((table["feature"] == "b") & (table["repeat"] == 0)))
    assert "b" not in importance(own | {"importance": lone})["leans"]
    own["winner"] = winner(own)
    (shown,) = [of for of in of_winner(own) if of.name == "importance"]
    assert "the first 20 of 28 columns" in shown.caption
    figure = shown.draw()
    (axes,) = figure.axes
    assert [own.get_text() for own in axes.get_yticklabels()] == list(found["columns"])
    assert axes.patches[0].get_width() == pytest.approx(means["b"], abs=1e-6)
    plt.close(figure)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (0.05, "More rows would probably still help: from 200 to 400 training rows"),
        (0.0, "Whether more rows would help cannot be told"),
        (-0.05, "More rows have not helped"),
    ],
)
def test_whether_more_rows_would_help(step, said):
    noise = np.random.default_rng(2).normal(0, 0.002, (3, FOLDS))
    table = pd.DataFrame(
        [
            (share, round(400 * share), fold, 0.7 + step * place + noise[place, fold])
            for place, share in enumerate((0.25, 0.5, 1.0))
            for fold in range(FOLDS)
        ],
        columns=["share", "rows", "fold", "score"],
    )
    own = content(of_classes(SAID), curve=table)
    own["predictions"] = pd.concat([own["predictions"]] * 2)
    found = learning_curve(own)
    assert [point["rows"] for point in found["points"]] == [100, 200, 400]
    assert words.more_rows(found, "accuracy")[0].startswith(said)
    in_time = learning_curve(own | {"profile": {**own["profile"], "time": {}}})
    assert words.more_rows(in_time, "accuracy")[0].startswith("For folds in the order of time no")


def test_a_regression():
    truth = rng.normal(50, 10, ROWS)
    table = pd.DataFrame({"row": range(ROWS), "fold": FOLD, "truth": truth})
    for noise, nothing in ((2, False), (40, True)):
        said = truth + rng.normal(0, noise, ROWS)
        own = content(table.assign(predicted=said), task="regression", best={"scoring": "r2"})
        own["winner"] = winner(own)
        far = metrics.mean_absolute_error(truth, said)
        median = metrics.mean_absolute_error(truth, np.full(ROWS, np.median(truth)))
        assert own["winner"]["distances"]["mean"] == pytest.approx(far, rel=1e-5)
        assert own["winner"]["distances"]["median_says"] == pytest.approx(median, rel=1e-5)
        shown = section(own)
        assert ("no less than by knowing nothing" in shown["how_wrong"][0]) == nothing
        assert not shown["classes"]
        assert [of.name for of in of_winner(own)] == ["winner"]


def test_fewer_right_answers_may_be_what_was_asked_for():
    """Of accuracy one answer for all would do; of a cost it would not."""
    for scoring, nothing in (("accuracy", True), ("neg_cost_fp1_fn5", False)):
        own = content(of_classes(np.ones(ROWS)), best={"scoring": scoring})
        said = words.how_wrong(winner(own), own)[0]
        assert ("no more than by knowing nothing" in said) == nothing
    long = content(of_classes(SAID).rename(columns={"probability_0": f"probability_{'x' * 200}"}))
    long["predictions"]["truth"] = np.where(TRUTH, "1", "x" * 200)
    said = words.how_wrong(winner(long), long)[0]
    assert f"always saying class {'x' * 39}… would" in said


def test_a_study_that_was_read_has_a_winner():
    """What all other tables of a study are of too, its verdict among them."""
    own = content(of_classes(SAID), best={"mean": 0.85}) | {"verdict": verdict(study())}
    assert own["verdict"]["nested_cv"]["mean"] == pytest.approx(0.8)
    assert "accuracy 0.800 instead of 0.850" in words.how_wrong(winner(own), own)[1]


def test_where_few_rows_are_of_a_class_misses_and_false_alarms_are_told_by_group():
    random = np.random.default_rng(6)
    truth = (np.arange(ROWS) % 8 == 0).astype(int)
    place = pd.Series(random.choice(["here", "there", "away"], ROWS), dtype=object)
    missed = (truth == 1) & ((place == "there") | (random.random(ROWS) < 0.1))
    alarm = (truth == 0) & (random.random(ROWS) < np.where(place == "away", 0.3, 0.02))
    said = np.where(missed | (alarm == 0) & (truth == 0), 0.2, 0.8)
    kinds = {"place": {"kind": "category"}}
    known = {"features": kinds, "columns": kinds, "positive": 1}
    own = content(of_classes(said, truth), features=pd.DataFrame({"place": place}), profile=known)
    found = winner(own)["of_class"]
    recall = metrics.recall_score(truth, said > 0.5)
    assert found["missed"]["share"] == pytest.approx(1 - recall, abs=1e-6)
    assert found["false_alarms"]["wrong"] == alarm.sum()
    for name, where, side, wrong in (
        ("missed", "there", truth == 1, missed), ("false_alarms", "away", truth == 0, alarm)
    ):  # fmt: skip
        (worst,) = found[name]["worse"]
        others = side & (place != where)
        table = [[(wrong & (place == where)).sum(), (side & ~wrong & (place == where)).sum()],
                 [(wrong & others).sum(), (others & ~wrong).sum()]]  # fmt: skip
        plain = stats.fisher_exact(table, "greater").pvalue
        assert worst["kind"] == where
        assert plain <= worst["pvalue"] + 1e-6 < 0.05
    (text,) = [of for of in section(own | {"winner": winner(own)})["for_whom"] if "misses" in of]
    assert "It misses more of class 1 where place is there (100 % of " in text
    assert " and raises more false alarms where place is away (" in text
    assert "among 6 groups" in text
    even = winner(content(of_classes(SAID)))
    assert even["of_class"] is None
    chance = of_classes(random.permutation(said), truth)
    lost = winner(own | {"predictions": chance.assign(candidate=0)})
    assert any("In no group does it miss more" in of for of in words.for_whom(lost))
