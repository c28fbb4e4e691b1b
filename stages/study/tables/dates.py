"""Cells of text as dates, all of a column in one format.

A format is one of ``strptime``, or ``ISO8601``. It is found once, on the rows of a study, and kept:
of a single new row nobody can tell whether 01/02/2020 is in January.
"""

import itertools
import re
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.date_formats import ISO, as_dates
from stages.study.errors import InputError
from stages.study.params import PATH
from stages.study.tables.table import Hint, bad_cells, place
from stages.study.yaml_sections import in_yaml

#: Dates as people write them. Dots mean that the day comes first; slashes and hyphens do not tell.
#: Years of two digits are between 1969 and 2068.
DAYS = (
    *("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y"),
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%m-%d-%y", "%y-%m-%d"),
    *("%d %b %y", "%d-%b-%y", "%b-%y", "%b-%Y", "%b %Y", "%B %Y"),
)
TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")

#: What is tried.
FORMATS = (ISO, *map("".join, itertools.product(DAYS, TIMES)))

#: So many cells say which formats are tried on all: there are millions of cells, and many formats.
SAMPLE = 100

#: So many texts are listed as markers.
TEXTS = 10

#: How dates of a file with types begin, which nobody reads in two ways.
TYPED = r"\d{4}-\d\d-\d\d(\s|$)"

#: A date of which nobody takes the day for the month.
EXAMPLE = "2020-12-31"

#: What a cell that is no date is held against.
KNOWN = "such as 2020-12-31, 31.12.2020, 12/31/2020 or 31 Dec 2020, with or without a time"


def date_format(column: pd.Series, path: Path, missing: NDArray[np.bool_] | None = None) -> str:
    """Return the format that all dates of a column are written in.

    Parameters
    ----------
    column : Series
        Of text, with each row's line as its index.
    path : Path
        For messages.
    missing : ndarray of bool, optional
        Cells that hold no date; empty ones if not given.

    Raises
    ------
    InputError
        If a cell is no date, if one is written in another order than the others, or if all can be
        read in two.
    """
    cells = _there(column, missing).drop_duplicates()
    read = readings(cells)
    if not read:
        if not len(cells):
            raise InputError(f"{path}: column {column.name!r}: holds no date at all")
        bad = ~_missing(column, missing)
        raise bad_cells(column, bad, path, f"a date {KNOWN}")
    best = max(read, key=lambda own: read[own].notna().sum())
    if read[best].isna().any():
        hint = "" if missing is None else no_date
        bad = column.isin(cells[read[best].isna()]).to_numpy() & ~_missing(column, missing)
        first = cells[read[best].notna()].index[0]
        raise _odd(column, bad, f"{cells[first]!r} in {_counted(cells)} {first}", best, path, hint)
    for own, parsed in read.items():
        if not parsed.isna().any() and not parsed.equals(read[best]):
            line = cells.index[int((parsed != read[best]).to_numpy().argmax())]
            raise InputError(
                f"{path}: column {column.name!r}: the dates can be read as {best} and as {own}, "
                f"such as {cells[line]!r} in {_counted(cells)} {line}\n"
                f"In {PATH} name the column with its format, "
                "{" + f"{column.name}: {best!r}" + "}, or write 2020-12-31 in the file"
            )
    return best


def readings(cells: pd.Series) -> dict[str, pd.Series]:
    """Return text as dates by each format that some of it is written in, ``NaT`` for the rest."""
    sample = cells[:SAMPLE]
    shapes = {_shape(cell) for cell in sample}
    tried = [own for own in FORMATS if own == ISO or _shape(own) in shapes]
    likely = [own for own in tried if as_dates(sample, own).notna().any()]
    return {own: as_dates(cells, own) for own in likely}


def _shape(text: str) -> str:
    """Return what of a date, or of its format, is neither digits nor letters."""
    return re.sub(r"%?\w+", "", re.sub(r"\s+", " ", text))


def dates(
    column: pd.Series,
    path: Path,
    form: str,
    missing: NDArray[np.bool_] | None = None,
    hint: Hint = "",
) -> pd.Series:
    """Return a column of text as dates (``datetime64``), what is missing as ``NaT``.

    Times with an offset are brought to UTC.

    Parameters
    ----------
    column, path, missing
        See :func:`date_format`.
    form : str
        The format that they are written in; all may be written as 2020-12-31 instead.
    hint : str or callable
        What to do about cells that are no dates.

    Raises
    ------
    InputError
        Naming the cells that are no dates in this format.
    """
    there = _there(column, missing)
    # Dates repeat, and reading them is slow.
    codes, texts = pd.factorize(there)
    cells = pd.Series(texts, dtype=object)
    read = as_dates(cells, form)
    if len(cells) and read.isna().all() and cells.str.match(TYPED).all():
        # A file with types has no other way to write a date.
        read = as_dates(cells, ISO)
    known = ~_missing(column, missing)
    if read.isna().any():
        example = EXAMPLE if form == ISO else pd.Timestamp(EXAMPLE).strftime(form)
        bad = known.copy()
        bad[known] = read.isna().to_numpy()[codes]
        raise bad_cells(column, bad, path, f"a date written as {form}, such as {example}", hint)
    values = np.full(len(column), np.datetime64("NaT"), "datetime64[us]")
    values[known] = read.to_numpy("datetime64[us]")[codes]
    return pd.Series(values, column.index, name=column.name)


def no_offset(column: pd.Series, missing: NDArray[np.bool_] | None = None) -> list[str]:
    """Say so if some times of a column have an offset from UTC and others none."""
    offset = column.str.contains(r":.*(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})$").to_numpy(bool)
    without = ~offset & ~_missing(column, missing)
    if not offset.any() or not without.any():
        return []
    row = int(without.argmax())
    said = f"{column.iloc[row]!r} is taken for UTC"
    return [f"{place(column, row)}: no offset from UTC, unlike other times of this column; {said}"]


def _missing(column: pd.Series, missing: NDArray[np.bool_] | None) -> NDArray[np.bool_]:
    return (column == "").to_numpy() if missing is None else missing


def _there(column: pd.Series, missing: NDArray[np.bool_] | None) -> pd.Series:
    return column[~_missing(column, missing)]


def no_date(column: pd.Series, bad: NDArray[np.bool_]) -> str:
    """Return a line on what to do about cells of a column of dates that are none."""
    texts = [str(text) for text in pd.unique(column[bad])]
    more = ", ..." if len(texts) > TEXTS else ""
    listed = ", ".join(map(in_yaml, texts[:TEXTS])) + more
    return (
        f"Correct the file; or, in {PATH}, data.missing: {{{in_yaml(str(column.name))}: "
        f"[{listed}]}} if it means missing."
    )


def _odd(
    column: pd.Series, bad: NDArray[np.bool_], mostly: str, form: str, path: Path, hint: Hint
) -> InputError:
    """Return what to say of cells that are not in the format of most others."""
    first = column[bad].iloc[0]
    if any(as_dates(pd.Series([first]), own).notna().all() for own in FORMATS):
        cells = int(bad.sum()) - 1
        more = f", as are {cells} more" if cells else ""
        return InputError(
            f"{path}: {place(column, int(bad.argmax()))}: the date {first!r} is not written in the "
            f"order of the others{more}, such as {mostly} ({form}); one is allowed in a column"
        )
    return bad_cells(column, bad, path, f"a date like {mostly}", hint)


def _counted(cells: pd.Series) -> str:
    """Return what a file counts its rows by."""
    return str(cells.index.name or "line")
