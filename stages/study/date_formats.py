"""In which formats dates are written: those of ``strptime``, and ``ISO8601``."""

import pandas as pd

ISO = "ISO8601"


def as_dates(cells: pd.Series, form: str) -> pd.Series:
    """Return text as ``datetime64[us]``, ``NaT`` where it is no date of this format."""
    found = pd.to_datetime(cells, format=form, errors="coerce", utc=True)
    return found.dt.tz_localize(None).astype("datetime64[us]")


def check_format(form: str) -> str:
    """Return a format of dates if it is one.

    Raises
    ------
    ValueError
    """
    day = pd.Timestamp(2020, 12, 31)
    try:
        said = day.strftime("%Y-%m-%d" if form == ISO else form)
        known = bool((as_dates(pd.Series([said]), form) == day).all())
    except ValueError:
        known = False
    if not known:
        raise ValueError(
            f"{form!r} is not the format of a date; such as '%d/%m/%Y', '%m/%d/%y' or {ISO}"
        )
    return form
