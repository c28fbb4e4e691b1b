"""How init reads files, and what it says of those that it cannot."""

import re
import sys
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML
from suggesting import ROWS, Y

from stages import preprocess
from stages.init import init, main
from stages.study import params
from stages.study.errors import InputError
from stages.study.suggest.suggestion import suggest


def test_files_are_read_as_they_are_written(study, begin):
    data = begin({"größe": ROWS / 4, "b": ROWS % 3, "y": Y}, sep=";", decimal=",",
                 encoding="cp1252").data  # fmt: skip
    assert (data.decimal, data.encoding) == (",", "cp1252")
    begin({"a": ROWS / 4, "b": ROWS % 3, "y": Y}, name="another")
    # What the file before it needed is gone.
    assert not {"decimal", "encoding"} & YAML(typ="safe").load(Path("params.yaml"))["data"].keys()
    rows = "".join(f"{row / 4},{y}\n" for row, y in zip(ROWS, Y, strict=True))
    Path("data/raw/comment.csv").write_text(f"# By hand\n# today\na,y\n{rows}")
    assert begin("data/raw/comment.csv").data.comment == "#"
    pd.DataFrame({"a": ROWS, "b": ROWS % 2 == 0, "y": Y}).to_parquet("data/raw/table.parquet")
    begin("data/raw/table.parquet")


def test_what_a_file_does_not_tell_is_told(study, monkeypatch, capsys):
    def run(table, *told):
        monkeypatch.setattr(sys, "argv", ["init", f"data/raw/{table}", "--target=y", *told])
        main()
        return params.load().data

    frame = pd.DataFrame({"x": ROWS % 7, "Größe": ROWS / 8, "y": Y})
    with pd.ExcelWriter("data/raw/book.xlsx") as book:
        pd.DataFrame({"said": ["by hand"]}).to_excel(book, sheet_name="notes", index=False)
        frame.to_excel(book, sheet_name="2020", index=False)
        frame.rename(columns={"x": "z"}).to_excel(book, sheet_name="2021", index=False)
    with pytest.raises(
        SystemExit, match=r"--sheet\) says which is the table, of: notes, 2020, 2021"
    ):
        run("book.xlsx")
    assert run("book.xlsx", "--sheet=2020", "--write").sheet == "2020"
    preprocess.prepare(params.load().data, params.load().preprocess)
    # What is said of a sheet stays, and is not of another one.
    assert run("book.xlsx").sheet == "2020"
    text = Path("params.yaml").read_text().replace("  task:", "  exclude: [x]\n  task:")
    Path("params.yaml").write_text(text)
    assert run("book.xlsx", "--sheet=2020", "--write").exclude == ["x"]
    assert run("book.xlsx", "--sheet=2021", "--write").exclude == []
    assert run("book.xlsx", "--target=z", "--write").target == "z"
    assert params.load().data.sheet == "2021"
    frame.to_csv("data/raw/own.csv", sep="^", decimal=",", encoding="cp1250", index=False)
    data = run("own.csv", "--separator=^", "--decimal=,", "--encoding=cp1250", "--write")
    assert (data.separator, data.decimal, data.encoding, data.sheet) == ("^", ",", "cp1250", None)
    assert "Größe" in preprocess.prepare(data, params.load().preprocess).X
    for told in ("--separator=ab", "--decimal=;", "--encoding=none"):
        with pytest.raises(SystemExit):
            run("own.csv", told)
        assert f"argument {told[: told.index('=')]}: " in capsys.readouterr().err


def test_a_table_without_names_is_told(study):
    rows = "".join(f"{row % 7},{row % 11},{y}\n" for row, y in zip(ROWS, Y, strict=True))
    Path("data/raw/table.csv").write_text(rows.replace("0,0,no", "0,0.5,no", 1))
    found = suggest("data/raw/table.csv", "no", params.load())
    assert "like values, not like names of columns: 0, 0.5, no; names c0" in found.doubts[0]


#: Lines as the collections have them whose files have no names.
NAMELESS = {
    "adult": "39, State-gov, 77516, Bachelors, 13, <=50K",
    "abalone": "M,0.455,0.365,0.095,0.514,0.2245,0.101,0.15,15",
    "mushroom": "p,x,s,n,t,p,f,c,n,k",
    "iris": "5.1,3.5,1.4,0.2,Iris-setosa",
    "pima": "6,148,72,35,0,33.6,0.627,50,1",
    "cleveland": "63.0,1.0,1.0,145.0,233.0,?,0",
    "auto-mpg": '18.0   8   307.0      130.0      3504.      12.0   70  1\t"chevrolet chevelle"',
    "german": "A11 6 A34 A43 1169 A65 A75 4 A93 A101 4 A121 67 A143 A152 2 A173 1 A192 A201 1",
    "housing": " 0.00632  18.00   2.310  0  0.5380  6.5750  65.20   4.98  24.00",
    "named blanks": "age sex chol\n63 1 233",
    "of R": '"age" "sex" "chol"\n"1" 63 1 233',
}


@pytest.mark.parametrize("name", NAMELESS)
def test_a_file_without_names_or_with_blanks_is_named_with_a_way_out(study, capsys, name):
    line = NAMELESS[name]
    # Numbers that differ from row to row, and text that does not.
    others = [re.sub(r"\d(?=\b)", str(row % 10), line.rpartition("\n")[2]) for row in range(30)]
    Path("data/raw/old.data").write_text("\n".join([line, *others, line.rpartition("\n")[2], ""]))
    with pytest.raises(InputError) as caught:
        init("data/raw/old.data", None)
    said = str(caught.value)
    assert len(said.splitlines()) <= 3
    assert ("separated by blanks" in said) == (" " in line and "," not in line)
    code = said.rpartition("python -c '")[2].removesuffix("'")
    exec(compile(code, "", "exec"), {})
    named = Path("data/raw/old-named.csv").read_text().splitlines()
    assert len(named) == 33
    assert named[0].startswith(
        "c0,c1,c2" if "c0, c1" in said or "prefix" in said else "age,sex,chol"
    )
    with pytest.raises(InputError, match="--target: must name the column to predict") as caught:
        init("data/raw/old-named.csv", None)
    assert "-c" not in str(caught.value)


@pytest.mark.parametrize(
    "header", ["country,1990,2000,2010", "0,1,2,3", "2020,2021,2022,y", "a,b,c,d", "y,1,0,x"]
)
def test_names_that_are_numbers_are_names(study, header):
    rows = "".join(f"{'abcd'[row % 4]},{row},{row * 3 % 7}.5,{row % 2}\n" for row in range(30))
    if header[0] in "02":
        rows = rows.translate(str.maketrans("abcd", "5678"))
    Path("data/raw/table.csv").write_text(f"{header}\n{rows}")
    with pytest.raises(InputError) as caught:
        init("data/raw/table.csv", None)
    assert "-c" not in str(caught.value)


@pytest.mark.parametrize(
    ("cells", "other", "marks"),
    [
        (["2.138,60", "12,5", "7"], "1", (",", ".")),
        (["1.000.000", "500"], "1,5", (",", ".")),
        (["25,127", "500"], "1", (".", ",")),
        (["25,127", "50,000"], "1.5", (".", ",")),
        (["1\u202f234", "50"], "1", (".", " ")),
        (["1'000", "2'000"], "1", (".", "'")),
        (["1.234", "2.000"], "1", (".", None)),
    ],
)
def test_marks_between_thousands_are_found(study, begin, cells, other, marks):
    rows = {"a": (cells * 120)[:120], "b": [other, "2"] * 60, "y": Y}
    data = begin(rows, sep=";").data
    assert (data.decimal, data.thousands) == marks
    assert not data.exclude


def test_commas_that_may_be_decimals_are_asked_about(study, capsys):
    pd.DataFrame({"a": ["1,234", "2,000"] * 60, "b": ROWS % 7, "y": Y}).to_csv(
        "data/raw/t.csv", index=False
    )
    found = suggest("data/raw/t.csv", "y", params.load())
    assert '--thousands "," reads them' in found.undecided[0]
    init("data/raw/t.csv", "y", {"thousands": ","}, write=True)
    assert params.load().data.thousands == ","
    for told, says in [
        ({"thousands": ",", "decimal": ","}, "--thousands: must differ from decimal"),
        ({"decimal": ","}, "--thousands: must differ from decimal"),
    ]:
        with pytest.raises(InputError, match=says):
            init("data/raw/t.csv", "y", told)
