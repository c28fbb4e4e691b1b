"""Rows that are set aside: which, that nothing learns from them, and what the winner scores there."""

import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, get_scorer
from sklearn.model_selection import GroupShuffleSplit, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tiny import ROOT, run

from stages import cross_validate, diagnose, grid_search, holdout, nested_cv, preprocess, report
from stages.reporting.evidence.held_out import NO_INTERVAL, held_out
from stages.reporting.evidence.verdict import verdict
from stages.reporting.for_dvc.metrics import all_figures, metrics
from stages.reporting.words.sentences import answer
from stages.study import params
from stages.study.artifacts import BEST, HOLDOUT, PREPARED, SET_ASIDE, read_json, read_parquet
from stages.study.estimator import make_estimator
from stages.study.prepared import read_prepared, read_set_aside
from stages.study.signature import read_signature

pytestmark = [pytest.mark.usefixtures("traced", "eager"), pytest.mark.xdist_group("rows")]

ROWS = 120
rng = np.random.default_rng(5)
A, B = rng.normal(size=(2, ROWS)).round(3)
LABELS = (A + rng.normal(size=ROWS) > 0.3).astype(int)
GROUPS = np.array([f"g{own}" for own in rng.integers(0, 20, ROWS)])
DAYS = rng.permutation(ROWS) // 2
WEIGHTS = rng.uniform(0.5, 2, ROWS).round(2)


@pytest.fixture
def table(workspace, edit):
    """Write a small table, with columns of its own, and set rows of it aside."""

    def make(own: Any, task: str = "classification", **columns: Any) -> pd.DataFrame:
        y = LABELS if task == "classification" else (A + B).round(3)
        raw = pd.DataFrame({"a": A, "b": B, "y": y, **columns})
        raw.to_csv("data/raw/table.csv", index=False)
        roles = {role: role for role in ("groups", "time", "weights") if role in columns}
        edit("data", {"path": "data/raw/table.csv", "target": "y", "task": task, **roles})
        edit("preprocess", {"holdout": own})
        edit("nested_cv", {"outer": 0, "permutations": 0})
        if task == "regression":
            edit("cross_validate.scoring", ["r2", "neg_mean_absolute_error"])
            edit("grid_search.scoring", "r2")
        return raw

    return make


def told() -> dict[str, Any]:
    content = report.read()
    content["verdict"] = verdict(content)
    return content


def test_a_share_has_as_many_of_each_class_and_the_winner_is_scored_on_it(table, edit, capsys):
    raw = table({"share": 0.3})
    # The study's seed does not change the rows.
    edit("seed", 11)
    for stage in (preprocess, cross_validate, grid_search, nested_cv, diagnose, holdout):
        stage.main()
    assert "36 rows of 120 set aside, a share of 0.3" in capsys.readouterr().out
    left, away = train_test_split(raw, test_size=0.3, stratify=raw["y"], random_state=0)
    kept, aside = read_prepared(), read_set_aside()
    assert sorted(kept.X["a"]) == sorted(left["a"])
    assert sorted(aside.X["a"]) == sorted(away["a"])
    assert kept.profile["rows"] == 84
    assert [own["rows"] for own in kept.profile["classes"]] == left[
        "y"
    ].value_counts().sort_index().tolist()
    # What scikit-learn makes of the rows that were left.
    settings = params.load()
    best = read_json(BEST.parent.parent / "data/grid_search/best.json")["params"]
    winner = make_estimator(settings.model, kept, 11).set_params(
        **settings.grid_search.network, **best
    )
    winner.fit(kept.X, kept.y)
    rival = make_pipeline(StandardScaler(), LogisticRegression(random_state=11)).fit(kept.X, kept.y)
    summary = read_json(HOLDOUT / "summary.json")
    for scorer in ("accuracy", "roc_auc"):
        for name, model in (("network", winner), ("logistic_regression", rival)):
            expected = get_scorer(scorer)(model, aside.X, aside.y)
            assert summary["scores"][scorer][name] == pytest.approx(expected, abs=1e-6)
    content = told()
    # Of the file, of which the other stages have read a part.
    assert content["profile"]["sha256"] == sha256(Path(settings.data.path).read_bytes()).hexdigest()
    found = content["verdict"]["holdout"]
    right = round(found["mean"] * 36)
    wilson = binomtest(right, 36).proportion_ci(method="wilson")
    assert (found["low"], found["high"]) == pytest.approx(tuple(wilson), abs=1e-6)
    words = answer(content["verdict"], content["best"])
    assert words[-1].startswith(
        f"On 36 rows set aside, which no stage but holdout has seen, the winner has accuracy {found['mean']:.2f} (95 % interv"
    )
    assert metrics(content)["answer"]["held_out"] == found["mean"]
    assert all_figures(content)["holdout"]["scorers"]["roc_auc"].keys() == {
        "mean",
        "models",
        "low",
        "high",
    }


def test_without_a_holdout_nothing_is_loaded_or_told(workspace):
    preprocess.main()
    script = "import sys; from stages import holdout; holdout.main(); print('keras' in sys.modules)"
    said = run(sys.executable, "-c", script, cwd=workspace, PYTHONPATH=str(ROOT))
    assert said.stdout == "False\n"
    assert [path.name for path in SET_ASIDE.iterdir()] == ["summary.json"]
    assert json.loads((HOLDOUT / "summary.json").read_text()) == {"rows": 0}
    assert held_out({"held_out": None}) is None
    assert "set_aside" not in read_prepared().profile


def test_whole_groups_are_set_aside_and_drawn_for_the_interval(table):
    raw = table({"share": 0.3, "seed": 3}, groups=GROUPS, weights=WEIGHTS)
    for stage in (preprocess, cross_validate, grid_search, nested_cv, diagnose, holdout):
        stage.main()
    split = GroupShuffleSplit(1, test_size=0.3, random_state=3)
    left, away = next(split.split(raw, groups=raw["groups"]))
    assert read_set_aside().X["a"].tolist() == raw["a"].iloc[away].tolist()
    assert read_prepared().groups.tolist() == raw["groups"].iloc[left].tolist()
    said = read_parquet(HOLDOUT / "predictions.parquet")
    own = said[said["model"] == "network"]
    weights = raw["weights"].iloc[away]
    expected = accuracy_score(own["truth"], own["predicted"], sample_weight=weights)
    found = told()["verdict"]["holdout"]
    assert found["mean"] == pytest.approx(expected, abs=1e-6)
    # The bootstrap of whole groups, written out.
    draw = np.random.default_rng(0)
    names, codes = np.unique(own["groups"], return_inverse=True)
    right = (own["predicted"] == own["truth"]).to_numpy()
    times = draw.multinomial(len(names), np.full(len(names), 1 / len(names)), 1000)[:, codes]
    drawn = (times * weights.to_numpy() * right).sum(1) / (times * weights.to_numpy()).sum(1)
    assert found["mean"] - found["low"] == pytest.approx(1.96 * drawn.std(), rel=0.1)


def test_the_last_times_are_set_aside_and_have_no_interval(table):
    raw = table({"share": 0.25}, "regression", time=DAYS)
    for stage in (preprocess, cross_validate, grid_search, nested_cv, diagnose, holdout):
        stage.main()
    assert read_prepared().time.max() < read_set_aside().time.min()
    assert read_set_aside().X["a"].tolist() == raw["a"][raw["time"] >= 45].tolist()
    found = told()["verdict"]["holdout"]
    assert found["unknown"] == found["models"]["ridge"]["unknown"] == NO_INTERVAL
    assert "low" not in found


@pytest.mark.parametrize(
    "words", [("train", "Test"), ("no", "yes"), (False, True), (0, 1)], ids=str
)
def test_a_column_says_which_rows(table, words):
    away = np.arange(ROWS) % 4 == 1
    raw = table({"column": "held"}, held=np.where(away, words[1], words[0]))
    preprocess.main()
    assert read_set_aside().X["a"].tolist() == raw["a"][away].tolist()
    kept = read_prepared()
    assert list(kept.X) == ["a", "b"]
    assert kept.profile["unused"] == ["held"]
    assert kept.profile["set_aside"] == {"column": "held", "rows": 30}


def test_new_rows_may_have_the_column_that_said_which_are_set_aside(table):
    table({"column": "held"}, held=np.where(np.arange(ROWS) % 4 == 1, "yes", "no"))
    preprocess.main()
    grid_search.main()
    assert read_signature(BEST / "signature.json").others == ["y", "held"]


def test_a_row_of_which_the_winner_says_nothing_ends_no_study(table, edit, capsys):
    """A value that is missing there alone is filled by nothing, and seen by no stage before."""
    raw = table({"column": "held"}, held=HELD)
    raw.loc[np.flatnonzero(HELD == "yes")[0], "a"] = np.nan
    raw.to_csv("data/raw/table.csv", index=False)
    edit("model.imputer", "none")
    for stage in (preprocess, grid_search, holdout):
        stage.main()
    assert "says of 1 row nothing that is a finite number" in capsys.readouterr().err
    scores = read_json(HOLDOUT / "summary.json")["scores"]
    assert {own["network"] for own in scores.values()} == {None}


HELD = np.where(np.arange(ROWS) % 4 == 1, "yes", "no")
REFUSED = {
    "both": ({"share": 0.2, "column": "a"}, {}, "preprocess.holdout: either share or column says"),
    "a seed of nothing": ({"column": "a", "seed": 1}, {}, "preprocess.holdout: seed is what a share"),
    "all": ({"share": 1.0}, {}, "preprocess.holdout.share: must be less than or equal to 0.5; found 1.0"),
    "unknown": ({"shares": 0.2}, {}, "preprocess.holdout.shares: unknown key; did you mean 'share'?"),
    "few rows": ({"share": 0.05}, {}, "preprocess.holdout.share: sets 6 rows of 120 aside; at least 10"),
    "no column": ({"column": "hold"}, {"held": HELD}, "preprocess.holdout.column: no column 'hold' in data/raw/table.csv; did you mean 'held'?"),
    "the target": ({"column": "y"}, {}, "preprocess.holdout.column: 'y' is data.target too"),
    "a category": ({"column": "held"}, {"held": HELD, "data": {"categorical": ["held"]}}, "preprocess.holdout.column: 'held' is listed in data.categorical too, and says which rows are set aside, nothing else"),
    "a boolean": ({"column": "held"}, {"held": HELD, "data": {"booleans": {"held": ["no", "yes"]}}}, "preprocess.holdout.column: 'held' is listed in data.booleans too"),
    "no row of a share": ({"share": 0.001}, {}, "preprocess.holdout.share: cannot be set aside: a share of 0.001 of 120 rows is 1, which leaves 119; each part must have a row of all 2 classes"),
    "one of a kind": ({"share": 0.2}, {"y": np.where(np.arange(ROWS), LABELS, 2)}, "preprocess.holdout.share: cannot be set aside: class 2 has 1 row, and one is needed on either side"),
    "groups": ({"column": "groups"}, {"groups": GROUPS}, "holdout.column: 'groups' is data.groups too"),
    "other words": ({"column": "held"}, {"held": np.where(HELD == "yes", "later", "no")}, "data/raw/table.csv: line 3, column 'held': must be (params.yaml: preprocess.holdout.column) train or test, no or yes, false or true, 0 or 1, the second of which sets a row aside; found 'later'"),
    "no row": ({"column": "held"}, {"held": np.full(ROWS, "no")}, "column 'held': params.yaml: preprocess.holdout.column: sets no row aside; all have 'no'"),
    "groups on both sides": ({"column": "held"}, {"held": HELD, "groups": GROUPS}, "preprocess.holdout.column: would have rows of one groups set aside and left"),
    "later rows left": ({"column": "held"}, {"held": HELD, "time": DAYS}, "preprocess.holdout.column: with data.time all rows set aside must be later"),
    "no weight": ({"column": "held"}, {"held": HELD, "weights": np.where(HELD == "yes", 0, 1 + np.arange(ROWS) % 4)}, "preprocess.holdout.column: weights, which says how much a row counts, is 0 in all"),
    "a class left out": ({"column": "held"}, {"held": np.where(LABELS, "yes", "no")}, "preprocess.holdout.column: would leave rows of one class alone to learn from, '0'"),
    "a class in one group": ({"share": 0.3}, {"groups": np.where(LABELS, "all", GROUPS)}, "preprocess.holdout.share: no row of class 1 would be set aside; another seed or share may help"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(table, edit, complaint, case):
    own, columns, says = REFUSED[case]
    kinds = columns.get("data", {})
    table(own, **{name: values for name, values in columns.items() if name != "data"})
    for key, value in kinds.items():
        edit(f"data.{key}", value)
    assert says in complaint(preprocess)


def test_so_much_is_set_aside_that_folds_fail(table, edit, complaint):
    table({"column": "held"}, held=np.where(np.arange(ROWS) % 10, "yes", "no"))
    edit("cross_validate.folds", 10)
    preprocess.main()
    message = complaint(cross_validate)
    assert "cross_validate.folds: must be at most " in message
    assert "preprocess.holdout has set 108 rows aside" in message


def test_nothing_that_others_read_depends_on_the_rows_set_aside(table):
    away = np.arange(ROWS) % 4 == 1
    raw = table({"column": "held"}, held=np.where(away, "yes", "no"), weights=WEIGHTS)
    preprocess.main()
    before = {path.name: path.read_bytes() for path in PREPARED.iterdir()}
    file = read_set_aside().profile["sha256"]
    raw.loc[away, ["a", "b"]] *= -3
    raw.loc[away, "y"] = 1 - raw.loc[away, "y"]
    raw.loc[away, "weights"] += 1
    raw.to_csv("data/raw/table.csv", index=False)
    preprocess.main()
    assert {path.name: path.read_bytes() for path in PREPARED.iterdir()} == before
    # Of the file itself the rows set aside tell.
    assert read_set_aside().profile["sha256"] != file


def test_what_is_left_of_another_study_is_not_read(table, edit):
    table({"share": 0.3})
    preprocess.main()
    edit("preprocess", {})
    preprocess.main()
    assert Path(SET_ASIDE / "table.parquet").exists()
    assert read_set_aside() is None
    assert len(read_parquet(PREPARED / "table.parquet")) == ROWS
