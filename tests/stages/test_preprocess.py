"""The raw table: what is read, what is refused, and that nothing is fitted."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import CSV, tiny_params

from stages import preprocess
from stages.study.errors import InputError
from stages.study.prepared import read_prepared
from stages.study.sections.data import Data, Preprocess
from stages.study.tables.profile import features_in_words

TABLE = "data/raw/pima-indians-diabetes.csv"


def prepare(text: str, tmp_path: Path, task="classification", classes="any", **settings):
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    data = Data(path=str(path), target="y", task=task, **settings)
    return preprocess.prepare(data, Preprocess(classes=classes))


def test_the_default_table(workspace):
    preprocess.main()
    data = read_prepared()
    raw = pd.read_csv(CSV)
    assert data.X.shape == (768, 8)
    assert data.y.sum() == 268
    assert data.X["Glucose"].isna().sum() == 5
    assert data.X["BMI"].isna().sum() == 11
    assert not data.X["Insulin"].isna().any()
    np.testing.assert_array_equal(data.X["Age"], raw["Age"])
    np.testing.assert_array_equal(data.X["BMI"].fillna(0), raw["BMI"])
    profile = json.loads(Path("data/prepared/profile.json").read_text())
    assert profile["features"]["Age"]["mean"] == 33.240885
    assert profile["classes"][1] == {"label": 1, "rows": 268, "share": 0.348958}


def test_equal_input_gives_equal_bytes(workspace):
    preprocess.main()
    first = [path.read_bytes() for path in sorted(Path("data/prepared").iterdir())]
    preprocess.main()
    assert [path.read_bytes() for path in sorted(Path("data/prepared").iterdir())] == first


def test_nothing_means_missing_in_a_column_of_which_that_is_said(tmp_path, capsys):
    """So NA is a category, and an empty cell one of its own, however many there are."""
    rows = ["NA,1,0", "in,NA,1", "out,3,0", ",4,1", "NA,5,0", "NA,6,1", ",7,0", "NA,8,1"]
    text = "pool,x,y\n" + "\n".join(rows) + "\n"
    kinds = {"categorical": ["pool"], "exclude": ["x"]}
    data = prepare(text, tmp_path, **kinds, missing={"pool": []})
    assert data.X["pool"].fillna("gap").tolist() == [
        "NA",
        "in",
        "out",
        "gap",
        "NA",
        "NA",
        "gap",
        "NA",
    ]
    assert prepare(text, tmp_path, **kinds).X["pool"].isna().sum() == 6
    path = tmp_path / "table.csv"
    settings = Data(path=str(path), target="y", task="classification", **kinds)
    with pytest.raises(InputError, match=r"'pool': 6 of 8 values are missing"):
        preprocess.prepare(settings, Preprocess(max_missing=0.1))
    said = settings.model_copy(update={"missing": {"pool": []}})
    assert preprocess.prepare(said, Preprocess(max_missing=0.1)).X["pool"].nunique() == 3


def test_one_row_is_a_row_and_a_name_is_shown_that_is_none(tmp_path, capsys, monkeypatch):
    text = "".join(f"{row},{row},{row % 2 if row else ''}\n" for row in range(9))
    data = prepare(f"x,,y\n{text}", tmp_path, exclude=[""], missing_target="drop")
    assert "1 row left out (target missing" in capsys.readouterr().err
    assert features_in_words(data.profile).endswith("1 number; left out: column 2 (no name)")


def change_line(number: int, column: int, value: str) -> None:
    path = Path(TABLE)
    lines = path.read_text().splitlines()
    cells = lines[number - 1].split(",")
    cells[column] = value
    lines[number - 1] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n")


CELLS = [
    (5, 5, "twenty", "line 5, column 'BMI': must be a finite number; found 'twenty'"),
    (7, 1, "inf", "line 7, column 'Glucose': must be a finite number; found 'inf'"),
    (7, 1, "1e39", "must be a finite number up to 3.4e+38, the largest of float32; found '1e39'"),
    (7, 1, "Nan", "found 'Nan'"),
    (9, 8, "", "line 9, column 'Outcome': the target is missing"),
    (3, 8, "2", "preprocess.classes allows [0, 1]; found [0, 1, 2]"),
    (3, 8, "0.5", "not whole, such as 0.5;"),
    (3, 8, "a\x1b[2J", r"a class has a control character in its name: 'a\x1b[2J'"),
    (1, 2, "a\x9b1m", r"line 1: the name of column 3 holds a control character: 'a\x9b1m'"),
    (4, 0, "1,1", "line 4: must have 9 values, as the header has; found 10"),
    (1, 0, "Age", "line 1: columns 1 and 8 are both 'Age'"),
    (1, 2, "", "line 1: column 3 has no name"),
    (1, 8, "Result", "data.target: no column 'Outcome'"),
    (1, 5, "Bmi", "data.missing: no column 'BMI'"),
    (6, 3, '"1', "cannot be read as CSV"),
]


@pytest.mark.parametrize(("line", "column", "value", "says"), CELLS)
def test_a_bad_cell_is_named_by_its_place(workspace, complaint, line, column, value, says):
    change_line(line, column, value)
    message = complaint(preprocess)
    assert TABLE in message
    assert says in message


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "line 1: no header"),
        (b"\n\n", "line 1: no header"),
        (b"a,Glucose,BMI,Outcome\n", "a header with no rows below it"),
        (b"a,Glucose,BMI,Outcome\n1,2\n", "line 2: must have 4 values, as the header has; found 2"),
        (b"a,Glucose,BMI,Outcome\n1,2,3,0\n2,3,4,0\n", "the target has only one class, 0"),
        (b"Glucose,BMI,Outcome\n\xff,2,0\n", "line 2: cannot be read: not text in utf-8"),
        (b"Glucose,BMI,Outcome\n0,2,0\n0,2,1\n1,2,1\n", "2 of 3 values are missing, 66.7%"),
    ],
)
def test_a_bad_file(workspace, complaint, content, says):
    Path(TABLE).write_bytes(content)
    message = complaint(preprocess)
    assert message.startswith(f"error: {TABLE}: ")
    assert says in message


SETTINGS = [
    ("data.path", "data/raw/none.csv", "data/raw/none.csv: no such file"),
    ("data.path", "data/raw", "data/raw: cannot be read: Is a directory"),
    ("data.target", "outcome", "data.target: no column 'outcome' in data/raw/pima-indians-diabetes.csv; did you mean 'Outcome'?"),
    ("data.features", ["Age", "Bmi"], "data.features[1]: no column 'Bmi'"),
    ("data.features", ["Age", "Outcome"], "data.features: holds the target 'Outcome'"),
    ("preprocess.classes", ["no", "yes"], "preprocess.classes allows ['no', 'yes']; found [0, 1]"),
]  # fmt: skip


@pytest.mark.parametrize(("key_path", "value", "says"), SETTINGS)
def test_settings_that_do_not_fit_the_file(workspace, edit, complaint, key_path, value, says):
    edit(key_path, value)
    assert says in complaint(preprocess)


def test_a_constant_column_is_only_a_warning(tmp_path, capsys):
    data = prepare("a,b,y\n1,5,0\n2,5,1\n", tmp_path)
    assert "warning: " in (said := capsys.readouterr().err)
    assert "column 'b' is constant" in said
    assert data.X.shape == (2, 2)


def test_types(tmp_path):
    text = "whole,real,gap,y\n1,1.5,,no\n\n 2 ,2,3,yes\n1e3,3,4,no\n"
    data = prepare(text, tmp_path)
    assert [str(kind) for kind in data.X.dtypes] == ["int64", "float64", "float64"]
    assert data.X["whole"].tolist() == [1, 2, 1000]
    assert data.y.tolist() == ["no", "yes", "no"]


def test_markers_of_missing_values(tmp_path):
    text = "a,b,y\n0.0,NA,1\n0,1,0\n5,none,1\n"
    data = prepare(text, tmp_path, missing={"a": [0], "b": ["NA", "none"]})
    assert data.X["a"].isna().tolist() == [True, True, False]
    assert data.X["b"].isna().tolist() == [True, False, True]


def test_labels_are_never_rounded(tmp_path):
    labels = ["99999999999999999999", "1", "1"]
    data = prepare("a,y\n" + "".join(f"{n},{y}\n" for n, y in enumerate(labels)), tmp_path)
    assert data.y.tolist() == labels


def test_a_regression(tmp_path):
    data = prepare("a,y\n1,0.5\n2,1\n", tmp_path, task="regression")
    assert data.y.tolist() == [0.5, 1.0]
    assert data.profile["target_range"]["maximum"] == 1.0
    with pytest.raises(ValueError, match="only one value, 1"):
        prepare("a,y\n1,1\n2,1\n", tmp_path, task="regression")
    with pytest.raises(ValueError, match="line 2, column 'y': must be a finite number"):
        prepare("a,y\n1,x\n2,1\n", tmp_path, task="regression")


def test_a_mark_of_the_byte_order_is_no_part_of_a_name(tmp_path):
    assert list(prepare("\ufeffa,y\n1,0\n2,1\n", tmp_path).X) == ["a"]


@given(
    st.lists(
        st.tuples(st.floats(-3e38, 3e38), st.integers(-(2**50), 2**50)),
        min_size=2,
    )
)
def test_numbers_survive_to_the_last_bit(tmp_path_factory, rows):
    text = "a,b,y\n" + "".join(f"{a!r},{b},{n % 2}\n" for n, (a, b) in enumerate(rows))
    data = prepare(text, tmp_path_factory.mktemp("table"))
    assert data.X["a"].tolist() == [a for a, _ in rows]
    assert data.X["b"].tolist() == [b for _, b in rows]


@given(st.binary(max_size=60))
def test_any_file_is_read_or_complained_about(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("table") / "table.csv"
    path.write_bytes(b"a,y\n" + content)
    settings = tiny_params()["data"] | {"path": str(path), "target": "y", "missing": {}}
    try:
        preprocess.prepare(Data(**settings), Preprocess())
    except preprocess.InputError as error:
        assert 1 <= len(str(error).splitlines()) <= error.lines
