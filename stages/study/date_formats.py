"""In which formats dates are written: those of ``strptime``, and ``ISO8601``."""

import re

import pandas as pd

ISO = "ISO8601"

#: Formats of digits alone, and how many each part has.
ONLY_DIGITS = re.compile(r"(%[YymdHMS])+")
DIGITS = {"Y": 4}

YEAR = re.compile("%[YyG]")


def as_dates(cells: pd.Series, form: str) -> pd.Series:
    """Return text as ``datetime64[us]``, ``NaT`` where it is no date of this format."""
    if ONLY_DIGITS.fullmatch(form):
        # Without its zero in front 1012020 could be the 10th of January.
        width = sum(DIGITS.get(part, 2) for part in form[1::2])
        cells = cells.where(cells.str.len() == width)
    if "%d" in form and not YEAR.search(form):
        # Python is going to refuse days without a year; of a leap year there are all.
        cells, form = "2000 " + cells, f"%Y {form}"
    found = pd.to_datetime(cells, format=form, errors="coerce", utc=True)
    return found.dt.tz_localize(None).astype("datetime64[us]")


def check_format(form: str) -> str:
    """Return a format of dates if it is one; it may lack the day, or day and month.

    Raises
    ------
    ValueError
    """
    day = pd.Timestamp(2020, 12, 31)
    starts = (day, pd.Timestamp(2020, 12, 1), pd.Timestamp(2020, 1, 1))
    written = "%Y-%m-%d" if form == ISO else form
    try:
        said = day.strftime(written)
        read = as_dates(pd.Series([said]), form)[0]
        # A week would be passed over without a word.
        known = read in starts and read.strftime(written) == said
    except ValueError:
        known = False
    if not known:
        raise ValueError(
            f"{form!r} is not the format of a date; such as '%d/%m/%Y', '%m/%d/%y', '%m.%Y' "
            f"or {ISO}"
        )
    return form
