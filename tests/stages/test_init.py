"""What init suggests of a table: the study then runs, and nothing else of params.yaml changes."""

import re
import shutil
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML
from sklearn.model_selection import StratifiedKFold
from tiny import CSV

from stages import preprocess
from stages.init import init, main
from stages.study import params
from stages.study.artifacts import Prepared
from stages.study.checks import check_data, check_scoring
from stages.study.errors import InputError
from stages.study.split_checks import check_inner_splits, check_permutations, check_splits
from stages.study.suggest import params_file
from stages.study.suggest.params_file import Entry
from stages.study.suggest.suggestion import Suggestion, suggest

#: As people write it: comments at every place.
PARAMS = """\
# The study.
seed: 7                         # of all

data:
  # Which table.
  path: data/raw/old.csv
  target: old
  features: all                 # or a list of columns
  task: classification          # classification | regression
  missing:                      # by column
    a: [0]
    # The last one.
    b: [0]

# What the file must be like.
preprocess:
  classes: [0, 1]               # or any
  max_missing: 0.5

model:
  imputer: median               # or mean
  scaler: minmax
  network: {hidden: [3], activation: relu, init: uniform, epochs: 2}   # flow

cross_validate:
  folds: 10
  # Scorers of scikit-learn.
  scoring: [accuracy, roc_auc]

grid_search:
  cv: 3
  scoring: accuracy
  seeds: null                   # or a list
  param_grid:
    optimizer:
    - adam
    - sgd
    learning_rate: [1e-3, 0.10]

nested_cv:
  outer: 10

report:
  title: "Old one"
"""

#: What is shown of a small table, its empty lines without blanks.
DIFF = """\
data/raw/table.csv: text, values between commas, utf-8; 120 rows, 4 columns
y: classification (2 classes): yes (80), no (40)
numbers: size
--- params.yaml
+++ params.yaml as suggested
@@ -3,18 +3,19 @@

 data:
   # Which table.
-  path: data/raw/old.csv
-  target: old
+  path: data/raw/table.csv
+  target: y
   features: all                 # or a list of columns
+  exclude:
+    - id                        # numbers the rows
+  categorical:
+    - kind                      # 3 values
   task: classification          # classification | regression
-  missing:                      # by column
-    a: [0]
-    # The last one.
-    b: [0]
+  positive: yes

 # What the file must be like.
 preprocess:
-  classes: [0, 1]               # or any
+  classes: [no, yes]            # or any
   max_missing: 0.5

 model:
@@ -25,7 +26,7 @@
 cross_validate:
   folds: 10
   # Scorers of scikit-learn.
-  scoring: [accuracy, roc_auc]
+  scoring: [accuracy, roc_auc, neg_log_loss]

 grid_search:
   cv: 3
@@ -41,4 +42,4 @@
   outer: 10

 report:
-  title: "Old one"
+  title: "y in table"

To look at:
  network, epochs and grid are still those of the table before
params.yaml is as it was; --write changes it
"""

ROWS = np.arange(120)
Y = np.where(ROWS % 3 == 0, "no", "yes")


def cells(values: Any) -> Any:
    """Return a column of text of 120 rows, by what a number becomes."""
    return [values(int(row)) for row in ROWS]


#: Columns of all kinds, and where params.yaml names them.
COLUMNS: dict[str, tuple[Any, str | None]] = {
    "PassengerId": (ROWS + 1, "exclude"),
    "Name": (cells(lambda row: f"Ms. {row}"), "exclude"),
    "Cabin": (cells(lambda row: f"C{row % 7}" if row % 4 == 0 else ""), "exclude"),
    "alive": (np.where(Y == "yes", 1, 0), "exclude"),
    "ship": (["A"] * 120, "exclude"),
    "": (ROWS, "exclude"),
    "zip": (cells(lambda row: f"{row % 9:03}"), "categorical"),
    "class_id": (ROWS % 4 + 100, "categorical"),
    "Sex": (cells(lambda row: ["male", "female"][row * row % 5 % 2]), "categorical"),
    "born": (cells(lambda row: f"{row % 28 + 1:02}.{row % 12 + 1:02}.19{row % 90 + 10}"), "dates"),
    "Age": (cells(lambda row: "unknown" if row % 40 == 0 else row % 37 + 0.5), "missing"),
    "年齢": (ROWS % 5 * 3, None),
    "Fare": (cells(lambda row: "NA" if row % 40 == 1 else row * 7 % 113), None),
    "alone": (cells(lambda row: ["Yes", "No"][row % 4 // 3]), None),
}


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "data/raw").mkdir(parents=True)
    (tmp_path / "params.yaml").write_text(PARAMS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


Begin = Callable[..., params.Params]


@pytest.fixture
def begin(study: Path, capsys: pytest.CaptureFixture[str]) -> Begin:
    """Begin a study of a table, and check what holds of every one that begins."""

    def write(table: Any, target: str = "y", name: str = "table", **how: Any) -> params.Params:
        if not isinstance(table, str):
            frame = pd.DataFrame(table)
            table = f"data/raw/{name}.csv"
            frame.to_csv(study / table, index=False, **how)
        init(table, target, write=True)
        settings = params.load()
        with warnings.catch_warnings(action="ignore"):
            prepared = preprocess.prepare(settings.data, settings.preprocess)
        check_runs(prepared, settings)
        capsys.readouterr()
        init(table, target)
        assert "params.yaml: nothing to change" in capsys.readouterr().out
        return settings

    return write


def check_runs(prepared: Prepared, settings: params.Params) -> None:
    """Check what the training stages would, before they load TensorFlow."""
    folds, cv = settings.cross_validate.folds, settings.grid_search.cv
    outer, seed = settings.nested_cv.outer, settings.seed
    scoring = [settings.grid_search.scoring]
    check_data(prepared, settings.model, folds, "cross_validate.folds")
    check_scoring(settings.cross_validate.scoring, prepared, folds, "cross_validate.scoring")
    check_splits(prepared, folds, seed, settings.cross_validate.scoring, "cross_validate.folds")
    for number in (cv, outer or cv):
        check_data(prepared, settings.model, number, "grid_search.cv")
        check_scoring(scoring, prepared, number, "grid_search.scoring")
        splits = check_splits(prepared, number, seed, scoring, "grid_search.cv")
    if outer:
        check_inner_splits(prepared, splits, cv, seed, scoring)
    if settings.nested_cv.permutations:
        check_permutations(prepared)


def suggested(study: Path, table: Any, target: str = "y") -> Any:
    pd.DataFrame(table).to_csv(study / "data/raw/table.csv", index=False)
    return suggest("data/raw/table.csv", target, params.load())


def test_all_that_would_change_is_shown_and_nothing_else_changes(study, capsys):
    frame = pd.DataFrame({"id": ROWS, "size": ROWS % 7 * 1.5, "kind": list("abcb") * 30, "y": Y})
    frame.to_csv("data/raw/table.csv", index=False)
    init("data/raw/table.csv", "y")
    assert Path("params.yaml").read_text() == PARAMS
    shown = capsys.readouterr().out
    # An editor would strip the blanks of empty lines.
    assert [line.rstrip() for line in shown.splitlines()] == DIFF.splitlines()
    init("data/raw/table.csv", "y", write=True)
    assert capsys.readouterr().out == shown.replace(
        "params.yaml is as it was; --write changes it", "params.yaml: written"
    )
    # YAML 1.2, as DVC reads it: no and yes are text.
    assert params.load().preprocess.classes == ["no", "yes"]


def test_what_may_mean_missing_is_told_by_the_run_too(study, begin, capsys):
    lab = np.where(ROWS % 30 == 0, -999, ROWS % 11 + 0.5)
    size = np.where(ROWS % 3 == 0, 0, ROWS % 13 + 90)
    often = [
        cell if row % 10 > 2 else ""
        for row, cell in enumerate(np.where(ROWS % 10 < 6, 0, ROWS % 13 + 90))
    ]
    settings = begin({"lab": lab, "size": size, "often": often, "y": Y})
    preprocess.prepare(settings.data, settings.preprocess)
    said = capsys.readouterr().err
    assert (
        "'lab' is -999 in 4 rows, 'size' is 0 in 40 rows, 'often' is 0 in 36 rows; if so, " in said
    )
    paste = YAML(typ="safe").load(said.partition("below data: ")[2])
    assert paste == {"missing": {"lab": [-999], "size": [0]}}
    data = settings.data.model_copy(update=paste)
    assert preprocess.prepare(data, settings.preprocess).X["lab"].isna().sum() == 4
    assert "missing: " not in capsys.readouterr().err


AMOUNTS = {
    "lot": np.random.default_rng(0).lognormal(9, 0.5, 120).round().astype(int),
    "year": ROWS + 1890,
    "weight": ROWS * 7919 % 100_003,
}
NUMBERS = {"ticket": 1000 - ROWS, "ref": ROWS * 71 % 127, "order_no": ROWS * 7919 % 100_003}


@pytest.mark.parametrize("name", [*AMOUNTS, *NUMBERS])
def test_amounts_are_no_ids_and_numbers_that_are_counted_on_may_be(study, begin, capsys, name):
    settings = begin({"x": ROWS % 7, name: (AMOUNTS | NUMBERS)[name], "y": Y})
    data = settings.data.model_copy(update={"exclude": []})
    preprocess.prepare(data, settings.preprocess)
    assert ("as ids are" in capsys.readouterr().err) == (name in NUMBERS)
    Path("params.yaml").write_text(PARAMS)
    found = suggest("data/raw/table.csv", "y", params.load())
    told = f"exclude: [{name}]" in found.pastes or name in settings.data.exclude
    assert told == (name in NUMBERS)


def test_columns_of_all_kinds_are_named_where_they_have_to_be(begin):
    table = {name: values for name, (values, _) in COLUMNS.items()}
    settings = begin({**table, "y": Y})
    data = settings.data
    for name, (_, key) in COLUMNS.items():
        named = {
            own: name in getattr(data, own)
            for own in ("exclude", "categorical", "dates", "booleans", "missing")
        }
        assert named == {own: own == key for own in named}, name
    assert data.missing == {"Age": ["unknown"]}
    assert data.positive == "yes"
    X = preprocess.prepare(data, settings.preprocess).X
    assert X["Age"].isna().sum() == 3
    assert X["alone"].mean() == 0.75
    # What the table is like is not forgotten with the comments above it.
    text = Path("params.yaml").read_text()
    removed = ("by column", "The last one.")
    comments = {line.partition("#")[2].strip() for line in PARAMS.splitlines()} - {*removed}
    assert [comment for comment in comments if comment not in text] == []


def test_copies_of_a_number_are_no_features(study):
    celsius = ROWS * 7 % 101 / 2
    table = {"x": ROWS % 7, "same": celsius, "fahrenheit": celsius * 1.8 + 32, "down": -celsius}
    found = suggested(study, {**table, "near": np.roll(celsius, 1), "y": celsius})
    assert found.changes["data"]["exclude"].whys == {
        "same": "equals the target",
        "fahrenheit": "the target in another unit: row by row in the same order",
        "down": "the target in another unit: row by row in the same order",
    }


GIVEAWAYS = {
    "boat": (cells(lambda row: row % 9 if row % 3 else ""), "filled where y is yes, and nowhere else"),
    "cause": (cells(lambda row: "" if row % 3 else "abc"[row % 7 % 3]),
              "filled where y is no, and nowhere else"),
    "code": (cells(lambda row: "".join([["x", "y"][row % 2], "n" * (row % 3 == 0)])),
             "each value of 'code' has one class only"),
    "grade": (cells(lambda row: [5, 2, 8][row % 3] + row % 2), "each value of 'grade' has one class only"),
    "score": (np.where(ROWS % 3, ROWS / 2, ROWS / 2 + 100), "the classes do not overlap in 'score'"),
    "near": (np.where((ROWS % 3 > 0) | (ROWS == 60), ROWS / 2, ROWS / 2 + 100), ""),
    "known": (cells(lambda row: row % 9 if row % 3 or row == 60 else ""), ""),
}  # fmt: skip


@pytest.mark.parametrize("name", GIVEAWAYS)
def test_what_gives_a_class_away_is_left_out_or_told(study, name):
    column, said = GIVEAWAYS[name]
    found = suggested(study, {"x": ROWS % 7, name: column, "y": Y})
    if said.startswith("filled"):
        assert found.changes["data"]["exclude"].whys == {name: said}
    elif said:
        assert found.doubts[0] == f"{said}; if it is known only with the target, exclude it"
        assert found.pastes[0] == f"exclude: [{name}]"
    else:
        assert found.changes["data"]["exclude"].value is None
        assert len(found.doubts) == 1
    # Something is left to learn from.
    if said and not said.startswith("filled"):
        assert not suggested(study, {name: column, "z": 1, "y": Y}).pastes


def test_what_gives_a_number_away_is_left_out_or_told(study):
    a, b, y = ROWS * 7 % 31, ROWS * 5 % 37 + 1, ROWS * 11 % 101 / 4
    found = suggested(
        study,
        {"x": ROWS % 7, "rank": np.floor(y / 2), "gap": np.where(ROWS % 9, -y, np.nan), "y": y},
    )
    assert found.changes["data"]["exclude"].whys == {
        "gap": "the target in another unit: row by row in the same order"
    }
    assert found.doubts[0].startswith("'rank' has the rows in the order of 'y'; if it is known")
    for how, target in (("a + b", a + b), ("a - b", a - b), ("a * b", a * b), ("a / b", a / b)):
        found = suggested(study, {"x": ROWS % 7, "a": a, "b": b, "y": target})
        # One of two that are subtracted or divided may be known before.
        parts = ["a", "b"] if how[2] in "+*" else ["a"]
        ways = {f"y is {how}", f"y is {how[::-1]}"}
        assert found.changes["data"]["exclude"].value == parts
        assert {*found.changes["data"]["exclude"].whys.values()} <= ways
    found = suggested(study, {"a": a, "b": b, "y": a + b})
    assert found.changes["data"]["exclude"].value is None
    assert found.doubts[:2] == ["y is a + b", "y is a + b"]


def test_gaps_are_filled_where_nothing_was_to_fill_them(study, begin):
    Path("params.yaml").write_text(PARAMS.replace("imputer: median", "imputer: none"))
    whole = {"x": ROWS % 7, "kind": cells(lambda row: "abc"[row % 3] if row % 5 else ""), "y": Y}
    assert begin(whole).model.imputer.strategy == "none"
    gaps = {**whole, "x": cells(lambda row: row % 7 if row % 5 else "")}
    assert begin(gaps).model.imputer.strategy == "median"


def test_categories_that_are_found_by_themselves_are_not_named(study, begin):
    table = {"kind": list("abc") * 40, "zip": cells(lambda row: f"{row % 9:03}"), "y": Y}
    begin(table)
    text = Path("params.yaml").read_text()
    named = "    - kind                      # 3 values\n    - zip "
    assert named in text
    auto = re.sub("  categorical:\n.*\n.*\n", "  categorical: auto\n", text)
    Path("params.yaml").write_text(auto)
    begin(table)
    assert Path("params.yaml").read_text() == auto


def test_what_was_said_of_a_table_stays(study, begin, capsys):
    table = {"a": ROWS % 5, "when": ROWS % 12, "id": ROWS + 1, "x": list("abcd") * 30, "y": Y}
    begin(table)
    text = Path("params.yaml").read_text()
    mine = text.replace("    - id ", "    - when                      # mine\n    - id ").replace(
        "scoring: accuracy", "scoring: roc_auc"
    )
    assert mine.count("# mine") == 1
    Path("params.yaml").write_text(mine)
    settings = begin({**table, "new": list("pqrs") * 30})
    assert settings.data.exclude == ["when", "id"]
    assert settings.data.categorical == ["x", "new"]
    assert settings.grid_search.scoring == "roc_auc"
    assert Path("params.yaml").read_text() == mine.replace(
        "    - x                         # 4 values\n",
        "    - x                         # 4 values\n    - new                       # 4 values\n",
    )


def test_the_study_of_this_repository_stays_as_it_is(workspace, capsys):
    init("data/raw/pima-indians-diabetes.csv", "Outcome")
    assert capsys.readouterr().out.endswith("params.yaml: nothing to change\n")


def test_zeros_that_mean_missing_are_told_and_not_set(study):
    shutil.copy(CSV, "data/raw/pima.csv")
    found = suggest("data/raw/pima.csv", "Outcome", params.load())
    told = [line.split("'")[1] for line in found.doubts if " is 0 in " in line]
    # Those which the literature on this table names, and not Pregnancies.
    assert told == ["Glucose", "BloodPressure", "SkinThickness", "Insulin", "BMI"]
    assert found.changes["data"]["missing"] == Entry(None)


def test_what_belongs_to_another_table_is_replaced(study, begin):
    """Whatever the table before it needed, told by its comments or not."""
    rare = np.where(ROWS < 6, "a", np.where(ROWS % 2, "b", "c"))
    begin({"x": cells(lambda row: row % 7 if row % 5 else ""), "y": rare}, name="rare")
    text = Path("params.yaml").read_text()
    assert text.count("# class a has 6 rows") == 2
    begin({"x": ROWS % 7, "y": ROWS * 7 % 101}, name="numbers")
    assert "target: standard              # from 0 to 100" in Path("params.yaml").read_text()
    text = Path("params.yaml").read_text().replace("max_missing: 0.5", "max_missing: 0.1")
    Path("params.yaml").write_text(text)
    begin({"x": ROWS % 7, "y": ROWS * 7 % 101 + 50}, name="larger")
    text = Path("params.yaml").read_text()
    assert "target: standard              # from 50 to 150" in text
    assert 'title: "y in larger"' in text
    settings = begin({"x": ROWS % 7, "y": ROWS * 7 % 101 / 50}, name="small")
    assert settings.model.target == "none"
    # As from the start.
    Path("params.yaml").write_text(PARAMS)
    fresh = begin({"x": ROWS % 7, "y": Y}, name="last")
    Path("params.yaml").write_text(text)
    begin({"x": ROWS % 7, "y": rare}, name="rare")
    assert begin({"x": ROWS % 7, "y": Y}, name="last") == fresh


def test_numbers_far_from_all_others_are_told(study):
    lab = np.where(ROWS % 30 == 0, -999, ROWS % 11 + 0.5)
    found = suggested(study, {"lab": lab, "other": ROWS % 11 - 3, "y": Y})
    assert found.doubts[0] == (
        "'lab' is -999 in 4 rows, far from all others; does it mean that nothing was measured?"
    )
    assert found.pastes == ["missing: {lab: [-999]}"]


@pytest.mark.parametrize(
    ("target", "task", "scoring", "entries"),
    [
        (ROWS % 2, "classification", "accuracy", {}),
        (np.where(ROWS % 20 == 0, "sick", "well"), "classification", "average_precision",
         {"positive": "sick"}),
        (np.where(ROWS % 20 == 0, 0, 1), "classification", "average_precision", {"positive": 0}),
        (ROWS % 3 + 1, "classification", "accuracy", {}),
        (np.where(ROWS % 12 > 1, "a", np.where(ROWS % 12 > 0, "b", "c")), "classification",
         "balanced_accuracy", {}),
        (ROWS % 2 == 0, "classification", "accuracy", {"positive": "True"}),
        (np.where(ROWS % 2, "+", "-"), "classification", "accuracy", {"positive": "-"}),
        (ROWS * 1.5, "regression", "r2", {}),
        (ROWS % 2 + 0.5, "regression", "r2", {}),
        (ROWS * 7 % 101, "regression", "r2", {}),
        (np.where(ROWS % 40, ROWS / 200, np.nan), "regression", "r2", {"missing_target": "drop"}),
    ],
)  # fmt: skip
def test_task_and_scorer_suit_the_target(begin, target, task, scoring, entries):
    settings = begin({"x": ROWS % 7 * 1.5, "y": target})
    assert settings.data.task == task
    assert settings.grid_search.scoring == scoring
    found = settings.data.model_dump()
    assert {key: found[key] for key in entries} == entries
    assert (settings.preprocess.classes == "any") == (task == "regression")
    far = task == "regression" and np.nanstd(target) > 3
    assert settings.model.target == ("standard" if far else "none")
    if task == "classification":
        labels = {own if type(own) is int else str(own) for own in target.tolist()}
        assert {*settings.preprocess.classes} == labels


@pytest.mark.parametrize("rows", range(2, 13))
def test_no_class_is_too_rare_for_the_folds(begin, rows):
    y = np.array(["a"] * rows + ["b"] * (60 - rows))
    settings = begin({"x": np.arange(60) % 7, "y": y})
    with warnings.catch_warnings(action="error"):
        list(StratifiedKFold(settings.cross_validate.folds).split(y, y))
        inner = StratifiedKFold(settings.grid_search.cv)
        outer = settings.nested_cv.outer
        for train, _ in StratifiedKFold(outer).split(y, y) if outer else []:
            list(inner.split(y[train], y[train]))
    assert settings.cross_validate.folds == min(10, rows)
    assert (settings.nested_cv.outer == 0) == (rows == 2)


def test_classes_of_few_rows_are_left_out_beside_others(begin):
    y = np.array(["a"] * 50 + ["b"] * 50 + ["c"] * 16 + ["d"] * 3 + ["e\n#: f"])
    settings = begin({"x": ROWS % 7, "y": y})
    assert settings.preprocess.min_class_rows == 5
    assert settings.cross_validate.folds == 10
    assert "# leaves out d (3), e #: f (1)" in Path("params.yaml").read_text()


def test_rows_of_one_patient_stay_together(study, begin):
    patient = ROWS // 5
    y = np.where(patient % 2, "a", "b")
    assert begin({"patient": patient, "x": ROWS % 7, "y": y}).data.groups == "patient"
    # So many that folds are not tried.
    rows = np.arange(1200)
    table = {"patient": rows // 2, "x": rows % 7, "y": np.where(rows % 4 > 1, "a", "b")}
    Path("params.yaml").write_text(PARAMS)
    changes = suggested(study, table).changes
    assert changes["data"]["groups"].value == "patient"
    assert changes["cross_validate"]["folds"] == Entry(10)
    # Some patients have both, so that labels cannot be exchanged.
    text = Path("params.yaml").read_text()
    Path("params.yaml").write_text(text.replace("outer: 10\n", "outer: 10\n  permutations: 5\n"))
    table = {"patient": patient, "x": ROWS % 7, "y": np.where(ROWS % 2, "a", "b")}
    assert begin(table, name="both").nested_cv.permutations == 0
    # Two patients have a: more folds would lack it.
    settings = begin({"PatientID": patient, "x": ROWS % 7, "y": np.where(patient < 2, "a", "b")})
    assert settings.data.groups in ("PatientID", None)
    assert settings.cross_validate.folds <= 2 or settings.data.groups is None
    assert "PatientID" in (settings.data.groups, *settings.data.exclude)


def test_an_id_that_repeats_is_no_number(study, begin):
    table = {"shop_id": ROWS * ROWS % 71 + 1000, "x": ROWS % 7, "y": Y}
    assert begin(table).data.exclude == ["shop_id"]
    Path("params.yaml").write_text(PARAMS)
    found = suggested(study, table)
    assert found.doubts[0].endswith("belong together, it is data.groups")
    assert found.pastes == ["exclude: []", "groups: shop_id"]


def of_collections() -> dict[str, tuple[dict[str, Any], str]]:
    """Return tables of the kinds that many begin with, small: what they hold, and their target."""
    draw, n = np.random.default_rng(0), 240
    rows, price = np.arange(n), np.exp(draw.normal(12, 0.4, n)).astype(int)
    survived, casual, registered = rows * 7 % 13 % 2, draw.poisson(800, n), draw.poisson(3600, n)
    number, cost = draw.integers(1, 40, n), draw.choice([0.85, 1.25, 2.55], n)
    return {
        "titanic": ({
            "PassengerId": rows + 1, "Name": [f"Mr. {row}" for row in rows],
            "Sex": draw.choice(["male", "female"], n), "Age": np.where(rows % 5, rows % 70 + 0.5, np.nan),
            "Ticket": [f"A/5 {row * row % 211}" for row in rows],
            "Cabin": [f"C{row}" if row % 4 == 0 else "" for row in rows],
            "boat": np.where(survived, rows % 15, np.nan), "Survived": survived}, "Survived"),
        "ames": ({
            "Id": rows + 1, "LotArea": draw.lognormal(9.1, 0.5, n).astype(int),
            "Alley": np.where(rows % 17, "NA", draw.choice(["Grvl", "Pave"], n)),
            "PoolArea": np.where(rows % 60, 0, rows + 400), "SalePrice": price,
            "log": np.log(price).round(6)}, "SalePrice"),
        "rossmann": ({
            "Store": rows % 12 + 1, "Date": pd.date_range("2015-01-01", periods=20).repeat(12)[::-1],
            "StateHoliday": np.where(rows % 40, "0", "a"), "Promo": rows % 2,
            "Sales": draw.poisson(5000, n)}, "Sales"),
        "bank": ({
            "job": draw.choice(["admin.", "unknown"], n), "balance": draw.integers(-300, 5000, n),
            "pdays": np.where(rows % 5, -1, rows + 1), "y": np.where(rows % 8, "no", "yes")}, "y"),
        "wdbc": ({
            "id": draw.integers(8670, 911320502, n), "radius": draw.normal(15, 3, n).round(2),
            "Unnamed: 32": [""] * n, "diagnosis": draw.choice(["M", "B"], n)}, "diagnosis"),
        "bike": ({
            "instant": rows + 1, "dteday": pd.date_range("2011-01-01", periods=n),
            "temp": draw.random(n).round(4), "casual": casual, "registered": registered,
            "cnt": casual + registered}, "cnt"),
        "retail": ({
            "InvoiceNo": [f"{'' if row % 50 else 'C'}{536365 + row // 3}" for row in rows],
            "InvoiceDate": [f"{row % 28 + 1}/{row % 12 + 1}/2010 8:26" for row in rows],
            "Price": cost, "CustomerID": np.where(rows % 4, rows % 30 + 12346, np.nan),
            "Total": (number * cost).round(2), "Quantity": number}, "Quantity"),
    }  # fmt: skip


#: What init leaves out of them.
LEFT_OUT = {
    "titanic": ["PassengerId", "Name", "Ticket", "Cabin", "boat"],
    "ames": ["Id", "Alley", "log"],
    "rossmann": [],
    "bank": [],
    "wdbc": ["id", "Unnamed: 32"],
    "bike": ["instant", "casual", "registered"],
    "retail": ["InvoiceNo", "CustomerID", "Total"],
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_tables_as_of_collections_begin(study, begin, name):
    table, target = of_collections()[name]
    found = suggested(study, table, target)
    settings = begin(table, target)
    assert settings.data.exclude == LEFT_OUT[name]
    assert pasted(found, settings)


def test_what_rows_may_belong_to_is_seen_in_what_is_there(study):
    rows = np.arange(600)
    even = rows % 30 + 1
    table = {"x": rows % 7, "y": np.where(rows % 11 < 4, "a", "b")}
    for name in ("pid", "patient_id", "PATIENTID", "subject"):
        found = suggested(study, {**table, name: even})
        assert found.changes["data"]["groups"].value == name
    for name in ("households", "rooms", "patients"):
        assert not suggested(study, {**table, name: even}).pastes
    # How large each is, not which.
    sizes = np.minimum(np.random.default_rng(0).geometric(0.4, 600), 14)
    assert len(np.unique(sizes)) >= 10
    found = suggested(study, {**table, "household": sizes})
    assert found.changes["data"]["groups"].value is None
    assert not found.pastes
    for values in (
        even,
        [f"s{own}" for own in even],
        rows % 150 + 1,
        [f"s{own}" for own in rows % 150],
    ):
        found = suggested(study, {**table, "Store": values})
        assert "groups: Store" in found.pastes
        assert "data.groups" in found.doubts[0]
        assert ("Store" in found.changes["data"]["exclude"].whys) == (len({*values}) == 150)


@pytest.mark.parametrize(
    ("column", "key"),
    [
        (cells(lambda row: "a" if row % 7 == 0 else row % 3), "categorical"),
        (cells(lambda row: f"{85000 + row}A" if row % 7 == 0 else 85000 + row), "exclude"),
        (
            cells(lambda row: f"C{536000 + row % 9}" if row % 7 == 0 else 536000 + row % 9),
            "categorical",
        ),
    ],
)
def test_numbers_beside_codes_are_codes(study, column, key):
    found = suggested(
        study, {"x": ROWS * 3 % 7, "holiday": column, "y": np.where(ROWS % 11 < 4, "a", "b")}
    )
    why = found.changes["data"][key].whys["holiday"]
    assert why.startswith("codes, not all of them numbers: ")
    assert not found.undecided


def test_a_date_that_is_missing_in_some_rows_is_no_time(study):
    since = cells(lambda row: "" if row % 9 == 0 else f"20{row // 12 + 10}-{row % 12 + 1:02}-01")
    found = suggested(study, {"since": since, "x": ROWS % 7, "y": Y})
    assert [*found.changes["data"]["dates"].whys] == ["since"]
    assert not found.pastes
    assert "time" not in str(found.doubts)


def test_rows_in_order_of_time_are_split_by_it(study, begin):
    days = pd.date_range("2020-01-01", periods=120).strftime("%d.%m.%Y")
    assert [*begin({"day": days, "x": ROWS % 7, "y": ROWS * 7 % 50 / 4}).data.time] == ["day"]
    # What grows in time is no other unit of it, and the only column stays one to learn from.
    settings = begin({"year": ROWS + 1900, "y": ROWS * 1.5}, name="only")
    assert not settings.data.time
    assert not settings.data.exclude
    # No class is in all of what is earlier and later.
    table = {"day": days, "x": ROWS % 7, "y": np.where(ROWS < 60, "a", "b")}
    settings = begin(table, name="classes")
    assert not settings.data.time
    assert [*settings.data.dates] == ["day"]
    Path("params.yaml").write_text(PARAMS)
    assert (
        "'day' says which rows are later, but leaves some fold" in suggested(study, table).doubts[0]
    )


UNSURE: dict[str, tuple[Any, str, str]] = {
    "orders": (cells(lambda row: f"{row % 12 + 1:02}/{row * 7 % 12 + 1:02}/2020"),
               "dates that can be read as %d/%m/%Y or as %m/%d/%Y; is it the first?", "date"),
    "soon": (cells(lambda row: "soon" if row == 7 else f"2020-01-{row % 28 + 1:02}"),
             "dates, but for 'soon'; do they mean missing?", "date"),
    "words": (cells(lambda row: ["twelve", "a:b"][row % 2] if row % 60 < 2 else row),
              "4 of 120 cells are no numbers: 'a:b', 'twelve'; do they mean missing?", "number"),
    "codes": (cells(lambda row: f"ca. {row}" if row % 4 == 0 else row),
              ("30 of 120 cells are no numbers: 'ca. 0', 'ca. 100', 'ca. 104' and 27 more; correct them in "
               "the file; codes are listed in data.categorical"), ""),
    "often": (cells(lambda row: "low" if row % 5 < 2 else "" if row % 5 == 2 else row),
              ("48 of 96 cells are no numbers: 'low'; if they mean missing, it is more than "
               "preprocess.max_missing allows"), ""),
    "money": (cells(lambda row: f"${row}.50"), "write numbers alone, not as in '$0.50'", ""),
    "share": (cells(lambda row: f"{row % 3} %"), "write numbers alone, not as in '0 %'", ""),
    "marks": (cells(lambda row: f"{row + 1},{row + 100}" if row % 3 == 0 else row),
              "write decimals with points, and thousands without commas", ""),
}  # fmt: skip


def pasted(found: Suggestion, settings: params.Params) -> dict[str, Any]:
    """Return the columns of a table after all lines were pasted, as preprocess takes them."""
    own = settings.data.model_dump(exclude_defaults=True) | {
        key: value
        for line in found.pastes
        for key, value in YAML(typ="safe", pure=True).load(line).items()
    }
    with warnings.catch_warnings(action="ignore"):
        prepared = preprocess.prepare(params.Data(**own), settings.preprocess)
    columns = prepared.profile["columns"]
    return {name: own["kind"] for name, own in columns.items()}


@pytest.mark.parametrize("name", UNSURE)
def test_what_cannot_be_decided_is_left_out_with_a_line_to_paste(study, begin, name):
    column, said, kind = UNSURE[name]
    table = {"x": ROWS % 7, name: column, "y": Y}
    found = suggested(study, table)
    assert found.undecided == [f"{name}: {said}"]
    assert bool(found.pastes) == bool(kind)
    settings = begin(table)
    assert settings.data.exclude == [name]
    # Also of a table of which all else is said.
    again = suggest("data/raw/table.csv", "y", settings)
    assert not again.pastes
    assert pasted(found, settings).get(name, "") == kind


def test_all_lines_to_paste_hold_beside_each_other(study, begin):
    """Of two entries of one name, or for one column, or of groups and a time, no more than one."""
    days = pd.date_range("2020-01-01", periods=60).strftime("%d.%m.%Y").to_numpy()
    table = {
        **{name: column for name, (column, _, _) in UNSURE.items()},
        "lab": np.where(ROWS % 30 == 0, -999, ROWS % 11 + 0.5),
        "Age": cells(lambda row: "unknown" if row % 40 == 0 else row % 37 + 0.5),
        "seen": days[ROWS * 7 % 60],
        "since": cells(lambda row: "" if row % 9 == 0 else f"2019-{row * 5 % 7 + 1:02}-01"),
        "shop_id": ROWS * ROWS % 71 + 1000,
        "pool": cells(lambda row: ["good", "bad"][row % 2] if row % 20 < 2 else "NA"),
        "fence": cells(lambda row: ["high", "low"][row % 2] if row % 20 < 4 else ""),
        "size": ROWS % 7,
        "y": Y,
    }
    found = suggested(study, table)
    settings = begin(table)
    missing = (
        'Age: [unknown], soon: [soon], words: ["a:b", twelve], lab: [-999], pool: [], fence: []'
    )
    assert found.pastes == [
        "exclude: [codes, often, money, share, marks]",
        "categorical: [pool, fence]",
        'dates: {seen: "", since: "", orders: "%d/%m/%Y", soon: ISO8601}',
        f"missing: {{{missing}}}",
        "groups: shop_id",
    ]
    kinds = pasted(found, settings)
    assert {"pool", "fence"} == {name for name, kind in kinds.items() if kind == "category"}


def test_more_than_ten_lines_are_counted(study, capsys):
    table = {f"c{n}": cells(lambda row: "x1" if row == 3 else row) for n in range(13)}
    pd.DataFrame({**table, "x": ROWS % 7, "y": Y}).to_csv("data/raw/table.csv", index=False)
    init("data/raw/table.csv", "y")
    lines = capsys.readouterr().out.splitlines()
    assert sum(": 1 of 120 cells are no numbers" in line for line in lines) == 10
    assert "  and 3 more" in lines
    # Nothing of what is pasted is left out.
    assert sum(line.count("[x1]") for line in lines) == 13


def test_files_are_read_as_they_are_written(study, begin):
    data = begin({"größe": ROWS / 4, "b": ROWS % 3, "y": Y}, sep=";", decimal=",",
                 encoding="cp1252").data  # fmt: skip
    assert (data.decimal, data.encoding) == (",", "cp1252")
    begin({"a": ROWS / 4, "b": ROWS % 3, "y": Y}, name="another")
    # What the file before it needed is gone.
    assert not {"decimal", "encoding"} & YAML(typ="safe").load(Path("params.yaml"))["data"].keys()
    rows = "".join(f"{row / 4},{y}\n" for row, y in zip(ROWS, Y, strict=True))
    Path("data/raw/comment.csv").write_text(f"# By hand\n# today\na,y\n{rows}")
    assert begin("data/raw/comment.csv").data.comment == "#"
    pd.DataFrame({"a": ROWS, "b": ROWS % 2 == 0, "y": Y}).to_parquet("data/raw/table.parquet")
    begin("data/raw/table.parquet")


def test_what_a_file_does_not_tell_is_told(study, monkeypatch, capsys):
    def run(table, *told):
        monkeypatch.setattr(sys, "argv", ["init", f"data/raw/{table}", "--target=y", *told])
        main()
        return params.load().data

    frame = pd.DataFrame({"x": ROWS % 7, "Größe": ROWS / 8, "y": Y})
    with pd.ExcelWriter("data/raw/book.xlsx") as book:
        pd.DataFrame({"said": ["by hand"]}).to_excel(book, sheet_name="notes", index=False)
        frame.to_excel(book, sheet_name="2020", index=False)
        frame.rename(columns={"x": "z"}).to_excel(book, sheet_name="2021", index=False)
    with pytest.raises(
        SystemExit, match=r"--sheet\) says which is the table, of: notes, 2020, 2021"
    ):
        run("book.xlsx")
    assert run("book.xlsx", "--sheet=2020", "--write").sheet == "2020"
    preprocess.prepare(params.load().data, params.load().preprocess)
    # What is said of a sheet stays, and is not of another one.
    assert run("book.xlsx").sheet == "2020"
    text = Path("params.yaml").read_text().replace("  task:", "  exclude: [x]\n  task:")
    Path("params.yaml").write_text(text)
    assert run("book.xlsx", "--sheet=2020", "--write").exclude == ["x"]
    assert run("book.xlsx", "--sheet=2021", "--write").exclude == []
    assert run("book.xlsx", "--target=z", "--write").target == "z"
    assert params.load().data.sheet == "2021"
    frame.to_csv("data/raw/own.csv", sep="^", decimal=",", encoding="cp1250", index=False)
    data = run("own.csv", "--separator=^", "--decimal=,", "--encoding=cp1250", "--write")
    assert (data.separator, data.decimal, data.encoding, data.sheet) == ("^", ",", "cp1250", None)
    assert "Größe" in preprocess.prepare(data, params.load().preprocess).X
    for told in ("--separator=ab", "--decimal=;", "--encoding=none"):
        with pytest.raises(SystemExit):
            run("own.csv", told)
        assert f"argument {told[: told.index('=')]}: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "target", "said"),
    [
        ("a,b\n1,2\n", None, "--target: must name the column to predict\nThe columns are: a, b"),
        ("Age,Sex\n1,2\n", "sexe", "no column 'sexe' in data/raw/table.csv; did you mean 'Sex'?"),
        ("a,y,y\n1,2,3\n", "y", "2 columns of data/raw/table.csv are called 'y'"),
        ("a,y\n1\n1,2\n1,2,3\n\n1\n", "y", "3 rows have more or fewer values\nLines, and how many values: 2 (1), 4 (3), 6 (1)"),
        ("a,y\n" + "1,b\n" * 9 + "1,a\n", "y", "class 'a' has only one row"),
        ("a,y\n" + "".join(f"{n},n{n}\n" for n in range(50)), "y",
         "is text of 50 values in 50 rows, too many for classes"),
        ("a,y\n" + "".join(f"{n},{n or 'zero'}\n" for n in range(50)), "y",
         "missing: {y: [zero]}"),
        ("a,y\n" + "".join(f"7,{n % 2}\n" for n in range(50)), "y",
         "no column is left to learn from; 'a': one value, '7'"),
        ("a,y\n1,\n2,\n", "y", "the target is missing in every row"),
    ],
)  # fmt: skip
def test_a_table_of_which_nothing_can_be_said_is_an_error(study, text, target, said):
    Path("data/raw/table.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        init("data/raw/table.csv", target, write=True)
    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) <= 3
    assert Path("params.yaml").read_text() == PARAMS


def test_a_table_without_names_is_told(study):
    rows = "".join(f"{row % 7},{row % 11},{y}\n" for row, y in zip(ROWS, Y, strict=True))
    Path("data/raw/table.csv").write_text(rows.replace("0,0,no", "0,0.5,no", 1))
    found = suggest("data/raw/table.csv", "no", params.load())
    assert "like values, not like names of columns: 0, 0.5, no; names c0" in found.doubts[0]


#: Lines as the collections have them whose files have no names.
NAMELESS = {
    "adult": "39, State-gov, 77516, Bachelors, 13, <=50K",
    "abalone": "M,0.455,0.365,0.095,0.514,0.2245,0.101,0.15,15",
    "mushroom": "p,x,s,n,t,p,f,c,n,k",
    "iris": "5.1,3.5,1.4,0.2,Iris-setosa",
    "pima": "6,148,72,35,0,33.6,0.627,50,1",
    "cleveland": "63.0,1.0,1.0,145.0,233.0,?,0",
    "auto-mpg": '18.0   8   307.0      130.0      3504.      12.0   70  1\t"chevrolet chevelle"',
    "german": "A11 6 A34 A43 1169 A65 A75 4 A93 A101 4 A121 67 A143 A152 2 A173 1 A192 A201 1",
    "housing": " 0.00632  18.00   2.310  0  0.5380  6.5750  65.20   4.98  24.00",
    "named blanks": "age sex chol\n63 1 233",
    "of R": '"age" "sex" "chol"\n"1" 63 1 233',
}


@pytest.mark.parametrize("name", NAMELESS)
def test_a_file_without_names_or_with_blanks_is_named_with_a_way_out(study, capsys, name):
    line = NAMELESS[name]
    # Numbers that differ from row to row, and text that does not.
    others = [re.sub(r"\d(?=\b)", str(row % 10), line.rpartition("\n")[2]) for row in range(30)]
    Path("data/raw/old.data").write_text("\n".join([line, *others, line.rpartition("\n")[2], ""]))
    with pytest.raises(InputError) as caught:
        init("data/raw/old.data", None)
    said = str(caught.value)
    assert len(said.splitlines()) <= 3
    assert ("separated by blanks" in said) == (" " in line and "," not in line)
    code = said.rpartition("python -c '")[2].removesuffix("'")
    exec(compile(code, "", "exec"), {})
    named = Path("data/raw/old-named.csv").read_text().splitlines()
    assert len(named) == 33
    assert named[0].startswith(
        "c0,c1,c2" if "c0, c1" in said or "prefix" in said else "age,sex,chol"
    )
    with pytest.raises(InputError, match="--target: must name the column to predict") as caught:
        init("data/raw/old-named.csv", None)
    assert "-c" not in str(caught.value)


@pytest.mark.parametrize(
    "header", ["country,1990,2000,2010", "0,1,2,3", "2020,2021,2022,y", "a,b,c,d", "y,1,0,x"]
)
def test_names_that_are_numbers_are_names(study, header):
    rows = "".join(f"{'abcd'[row % 4]},{row},{row * 3 % 7}.5,{row % 2}\n" for row in range(30))
    if header[0] in "02":
        rows = rows.translate(str.maketrans("abcd", "5678"))
    Path("data/raw/table.csv").write_text(f"{header}\n{rows}")
    with pytest.raises(InputError) as caught:
        init("data/raw/table.csv", None)
    assert "-c" not in str(caught.value)


def test_a_table_that_no_clone_would_have_is_told(study, capsys):
    pd.DataFrame({"x": ROWS % 7, "y": Y}).to_csv("table.csv", index=False)
    init("table.csv", "y")
    assert "table.csv is outside of data/raw" in capsys.readouterr().out
    with pytest.raises(InputError, match=r"none.csv: no such file"):
        init("none.csv", "y")


def test_entries_are_set_in_the_text_as_it_stands():
    assert params_file.changed(PARAMS, {"data": {"target": Entry("old")}}) == PARAMS
    text = params_file.changed(
        PARAMS,
        {
            "cross_validate": {"folds": Entry(4, "why")},
            "model": {"target": Entry("standard")},
            "grid_search": {"seeds": Entry([1, 2])},
        },
    )
    assert text == PARAMS.replace(
        "  folds: 10\n", "  folds: 4                      # why\n"
    ).replace("minmax\n", "minmax\n  target: standard\n").replace("seeds: null  ", "seeds: [1, 2]")
    without = PARAMS.replace("nested_cv:\n  outer: 10\n\n", "")
    added = params_file.changed(without, {"nested_cv": {"outer": Entry(4)}})
    assert added == without + "\nnested_cv:\n  outer: 4\n"


def test_lists_grow_as_they_are_written():
    text = PARAMS.replace("scoring: [accuracy, roc_auc]", "scoring: ['accuracy']   # mine")
    wanted = Entry(["accuracy", "r2"])
    assert params_file.changed(text, {"cross_validate": {"scoring": wanted}}) == text.replace(
        "['accuracy']   #", "['accuracy', r2] #"
    )


def test_anchors_are_no_way_to_lose_anything():
    text = PARAMS.replace("scaler: minmax", "scaler: &s minmax").replace(
        'title: "Old one"', "title: *s"
    )
    assert params_file.changed(text, {"data": {"target": Entry("new")}}) == text.replace(
        "target: old", "target: new"
    )
    with pytest.raises(InputError, match=r"params.yaml: report: init cannot edit it: .*alias"):
        params_file.changed(text, {"report": {"best": Entry(3)}})
