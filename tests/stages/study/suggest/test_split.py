"""What rows belong to, and what orders them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML
from suggesting import PARAMS, ROWS, Y, cells, pasted, suggested

from stages import preprocess
from stages.study import params
from stages.study.sections.data import Data
from stages.study.sections.splitting import Splitting
from stages.study.suggest.params_file import Entry


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


@pytest.mark.parametrize("role", ["groups", "time"])
def test_a_class_that_is_text_and_rare_is_no_reason_not_to_split(begin, role):
    column = ROWS // 3 if role == "groups" else pd.date_range("2020-01-01", periods=120)
    name = {"groups": "patient", "time": "date"}[role]
    y = np.where(ROWS % 9 == 0, "sick", "well")
    settings = begin({name: column, "x": ROWS % 7, "y": y})
    assert settings.grid_search.scoring == "average_precision"
    assert name in (settings.data.groups, *settings.data.time)


def test_a_date_that_is_missing_in_some_rows_is_no_time(study):
    since = cells(lambda row: "" if row % 9 == 0 else f"20{row // 12 + 10}-{row % 12 + 1:02}-01")
    found = suggested(study, {"since": since, "x": ROWS % 7, "y": Y})
    assert [*found.changes["data"]["dates"].whys] == ["since"]
    assert not found.pastes
    assert "time" not in str(found.doubts)


def test_rows_in_order_of_time_are_split_by_it(study, begin):
    days = pd.date_range("2020-01-01", periods=120).strftime("%d.%m.%Y")
    doubts = suggested(study, {"day": days, "x": ROWS % 7, "y": ROWS * 7 % 50 / 4}).doubts
    assert doubts[0] == "'day' is data.time, and no feature unless data.dates names it too"
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


def test_of_several_dates_the_last_is_asked_about(study, begin):
    born = (
        pd.date_range("1950-01-01", periods=120, freq="83D").to_series().sample(120, random_state=0)
    )
    since = pd.date_range("2019-01-01", periods=120).to_series().sample(120, random_state=1)
    table = {"x": ROWS % 7, "y": Y} | {
        name: own.dt.strftime("%d.%m.%Y").to_numpy() for name, own in (("b", born), ("s", since))
    }
    found = suggested(study, table)
    assert "later than these, 's' is data.time" in "".join(found.doubts)
    # Names alone where no format is needed.
    assert "time: s" in found.pastes
    settings = begin(table)
    assert pasted(found, settings)["b"] == "date"
    data = settings.data.model_dump(exclude_defaults=True)
    for line in found.pastes:
        data |= YAML(typ="safe").load(line)
    prepared = preprocess.prepare(Data(**data), settings.preprocess)
    assert prepared.time.dt.year.min() == 2019


def test_how_another_table_was_split_and_what_was_set_aside_of_it_goes(study, begin):
    path = study / "params.yaml"
    text = path.read_text()
    for section in ("cross_validate", "grid_search", "nested_cv"):
        text = text.replace(
            f"\n{section}:\n", f"\n{section}:\n  split: {{kind: kfold, repeats: 2}}\n"
        )
    holdout = "preprocess:\n  holdout: {share: 0.2}\n"
    text = text.replace("preprocess:\n", holdout) if "preprocess:" in text else text + holdout
    path.write_text(text)
    assert params.load().preprocess.holdout.share == 0.2
    settings = begin({"patient": ROWS // 5, "x": ROWS % 7, "y": np.where(ROWS // 5 % 2, "a", "b")})
    assert settings.data.groups == "patient"
    assert not settings.preprocess.holdout
    assert settings.grid_search.split == settings.cross_validate.split == Splitting()
    # Of the table that it is about, they stay.
    path.write_text(
        path.read_text().replace("\ngrid_search:\n", "\ngrid_search:\n  split: group\n")
    )
    assert begin("data/raw/table.csv").grid_search.split.kind == "group"
