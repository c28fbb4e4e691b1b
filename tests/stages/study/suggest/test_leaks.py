"""Columns that give the target away."""

import numpy as np
import pytest
from suggesting import ROWS, Y, cells, suggested


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
