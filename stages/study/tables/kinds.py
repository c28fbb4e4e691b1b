"""What kind of column text is, decided from its cells and params.yaml, and text as that kind."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.column_kinds import PARTS, Column
from stages.study.date_formats import ISO
from stages.study.errors import InputError
from stages.study.params import PATH
from stages.study.sections.data import Data
from stages.study.tables.cells import absent, absent_and_numbers, numbers
from stages.study.tables.dates import date_format, dates
from stages.study.tables.number_texts import number_texts
from stages.study.tables.table import Hint, bad_cells

#: Pairs of words that mean no and yes, in whatever case.
BOOLEANS = (
    ("no", "yes"),
    ("n", "y"),
    ("false", "true"),
    ("f", "t"),
    ("nein", "ja"),
    ("n", "j"),
    ("off", "on"),
)

#: So many spellings of two words may be in a column.
WORDS = 8

#: Text of so few values, each in so many rows on average, is taken for categories if asked to.
FEW_VALUES, ROWS_PER_VALUE = 50, 5

#: From this share of numbers on, what is no number is a mistake in a column of numbers.
MOSTLY = 0.5


def decide(column: pd.Series, data: Data, markers: Sequence[Any]) -> Column | None:
    """Return what kind a column is of; None for text of which nobody has said it.

    Raises
    ------
    InputError
        If it is not of the kind that params.yaml says.
    """
    said = _said(column, data, markers)
    if said is not None:
        return said
    missing, found = absent_and_numbers(column, markers, data.decimal)
    are_numbers = ~np.isnan(found[~missing])
    cells = column.to_numpy(object)[~missing]
    kind = _found(cells, are_numbers, auto=data.categorical == "auto")
    if kind is not None and kind.kind == "category":
        # Whoever takes numbers for categories has to name them.
        return None if number_texts(cells, are_numbers, data.decimal) else kind
    return kind


def _said(column: pd.Series, data: Data, markers: Sequence[Any]) -> Column | None:
    """Return the kind that params.yaml names, if it does."""
    name, path = str(column.name), Path(data.path)
    if name in data.dates:
        missing = absent(column, markers, data.decimal)
        form = data.dates[name] or data.time.get(name, "")
        form = form or date_format(column, path, missing)
        return Column(kind="date", format=form)
    if name in data.booleans:
        no, yes = (str(value).strip().lower() for value in data.booleans[name])
        return Column(kind="boolean", no=no, yes=yes)
    if data.categorical != "auto" and name in data.categorical:
        return Column(kind="category")
    return None


def _found(
    cells: NDArray[np.object_], are_numbers: NDArray[np.bool_], *, auto: bool
) -> Column | None:
    """Return the kind that the cells of a column tell, those that are there."""
    if not len(cells) or are_numbers.mean() >= MOSTLY:
        return Column(kind="number")
    values = pd.unique(cells)
    words = sorted({str(value).lower() for value in values[:WORDS]})
    pair = next((pair for pair in BOOLEANS if sorted(pair) == words), None)
    if pair is not None and len(values) <= WORDS:
        return Column(kind="boolean", no=pair[0], yes=pair[1])
    if auto and has_few_values(len(values), len(cells)):
        return Column(kind="category")
    return None


def has_few_values(values: int, cells: int) -> bool:
    """Return whether text that holds so many values looks like categories."""
    return values <= min(FEW_VALUES, cells / ROWS_PER_VALUE)


def looks_like_dates(column: pd.Series, markers: Sequence[Any]) -> bool:
    """Return whether all cells of a column can be read as dates."""
    try:
        form = date_format(column, Path(), absent(column, markers))
    except InputError:
        return False
    return form != ISO or bool(column[~absent(column, markers)].str.contains("-").all())


def as_features(
    column: pd.Series,
    own: Column,
    path: Path,
    markers: Sequence[Any],
    hint: Hint,
    decimal: str = ".",
) -> Mapping[str, pd.Series]:
    """Return the features that a column of text becomes, what is missing as NaN.

    Parameters
    ----------
    column : Series
        Of text, with each row's line as its index.
    own : Column
    path : Path
        For messages.
    markers : sequence
        What means missing besides an empty cell.
    hint : str or callable
        What to do about cells that are not of the kind.
    decimal : str
        The decimal mark.

    Raises
    ------
    InputError
        Naming such cells.
    """
    name = str(column.name)
    if own.kind == "number":
        return {name: numbers(column, path, markers, hint, decimal)}
    missing = absent(column, markers, decimal, labels=own.kind == "category")
    if own.kind == "date":
        return _parts(dates(column, path, own.format, missing, hint), name)
    if own.kind == "boolean":
        return {name: _boolean(column, own, path, missing, hint)}
    return {name: column.astype("str").mask(missing)}


def _boolean(
    column: pd.Series, own: Column, path: Path, missing: NDArray[np.bool_], hint: Hint
) -> pd.Series:
    codes, texts = pd.factorize(column.to_numpy(object))
    known = np.array([{own.no: 0.0, own.yes: 1.0}.get(text.lower(), np.nan) for text in texts])
    values = np.where(missing, np.nan, known[codes])
    bad = np.isnan(values) & ~missing
    if bad.any():
        raise bad_cells(column, bad, path, f"{own.no} or {own.yes}", hint)
    return pd.Series(values, column.index, name=column.name)


def _parts(values: pd.Series, name: str) -> dict[str, pd.Series]:
    days = (values - pd.Timestamp(1970, 1, 1)) / pd.Timedelta(days=1)
    parts = (values.dt.year, values.dt.month, values.dt.day_of_week, days)
    return {
        f"{name}_{part}": own.astype("float64").rename(f"{name}_{part}")
        for part, own in zip(PARTS, parts, strict=True)
    }


def check_kinds(data: Data, features: Sequence[str]) -> None:
    """Check what params.yaml says of kinds, as far as it needs no cells.

    Raises
    ------
    InputError
    """
    categorical = [] if data.categorical == "auto" else data.categorical
    said: dict[str, str] = {}
    for key, names in (
        ("categorical", categorical), ("booleans", data.booleans), ("dates", data.dates)
    ):  # fmt: skip
        for name in names:
            other = said.setdefault(name, key)
            if other != key:
                raise InputError(f"{PATH}: data.{key}: {name!r} is in data.{other} too")
            if name not in features:
                raise InputError(
                    f"{PATH}: data.{key}: {name!r} is no feature; data.features, data.exclude and "
                    "data.target say which columns are"
                )
    for name, words in data.booleans.items():
        if len({str(word).strip().lower() for word in words}) < 2:
            raise InputError(
                f"{PATH}: data.booleans: {name!r}: no and yes must differ in more than case; "
                f"found {list(words)}"
            )
