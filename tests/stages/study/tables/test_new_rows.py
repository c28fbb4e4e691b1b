"""New rows: which columns are taken, passed over, kept and refused, and what is said of cells."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from stages.study.column_kinds import Column
from stages.study.errors import InputError
from stages.study.sections.data import Reading
from stages.study.signature import Signature
from stages.study.tables import new_rows
from stages.study.tables.new_columns import check_columns, check_kept
from stages.study.tables.open_table import open_table
from stages.study.tables.tally import Tally
from stages.study.winner import Winner

#: Of a study whose table has more columns than its model takes.
SIGNATURE = Signature.model_validate(
    {
        "task": "classification",
        "columns": {"age": {"kind": "number"}, "sold": {"kind": "date", "format": "ISO8601"}},
        "features": ["age", *(f"sold_{part}" for part in ("year", "month", "weekday", "days"))],
        "ranges": {"age": [1, 9]},
        "others": ["y", "patient", "id", "c"],
        "inputs": {},
        "target": "y",
        "target_transformed": False,
        "classes": ["no", "yes"],
        "missing": {},
        "missing_default": [],
        "reading": {},
        "logits": False,
    }
)


def checked(header, tmp_path, kept=()):
    path = tmp_path / "new.csv"
    path.write_text(f"{header}\n")
    with open_table(path, Reading()) as table:
        check_kept(kept, table, SIGNATURE)
        return check_columns(table, SIGNATURE, kept)


@pytest.mark.parametrize(
    ("header", "passed_over"),
    [
        ("age,sold", []),
        ("sold,id,age", ["'id'"]),
        ("y,c,age,c,sold", ["'y' (what is predicted)", "'c'"]),
        # As pandas writes its index.
        (",age,sold", ["what has no name"]),
    ],
)
def test_what_the_study_had_is_passed_over(tmp_path, header, passed_over):
    assert checked(header, tmp_path) == passed_over


def test_what_is_kept_may_be_any_column(tmp_path):
    assert checked("age,sold,id,y,new", tmp_path, ["new", "id", "age"]) == [
        "'y' (what is predicted)"
    ]


REFUSED = [
    ("id,sold", "no column 'age'\nThe model takes: 'age', 'sold'"),
    ("Age,Sold,id", "no columns 'age' (is 'Age' meant?), 'sold' (is 'Sold' meant?)\nThe model takes: "),
    ("age,solid,zip", "no column 'sold' (is 'solid' meant?)\nnot in the study's table: column 'zip'\nThe model"),
    ("age,sold,ID,zip", "not in the study's table: columns 'ID' (is 'id' meant?), 'zip'\nLeave out"),
    # What is there is not meant by another.
    ("age,sold,id,ids", "not in the study's table: column 'ids'\nLeave out"),
    ("7,2020-01-01,no", "no column of the model's; is '7', '2020-01-01', 'no' the line that names the columns?"),
    ("age,sold," + ",".join(f"x{n}" for n in range(12)), "'x8', 'x9' and 2 more\nLeave out"),
    ("y", "no columns 'age', 'sold'\nThe model takes: "),
    ("age,sold,zip,zip", "not in the study's table: column 'zip'\nLeave out"),
    ("age,sold,age", "columns 1 and 3 are both 'age'"),
]  # fmt: skip


@pytest.mark.parametrize(("header", "says"), REFUSED)
def test_what_the_study_had_not_is_refused_at_once(tmp_path, header, says):
    with pytest.raises(InputError) as caught:
        checked(header, tmp_path)
    where, _, said = str(caught.value).partition(": line 1: ")
    assert where == str(tmp_path / "new.csv")
    assert says in said
    assert len(said.splitlines()) <= 3


def test_a_first_line_of_values_is_told_of(tmp_path):
    """Also where its values look like the names of the model's columns."""
    signature = SIGNATURE.model_copy(
        update={"columns": {"c0": Column(kind="number"), "c1": Column(kind="category")}}
    )
    path = tmp_path / "new.csv"
    path.write_text("0, a\n1, b\n4, a\n")
    says = "line 1: the first line looks like values, not like names of columns: 0, a; names c0, .*"
    with (
        open_table(path, Reading()) as table,
        pytest.raises(InputError, match=says + "\nThe model takes: 'c0', 'c1'$"),
    ):
        check_columns(table, signature)


@pytest.mark.parametrize(
    ("header", "kept", "says"),
    [
        (
            "age,sold,id",
            ["idd", "x"],
            "--keep: no columns 'idd' (is 'id' meant?), 'x'\nThe columns",
        ),
        ("age,sold,predicted", ["predicted"], "--keep: 'predicted': the predictions have a column"),
        ("age,sold,probability_yes", ["probability_yes"], "--keep: 'probability_yes': the pred"),
        ("age,sold,c,c", ["c"], "columns 3 and 4 are both 'c'"),
        ("age,sold,", [""], "column 3 has no name"),
    ],
)
def test_what_cannot_be_kept(tmp_path, header, kept, says):
    with pytest.raises(InputError) as caught:
        checked(header, tmp_path, kept)
    assert says in str(caught.value)


#: What is said of categories, and of numbers and dates.
UNKNOWN = "'kind' in 6 rows ('a' 2, 'b' 2, 'c' 1, others 1; first in line 2)"
OUTSIDE = (
    "'age' in 2 rows (trained on 1 to 9.5), "
    "'sold' in 2 rows (trained on 2020-01-01 to 2020-01-02 12:00:00)"
)

DAYS = (pd.Timestamp(2020, 1, 1) - pd.Timestamp(1970, 1, 1)).days


def features(ages, days):
    index = pd.Index(range(2, 2 + len(ages)), name="line")
    parts = {f"sold_{part}": np.nan for part in ("year", "month", "weekday")}
    return pd.DataFrame({"age": ages, **parts, "sold_days": days}, index=index)


@pytest.mark.parametrize("rows", [1, 2, 6])
def test_the_pieces_do_not_change_what_is_said(rows):
    signature = SIGNATURE.model_copy(
        update={"ranges": {"age": [1.0, 9.5], "sold": [float(DAYS), DAYS + 1.5]}}
    )
    tally = Tally(Winner(Path(), signature, None))
    X = features([1, 9.5, 9.6, np.nan, 0.9, 5], [DAYS, np.nan, DAYS + 2, DAYS - 1, np.nan, DAYS])
    found = pd.Series(list("abcadb"), X.index)
    for start in range(0, 6, rows):
        piece = slice(start, start + rows)
        tally.count(X[piece], {"kind": found[piece], "other": found[:0]})
    assert list(tally.lines()) == [
        "missing, and filled from the rows of the training that are nearest: 'age' in 1 row, 'sold' in 2 rows",
        f"never seen in the training, and taken as unknown: {UNKNOWN}",
        f"outside of what the training had: {OUTSIDE}",
    ]


def test_nothing_is_said_of_nothing():
    tally = Tally(Winner(Path(), SIGNATURE.model_copy(update={"ranges": {}}), None))
    assert list(tally.lines()) == []
    tally.count(features([1, 2], [1, 2]), {})
    assert list(tally.lines()) == []


@pytest.mark.parametrize("text", ["age,sold\n99.9,\n5,\n", "age;sold\n99,9;\n5;\n"])
def test_markers_of_a_study_with_decimal_commas_hold_in_any_file(tmp_path, text):
    said = {"reading": {"decimal": ","}, "missing": {"age": ["99,9"]}}
    signature = Signature.model_validate(SIGNATURE.model_dump() | said)
    (tmp_path / "new.csv").write_text(text)
    with open_table(tmp_path / "new.csv", Reading(decimal="," if ";" in text else ".")) as table:
        (chunk,) = table.chunks()
        found = new_rows.features(chunk, signature, table)
    np.testing.assert_array_equal(found["age"], [np.nan, 5])


@pytest.mark.parametrize(
    ("strategy", "said"),
    [
        ("median", "filled with the training's median: 'age' in 1 row (2)"),
        ("mean", "filled with the training's mean: 'age' in 1 row (3)"),
        ("most_frequent", "filled with the training's most frequent value: 'age' in 1 row (1)"),
    ],
)
@pytest.mark.parametrize("gap", [True, False])
def test_what_becomes_of_gaps_is_said(strategy, said, gap):
    """Of categories by whether the training had any."""
    kinds = {"age": Column(kind="number"), "c": Column(kind="category")}
    update = {"columns": kinds, "features": ["age", "c"], "ranges": {}}
    rows = pd.DataFrame({"age": [1, 1, 2, 3, 8], "c": ["u", "v", "u", np.nan if gap else "v", "u"]})
    blocks = [
        ("numbers", Pipeline([("imputer", SimpleImputer(strategy=strategy))]), ["age"]),
        ("categories", OneHotEncoder(handle_unknown="infrequent_if_exist"), ["c"]),
    ]
    pipeline = ColumnTransformer(blocks).fit(rows)
    winner = Winner(Path(), SIGNATURE.model_copy(update=update), pipeline)
    tally = Tally(winner)
    new = pd.DataFrame({"age": [np.nan], "c": pd.Series([np.nan], dtype="str")})
    tally.count(new, winner.unknown(new))
    became = ("a category of its own as in" if gap else "as never in") + " the training"
    became += "" if gap else ", and taken as unknown"
    assert [*tally.lines()] == [f"missing, and {said}", f"missing, {became}: 'c' in 1 row"]
    assert pipeline.transform(new)[0, 1:].any() == gap
