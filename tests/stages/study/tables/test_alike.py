"""What is one thing, written in several ways, is told: of labels, groups and categories."""

import numpy as np
import pandas as pd
import pytest
import suggesting
from suggesting import ROWS, suggested

from stages import preprocess
from stages.study.sections.data import Data, Preprocess
from stages.study.tables.alike import alike

study = suggesting.study

PAIRS = [
    ("NY", "ny"), ("1", "1.0"), ("01", "1"), ("1e3", "1000"), ("+1", "1"), ("yes", "yes\u200b"),
    ("caf\u00e9", "cafe\u0301"), ("S\u00e3o", "Sao"), ("a\0b", "ab"), ("a  b", "a\u00a0b"),
    ("\uff11", "1"), ("stra\u00dfe", "STRASSE"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_what_people_read_as_one_is_alike(one, other):
    assert alike([one, "else", other]) == [sorted([one, other])]


def test_what_differs_is_not_alike():
    apart = [
        *("a", "b", "+", "-", "?", "a b", "1", "2", "1.5", "-1", "1e400", "2e400", "0", "0e12")
    ]
    # Codes beyond the digits of a float; letters that are no accents.
    apart += ["12345678901234567890", "12345678901234567891", "\u304b", "\u304c", "9" * 5000]
    assert alike(apart) == []
    assert alike(["1,5", "1.5"]) == []
    assert alike(["1,5", "1,50"], ",") == [["1,5", "1,50"]]


CASES = {
    "target": ({"y": ("Yes", "yes", "no")}, {}, "the target 'y' has classes that may be one",
               "'Yes' and 'yes'"),
    "hidden": ({"y": ("caf\u00e9", "cafe\u0301", "tea")}, {}, "the target 'y' has classes",
               r"'cafe\u0301' and 'caf\xe9'"),
    "groups": ({"patient": [f"{p}{n}" for n in range(15) for p in "pP"]}, {"groups": "patient"},
               "data.groups: 'patient' has groups that may be one", "'P0' and 'p0', 'P1' and 'p1'"),
    "categories": ({"city": ("NY", "ny", "LA")}, {"categorical": ["city"]},
                   "'city' has categories that may be one", "'NY' and 'ny'"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_it_is_told_by_the_run_and_by_init(study, case, capsys):
    columns, settings, said, pair = CASES[case]
    table = {"x": ROWS % 7 * 1.5, "y": np.where(ROWS % 3 == 0, "a", "b")}
    table |= {name: np.resize(values, len(ROWS)) for name, values in columns.items()}
    found = suggested(study, table)
    data = Data(path="data/raw/table.csv", target="y", task="classification", **settings)
    for classes in ("any", sorted({*table["y"].tolist()})):
        prepared = preprocess.prepare(data, Preprocess(classes=classes))
        for doubts in (found.doubts, prepared.profile["doubts"]):
            assert [own for own in doubts if said in own and pair in own]
        assert said in capsys.readouterr().err


def test_spellings_that_are_read_as_one_are_not_told(study):
    """As booleans are, gaps, and labels of which params.yaml lists one."""
    table = {"x": ROWS % 7, "paid": np.resize(["Yes", "yes", "no"], len(ROWS))}
    table["c"] = np.resize(["NA", "a", "b", "", "c"], len(ROWS))
    table["y"] = np.resize(["True", "true", "False"], len(ROWS))
    pd.DataFrame(table).to_csv("table.csv", index=False)
    data = Data(path="table.csv", target="y", task="classification", categorical=["c"])
    prepared = preprocess.prepare(data, Preprocess(classes=[True, False]))
    assert prepared.profile["doubts"] == []


def test_of_many_columns_five_are_told(tmp_path):
    columns = {f"c{n}": ["a", "A", "b"] * 4 for n in range(12)}
    pd.DataFrame(columns | {"y": [0, 1] * 6}).to_csv(tmp_path / "t.csv", index=False)
    data = Data(path=str(tmp_path / "t.csv"), target="y", task="classification",
                categorical=[*columns])  # fmt: skip
    doubts = preprocess.prepare(data, Preprocess()).profile["doubts"]
    assert len(doubts) == 6
    assert doubts[-1].endswith("may be one: 'c5', 'c6', 'c7', 'c8', 'c9' and 2 more")
