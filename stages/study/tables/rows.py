"""Columns that say something of each row: its group, its time, its weight. None is a feature.

A column of times may be one besides, if ``data.features`` lists it or ``data.dates`` names it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.study.counts import count
from stages.study.errors import InputError, warn
from stages.study.params import PATH
from stages.study.sections.data import Data
from stages.study.tables.cells import absent, absent_and_numbers, markers_of, numbers
from stages.study.tables.dates import date_format, dates
from stages.study.tables.digit_dates import check_no_dates
from stages.study.tables.table import bad_cells, place

#: What no feature tells.
SAYS = {"groups": "which rows belong together", "weights": "how much a row counts"}

#: What a column has to say.
NEEDS = {
    "groups": "needs at least two groups; all rows have",
    "time": "needs different times; all rows have",
    "weights": "needs weights that differ; all rows have",
}

#: Weights whose mean is further from 1 than by this factor scale a network's steps.
SCALE = 10


def roles(data: Data) -> dict[str, str]:
    """Return the columns by what they say of a row: ``groups``, ``time``, ``weights``."""
    given = {"groups": data.groups, "time": next(iter(data.time), None), "weights": data.weights}
    return {role: name for role, name in given.items() if name is not None}


def no_features(data: Data) -> list[str]:
    """Return the columns of rows that ``features: all`` leaves out.

    A time is a feature if it is said of which kind.
    """
    named = {*data.dates, *data.booleans}
    if data.categorical != "auto":
        named |= {*data.categorical}
    own = roles(data).items()
    return [name for role, name in own if role != "time" or name not in named]


def check_roles(data: Data) -> None:
    """Check that the columns are nothing else besides.

    Raises
    ------
    InputError
    """
    taken = {data.target: "data.target"}
    for role, name in roles(data).items():
        where = f"{PATH}: data.{role}"
        if name in taken:
            raise InputError(f"{where}: {name!r} is {taken[name]} too; a column can be only one")
        taken[name] = f"data.{role}"
        if role != "time" and data.features != "all" and name in data.features:
            raise InputError(
                f"{where}: {name!r} is listed in data.features too, and says "
                f"{SAYS[role]}, not what a row is like; leave it out of one"
            )
    for name, form in data.time.items():
        other = data.dates.get(name, "")
        if form and other and form != other:
            raise InputError(
                f"{PATH}: data.time: {name!r} is written as {form!r} here and as {other!r} in "
                "data.dates; give one"
            )
    if data.groups is not None and data.time:
        raise InputError(
            f"{PATH}: data.time: data.groups is there too, and rows cannot be split by both: what "
            "is earlier of a group would be trained on, and what is later tested; give one"
        )


def row_column(rows: pd.DataFrame, role: str, data: Data) -> pd.Series:
    """Return groups as text, times as numbers or dates, or weights as float64.

    Parameters
    ----------
    rows : DataFrame
        The table as text.
    role : str
        See :func:`roles`.

    Raises
    ------
    InputError
        Naming the cells that are missing or cannot be read, or a column that says nothing.
    """
    column = rows[roles(data)[role]]
    _check_complete(column, role, data)
    form = time_format(column, data) if role == "time" else ""
    values = _values(column, role, data, form)
    _check_differs(column, values, role, data)
    return values.rename(role)


def row_column_like(rows: pd.DataFrame, role: str, data: Data, others: pd.DataFrame) -> pd.Series:
    """Return what :func:`row_column` does, of rows that are read as others are.

    Parameters
    ----------
    rows, role, data
        See :func:`row_column`.
    others : DataFrame
        Rows that say how times are written.

    Raises
    ------
    InputError
        Naming the cells that are missing or cannot be read.
    """
    name = roles(data)[role]
    _check_complete(rows[name], role, data)
    form = time_format(others[name], data) if role == "time" else ""
    return _values(rows[name], role, data, form).rename(role)


def row_profile(found: Mapping[str, pd.Series], data: Data) -> dict[str, Any]:
    """Return the columns in figures, by what they say of a row."""
    named, figures = roles(data), {}
    for role, values in found.items():
        own: dict[str, Any] = {"column": named[role]}
        if role == "groups":
            sizes = values.value_counts()
            own |= {"groups": len(sizes), "largest": int(sizes.max())}
        else:
            own |= {"minimum": _plain(values.min()), "maximum": _plain(values.max())}
        if role == "time":
            own |= {"times": int(values.nunique())}
        figures[role] = own
    return figures


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        # A date without a time of day is one.
        return value.isoformat().removesuffix("T00:00:00")
    return int(value) if float(value).is_integer() else round(float(value), 6)


def _check_complete(column: pd.Series, role: str, data: Data) -> None:
    missing = absent(column, markers_of(str(column.name), data), data.decimal)
    if missing.any():
        raise InputError(
            f"{data.path}: {place(column, int(missing.argmax()))}: missing "
            f"({count(int(missing.sum()), 'such row')}); {PATH}: data.{role} needs a value in "
            "every row"
        )


def time_format(column: pd.Series, data: Data) -> str:
    """Return how the times of a column are written; empty for numbers."""
    path, name = Path(data.path), str(column.name)
    form = data.time[name] or data.dates.get(name, "")
    if form:
        return form
    check_no_dates(column, path)
    return "" if _is_number(column[:1], data.decimal) else date_format(column, path)


def _values(column: pd.Series, role: str, data: Data, form: str) -> pd.Series:
    path = Path(data.path)
    if role == "groups":
        return column.astype("str")
    if form:
        return dates(column, path, form)
    values = numbers(column, path, decimal=data.decimal)
    below = values.to_numpy() < 0
    if role == "weights" and below.any():
        raise bad_cells(column, below, path, "a weight of at least 0")
    return values


def _check_differs(column: pd.Series, values: pd.Series, role: str, data: Data) -> None:
    different = values.nunique()
    where = f"{data.path}: column {column.name!r}"
    if different < 2:
        raise InputError(f"{where}: {PATH}: data.{role} {NEEDS[role]} {column.iloc[0]!r}")
    if role == "groups" and different == len(column):
        warn(f"{where}: each row is a group of its own")


def _is_number(cell: pd.Series, decimal: str) -> bool:
    return bool(np.isfinite(absent_and_numbers(cell, decimal=decimal)[1]).all())


def row_doubts(found: Mapping[str, pd.Series]) -> list[str]:
    """Say of the columns that say something of rows what may be wrong though all can run."""
    mean = float(found["weights"].mean()) if "weights" in found else 1.0
    if 1 / SCALE <= mean <= SCALE:
        return []
    said = f"column {found['weights'].name!r}: weights are {mean:.4g} on average"
    way = "divided by their mean they would leave its learning rate as it is"
    return [f"{said}, and a network's loss is multiplied by them; {way}"]
