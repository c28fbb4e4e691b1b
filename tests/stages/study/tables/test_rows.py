"""Columns of groups, times and weights: what they are read as, and what is refused."""

from datetime import datetime
from pathlib import Path

import pytest

from stages import preprocess
from stages.study.errors import InputError
from stages.study.prepared import Prepared, read_prepared, write_prepared
from stages.study.sections.data import Data, Preprocess
from stages.study.tables.profile import features_in_words

HEADER = "x,who,when,weight,y"
ROWS = ["1,01,2020,0.5,0", "2,1,2019,2,1", "3,1,2019,0,0", "4,2,2021.5,1,1"]


def prepare(folder: Path, rows=ROWS, header=HEADER, **settings) -> Prepared:
    path = folder / "table.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    # As from params.yaml.
    given = {"path": str(path), "target": "y", "task": "classification", **settings}
    return preprocess.prepare(Data.model_validate(given), Preprocess())


def stored(data: Prepared, folder: Path) -> Prepared:
    write_prepared(data, folder)
    return read_prepared(folder)


def test_groups_and_weights_are_no_features(tmp_path):
    data = stored(prepare(tmp_path, groups="who", weights="weight"), tmp_path)
    assert list(data.X) == ["x", "when"]
    assert data.groups.tolist() == ["01", "1", "1", "2"]
    assert data.weights.tolist() == [0.5, 2, 0, 1]
    assert data.time is None
    assert data.profile["groups"] == {"column": "who", "groups": 3, "largest": 2}
    assert data.profile["weights"] == {"column": "weight", "minimum": 0, "maximum": 2}


def test_the_time_is_a_feature_only_if_it_is_listed(tmp_path):
    data = prepare(tmp_path, time="when")
    assert list(data.X) == ["x", "who", "weight"]
    assert data.time.tolist() == [2020, 2019, 2019, 2021.5]
    figures = {"column": "when", "minimum": 2019, "maximum": 2021.5, "times": 3}
    assert data.profile["time"] == figures
    assert list(prepare(tmp_path, time="when", features=["when"]).X) == ["when"]


def test_a_time_that_is_named_as_dates_is_a_feature_too(tmp_path):
    rows = [f"{n},0,0{n + 1}/02/2020,1,{n % 2}" for n in range(4)]
    said = {"features": ["x", "when"], "time": {"when": "%d/%m/%Y"}, "dates": ["when"]}
    listed = prepare(tmp_path, rows, **said)
    named = prepare(tmp_path, rows, **said | {"features": "all", "exclude": ["who", "weight"]})
    parts = ["when_year", "when_month", "when_weekday", "when_days"]
    assert list(listed.X) == list(named.X) == ["x", *parts]
    assert named.X["when_weekday"].tolist() == [5, 6, 0, 1]
    assert named.time.dt.month.tolist() == [2] * 4
    # One of both says how dates are written.
    other = prepare(tmp_path, rows, time="when", dates={"when": "%d/%m/%Y"})
    assert other.time.equals(named.time)
    with pytest.raises(InputError, match="data.time: 'when' is written as '%d/%m/%Y' here and as"):
        prepare(tmp_path, rows, time={"when": "%d/%m/%Y"}, dates={"when": "%m/%d/%Y"})
    assert "no features" not in features_in_words(named.profile)


@pytest.mark.parametrize(
    ("cells", "settings", "says"),
    [
        (["2019", "2020"], {"time": "when"}, "when (data.time, unless data.features names it)"),
        (
            ["2020-02-01", "2020-02-02"],
            {"time": "when", "weights": "weight"},
            "when (data.time, unless data.dates: [when] names it), weight (data.weights)",
        ),
        (["2019", "2020"], {"groups": "who"}, "who (data.groups)"),
    ],
)
def test_what_is_said_of_rows_is_told_to_be_no_feature(tmp_path, cells, settings, says):
    rows = [f"{n},{n},{cell},{n + 1},{n}" for n, cell in enumerate(cells)]
    words = features_in_words(prepare(tmp_path, rows, **settings).profile)
    assert words.endswith(f"; no features: {says}")


@pytest.mark.parametrize(
    ("cells", "time"),
    [
        (["2020-02-01", "2020-03-01 12:00", "2020-02-02"], "when"),
        (["1.2.2020", "1.3.2020", "2.2.2020"], "when"),
        (["02/01/2020", "03/01/2020", "02/02/2020"], {"when": "%m/%d/%Y"}),
    ],
)
def test_times_may_be_dates(tmp_path, cells, time):
    rows = [f"{number},{cell},{number % 2}" for number, cell in enumerate(cells)]
    data = stored(prepare(tmp_path, rows, "x,when,y", time=time), tmp_path)
    assert data.time.dt.date.tolist() == [
        datetime(2020, month, day).date() for month, day in [(2, 1), (3, 1), (2, 2)]
    ]
    assert data.profile["time"]["minimum"] == "2020-02-01"


def times(folder, cells, time="t", **settings):
    rows = [f"{number};{cell};{number % 2}" for number, cell in enumerate(cells)]
    return prepare(folder, rows, "x;t;y", time=time, separator=";", **settings).time.tolist()


#: Dates of digits as people write them, and as which they are understood.
DIGITS = {
    "month and year": (["01.2019", "12.2019", "01.2020"], "%m.%Y"),
    "year and month": (["2019.9", "2019.10", "2020.1"], "%Y.%m"),
    "days first": (["31122019", "01012020", "02012020"], "%d%m%Y"),
    "months first": (["12312019", "01012020", "01022020"], "%m%d%Y"),
    "two digits of a year": (["311219", "010120", "020120"], "%d%m%y"),
    "short months": (["12.19", "01.20", "02.20"], "%m.%y"),
    "the turn of a century": (["991231", "000101", "000102"], "%y%m%d"),
}


@pytest.mark.parametrize(("cells", "form"), DIGITS.values(), ids=DIGITS)
@pytest.mark.parametrize("decimal", [".", ","])
def test_dates_of_digits_are_no_numbers(tmp_path, cells, form, decimal):
    says = (
        f"(?s)column 't': params.yaml: data.time: '{cells[0]}' can be a date.*\\{{t: .*\"{form}\""
    )
    with pytest.raises(InputError, match=says) as caught:
        times(tmp_path, cells, decimal=decimal)
    assert "\n" not in str(caught.value)
    found = times(tmp_path, cells, {"t": form}, decimal=decimal)
    assert found == [datetime.strptime(cell, form) for cell in cells]


@pytest.mark.parametrize(
    "cells", [["1.2019", "12.2019", "1.202"], ["31122019", "1012020"], ["0112", "2902"]]
)
def test_dates_of_digits_that_lack_some_are_to_be_written_anew(tmp_path, cells):
    with pytest.raises(InputError, match="write them as 2020-12-31 in the file$"):
        times(tmp_path, cells)


@pytest.mark.parametrize(
    "cells",
    [
        ["20191231", "20200101"],
        ["201912", "202001"],
        ["2019", "2020"],
        ["2019.01", "2019.10"],
        ["1.25", "12.5"],
        ["007", "010"],
        ["1577836800", "1577836801"],
        ["310119", "999999"],
    ],
)
def test_numbers_in_the_order_of_time_are_a_time(tmp_path, cells):
    assert times(tmp_path, cells) == [float(cell) for cell in cells]


def test_a_time_has_the_decimal_mark_of_the_file(tmp_path):
    assert times(tmp_path, ["1,5", "2", "10,25"], decimal=",") == [1.5, 2, 10.25]


def test_a_table_without_any_is_stored_as_ever(tmp_path):
    stored(prepare(tmp_path, groups="who"), tmp_path)
    data = stored(prepare(tmp_path, features=["x"]), tmp_path)
    assert (data.groups, data.time, data.weights) == (None, None, None)
    assert not {"groups", "time", "weights"} & data.profile.keys()


def changed(row: int, column: int, cell: str) -> list[str]:
    rows = [own.split(",") for own in ROWS]
    rows[row][column] = cell
    return [",".join(own) for own in rows]


ROLES = {"groups": "who", "time": "when", "weights": "weight"}
REFUSED = {
    "no such column": (ROWS, {"groups": "whom"}, "data.groups: no column 'whom'.*did you mean 'w"),
    "the target": (ROWS, {"weights": "y"}, "data.weights: 'y' is data.target too"),
    "two in one": (ROWS, {"groups": "who", "weights": "who"}, "'who' is data.groups too"),
    "a feature": (ROWS, {"groups": "who", "features": ["x", "who"]}, "listed in data.features"),
    "groups and time": (ROWS, {"groups": "who", "time": "when"}, "data.groups is there too"),
    "a negative weight": (
        changed(2, 3, "-1"),
        {"weights": "weight"},
        "line 4, column 'weight': must be a weight of at least 0; found '-1'",
    ),
    "a weight that is text": (changed(2, 3, "much"), {"weights": "weight"}, "finite number"),
    "equal weights": (
        [f"{x},0,0,0,{x}" for x in (0, 1)],
        {"weights": "weight"},
        "needs weights that differ; all rows have '0'",
    ),
    "one group": (
        [f"{x},a,0,0,{x}" for x in (0, 1)],
        {"groups": "who", "features": ["x"]},
        "needs at least two groups; all rows have 'a'",
    ),
    "one time": (
        [f"{x},0,2020,0,{x}" for x in (0, 1)],
        {"time": "when"},
        "needs different times; all rows have '2020'",
    ),
    "a time that is text": (changed(1, 2, "soon"), {"time": "when"}, "line 3.*found 'soon'"),
    "no date": (changed(0, 2, "soon"), {"time": "when"}, "line 2.*must be a date .*found 'soon'"),
    "two orders of dates": (
        ["1,0,31/12/2020,0,0", "2,0,12/31/2020,0,1"],
        {"time": "when"},
        "line 3, column 'when': the date '12/31/2020' is not written in the order of the others",
    ),
    "a date that can be two": (
        ["1,0,01/02/2020,0,0", "2,0,01/03/2020,0,1"],
        {"time": "when"},
        r"name the column with its format, \{when: '%d/%m/%Y'\}",
    ),
}


@pytest.mark.parametrize(("rows", "settings", "says"), REFUSED.values(), ids=REFUSED)
def test_what_says_nothing_of_rows_is_refused(tmp_path, rows, settings, says):
    with pytest.raises(InputError, match=f"(?s){says}") as caught:
        prepare(tmp_path, rows, **settings)
    assert len(str(caught.value).splitlines()) <= 2


@pytest.mark.parametrize("marker", ["", "?"])
@pytest.mark.parametrize("role", ROLES)
def test_a_row_that_lacks_one_is_named(tmp_path, role, marker):
    column = ROLES[role]
    rows = changed(2, HEADER.split(",").index(column), marker)
    with pytest.raises(InputError, match=f"line 4, column '{column}': missing .1 such row[)].*"):
        prepare(tmp_path, rows, **{role: column}, features=["x"], missing={column: ["?"]})


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"weights": "weight"}, "weights are 500.1 on average"),
        ({"groups": "x", "features": ["who"]}, "each row is a group of its own"),
    ],
)
def test_what_may_be_a_mistake_is_told(tmp_path, capsys, settings, says):
    data = prepare(tmp_path, changed(1, 3, "1999"), **settings)
    assert says in capsys.readouterr().err
    # The report shows doubts.
    assert ("groups" in settings) or [says in own for own in data.profile["doubts"]].count(
        True
    ) == 1


@pytest.mark.parametrize("time", [{"a": "", "b": ""}, {"when": "DD.MM.YYYY"}, ["when"]])
def test_a_time_is_one_column_and_its_format(tmp_path, time):
    with pytest.raises(ValueError, match="time"):
        prepare(tmp_path, time=time)
