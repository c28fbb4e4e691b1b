"""What one run says of everything that is wrong with a table, and what to do about it."""

import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
from openpyxl.utils import column_index_from_string
from ruamel.yaml import YAML

from stages import preprocess
from stages.study import errors
from stages.study.errors import InputError
from stages.study.sections.data import Data, Preprocess

ROWS = 200


def prepare(folder: Path, columns: dict[str, list], expected=None, **settings):
    """Prepare a table of these columns, repeated until they are long enough."""
    cells = {name: (list(own) * ROWS)[:ROWS] for name, own in columns.items()}
    cells.setdefault("y", [n % 2 for n in range(ROWS)])
    lines = [
        ",".join(cells),
        *(",".join(map(str, row)) for row in zip(*cells.values(), strict=True)),
    ]
    path = folder / "t.csv"
    path.write_text("\n".join(lines) + "\n")
    given = {"path": str(path), "target": "y", "task": "classification", **settings}
    return preprocess.prepare(Data.model_validate(given), Preprocess(**(expected or {})))


def said(*args, **kwargs) -> str:
    with pytest.raises(InputError) as caught:
        prepare(*args, **kwargs)
    return str(caught.value)


WRONG = {
    "n": [*range(30), "oops"],
    "when": ["2020-02-03", "2020-02-04", "soon"],
    "paid": ["yes", "no", "maybe"],
    "w": [1, 2, -1],
    "who": ["a", "b", ""],
    "text": ["this", "that"],
    "amount": ["1,5".replace(",", ";"), "2"],
    "gap": [1, 2, "", ""],
    "y": [*[0, 1] * 50, ""],
}


def test_all_is_said_at_once(tmp_path):
    message = said(
        tmp_path,
        WRONG,
        {"max_missing": 0.4},
        dates=["when"],
        booleans={"paid": ["no", "yes"]},
        weights="w",
        groups="who",
        exclude=["amount"],
    )
    first, *lines = message.splitlines()
    assert first == f"{tmp_path}/t.csv: 8 findings"
    numbered = [line for line in lines if not line.startswith("   ")]
    for number, (line, says) in enumerate(
        zip(
            numbered,
            [
                "line 102, column 'y': the target is missing",
                "line 4, column 'who': missing (66 such rows)",
                "line 4, column 'w': must be a weight of at least 0; found '-1' (66 cells)",
                "line 4, column 'when': must be a date like '2020-02-03' in line 2; found 'soon'",
                "a column holds text, and params.yaml does not say of which kind: 'text'",
                "line 32, column 'n': must be a finite number; found 'oops' (6 cells)",
                "line 4, column 'paid': must be no or yes; found 'maybe' (66 cells)",
                "column 'gap': 100 of 200 values are missing, 50.0%",
            ],
            strict=True,
        ),
        1,
    ):
        assert line.startswith(f"{number}. {says}")


def test_a_positive_class_that_is_not_there_is_told_among_others(tmp_path):
    message = said(tmp_path, {"a": [1, 2, 3, "x"]}, positive="yes")
    assert "2 findings" in message
    assert "data.positive: must be one of two classes; found 'yes'" in message


def test_names_that_are_not_there_are_all_told(tmp_path):
    message = said(
        tmp_path, {"abc": [1, 2]}, exclude=["abd", "xyz"], categorical=["abe"], groups="patient"
    )
    assert "4 findings" in message
    for where, meant in {
        "data.exclude[0]: no column 'abd'": "did you mean 'abc'?",
        "data.exclude[1]: no column 'xyz'": "",
        "data.categorical[0]: no column 'abe'": "did you mean 'abc'?",
        "data.groups: no column 'patient'": "",
    }.items():
        assert f"params.yaml: {where} in " in message
        assert meant in message
    assert message.count("The columns are: abc, y") == 1


def test_ten_are_told_and_the_others_counted(tmp_path, capsys):
    columns = {f"c{n:02}": [1, 2, 3, "x"] for n in range(13)}
    message = said(tmp_path, columns)
    assert message.splitlines()[0].endswith(": 13 findings")
    assert "column 'c09'" in message
    assert "column 'c10'" not in message
    assert message.endswith("\nand 3 more")
    with pytest.raises(SystemExit) as caught, errors.reporting():
        prepare(tmp_path, columns)
    assert str(caught.value) == f"error: {message}"


#: Cells beside numbers, the numbers, and what is said first.
ODD = {
    "codes": (["a"] * 5 + ["b"] * 5, [0], "It seems to hold categories, 3 different values: params.yaml: data.categorical: [c]"),
    "a word that repeats": (["none"] * 10, range(190), "If it means missing, params.yaml: data.missing: {c: [none]}"),
    "a slip": (["oops"], range(199), "Correct line 2 of the file; or, in params.yaml, data.missing: {c: [oops]}"),
    "two slips": (["oops", "ouch"], range(198), "Correct these lines of the file; or,"),
    "a letter": (["1O0"], range(199), "Correct line 2 of the file (is '1O0' 100?);"),
    "a bound": (["<0.5", "< 0.5", ">=3"] * 5, range(185), "Correct these lines of the file (write a number for a bound);"),
    "a unit": (["12kg"], range(199), "Correct line 2 of the file (remove the unit);"),
    "two kinds": (["<0.5", "12kg"], range(198), "Correct these lines of the file (write a number for a bound; remove the unit);"),
    "a formula": (["#DIV/0!"] * 9, range(191), "Correct these lines of the file (a spreadsheet writes this for a formula that failed);"),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "numbers", "says"), ODD.values(), ids=ODD)
def test_what_to_do_is_said_the_likeliest_first(tmp_path, cells, numbers, says):
    others = (list(numbers) * ROWS)[: ROWS - len(cells)]
    message = said(tmp_path, {"c": [*cells, *others]})
    first, advice = message.splitlines()
    assert f"line 2, column 'c': must be a finite number; found {cells[0]!r}" in first
    assert advice.startswith(says)
    # What is to be pasted does as it says; digits are no way to say that nothing was measured.
    assert ("data.missing" in advice) == (cells[0][0] not in "1<")
    assert "data.categorical: [c]" in advice
    prepare(tmp_path, {"c": [*cells, *others]}, categorical=["c"])
    if "data.missing" not in advice:
        return
    marker = "{" + advice.split("data.missing: {")[1].split("}")[0] + "}"
    data = prepare(tmp_path, {"c": [*cells, *others]}, missing=YAML(typ="safe").load(marker))
    assert data.profile["features"]["c"]["missing"] == len(cells)


def test_lines_are_named_of_few_and_texts_of_many(tmp_path):
    few = said(tmp_path, {"c": [*range(198), "a", "a"]})
    assert "found 'a', also 'a' in 201\n" in few
    many = said(tmp_path, {"c": [*range(160), *["a"] * 30, *["b"] * 10]})
    assert (
        "line 162, column 'c': must be a finite number; found 'a' (30 cells), also 'b' in 192 (10 cells)\n"
        in many
    )


def test_a_target_of_numbers_that_holds_text_may_be_of_classes(tmp_path):
    message = said(tmp_path, {"a": [1, 2], "y": [*range(9), "x"]}, task="regression")
    assert "data.missing: {y: [x]}" in message
    assert "data.task: classification" in message
    assert "categorical" not in message


def read(folder: Path, text: str) -> str:
    path = folder / "t.csv"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        preprocess.prepare(Data(path=str(path), target="y", task="classification"), Preprocess())
    return str(caught.value).removeprefix(f"{path}: ")


def test_all_rows_of_another_width_are_told(tmp_path):
    message = read(tmp_path, "a,y\n1,0\n1\n2,1\n1,2,3\n")
    assert message.startswith(
        "line 3: must have 2 values, as the header has; found 1, also 3 in 5;"
    )
    message = read(tmp_path, "a,y\n" + "1\n" * 14)
    assert "found 1, as in 13 rows more; " in message
    message = read(tmp_path, "a,y\n1\n" + "1,2,3\n" * 14)
    assert "found 1, also 3 in 3, 3 in 4" in message
    assert "3 in 11 and 5 more; " in message


def test_a_title_above_the_names_is_recognised(tmp_path):
    rows = "a,b,y\n1,2,0\n2,3,1\n"
    said = read(tmp_path, f"Sales of 2020,,\n{rows}")
    assert said.startswith("line 1: only one of 3 columns has a name, 'Sales of 2020', which looks")


def test_a_column_that_rows_belong_to_is_told(tmp_path):
    message = said(tmp_path, {"patient": [f"p{n}" for n in range(50)], "a": [1, 2]})
    assert message.endswith(
        "\nexclude: [patient] # or, if several rows belong to one, groups: patient"
    )


@pytest.mark.parametrize("shared", [True, False])
def test_an_id_that_rows_share_may_be_of_groups(tmp_path, capsys, shared):
    visits = [*range(ROWS - 2), 0, 1] if shared else range(ROWS)
    prepare(tmp_path, {"visit": visits, "a": [1, 2]})
    warning = capsys.readouterr().err
    assert "different in nearly every row" in warning
    assert ("data.groups keeps them" in warning) == shared


def test_codes_are_told_that_numbers_shorten(tmp_path, capsys):
    prepare(tmp_path, {"zip": ["00501", "10001", ""], "n": ["0", "10"], "x": ["0.5", "01.5"]})
    said = capsys.readouterr().err
    assert "zeros in front, which codes have and numbers lose: 'zip' (00501); data.cat" in said
    prepare(tmp_path, {"zip": ["00501", "10001"], "n": ["0", "10"]}, categorical=["zip"])
    assert "zeros in front" not in capsys.readouterr().err


@pytest.mark.parametrize("marker", [0, "0"])
def test_a_marker_is_no_label_of_other_digits(tmp_path, marker):
    labels = ["0", "00", "0.0", "0e0", "1"]
    columns = {"a": labels, "n": labels, "y": labels}
    missing = {name: [marker] for name in columns}
    data = prepare(tmp_path, columns, missing=missing, categorical=["a"], missing_target="drop")
    assert set(data.y) == {"00", "0e0", "1"}
    assert set(data.X["a"].dropna()) == {"00", "0e0", "1"}
    assert data.X["n"].isna().tolist() == [True, True, False] * 40


@pytest.mark.parametrize("key", ["classes", "min_class_rows"])
def test_what_is_said_of_classes_reaches_no_regression(tmp_path, capsys, key):
    value = {"classes": [0, 1], "min_class_rows": 5}[key]
    prepare(tmp_path, {"a": [1, 2]}, {key: value}, task="regression")
    assert f"params.yaml: preprocess.{key}: reaches nothing" in capsys.readouterr().err
    # As init leaves it, with its comment.
    usual = {"classes": "any", "min_class_rows": 1}[key]
    prepare(tmp_path, {"a": [1, 2]}, {key: usual}, task="regression")
    assert "reaches nothing" not in capsys.readouterr().err


def test_a_boolean_has_two_words(tmp_path):
    message = said(tmp_path, {"a": ["x", "X"]}, booleans={"a": ["x", "X"]})
    assert "data.booleans: 'a': no and yes must differ in more than case" in message


@pytest.mark.parametrize("column", ["a", "AB"])
def test_formulas_that_failed_are_no_empty_cells(tmp_path, column):
    book = openpyxl.Workbook()
    book.create_sheet("notes")
    sheet = book["Sheet"]
    width = column_index_from_string(column)
    sheet.append([*[f"c{n}" for n in range(width)], "y"])
    for n in range(20):
        sheet.append([n] * width + [n % 2])
    for row, shown in {3: "#DIV/0!", 5: "#N/A", 9: "#REF!"}.items():
        cell = sheet.cell(row, width, shown)
        cell.data_type = "e"
    path = tmp_path / "t.xlsx"
    book.save(path)
    data = Data(path=str(path), target="y", task="classification")
    name = f"c{width - 1}"
    with pytest.raises(InputError) as caught:
        preprocess.prepare(data, Preprocess())
    message = str(caught.value)
    assert (
        f"row 3, column '{name}': must be a finite number; found '#DIV/0!', also '#REF!' in 9\n"
        in message
    )
    assert "(a spreadsheet writes this for a formula that failed)" in message
    settings = data.model_copy(update={"missing": {name: ["#DIV/0!", "#REF!"]}})
    found = preprocess.prepare(settings, Preprocess()).profile["missing_found"]
    assert found == {name: {"#DIV/0!": 1, "#N/A": 1, "#REF!": 1}}


def test_formulas_that_never_ran_are_no_empty_cells(tmp_path, capsys):
    """One that came to an empty text has run, and so has one beside its value."""
    book = openpyxl.Workbook()
    book.active.append(["a", "b", "y"])
    for n in range(20):
        formula = f"=A{n + 2}<2&2" if n in (3, 5) else n
        book.active.append([n, formula, n % 2])
    path = tmp_path / "t.xlsx"
    book.save(path)
    data = Data(path=str(path), target="y", task="classification")
    with pytest.raises(InputError) as caught:
        preprocess.prepare(data, Preprocess())
    assert (
        "row 5, column 'b': must be a finite number; found '=A5<2&2', also '=A7<2&2' in 7\n"
        "Correct these rows of the file (a spreadsheet program that opens" in str(caught.value)
    )
    said = "sheet 'Sheet': 2 cells with a formula that was never computed, such as '=A5<2&2' in row"
    assert said in capsys.readouterr().err
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert sheet.count("</f><v />") == 2
    sheet = sheet.replace("</f><v />", "</f><v>7</v>", 1).replace('"B7"', '"B7" t="str"')
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in (parts | {"xl/worksheets/sheet1.xml": sheet}).items():
            archive.writestr(name, part)
    found = preprocess.prepare(data, Preprocess()).X["b"]
    assert (found[5], found.isna().sum()) == (7, 1)
    assert not capsys.readouterr().err


def test_an_empty_archive_and_a_stream_of_arrow_are_recognised(tmp_path):
    path = tmp_path / "t.zip"
    zipfile.ZipFile(path, "w").close()
    data = Data(path=str(path), target="y", task="classification")
    with pytest.raises(InputError, match="looks like an empty zip archive"):
        preprocess.prepare(data, Preprocess())
    table = pa.table({"a": [1, 2], "y": [0, 1]})
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as stream:
        stream.write_table(table)
    with pytest.raises(InputError, match=r"looks like a stream of Arrow\npyarrow.ipc.open_stream"):
        preprocess.prepare(data, Preprocess())


@pytest.mark.parametrize("key", ["dates", "time"])
def test_dates_to_come_by_two_digits_of_a_year_are_told(tmp_path, capsys, key):
    """No part of the profile, which would be another one on another day."""
    cells = ["05/06/19", "31/12/68", "02/03/70", "31/12/68"]
    data = prepare(tmp_path, {"a": cells, "b": [1, 2]}, **{key: {"a": "%d/%m/%y"}})
    assert data.profile["doubts"] == []
    said = capsys.readouterr().err
    assert "line 3, column 'a': '31/12/68' is 2068-12-31 by '%d/%m/%y', 100 cells after" in said
    prepare(tmp_path, {"a": cells[::2], "b": [1, 2]}, **{key: {"a": "%d/%m/%y"}})
    prepare(tmp_path, {"a": ["2068-12-31", "2019-01-01"], "b": [1, 2]}, **{key: {"a": ""}})
    assert not capsys.readouterr().err


def test_comments_behind_values_are_told(tmp_path):
    table = {"a": ["x", "z # why", "z # no", "x#1"], "b": [1, 2]}
    (doubt,) = prepare(tmp_path, table, categorical=["a"], comment="#").profile["doubts"]
    assert doubt.endswith("a part of the value here: 'a' ('z # no', 100 cells)")
    assert not prepare(tmp_path, table, categorical=["a"]).profile["doubts"]


@pytest.mark.parametrize("dates", [[], ["a"]])
def test_an_offset_that_the_time_of_a_row_lacks_is_told_once(tmp_path, capsys, dates):
    cells = ["2020-01-02T10:00+01:00", "2020-01-02T10:00", "2020-01-02T10:00Z"]
    data = prepare(tmp_path, {"a": cells, "b": [1, 2]}, time="a", dates=dates)
    assert capsys.readouterr().err.count("line 3, column 'a': no offset from UTC") == 1
    assert "no offset" in data.profile["doubts"][0]


def test_times_with_and_without_an_offset_are_told(tmp_path, capsys):
    cells = ["2020-01-02T10:00+01:00", "2020-01-02T10:00", "2020-01-02T10:00Z"]
    data = prepare(tmp_path, {"a": cells}, dates=["a"])
    assert "line 3, column 'a': no offset from UTC, unlike other" in capsys.readouterr().err
    assert (data.X["a_days"].iloc[:3] * 24 % 24).round(6).tolist() == [9, 10, 10]
    prepare(tmp_path, {"a": cells[::2]}, dates=["a"])
    prepare(tmp_path, {"a": ["2020-01-02", "2020-01-03 10:00"]}, dates=["a"])
    assert not capsys.readouterr().err


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (["1500-01-02", "2500-01-02"], [-171663, 193580]),
        (["31.12.1500", "31.12.9999"], [-171300, 2932896]),
    ],
)
def test_dates_beyond_those_of_nanoseconds(tmp_path, cells, days):
    assert prepare(tmp_path, {"a": cells}, dates=["a"]).X["a_days"].iloc[:2].tolist() == days
    data = prepare(tmp_path, {"a": cells, "b": [1, 2]}, time="a")
    assert data.time.dt.year.iloc[0] == 1500


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["2020-01-02 24:00", "2020-01-02 23:00"], "must be a date like '2020-01-02 23:00' in line 3; found '2020-01-02 24:00' (100 cells)"),
        (["2020-02-30", "2020-02-20"], "found '2020-02-30' (100 cells)"),
        (["31/12/2020", "12/31/2020"], "line 3, column 'a': the date '12/31/2020' is not written in the order of the others, as are 99 more, such as '31/12/2020'"),
        (["2020-01-02 10:00 CET", ""], "must be a date such as"),
    ],
)  # fmt: skip
def test_dates_that_cannot_be_read(tmp_path, cells, says):
    assert says in said(tmp_path, {"a": cells}, dates=["a"])
    if "" not in cells:
        assert "data.missing" not in said(tmp_path, {"a": cells, "b": [1, 2]}, time="a")
