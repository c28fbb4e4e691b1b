"""What only the user can decide: lines to paste that hold beside each other."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from suggesting import ROWS, Y, cells, pasted, suggested

from stages.init import init
from stages.study.suggest.suggestion import suggest

UNSURE: dict[str, tuple[Any, str, str]] = {
    "orders": (cells(lambda row: f"{row % 12 + 1:02}/{row * 7 % 12 + 1:02}/2020"),
               "dates that can be read as %d/%m/%Y or as %m/%d/%Y; is it the first?", "date"),
    "short": (cells(lambda row: f"{row % 12 + 1}/{row * 7 % 12 + 1:02}/20"),
              "dates that can be read as %d/%m/%y or as %m/%d/%y; is it the first?", "date"),
    "at": (cells(lambda row: f"{row % 23}:{row % 60:02}"),
           "times of day, such as 0:00; write them as hours, 14.5 for 14:30", ""),
    "soon": (cells(lambda row: "soon" if row == 7 else f"2020-01-{row % 28 + 1:02}"),
             "dates, but for 'soon'; do they mean missing?", "date"),
    "words": (cells(lambda row: ["twelve", "a:b"][row % 2] if row % 60 < 2 else row),
              "4 of 120 cells are no numbers: 'a:b', 'twelve'; do they mean missing?", "number"),
    "codes": (cells(lambda row: f"ca. {row}" if row % 4 == 0 else row),
              ("30 of 120 cells are no numbers: 'ca. 0', 'ca. 100', 'ca. 104' and 27 more; correct them in "
               "the file; codes are listed in data.categorical"), ""),
    "lab": (cells(lambda row: {3: "<0.5", 8: "n.d.", 10: "12,5"}.get(row, row % 37 + 0.5)),
            ("3 of 120 cells are no numbers: '12,5', '<0.5', 'n.d.'; correct them in the file; "
             "codes are listed in data.categorical"), ""),
    "often": (cells(lambda row: "low" if row % 5 < 2 else "" if row % 5 == 2 else row),
              ("48 of 96 cells are no numbers: 'low'; if they mean missing, it is more than "
               "preprocess.max_missing allows"), ""),
    "money": (cells(lambda row: f"${row}.50"), "write numbers alone, not as in '$0.50'", ""),
    "share": (cells(lambda row: f"{row % 3} %"), "write numbers alone, not as in '0 %'", ""),
    "marks": (cells(lambda row: f"{row + 1},{row % 90 + 10}" if row % 12 == 0 else row),
              "write decimals with points, and thousands without commas", ""),
}  # fmt: skip


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
    moved = "orders: see dates, short: see dates, soon: see dates, pool: see categorical, fence: see categorical"
    missing = (
        'Age: [unknown], soon: [soon], words: ["a:b", twelve], lab: [-999], pool: [], fence: []'
    )
    assert found.pastes == [
        f"exclude: [at, codes, often, money, share, marks, shop_id]  # {moved}",
        "categorical: [pool, fence]",
        'dates: {seen: "", since: "", orders: "%d/%m/%Y", short: "%d/%m/%y", soon: ISO8601}',
        f"missing: {{{missing}}}",
        "groups: shop_id",
    ]
    kinds = pasted(found, settings)
    assert {"pool", "fence"} == {name for name, kind in kinds.items() if kind == "category"}


def test_a_date_that_rows_may_be_split_by_stays_a_feature(study, begin):
    """Taking one line alone loses nothing of what another one names."""
    table = {
        "seen": cells(lambda row: f"2020-01-{row * 7 % 25 + 1:02}"),
        "orders": UNSURE["orders"][0],
        "x": ROWS % 7,
        "y": Y,
    }
    found = suggested(study, table)
    said = "'seen' is data.time; what data.dates names stays a feature"
    assert [doubt for doubt in found.doubts if said in doubt]
    assert found.pastes == [
        "exclude: []  # orders: see dates",
        'dates: {seen: "", orders: "%d/%m/%Y"}',
        "time: seen",
    ]
    assert pasted(found, begin(table))["seen"] == "date"


def test_more_than_ten_lines_are_counted(study, capsys):
    table = {f"c{n}": cells(lambda row: "xx" if row == 3 else row) for n in range(13)}
    pd.DataFrame({**table, "x": ROWS % 7, "y": Y}).to_csv("data/raw/table.csv", index=False)
    init("data/raw/table.csv", "y")
    lines = capsys.readouterr().out.splitlines()
    assert sum(": 1 of 120 cells are no numbers" in line for line in lines) == 10
    assert "  and 3 more" in lines
    # Nothing of what is pasted is left out.
    assert sum(line.count("[xx]") for line in lines) == 13
