"""What init makes of a column: where params.yaml names it, and why."""

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML
from suggesting import PARAMS, ROWS, Y, cells, suggested
from tiny import CSV

from stages import preprocess
from stages.study import params
from stages.study.suggest.params_file import Entry
from stages.study.suggest.suggestion import suggest

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
    "sent": (cells(lambda row: f"{row % 12 + 1}/{row % 28 + 1}/{row % 90 + 10}"), "dates"),
    "paid": (cells(lambda row: f"{row % 28 + 1}-{['Jan', 'Dec'][row % 2]}-15"), "dates"),
    "Age": (cells(lambda row: "unknown" if row % 40 == 0 else row % 37 + 0.5), "missing"),
    "年齢": (ROWS % 5 * 3, None),
    "Fare": (cells(lambda row: "NA" if row % 40 == 1 else row * 7 % 113), None),
    "alone": (cells(lambda row: ["Yes", "No"][row % 4 // 3]), None),
}


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
    paste = YAML(typ="safe").load(said.partition("for amounts: ")[2])
    assert paste == {"missing": {"lab": [-999], "size": [0]}}
    data = settings.data.model_copy(update=paste)
    assert preprocess.prepare(data, settings.preprocess).X["lab"].isna().sum() == 4
    assert "missing: " not in capsys.readouterr().err
    # A no is an empty list, also to init.
    data = settings.data.model_copy(update={"missing": {"lab": [], "size": ["x"], "often": []}})
    preprocess.prepare(data, settings.preprocess)
    assert "nothing was measured" not in capsys.readouterr().err
    own = settings.model_copy(update={"data": data})
    assert not [said for said in suggest(data.path, "y", own).doubts if "measured" in said]


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


@pytest.mark.parametrize(
    ("name", "first", "out"),
    [("caseid", 100_001, True), ("row", 0, True), ("jahr", 1900, False), ("case_no", 1900, True)],
)
def test_what_numbers_the_rows_is_left_out_wherever_it_starts(study, begin, name, first, out):
    settings = begin({"x": ROWS % 7, name: ROWS + first, "y": Y})
    assert settings.data.exclude == [name] * out
    assert ("# numbers the rows" in Path("params.yaml").read_text()) == out
    shuffled = {"x": ROWS % 7, "caseid": ROWS * 71 % 120 + first, "y": Y}
    assert begin(shuffled, name="other").data.exclude == []


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
    assert "written as %m/%d/%y, such as 1/1/10; years from 1969 to 2068" in text
    removed = ("by column", "The last one.")
    comments = {line.partition("#")[2].strip() for line in PARAMS.splitlines()} - {*removed}
    assert [comment for comment in comments if comment not in text] == []


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


def test_zeros_that_mean_missing_are_told_and_not_set(study):
    shutil.copy(CSV, "data/raw/pima.csv")
    found = suggest("data/raw/pima.csv", "Outcome", params.load())
    told = [line.split("'")[1] for line in found.doubts if " is 0 in " in line]
    # Those which the literature on this table names, and not Pregnancies.
    assert told == ["Glucose", "BloodPressure", "SkinThickness", "Insulin", "BMI"]
    assert found.changes["data"]["missing"] == Entry(None)


def test_numbers_far_from_all_others_are_told(study):
    lab = np.where(ROWS % 30 == 0, -999, ROWS % 11 + 0.5)
    found = suggested(study, {"lab": lab, "other": ROWS % 11 - 3, "y": Y})
    assert found.doubts[0] == (
        "'lab' is -999 in 4 rows, far from all others; does it mean that nothing was measured?"
    )
    assert found.pastes == ["missing: {lab: [-999]}"]


def test_an_id_that_repeats_is_no_number(study, begin):
    table = {"shop_id": ROWS * ROWS % 71 + 1000, "x": ROWS % 7, "y": Y}
    assert begin(table).data.exclude == ["shop_id"]
    Path("params.yaml").write_text(PARAMS)
    found = suggested(study, table)
    assert found.doubts[0].endswith("belong together, it is data.groups")
    assert found.pastes == ["groups: shop_id"]


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


@pytest.mark.parametrize("name", ["perwt", "sample_weight", "Weight", "fnlwgt", "survey weights"])
def test_what_may_weigh_rows_is_asked_about(study, name):
    weights = ROWS * 7919 % 100_003 + 0.5
    found = suggested(study, {"x": ROWS % 7, name: weights, "wt": weights + 1, "y": Y})
    assert found.doubts[0].startswith(f"{name!r} may say how much a row counts")
    assert [line for line in found.pastes if "weights" in line] == [f"weights: {name}"]
    others = {name: weights - 3, "birth_weight": weights, "weighted": weights}
    assert not suggested(study, {"x": ROWS % 7, **others, "y": Y}).pastes


def test_an_offset_that_some_times_lack_is_told(study):
    times = cells(lambda n: f"2020-01-{n % 28 + 1:02}T10:00" + "Z" * (n != 5))
    doubts = suggested(study, {"when": times, "x": ROWS % 7, "y": Y}).doubts
    assert [own for own in doubts if own.startswith("line 7, column 'when': no offset from UTC")]
