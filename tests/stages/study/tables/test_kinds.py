"""Which kind a column is of, what its cells become, and what is said of text that is none."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from stages import preprocess
from stages.study.errors import InputError
from stages.study.prepared import read_prepared, write_prepared
from stages.study.sections.data import Data, Preprocess
from stages.study.tables.profile import features_in_words
from stages.study.yaml_sections import in_yaml

ROWS = 40


def frame(**columns) -> pd.DataFrame:
    """A table of so many rows; a column is repeated until it is long enough."""
    cells = {name: (list(own) * ROWS)[:ROWS] for name, own in columns.items()}
    return pd.DataFrame(cells).assign(y=[str(n % 2) for n in range(ROWS)])


def prepare(table, folder, max_missing=1.0, **data):
    path = folder / "t.csv"
    table.to_csv(path, index=False)
    settings = Data(**{"path": str(path), "target": "y", "task": "classification", **data})
    return preprocess.prepare(settings, Preprocess(max_missing=max_missing))


WORDS = {
    "yes and no": (["yes", "No", "", "YES"], [1, 0, None, 1], ("no", "yes")),
    "true and false": (["True", "False"], [1, 0], ("false", "true")),
    "j and n": (["J", "N"], [1, 0], ("n", "j")),
    "y and n": (["y", "n"], [1, 0], ("n", "y")),
}


@pytest.mark.parametrize("case", WORDS)
def test_two_words_that_mean_yes_and_no_are_a_boolean(tmp_path, case):
    cells, values, (no, yes) = WORDS[case]
    data = prepare(frame(paid=cells, n=range(ROWS)), tmp_path)
    expected = (values * ROWS)[:ROWS]
    np.testing.assert_array_equal(data.X["paid"], np.array(expected, float))
    assert data.profile["columns"]["paid"] == {"kind": "boolean", "no": no, "yes": yes}
    assert data.profile["features"]["paid"]["kind"] == "boolean"
    assert f"1 boolean (paid: {no} is 0, {yes} is 1)" in features_in_words(data.profile)


def test_booleans_by_name(tmp_path):
    data = prepare(frame(a=["dead", "Alive"]), tmp_path, booleans={"a": ["dead", "alive"]})
    assert data.X["a"].tolist() == [0, 1] * (ROWS // 2)
    with pytest.raises(
        InputError, match=r"line 4, column 'a': must be dead or alive; found 'lost'"
    ):
        prepare(frame(a=["dead", "alive", "lost"]), tmp_path, booleans={"a": ["dead", "alive"]})
    data = prepare(
        frame(a=["dead", "alive", "lost"]),
        tmp_path,
        booleans={"a": ["dead", "alive"]},
        missing={"a": ["lost"]},
    )
    assert data.profile["features"]["a"]["missing"] == 13


def test_categories_by_name_are_text_whatever_they_hold(tmp_path):
    data = prepare(
        frame(a=["01", "1", "", "x y"], b=[1, 2], c=["yes", "no"]),
        tmp_path,
        categorical=["a", "b", "c"],
        missing={"b": [2]},
    )
    assert [str(own) for own in data.X.dtypes] == ["str"] * 3
    assert data.X["a"].isna().sum() == 10
    assert set(data.X["a"].dropna()) == {"01", "1", "x y"}
    assert set(data.X["b"].dropna()) == {"1"}
    assert data.profile["features"]["a"] == {
        "kind": "category",
        "type": "str",
        "missing": 10,
        "values": 3,
        "most_frequent": "01",
        "rows_of_it": 10,
        "rarest": 10,
    }


def test_auto_takes_text_of_few_values(tmp_path):
    table = frame(few=list("abcdefgh"), n=range(ROWS))
    data = prepare(table, tmp_path, categorical="auto")
    assert data.profile["columns"] == {"few": {"kind": "category"}, "n": {"kind": "number"}}
    said = features_in_words(data.profile)
    assert said == "2 columns as features: 1 number, 1 category (few: 8 values)"
    with pytest.raises(InputError, match=r"a column holds text[^\n]*'few'[^\n]*\ncategorical"):
        prepare(table, tmp_path)
    many = [f"name {n % 9}" for n in range(ROWS)]
    with pytest.raises(InputError, match=r"'many'[^\n]*:\nexclude: \[many\] # or,"):
        prepare(frame(few=list("ab"), many=many), tmp_path, categorical="auto")


#: Numbers as people write them, and what is said of them.
NUMBER_TEXTS = {
    "decimal comma": (["1,5", "2,0", "3"], ".", 'data.decimal: "," reads it'),
    "decimal point": (["1.5", "2.0", "3"], ",", 'data.decimal: "." reads it'),
    "thousands": (["1,234", "2,000"], ".", 'data.thousands: "," reads it as 1234,'),
    "both": (["1,234.5", "2,000.0"], ".", 'data.thousands: "," reads it as 1234.5,'),
    "both, commas": (["2.138,60", "3"], ".", 'data.decimal: "," and data.thousands: "." read it'),
    "Swiss": (["1'234.50", "2'000'000"], ".", 'data.thousands: "\'" reads it'),
    "currency": (["$2", "$3.50", ""], ".", "remove signs and marks of thousands"),
    "euros": (["2 €", "3,50 €"], ".", "remove signs and marks of thousands"),
    "percent": (["5%", "10 %"], ".", "remove signs and marks of thousands"),
}


@pytest.mark.parametrize(("cells", "decimal", "says"), NUMBER_TEXTS.values(), ids=NUMBER_TEXTS)
@pytest.mark.parametrize("categorical", ["auto", []])
def test_numbers_written_in_another_way_are_no_categories(
    tmp_path, cells, decimal, says, categorical
):
    table = frame(a=[*cells, cells[0]], n=range(ROWS), c=["u", "v", "w"])
    with pytest.raises(InputError) as caught:
        prepare(table, tmp_path, categorical=categorical, decimal=decimal)
    message = str(caught.value)
    assert f"column 'a': numbers written as {cells[0]!r}" in message
    assert says in message
    assert "data.categorical: [a] takes them" in message
    # Text beside them is told as well, and is not to be pasted together with them.
    assert (len(message.splitlines()) == 1) == (categorical == "auto")
    assert message.endswith("\n   categorical: [c]") == (categorical == [])
    data = prepare(table, tmp_path, categorical=["a", "c"], decimal=decimal)
    assert data.profile["features"]["a"]["values"] == len({*cells} - {""})


def test_another_decimal_mark_is_said_first(tmp_path):
    table = frame(a=["$2", "$3"], b=["1,5", "2,0"], c=["1,234", "2,000"], n=range(ROWS))
    with pytest.raises(InputError, match=r"'b' and 2 other columns.*data.decimal: .,.*\[a, b, c]"):
        prepare(table, tmp_path, categorical="auto")
    table = table.drop(columns="a").assign(c="1,250")
    assert prepare(table, tmp_path, decimal=",").X["b"].tolist() == [1.5, 2] * (ROWS // 2)


@pytest.mark.parametrize(
    "cells", [["1-5", "6-10"], ["<5", ">5"], ["5+", "3"], ["1.2.3", "2.0.1"], ["A1", "10B", "3"]]
)
def test_text_with_digits_may_be_categories(tmp_path, cells):
    table = frame(a=[*cells, "none"], n=range(ROWS))
    assert (
        prepare(table, tmp_path, categorical="auto").profile["columns"]["a"]["kind"] == "category"
    )


def test_all_text_is_listed_at_once_with_lines_to_paste(tmp_path):
    table = frame(
        sex=["m", "f"],
        no=["p", "q"],
        name=[f"n{n}" for n in range(ROWS)],
        when=[f"{n % 28 + 1:02}.03.2020" for n in range(ROWS)],
        age=range(ROWS),
    )
    with pytest.raises(InputError) as caught:
        prepare(table, tmp_path)
    message = str(caught.value)
    assert "4 columns hold text" in message
    first, *lines = message.splitlines()
    assert len(lines) == 2
    pasted = YAML(typ="safe").load(
        "\n".join([first.split("after a look, ")[1].removesuffix(", and:"), *lines])
    )
    assert pasted == {"dates": ["when"], "categorical": ["sex", "no"], "exclude": ["name"]}
    data = prepare(table, tmp_path, **pasted)
    assert list(data.X) == [
        *("sex", "no", "when_year", "when_month", "when_weekday", "when_days", "age")
    ]
    assert data.profile["unused"] == ["name"]
    assert features_in_words(data.profile).endswith("; left out: name")


@given(st.text(min_size=1).filter(str.isprintable))
def test_a_name_to_paste_is_read_as_it_is(name):
    assert YAML(typ="safe", pure=True).load(f"a: [{in_yaml(name)}, x]") == {"a": [name, "x"]}


def test_a_list_to_paste_has_an_end(tmp_path):
    table = frame(**{f"t{n}": ["a", "b"] for n in range(30)})
    with pytest.raises(InputError, match="30 columns hold text") as caught:
        prepare(table, tmp_path)
    assert "and 20 more" in str(caught.value)


def test_numbers_with_a_slip_stay_numbers(tmp_path):
    table = frame(n=[*range(30), "oops"])
    with pytest.raises(InputError, match=r"line 32, column 'n': must be a finite number"):
        prepare(table, tmp_path)


DATES = ["2020-02-29", "", "1969-12-31"]


def test_dates_become_numbers(tmp_path):
    data = prepare(frame(d=DATES), tmp_path, dates=["d"])
    days = pd.to_datetime(pd.Series(DATES), format="ISO8601")
    expected = pd.DataFrame(
        {
            "d_year": days.dt.year,
            "d_month": days.dt.month,
            "d_weekday": days.dt.day_of_week,
            "d_days": (days - pd.Timestamp(0)) / pd.Timedelta(days=1),
        }
    )
    pd.testing.assert_frame_equal(
        data.X.head(3).reset_index(drop=True), expected, check_dtype=False, check_index_type=False
    )
    assert data.X["d_days"].iloc[2] == -1
    assert data.profile["features"]["d_year"]["from"] == "d"
    assert data.profile["columns"]["d"] == {"kind": "date", "format": "ISO8601"}


ERRORS = [
    ({"dates": ["d"], "exclude": ["d"]}, "data.dates: 'd' is no feature"),
    ({"dates": ["d"], "categorical": ["d"]}, "data.dates: 'd' is in data.categorical too"),
    ({"dates": ["d"], "categorical": ["y"]}, "data.categorical: 'y' is no feature"),
    ({"features": ["d"], "exclude": ["d"]}, "data.exclude: 'd' is listed in data.features too"),
    ({"exclude": ["e"]}, "data.exclude[0]: no column 'e'"),
    ({"exclude": ["d", "n"]}, "no column besides the target 'y', but for those in data.exclude"),
    ({"dates": ["n"]}, "column 'n': must be a date"),
]


def test_dates_of_one_year_are_not_constant(tmp_path, capsys):
    prepare(frame(a=["2024-01-03", "2024-02-03"]), tmp_path, dates=["a"])
    assert not capsys.readouterr().err


@pytest.mark.parametrize(("settings", "says"), ERRORS)
def test_what_params_yaml_says_of_kinds_is_checked(tmp_path, settings, says):
    with pytest.raises(InputError) as caught:
        prepare(frame(d=DATES, n=range(ROWS)), tmp_path, **settings)
    assert says in str(caught.value)


def test_a_date_may_not_become_a_column_that_is_there(tmp_path):
    table = frame(d=DATES, d_year=range(ROWS))
    with pytest.raises(InputError, match="becomes 'd_year', which is a column already"):
        prepare(table, tmp_path, dates=["d"])


def test_gaps_in_categories_count(tmp_path):
    with pytest.raises(InputError, match="column 'c': 20 of 40 values are missing, 50.0%"):
        prepare(frame(c=["a", ""]), tmp_path, max_missing=0.4, categorical=["c"])


def test_categories_of_a_row_each_are_told(tmp_path, capsys):
    prepare(frame(c=[f"n{n}" for n in range(ROWS)]), tmp_path, categorical=["c"])
    assert "column 'c' has 40 categories in 40 rows" in capsys.readouterr().err


def test_the_table_keeps_its_types_on_the_way(tmp_path, monkeypatch):

    monkeypatch.chdir(tmp_path)
    data = prepare(frame(c=["a", ""], n=range(ROWS)), tmp_path, categorical=["c"])
    Path("data/prepared").mkdir(parents=True)
    write_prepared(data, Path("data/prepared"))
    pd.testing.assert_frame_equal(read_prepared().X, data.X.reset_index(drop=True))
