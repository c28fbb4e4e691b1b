"""Text as dates: one format in a column, found once, and never guessed."""

import re
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.study.date_formats import ISO, check_format
from stages.study.errors import InputError
from stages.study.tables.dates import FORMATS, date_format, dates

PATH = Path("table.csv")


def column(*cells: str) -> pd.Series:
    return pd.Series(cells, range(2, 2 + len(cells)), name="when", dtype=str)


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["2020-01-02", "", "2020-01-31T10:00", "2020/02/01"], ISO),
        (["1.2.2020", "2.1.2020"], "%d.%m.%Y"),
        (["1/2/2020", "31/12/2020"], "%d/%m/%Y"),
        (["1/2/2020 1:05 PM", "12/31/2020 12:00 AM"], "%m/%d/%Y %I:%M %p"),
        (["1 Feb 2020", "31 Dec 2020"], "%d %b %Y"),
        (["Feb 1, 2020"], "%b %d, %Y"),
        (["1/1/2020"], "%d/%m/%Y"),
        (["3/25/15", "1/2/16"], "%m/%d/%y"),
        (["31/12/68", "1/2/16"], "%d/%m/%y"),
        (["25.3.15 14:05", "1.2.16 00:00"], "%d.%m.%y %H:%M"),
        (["5-Jan-15", "25-DEC-16"], "%d-%b-%y"),
        (["Jan-15", "Dec-16"], "%b-%y"),
    ],
)
def test_the_format_of_a_column_is_found(cells, form):
    own = column(*cells)
    assert date_format(own, PATH) == form
    read = dates(own, PATH, form)
    assert read.isna().tolist() == [cell == "" for cell in cells]
    assert read.index.equals(own.index)


@given(
    st.lists(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)), min_size=1),
    st.sampled_from(FORMATS[1:]),
)
def test_dates_are_read_as_python_reads_them(moments, form):
    cells = [moment.strftime(form) for moment in moments]
    expected = [datetime.strptime(cell, form) for cell in cells]
    assert dates(column(*cells), PATH, form).tolist() == expected


def test_times_with_an_offset_are_in_utc():
    read = dates(column("2020-01-01T00:30:00+02:00", "2020-01-01T00:30:00Z"), PATH, ISO)
    assert read.tolist() == [datetime(2019, 12, 31, 22, 30), datetime(2020, 1, 1, 0, 30)]


def test_what_is_missing_may_be_said():
    own, missing = column("31/12/2020", "-"), np.array([False, True])
    form = date_format(own, PATH, missing)
    assert dates(own, PATH, form, missing).isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["31/12/2020", "12/31/2020", "30/12/2020"], "line 3, .*'12/31/2020'.*'31/12/2020' in lin"),
        (["2020-12-31", "2020-12-30", "31.12.2020"], "line 4, .*'31.12.2020' is not written in th"),
        (["01/02/2020", "01/03/2020"], r"as %d/%m/%Y and as %m/%d/%Y.*'01/02/2020' in line 2"),
        (["2020-12-31", "soon"], "line 3, column 'when': must be a date like .*found 'soon'"),
        (["soon", "31/12/2020", "31/12/2019"], "line 2, .*found 'soon'"),
        (["30/02/2020"], "line 2, .*found '30/02/2020'"),
        (["01/02/20"], r"as %d/%m/%y and as %m/%d/%y.*'01/02/20' in line 2"),
        (["31/12/2020", "31/12/20"], "line 3, .*'31/12/20' is not written in the order of"),
        (["14:05", "9:30"], "line 2, .*must be a date .*found '14:05'"),
        (["", ""], "holds no date at all"),
    ],
)
def test_a_column_that_cannot_be_read_is_told_of(cells, says):
    with pytest.raises(InputError, match=says) as caught:
        date_format(column(*cells), PATH)
    assert str(caught.value).count("\n") <= 1


def test_a_format_that_was_found_is_kept_for_new_rows():
    assert dates(column("01/02/2020"), PATH, "%m/%d/%Y").tolist() == [datetime(2020, 1, 2)]
    says = re.escape(
        "line 3, column 'when': must be a date written as %m/%d/%Y, such as 12/31/2020; found '31/12/2020'"
    )
    with pytest.raises(InputError, match=says):
        dates(column("12/31/2020", "31/12/2020"), PATH, "%m/%d/%Y")


def test_dates_of_a_file_with_types_need_no_format():
    own = column("2020-01-02", "2020-12-31")
    expected = [datetime(2020, 1, 2), datetime(2020, 12, 31)]
    for form in ("%d/%m/%Y", "%d.%m.%Y %H:%M"):
        assert dates(own, PATH, form).tolist() == expected
        assert dates(own + " 00:00:00", PATH, form).tolist() == expected
    # Who writes both has not said how.
    with pytest.raises(
        InputError, match="line 2, .*written as %d/%m/%Y, such as 31/12/2020; found '2020-01-02'"
    ):
        dates(column("2020-01-02", "31/12/2020"), PATH, "%d/%m/%Y")


def test_digits_are_read_by_their_places():
    assert dates(column("01022020"), PATH, "%d%m%Y").tolist() == [datetime(2020, 2, 1)]
    with pytest.raises(InputError, match="written as %d%m%Y, such as 31122020; found '1022020'"):
        dates(column("1022020"), PATH, "%d%m%Y")


MONTHS = ["%Y", "%Y-%m", "%m.%Y", "%m.%y", "%Y%m", "%b %Y"]


@pytest.mark.parametrize("form", [ISO, "%d/%m/%Y", "%y-%m-%d", *MONTHS, *FORMATS])
def test_a_format_may_be_given(form):
    assert check_format(form) == form
    written = datetime(2020, 1, 1).strftime("%Y-%m-%d" if form == ISO else form)
    assert dates(column(written), PATH, form).tolist() == [datetime(2020, 1, 1)]


@pytest.mark.parametrize(
    "form", ["%d", "%d.%m.", "x", "", "%Q", "DD.MM.YYYY", "%d %Y", "%m", "%Y-%W"]
)
def test_what_is_no_format_of_dates(form):
    with pytest.raises(ValueError, match="is not the format of a date"):
        check_format(form)
