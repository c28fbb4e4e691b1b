"""Tables as people have them: each small file is read as it is meant, or refused in words."""

import bz2
import gzip
import io
import json
import lzma
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import feather

from stages import preprocess
from stages.reporting.words.table import of_table
from stages.study.errors import InputError
from stages.study.markdown import pandas_call, without_comments
from stages.study.sections.data import Data, Preprocess, Reading
from stages.study.tables.open_table import open_table, read_table

NAN = float("nan")
PLAIN = "a,b,y\n1.5,2,no\n-2,3,yes\n"
FRAME = pd.DataFrame({"a": [1.5, -2.0], "b": [2, 3], "y": ["no", "yes"]})
#: What all of the files below that hold no more than PLAIN come to.
SAME = {"a": [1.5, -2], "b": [2, 3], "y": ["no", "yes"]}


def prepare(path: Path, **settings: Any) -> pd.DataFrame:
    """Return the prepared table with its target, from settings of ``data`` and ``preprocess``."""
    data = {"path": str(path), "target": "y", "task": "classification"}
    own = {key: value for key, value in settings.items() if key in Preprocess.model_fields}
    said = {key: value for key, value in settings.items() if key not in own}
    prepared = preprocess.prepare(Data(**{**data, **said}), Preprocess(**own))
    return prepared.X.assign(y=prepared.y)


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def workbook(**sheets: list[list[Any]]) -> bytes:
    file, book = io.BytesIO(), openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(file)
    return file.getvalue()


def written(frame: pd.DataFrame, to: str, **how: Any) -> bytes:
    file = io.BytesIO()
    getattr(frame, f"to_{to}")(file, **how)
    return file.getvalue()


ROWS = [["a", "b", "y"], [1.5, 2, "no"], [-2, 3, "yes"]]
SEMICOLONS = "a;b;y\n1,5;2;no\n-2;3;yes\n"

READ: dict[str, tuple[str | bytes, dict[str, Any], dict[str, list[Any]]]] = {
    "commas": (PLAIN, {}, SAME),
    "semicolons": (PLAIN.replace(",", ";"), {}, SAME),
    "tabs": (PLAIN.replace(",", "\t"), {}, SAME),
    "bars": (PLAIN.replace(",", "|"), {}, SAME),
    "a separator of one's own": (PLAIN.replace(",", "^"), {"separator": "^"}, SAME),
    "a separator that is said": ("a;b,y\n1,no\n4,yes\n", {"separator": ","}, {"a;b": [1, 4]}),
    "text with other separators": ('a,b,y\n1,2,"n;o;o"\n3,4,"y;e;s"\n', {}, {"y": ["n;o;o", "y;e;s"]}),
    "more semicolons than commas": ("a;y\n1;a,b,c\n2;d\n", {}, {"y": ["a,b,c", "d"]}),
    "breaks that end no line": ("a,b;y\n1;x\u2028x\n2;z\n3;z\n", {}, {"a,b": [1, 2, 3], "y": ["x\u2028x", "z", "z"]}),
    "a decimal comma": (SEMICOLONS, {"decimal": ","}, SAME),
    "a decimal comma in quotes": ('a,b,y\n"1,5",2,no\n-2,3,yes\n', {"decimal": ","}, SAME),
    "a line that says the separator": ("sep=;\n" + PLAIN.replace(",", ";"), {}, SAME),
    "the same, quoted, with a mark": ("\ufeff\"sep=;\"\r\n" + PLAIN.replace(",", ";"), {}, SAME),
    "comments": ("# made by\n#\n" + PLAIN + "# the end", {"comment": "#"}, SAME),
    "a sign of comments within a cell": ('a,y\n#z\n1,"x#z"\n2,C#z\n', {"comment": "#z"}, {"y": ["x#z", "C#z"]}),
    "a comment sign in a quoted cell": ('a,y\n1,"x\n#y"\n#2,z\n2,z\n', {"comment": "#"}, {"y": ["x\n#y", "z"]}),
    "Windows' line ends": (PLAIN.replace("\n", "\r\n"), {}, SAME),
    "old line ends": (PLAIN.replace("\n", "\r"), {}, SAME),
    "UTF-8 with a mark": ("\ufeff" + PLAIN, {}, SAME),
    "UTF-16": (PLAIN.encode("utf-16"), {}, SAME),
    "UTF-16, the other way": (b"\xfe\xff" + PLAIN.encode("utf-16-be"), {}, SAME),
    "UTF-16 without a mark": (PLAIN.encode("utf-16-le"), {"encoding": "utf-16-le"}, SAME),
    "UTF-32": (PLAIN.encode("utf-32"), {}, SAME),
    "Latin-1": ("größe,y\n1,ä\n2,ö\n".encode("latin-1"), {"encoding": "latin-1"}, {"größe": [1, 2], "y": ["ä", "ö"]}),
    "a mark counts more than what is said": ("\ufeffgröße,y\n1,ä\n2,ö\n", {"encoding": "latin-1"}, {"größe": [1, 2]}),
    "gzip": (gzip.compress(PLAIN.encode()), {}, SAME),
    "bzip2": (bz2.compress(PLAIN.encode()), {}, SAME),
    "xz": (lzma.compress(PLAIN.encode()), {}, SAME),
    "zip": (zipped({"table.csv": PLAIN.encode()}), {}, SAME),
    "zip from macOS": (zipped({"__MACOSX/t.csv": b"x", "data/t.csv": PLAIN.encode("utf-16")}), {}, SAME),
    "Parquet": (written(FRAME, "parquet"), {}, SAME),
    "Feather": (written(FRAME, "feather"), {}, SAME),
    "Excel": (workbook(Sheet1=ROWS), {}, SAME),
    "a sheet by name": (workbook(notes=[["x"]], data=ROWS), {"sheet": "data"}, SAME),
    "the one sheet that is not empty": (workbook(Sheet1=ROWS, Sheet2=[]), {}, SAME),
    "empty rows and columns of a sheet": (workbook(s=[[*row, " "] for row in [[], *ROWS[:2], [], ROWS[2]]]), {}, SAME),
    "header names between blanks": (" a , b,y \n1.5,2,no\n-2,3,yes\n", {}, SAME),
    "columns that are not used": ("a,,c,c,b,y\n1.5,,1,1,2,no\n-2,,1,1,3,yes\n", {"features": ["a", "b"]}, SAME),
    "markers by default": ("a,b,c,y\nNaN,NA,?,0\nN/A,null,-,0\n,.nan,nan,1\n1,1,1,1\n", {}, {"a": [NAN, NAN, NAN, 1], "b": [NAN, NAN, NAN, 1], "c": [NAN, NAN, NAN, 1]}),
    "markers as numbers": ("a,b,y\n-999.0,-999,0\n1,1,1\n", {"missing": {"a": [-999], "b": ["-999.0"]}}, {"a": [NAN, 1], "b": [NAN, 1]}),
    "markers as text": ("a,y\nnone ,0\n1,1\n", {"missing": {"a": ["none"]}}, {"a": [NAN, 1]}),
    "other markers": ("a,b,y\nnull,TRUE,0\n1,1,1\n", {"missing": {"a": [None], "b": [True]}, "missing_default": []}, {"a": [NAN, 1], "b": [NAN, 1]}),
    "labels that are numbers": ("a,y\n1,0\n2,1\n3,1\n", {}, {"y": [0, 1, 1]}),
    "labels with zeros before": ("a,y\n1,01\n2,1\n3,00501\n", {}, {"y": ["01", "1", "00501"]}),
    "labels in other writing": ("a,y\n1,1e3\n2,1000\n", {}, {"y": ["1e3", "1000"]}),
    "labels of two zeros": ("a,y\n1,0\n2,00\n", {}, {"y": ["0", "00"]}),
    "labels as floats": ("a,y\n1,0.0\n2,1\n3,0\n", {"classes": [0.0, 1.0]}, {"y": [0, 1, 0]}),
    "labels of params.yaml as floats": ("a,y\n1,0\n2,1\n", {"classes": [0.0, 1.0]}, {"y": [0, 1]}),
    "labels of params.yaml as text": ("a,y\n1,01\n2,1\n", {"classes": ["01", "1"]}, {"y": ["01", "1"]}),
    "true and false": ("a,y\n1,TRUE\n2,FALSE\n", {"classes": [True, False]}, {"y": ["TRUE", "FALSE"]}),
    "true in several writings": ("a,y\n1,true\n2,FALSE\n3,True\n", {"classes": [True, False]}, {"y": ["True", "FALSE", "True"]}),
    "no number, but a label": ("a,y\n1,-\n2,+\n", {"classes": ["-", "+"]}, {"y": ["-", "+"]}),
    "versions as labels": ("a,y\n1,1.1\n2,1.2\n", {"classes": ["1.1", "1.2"]}, {"y": ["1.1", "1.2"]}),
    "rows without a target": ("a,y\n1,x\n2,NA\n3,\n4,z\n", {"missing_target": "drop"}, {"a": [1, 4], "y": ["x", "z"]}),
    "a marker of the target": ("a,y\n1,1.5\n2,-9\n4,2\n", {"task": "regression", "missing": {"y": [-9.0]}, "missing_target": "drop"}, {"a": [1, 4], "y": [1.5, 2]}),
    "rare classes": ("a,y\n1,x\n2,z\n3,x\n4,u\n5,z\n", {"min_class_rows": 2}, {"a": [1, 2, 3, 5], "y": ["x", "z", "x", "z"]}),
    "a target with a decimal comma": ("a;y\n1;0,5\n2;1\n", {"task": "regression", "decimal": ","}, {"y": [0.5, 1]}),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_a_file_is_read(tmp_path, name):
    content, settings, expected = READ[name]
    path = tmp_path / "table"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = prepare(path, **settings)
    for column, values in expected.items():
        assert found[column].tolist() == pytest.approx(values, nan_ok=True)


REFUSED: dict[str, tuple[str | bytes, dict[str, Any], str]] = {
    "JSON": (json.dumps([{"a": 1}]), {}, "looks like JSON"),
    "a web page": ("\n<!DOCTYPE html><html>", {}, "looks like a web page"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3", {}, "looks like a PDF"),
    "SQLite": (b"SQLite format 3\0\x10", {}, "an SQLite database\npandas.read_sql"),
    "a pickle": (written(FRAME, "pickle"), {}, "looks like a Python pickle"),
    "ARFF": ("@RELATION x\n", {}, "looks like ARFF"),
    "a pointer": ("version https://git-lfs.github.com/spec/v1\n", {}, "git lfs pull"),
    "JSON in gzip": (gzip.compress(b'{"a": 1}'), {}, "looks like JSON, inside gzip"),
    "Parquet in gzip": (gzip.compress(written(FRAME, "parquet")), {}, "looks like Parquet, inside gzip"),
    "several files in zip": (zipped({"a.csv": b"a", "b.csv": b"b"}), {}, "must hold one file, the table; found 2: a.csv, b.csv"),
    "half of gzip": (gzip.compress(PLAIN.encode())[:-9], {}, "cannot be read: Compressed file ended"),
    "half of xz": (lzma.compress(PLAIN.encode() * 99)[:-40], {}, "cannot be read: Compressed file ended"),
    "half of zip": (zipped({"a.csv": PLAIN.encode()})[:60], {}, "cannot be read: File is not a zip file"),
    "half of Parquet": (written(FRAME, "parquet")[:-60], {}, "cannot be read: "),
    "half of Feather": (written(FRAME, "feather")[:-60], {}, "cannot be read: "),
    "half of a workbook": (workbook(s=ROWS)[:-60], {}, "cannot be read: "),
    "several sheets": (workbook(s=ROWS, t=ROWS), {}, "data.sheet (of init and predict: --sheet) says which is the table, of: s, t"),
    "no such sheet": (workbook(s=ROWS), {"sheet": "S"}, "no sheet 'S', which data.sheet (of init and predict: --sheet) names; the sheets are: s"),
    "a sheet of text": (PLAIN, {"sheet": "s"}, "data.sheet: reaches nothing, as"),
    "a decimal mark of Parquet": (written(FRAME, "parquet"), {"decimal": ","}, "data.decimal: reaches nothing"),
    "an empty sheet": (workbook(s=[]), {}, "no header"),
    "Latin-1": ("a,y\n1,x\n2,ä\n".encode("latin-1"), {}, "line 3: cannot be read: not text in utf-8; if"),
    "Latin-1 in gzip": (gzip.compress("a,y\n1,x\n2,ä\n".encode("latin-1")), {}, "line 3: cannot be read: not text"),
    "half of UTF-16": (PLAIN.encode("utf-16")[:-1], {}, "cannot be read: not text in utf-16"),
    "a decimal comma": (SEMICOLONS, {}, "line 2, column 'a': must be a finite number; found '1,5'\nIf commas are decimal"),
    "points in thousands": ("a;y\n1.500;x\n2;z\n", {"decimal": ","}, "found '1.500'"),
    "another separator": ("a;y\n1;x\n2;z\n", {"separator": "|"}, "data.separator: '|' is not in the first line of {path}, which is text, values between semicolons"),
    "other widths": ("a;y\n1;2;3\n", {}, "line 2: must have 2 values, as the header has; found 3; values are separated by semicolons"),
    "comments": ("# one, two\na,y,z\n1,x,2\n", {}, "If lines that begin with # are comments, data.comment (for new rows --comment) says so."),
    "the line after comments": ("#\na,y\n#\n1,x\nu,z\n", {"comment": "#"}, "line 5, column 'a': must be a finite number"),
    "the line after line breaks": ('a,b,y\n1,"2\n",x\nu,1,z\n', {}, "line 4, column 'a'"),
    "the row of a sheet": (workbook(s=[[], *ROWS, ["u", 1, "no"]]), {}, "row 5, column 'a': must be a finite number; found 'u'"),
    "the row of Parquet": (written(FRAME.assign(a=["1", "u"]), "parquet"), {}, "row 2, column 'a': must be a finite number; found 'u'"),
    "a column without a name": (",a,y\n0,1,x\n1,2,z\n", {}, "line 1: column 1 has no name\nGive it a name"),
    "two of a name": ("a,b,a,y\n1,2,3,x\n", {}, "line 1: columns 1 and 3 are both 'a'\nGive it"),
    "two targets": ("y,y,a\n1,2,3\n", {"features": ["a"]}, "columns 1 and 2 are both 'y'"),
    "a name in another case": ("A,Y\n1,x\n", {}, "no column 'y' in {path}; did you mean 'Y'?"),
    "near misses": ("ID,y\n1,x\n", {"features": ["Id "]}, "no column 'Id ' in {path}; did you mean 'ID'?"),
    "no markers": ("a,y\nNA,x\n1,z\n", {"missing_default": []}, "found 'NA'"),
    "a missing target": ("a,y\n1,NA\n2,x\n3,\n", {}, "line 2, column 'y': the target is missing (2 such rows: 'NA' in 1, an empty cell in 1)"),
    "no target": ("a,y\n1,NA\n", {"missing_target": "drop"}, "the target is missing in every row"),
    "a label of two writings": ("a,y\n1,0\n2,1\n3,01\n", {"classes": [0, 1]}, "allows [0, 1]; found ['0', '01', '1']"),
    "text that looks like true": ("a,y\n1,True\n2,False\n", {"classes": ["true", "false"]}, "allows ['true', 'false']; found ['False', 'True']"),
    "numbers that are not whole": ("a,y\n1,0.5\n2,1.5\n", {}, "not whole, such as 0.5;"),
    "classes that are all rare": ("a,y\n1,x\n2,z\n3,x\n", {"min_class_rows": 2}, "must leave two classes or more; found 1 of so many rows"),
    "no such positive": ("a,y\n1,x\n2,z\n", {"positive": "u"}, "data.positive: must be one of two classes; found 'u' for the classes ['x', 'z']"),
    "positive of three": ("a,y\n1,x\n2,z\n3,u\n", {"positive": "u"}, "data.positive: must be one of two classes"),
    "positive of numbers": ("a,y\n1,1\n2,2\n", {"positive": 1, "task": "regression"}, "found 1 for a regression"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_is_refused(tmp_path, name):
    content, settings, says = REFUSED[name]
    path = tmp_path / "table"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(InputError) as caught:
        prepare(path, **settings)
    message = str(caught.value)
    assert says.replace("{path}", str(path)) in message
    assert 1 <= len(message.splitlines()) <= 3
    assert "table" in message or "params.yaml" in message


@pytest.mark.parametrize("name", READ)
def test_the_pieces_of_a_file_are_the_whole(tmp_path, name):
    content, settings, _ = READ[name]
    path = tmp_path / "table"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    how = Reading(**{key: own for key, own in settings.items() if key in Reading.model_fields})
    whole = read_table(path, how).rows
    with open_table(path, how) as table:
        pieces = list(table.chunks(1))
    assert all(len(piece) == 1 for piece in pieces)
    pd.testing.assert_frame_equal(pd.concat(pieces), whole)


def test_columns_without_a_name_of_their_own_are_left_out(tmp_path):
    (tmp_path / "table").write_text("a,,b,c,b,\n1,2,3,4,5,6\n")
    table = read_table(tmp_path / "table", Reading())
    assert table.header == ["a", "", "b", "c", "b", ""]
    assert table.rows.to_dict("list") == {"a": ["1"], "c": ["4"]}


def profile(tmp_path: Path, text: str, **settings: Any) -> dict[str, Any]:
    path = tmp_path / "table.csv"
    path.write_text(text)
    data = {"path": str(path), "target": "y", "task": "classification", **settings}
    own = Preprocess(min_class_rows=data.pop("min_class_rows", 1))
    return preprocess.prepare(Data(**data), own).profile


@pytest.mark.parametrize("marker", ["99,9", "-999", -999, "-999,0"])
def test_markers_are_written_as_the_file_is(tmp_path, marker):
    text = "a;b;y\n99,9;1;2,5\n-999;2;99,90\n1,5;3;-999,0\n2,5;4;4,5\n"
    said = {"decimal": ",", "missing_target": "drop", "task": "regression"}
    found = profile(tmp_path, text, missing={"a": [marker], "y": [marker]}, **said)
    cell = "99,9" if marker == "99,9" else "-999"
    gone = "99,90" if marker == "99,9" else "-999,0"
    assert found["left_out"] == {f"target missing ({gone!r} in 1)": 1}
    assert found["missing_found"] == {"a": {cell: 1}}


def test_the_profile_tells_what_was_left_out_and_what_was_missing(tmp_path, capsys):
    text = "a;b;y\n1,5;NA;x\n?;3;x\n;NA;z\n2;4;z\n3;5;u\n4;6;?\n"
    found = profile(
        tmp_path, text, decimal=",", missing_target="drop", min_class_rows=2, positive="z"
    )
    assert capsys.readouterr().err == (
        f"warning: {tmp_path / 'table.csv'}: "
        "2 rows left out (target missing ('?' in 1): 1; class 'u': 1)\n"
    )
    assert found["file"] == "text, values between semicolons, utf-8"
    assert found["reading"] == {"decimal": ","}
    assert (found["rows_read"], found["rows"]) == (6, 4)
    assert found["left_out"] == {"target missing ('?' in 1)": 1, "class 'u'": 1}
    assert found["missing_found"] == {"a": {"?": 1, "": 1}, "b": {"NA": 2}}
    assert found["positive"] == "z"
    assert found["doubts"] == []
    assert of_table(found) == [
        "Read as text, values between semicolons, utf-8: 6 rows.",
        "2 rows left out (target missing ('?' in 1): 1; class 'u': 1).",
        "What stood for missing values: a: ? in 1 row and an empty cell in 1 row; b: NA in 2 rows.",
        "The positive class is z.",
    ]


def test_what_stood_for_missing_dates_is_said(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("d,y\n2020-01-02,0\n-,1\n2020-01-03,1\n")
    data = Data(path=str(path), target="y", task="classification", dates={"d": ""})
    found = preprocess.prepare(data, Preprocess()).profile
    assert found["missing_found"] == {"d": {"-": 1}}
    assert "What stood for missing values: d: - in 1 row." in of_table(found)


def test_a_row_is_one(tmp_path, capsys):
    path = tmp_path / "table.csv"
    path.write_text("a,y\n1,0\n2,\n3,1\n")
    data = Data(path=str(path), target="y", task="classification", missing_target="drop")
    found = preprocess.prepare(data, Preprocess()).profile
    assert ": 1 row left out (target missing (an empty cell in 1): 1)" in capsys.readouterr().err
    assert of_table(found)[1].startswith("1 row left out (")


def test_what_looks_like_an_id_is_said(tmp_path, capsys):
    rows = [f"{n},{n + 7 if n else ''},{n % 50},{n / 7},{n % 2}" for n in range(200)]
    found = profile(tmp_path, "\n".join(["id,gap,age,real,y", *rows]))
    (doubt,) = found["doubts"]
    assert doubt.startswith("different in nearly every row, as ids are")
    assert doubt.endswith(": 'id', 'gap'")
    assert f"warning: {tmp_path / 'table.csv'}: {doubt}\n" == capsys.readouterr().err


def test_hundreds_of_classes_that_are_numbers_are_said(tmp_path):
    rows = [f"{n % 7},{n % 150}" for n in range(600)]
    (doubt,) = profile(tmp_path, "\n".join(["a,y", *rows]))["doubts"]
    assert doubt.startswith("the target 'y' has 150 classes, all of them whole numbers")


#: What pandas does not pass over by itself.
BEYOND_PANDAS = {"zip from macOS", "empty rows and columns of a sheet"}


@pytest.mark.parametrize(
    "name", [n for n in READ if (READ[n][2] is SAME or "sign" in n) and n not in BEYOND_PANDAS]
)
def test_the_model_card_tells_how_pandas_reads_it(tmp_path, name):
    content, settings, _ = READ[name]
    path = tmp_path / "table"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    data = Data(path=str(path), target="y", task="classification", **settings)
    prepared = preprocess.prepare(data, Preprocess())
    own: dict = {"pandas": pd}
    exec(without_comments(prepared.profile), own)
    rows = eval(pandas_call(prepared.profile), own)
    rows.columns = rows.columns.str.strip()
    for column in prepared.X:
        cells = rows[column].astype("str").str.replace(data.decimal, ".")
        rows[column] = pd.to_numeric(cells, errors="coerce")
    pd.testing.assert_frame_equal(rows[list(prepared.X)], prepared.X.reset_index(drop=True))
    assert rows["y"].astype(str).tolist() == prepared.y.astype(str).tolist()


TIMES = pd.to_datetime(["2020-01-02", None, "2021-12-31"])
TYPED = {
    "whole numbers": (pa.array([1, None, -3], "int8"), ["1", "", "-3"]),
    "floats": (pa.array([0.1, float("nan"), 5.0]), ["0.1", "", "5"]),
    "short floats": (pa.array([0.1, None, 1e10], "float32"), ["0.1", "", "1e+10"]),
    "half floats": (pa.array(np.array([0.5, 2, 3], "float16")), ["0.5", "2", "3"]),
    "truths": (pa.array([True, None, False]), ["True", "", "False"]),
    "text": (pa.array([" a", None, ""]), ["a", "", ""]),
    "large text": (pa.array(["a", None, "b"], pa.large_string()), ["a", "", "b"]),
    "categories": (pa.array(["x", None, "x"]).dictionary_encode(), ["x", "", "x"]),
    "categories of numbers": (pa.array([3, None, 3]).dictionary_encode(), ["3", "", "3"]),
    "decimals": (pa.array([Decimal("1.50"), None, Decimal("2.00")]), ["1.50", "", "2.00"]),
    "days": (pa.array([date(2020, 1, 2), None, date(2021, 12, 31)]), ["2020-01-02", "", "2021-12-31"]),
    "times at midnight": (pa.array(TIMES), ["2020-01-02", "", "2021-12-31"]),
    "times": (pa.array(TIMES + pd.Timedelta("1h")), ["2020-01-02 01:00:00", "", "2021-12-31 01:00:00"]),
    "parts of seconds": (pa.array([datetime(2020, 1, 2, 3, 4, 5, 60_000), None], pa.timestamp("ms")), ["2020-01-02 03:04:05.060", ""]),
    "times elsewhere": (pa.array(TIMES.tz_localize("Asia/Tokyo")), ["2020-01-01 15:00:00", "", "2021-12-30 15:00:00"]),
    "durations": (pa.array([90_000, None, 500], pa.duration("ms")), ["90", "", "0.5"]),
    "nothing": (pa.nulls(3), ["", "", ""]),
    "lists": (pa.array([[1, 2], None, []]), ["[1, 2]", "", "[]"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", TYPED)
def test_typed_cells_are_as_they_would_be_written(tmp_path, kind):
    column, expected = TYPED[kind]
    feather.write_feather(pa.table({"a": column}), tmp_path / "table")
    assert read_table(tmp_path / "table", Reading()).rows["a"].tolist() == expected


@pytest.mark.parametrize("kind", ["parquet", "feather"])
@pytest.mark.parametrize("odd", [0, 2])
def test_a_time_is_written_in_one_way_in_every_piece(tmp_path, kind, odd):
    """Though one piece may hold nothing but midnights, and another none."""
    times = pd.to_datetime(["2020-01-02"] * 3).to_series(index=range(3))
    times[odd] += pd.Timedelta("10h")
    (tmp_path / "table").write_bytes(written(pd.DataFrame({"t": times, "a": 1}), kind))
    with open_table(tmp_path / "table", Reading()) as table:
        pieces = [piece["t"].tolist() for piece in table.chunks(cells=2)]
    assert pieces == [[time.strftime("%Y-%m-%d %H:%M:%S")] for time in times]


def test_times_of_a_zone_are_the_same_in_every_file(tmp_path):
    """Also where clocks are put back, so that an hour comes twice."""
    times = pd.date_range("2021-11-06 20:30", periods=12, freq="h", tz="America/New_York")
    table = pd.DataFrame({"t": times, "x": range(12), "y": ["a", "b"] * 6})
    table.to_csv(tmp_path / "t.csv", index=False)
    table.to_parquet(tmp_path / "t.parquet", index=False)
    found = [
        preprocess.prepare(
            Data(path=str(tmp_path / name), target="y", task="classification", time="t",
                 dates=["t"]), Preprocess()
        )
        for name in ("t.csv", "t.parquet")
    ]  # fmt: skip
    for prepared in found:
        expected = times.tz_convert("UTC").tz_localize(None)
        assert prepared.time.tolist() == expected.tolist()
    pd.testing.assert_frame_equal(*(prepared.X.reset_index(drop=True) for prepared in found))


def test_cells_of_a_sheet_are_as_they_would_be_written(tmp_path):
    cells = [
        1,
        1.5,
        -2.0,
        True,
        False,
        " x",
        datetime(2020, 1, 2),
        datetime(2020, 1, 2, 3, 4),
        time(5, 6),
        "=1+1",
        1e300,
    ]
    (tmp_path / "table").write_bytes(workbook(s=[["a"], *([cell] for cell in cells)]))
    assert read_table(tmp_path / "table", Reading()).rows["a"].tolist() == [
        *("1", "1.5", "-2", "TRUE", "FALSE", "x", "2020-01-02", "2020-01-02 03:04:00", "05:06:00"),
        *("=1+1", "1e+300"),
    ]  # fmt: skip


def test_floats_of_parquet_come_back_to_the_last_bit(tmp_path):
    values = np.random.default_rng(0).normal(size=1000) * 10.0 ** np.arange(-30, 30, 0.06)
    pd.DataFrame({"a": values, "y": np.arange(1000) % 2}).to_parquet(tmp_path / "table")
    assert prepare(tmp_path / "table")["a"].tolist() == values.tolist()


def test_text_in_typed_files_may_be_none(tmp_path):
    """A damaged file, found by the test below."""
    column = pa.array([b"x", b"\xff"]).view(pa.string())
    feather.write_feather(pa.table({"a": column}), tmp_path / "table", compression="uncompressed")
    with pytest.raises(InputError, match="table: cannot be read: Invalid UTF8"):
        read_table(tmp_path / "table", Reading())


FORMATS = ("commas", "UTF-16", "gzip", "xz", "zip", "Parquet", "Feather", "Excel")


@given(st.sampled_from(FORMATS), st.data())
def test_any_damaged_file_is_read_or_complained_about(tmp_path_factory, name, data):
    content = READ[name][0]
    content = bytearray(content.encode() if isinstance(content, str) else content)
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.none() | st.integers(0, len(content)))
    path = tmp_path_factory.mktemp("damaged") / "table"
    path.write_bytes(content[:end])
    try:
        prepare(path)
    except InputError as error:
        assert 1 <= len(str(error).splitlines()) <= error.lines


def test_kinds_of_columns_have_the_decimal_mark_and_the_markers(tmp_path, capsys):
    """A text is a number, a category, a boolean or a date by the same cells that are missing."""
    rows = [
        f"{n},5;{'NA' if n % 3 else 'red'};{'?' if n % 5 else 'yes'};{2000 + n}-01-02;-;{n % 2}"
        for n in range(28)
    ]
    path = tmp_path / "table"
    path.write_text("a;b;c;d;;y\n2,5;blue;no;NA;-;0\n" + "\n".join(rows))
    found = prepare(path, decimal=",", categorical=["b"], dates=["d"], exclude=[""])
    assert found["a"].tolist()[:3] == [2.5, 0.5, 1.5]
    assert found["b"].isna().tolist()[:4] == [False, False, True, True]
    assert found["c"].dropna().tolist()[:3] == [0, 1, 1]
    assert found["d_year"].isna().tolist()[:2] == [True, False]
    assert capsys.readouterr().err == ""
