"""Rows set aside say nothing of how the others are read, and are themselves read as new ones."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import preprocess
from stages.study.counts import count
from stages.study.errors import InputError
from stages.study.prepared import Divided, write_prepared
from stages.study.sections.data import Data, Preprocess

ROWS = 60
#: Every fourth row, from the file's line 3 on.
AWAY = np.arange(ROWS) % 4 == 1
rng = np.random.default_rng(3)

TABLE = pd.DataFrame(
    {
        "whole": rng.integers(0, 9, ROWS),
        "dose": rng.normal(size=ROWS).round(2),
        "flag": rng.choice(["y", "n"], ROWS),
        "unit": rng.choice(["north", "south"], ROWS),
        "code": rng.choice(["1", "2"], ROWS),
        "seen": pd.date_range("2024-01-01", periods=ROWS, freq="D").strftime("%d/%m/%Y"),
        "who": [f"p{row % 4}-{row // 8}" for row in range(ROWS)],
        "when": np.arange(ROWS) // 2 + 1000 * AWAY,
        "weight": rng.choice([0.5, 2], ROWS),
        "held": np.where(AWAY, "yes", "no"),
        "y": rng.integers(0, 2, ROWS),
    }
).astype(str)

KINDS = {
    "categorical": ["unit", "code"],
    "dates": ["seen"],
    "weights": "weight",
    "exclude": ["held"],
}
FEATURES = ["whole", "dose", "flag", "unit", "code", "seen", "weight"]
#: How rows are set aside, and which of their cells may be anything then.
WAYS = {
    "a column": ({"column": "held"}, {"missing_target": "drop"}, [*FEATURES, "y"]),
    "kinds told": ({"column": "held"}, {"categorical": "auto"}, FEATURES),
    "groups": ({"column": "held"}, {"groups": "who"}, [*FEATURES, "who", "y"]),
    "times": ({"column": "held"}, {"time": "when"}, [*FEATURES, "when", "y"]),
    "a share": ({"share": 0.25}, {}, FEATURES),
    "a share of groups": ({"share": 0.25}, {"groups": "who"}, [*FEATURES, "y"]),
    "a share of times": ({"share": 0.25}, {"time": "when"}, [*FEATURES, "y"]),
    "a share of numbers": ({"share": 0.25}, {"task": "regression"}, FEATURES),
}
CELLS = ["", "NA", "0", "1", "1.0", "1,5", "01", "7.25", "1e30", "99999999999999999999", "-3"]
CELLS += ["y", "no", "maybe", "east", "abc", "12/31/2024", "2024-12-31", "31.12.24", "0x1", "p0-0"]


@pytest.fixture(scope="module")
def same_folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("table")


def prepare(table: pd.DataFrame, folder: Path, holdout, min_class_rows=1, **says) -> Divided:
    path = folder / "table.csv"
    table.to_csv(path, index=False)
    given = {"path": str(path), "target": "y", "task": "classification", **KINDS, **says}
    # Who is not grouped by is no feature, as is the time.
    others = [own for own in ("who", "when") if own not in (says.get("groups"), says.get("time"))]
    given["exclude"] = [*others] if holdout.get("column") else [*others, "held"]
    return preprocess.prepare(
        Data.model_validate(given),
        Preprocess.model_validate({"holdout": holdout, "min_class_rows": min_class_rows}),
    )


def written(data: Divided, folder: Path) -> dict[str, bytes]:
    folder.mkdir(exist_ok=True)
    write_prepared(data, folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@cache
def before(way: str, folder: Path) -> tuple[tuple[int, ...], dict[str, bytes]]:
    """Return which rows are set aside, and what others read before any cell of these changes."""
    holdout, says, _ = WAYS[way]
    data = prepare(TABLE, folder, holdout, **says)
    return tuple(data.aside.X.index - 2), written(data, folder / "before")


@settings(
    max_examples=settings().max_examples // 4,
)
@given(drawn=st.data())
def test_what_others_read_depends_on_no_cell_of_the_rows_set_aside(same_folder, drawn):
    """Whatever stands there, but for the class, the group or the time that a share is drawn by.

    Nor is a share drawn from rows without a target.
    """
    way = drawn.draw(st.sampled_from(sorted(WAYS)))
    holdout, says, free = WAYS[way]
    away, content = before(way, same_folder)
    cells = st.tuples(st.sampled_from(away), st.sampled_from(free), st.sampled_from(CELLS))
    if "share" in holdout:
        cells = cells.filter(lambda own: own[1] != "y" or own[2] not in ("", "NA"))
    table = TABLE.copy()
    for row, name, cell in drawn.draw(st.lists(cells, min_size=1, max_size=3)):
        table.loc[row, name] = cell
    try:
        after = prepare(table, same_folder, holdout, **says)
    except InputError as error:
        line = re.search(r"line (\d+), column", str(error))
        if line is None:
            # Nothing of a cell, but of what is set aside as a whole.
            assert re.search(
                r"one who set aside and left|must be later|no row of class", str(error)
            )
        else:
            assert int(line[1]) - 2 in away
            assert "preprocess.holdout sets the row aside" in str(error)
    else:
        assert written(after, same_folder / "after") == content


def test_rows_set_aside_are_read_as_the_others_tell(same_folder, capsys):
    away, content = before("a column", same_folder)
    holdout, says, _ = WAYS["a column"]
    first, *_ = away
    table = TABLE.copy()
    # Each would change how a column is read: as numbers with decimals, with gaps, as other dates.
    strange = {"whole": "2.5", "dose": "", "flag": "N", "unit": "east", "code": "1.0"}
    strange |= {"seen": "2024-12-31", "weight": "1e6"}
    for name, cell in strange.items():
        table.loc[first, name] = cell
    # All of a format that the others have not, which is what a file with types writes.
    table.loc[[*away], "seen"] = "2024-12-31"
    table.loc[away[1], "y"] = ""
    data = prepare(table, same_folder, holdout, **says)
    assert written(data, same_folder / "after") == content
    said = capsys.readouterr().err
    assert (
        "in rows set aside alone, where the winner takes them as unknown: 'unit' in 1 row" in said
    )
    assert "('east'; first in line 3)" in said
    assert "of the rows set aside 1 row left out (target missing (an empty cell in 1): 1)" in said
    aside = data.aside
    assert aside.X.index.tolist() == [row + 2 for row in away if row != away[1]]
    row = aside.X.iloc[0]
    assert (row["whole"], row["flag"], row["unit"], row["code"]) == (2.5, 0, "east", "1")
    assert np.isnan(row["dose"])
    assert (row["seen_year"], row["seen_month"]) == (2024, 12)
    assert aside.weights.iloc[0] == 1e6
    assert aside.profile["set_aside"]["rows"] == len(away)


REFUSED = {
    "a third word": ("flag", "maybe", "line 3, column 'flag': must be n or y; found 'maybe'"),
    "text": ("whole", "abc", "line 3, column 'whole': must be a finite number; found 'abc'"),
    "a decimal comma": ("dose", "1,5", "line 3, column 'dose': must be a finite number; found '1,5'"),
    "another date": ("seen", "12/31/2024", "line 3, column 'seen': must be a date written as %d/%m/%Y"),
    "an unknown class": ("y", "2", "line 3, column 'y': must be a class of the rows that are not set aside, 0, 1; found '2'"),
    "a weight": ("weight", "-1", "line 3, column 'weight': must be a weight of at least 0"),
    "no weight": ("weight", "", "line 3, column 'weight': missing (1 such row)"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_no_other_row_tells_how_to_read_is_refused(same_folder, case):
    name, cell, says = REFUSED[case]
    table = TABLE.copy()
    table.loc[1, name] = cell
    with pytest.raises(InputError) as caught:
        prepare(table, same_folder, {"column": "held"})
    assert says in str(caught.value)
    assert "preprocess.holdout sets the row aside, so that it is read as a new one is" in str(
        caught.value
    )
    # It is the mistake of this row, whatever else the file holds.
    table.loc[2, name] = cell
    table.loc[1, name] = TABLE.loc[1, name]
    try:
        prepare(table, same_folder, {"column": "held"})
    except InputError as error:
        assert "sets the row aside" not in str(error)


@pytest.mark.parametrize(
    ("holdout", "rows", "away"), [({"column": "held"}, [1, 5, 2, 3], 2), ({"share": 0.25}, [1, 2, 3], 1)]
)  # fmt: skip
def test_a_class_of_too_few_rows_is_left_out_of_the_rows_set_aside_too(
    same_folder, capsys, holdout, rows, away
):
    """It is of too few in the rows that are left, if not in all."""
    table = TABLE.copy()
    table.loc[rows, "y"] = "2"
    found = prepare(table, same_folder, holdout, min_class_rows=3)
    said = f"of the rows set aside {count(away, 'row')} left out (class 2: {away})"
    assert said in capsys.readouterr().err
    assert found.profile["left_out"] == {"class 2": 2}
    assert {*found.y} == {*found.aside.y} == {0, 1}
    assert len(found.y) + len(found.aside.y) == ROWS - len(rows)
