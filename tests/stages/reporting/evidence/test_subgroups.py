"""For whom a network is wrong: groups of rows that have more errors than the others."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gridlanes.statistics import score_interval
from stages.reporting.evidence import subgroups as of_rows
from stages.reporting.evidence import winner_rows
from stages.reporting.evidence.row_kinds import PARTS, kinds, of_texts
from stages.reporting.evidence.subgroups import columns_to_look_at, subgroups
from stages.reporting.words import winner as words

ROWS = 800
rng = np.random.default_rng(0)
SITE = rng.choice(["north", "south", "west"], ROWS)
AGE = np.where(rng.random(ROWS) < 0.1, np.nan, rng.integers(18, 80, ROWS))


def study(wrong, **profile):
    """Return what is left of a study whose winner is wrong for some rows, and its predictions."""
    features = pd.DataFrame({"site": SITE, "age": AGE}).astype({"site": "str"})
    about = {"site": {"kind": "category"}, "age": {"kind": "number"}}
    own = {"task": "classification", "features": about, "columns": about, **profile}
    truth = np.arange(ROWS) % 2
    table = pd.DataFrame({"row": range(ROWS), "truth": truth})
    groups = np.arange(ROWS) // 4
    content = {"profile": own, "features": features, "rows": pd.DataFrame({"groups": groups})}
    return content, table.assign(predicted=np.where(wrong, 1 - truth, truth))


def told(content, table, **classes):
    own = {"groups": subgroups(content, table), "right": 0} | classes
    return " ".join(words.for_whom(own))


def test_a_group_that_is_wrong_more_often_is_found():
    wrong = rng.random(ROWS) < np.where(SITE == "west", 0.45, 0.15)
    content, table = study(wrong)
    found = subgroups(content, table, label=1)
    # Three sites, four parts of the ages and none.
    assert found["looked_at"] == 8
    (worst,) = found["worse"]
    inside = SITE == "west"
    assert (worst["column"], worst["kind"], worst["rows"]) == ("site", "west", inside.sum())
    assert worst["error"] == pytest.approx(wrong[inside].mean(), rel=1e-5)
    assert worst["share"] == pytest.approx(table["truth"][inside].mean(), abs=1e-6)
    ends = score_interval(wrong[inside].astype(float))
    assert (worst["low"], worst["high"]) == pytest.approx((ends.low, ends.high), rel=1e-5)
    assert told(content, table).startswith(
        "It is wrong more often where site is west than for the other rows, by more than chance "
        "would give among 8 groups from 2 columns."
    )
    far = table.assign(truth=table["truth"] * 1.0, predicted=table["predicted"] * 2.0)
    off = subgroups(content | {"profile": {**content["profile"], "task": "regression"}}, far)
    errors = (far["truth"] - far["predicted"]).abs()
    assert off["error"] == pytest.approx(errors.mean(), rel=1e-5)
    ends = stats.t.interval(
        0.95, inside.sum() - 1, errors[inside].mean(), stats.sem(errors[inside])
    )
    highest = off["highest"]
    assert (highest["low"], highest["high"]) == pytest.approx(ends, rel=1e-4)


def test_chance_alone_is_not_told():
    """Of 60 studies without any difference 5 % at most find one, however many groups they have."""
    found = 0
    for _ in range(60):
        content, table = study(rng.random(ROWS) < 0.2)
        found += bool(subgroups(content, table)["worse"])
    assert found <= 6
    said = told(*study(np.arange(ROWS) % 5 == 0))
    assert said.startswith(
        "For none of 8 groups of rows that were compared is it wrong more often than for the "
        "others by more"
    )
    assert " may be chance." in said


def test_rows_that_repeat_each_other_are_less_evidence():
    """Whole groups are wrong together, which rows by themselves would call a finding."""
    rows = np.repeat(rng.random(ROWS // 4) < 0.2, 4)
    alike = pd.Series(np.repeat(rng.choice(["x", "y", "z"], ROWS // 4), 4), dtype="str")
    content, table = study(rows)
    content["features"] = content["features"].assign(site=alike)
    single = subgroups(content, table)["highest"]
    content["profile"]["groups"] = {"column": "person"}
    several = subgroups(content, table)
    assert several["highest"]["kind"] == single["kind"]
    assert several["highest"]["pvalue"] > single["pvalue"]
    assert several["highest"]["high"] - several["highest"]["low"] > single["high"] - single["low"]
    # The groups themselves are looked at too, if they have rows enough.
    content["rows"] = pd.DataFrame({"groups": np.where(np.arange(ROWS) < 40, "p", "q")})
    bad = table.assign(predicted=np.where(np.arange(ROWS) < 40, 9, table["truth"]))
    (worst, *_) = subgroups(content, bad)["worse"]
    assert (worst["column"], worst["kind"], worst["rows"]) == ("person", "p", 40)


def test_rows_in_the_order_of_time_have_no_test():
    content, table = study(rng.random(ROWS) < 0.2, time={})
    found = subgroups(content, table)
    # What may be chance too.
    assert len(found["worse"]) > 1
    assert all(own["error"] > found["error"] for own in found["worse"])
    assert not {"low", "high", "pvalue"} & set().union(*found["worse"])
    assert "no test is known, so some of this may be chance" in told(content, table)


def test_large_tables_are_looked_at_in_part(monkeypatch):
    monkeypatch.setattr(winner_rows, "DRAWN", 300)
    monkeypatch.setattr(of_rows, "COLUMNS", 1)
    content, table = study(rng.random(ROWS) < 0.2)
    drops = pd.DataFrame({"feature": ["site", "age"], "fold": 0, "drop": [0.0, 0.1]})
    assert columns_to_look_at(content["profile"], None) == ["site"]
    assert columns_to_look_at(content["profile"], drops) == ["age"]
    content["features"] = content["features"][["age"]]
    said = told(content, table)
    assert "Compared were 300 rows, drawn from 800. Of 2 columns 1 were looked at." in said
    assert subgroups(content, table) == subgroups(content, table)


def test_groups_that_are_too_small():
    content, table = study(rng.random(ROWS) < 0.2)
    few = {name: content[name].iloc[:9] for name in ("features", "rows")}
    assert told(content | few, table.iloc[:9]) == (
        "No group of 10 rows or more could be compared with the others."
    )


def named(values, about, column=None):
    found = kinds(pd.Series(values, name="x" if column is None else column), about, about)
    return [found.names[own] for own in found.of_rows]


def test_what_kinds_of_rows_are_called():
    number = {"kind": "number"}
    assert named([1.0, 2.5, np.nan], number) == ["1", "2.5", "missing"]
    ages = named(np.arange(20, 120.0), number)
    assert [ages.count(own) for own in dict.fromkeys(ages)] == [100 // PARTS] * PARTS
    assert list(dict.fromkeys(ages)) == ["at most 44", "45 to 69", "70 to 94", "at least 95"]
    # Most rows have one value.
    skewed = named([0.0] * 90 + [*range(1, 11)], number)
    assert list(dict.fromkeys(skewed)) == ["at most 0", "at least 1"]
    boolean = {"kind": "boolean", "no": "f", "yes": "t"}
    assert named([0.0, 1.0, np.nan], boolean) == ["f", "t", "missing"]
    date = {"kind": "date"}
    assert named([0.0, 6.0], date, "d_weekday") == ["Monday", "Sunday"]
    assert named([0.0, 366.0], date, "d_days") == ["1970-01-01", "1971-01-02"]
    texts = of_texts(pd.Series(["b", "a", None, "b"], dtype="str"))
    assert [texts.names[own] for own in texts.of_rows] == ["b", "a", "missing", "b"]
