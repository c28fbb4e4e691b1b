"""Rows that are set aside, read as new ones are: as the others tell, of which they tell nothing."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from stages.study.column_kinds import Column
from stages.study.counts import listed
from stages.study.errors import LINES, InputError, warn
from stages.study.findings import Findings
from stages.study.params import PATH
from stages.study.prepared import Prepared
from stages.study.sections.data import Data, Preprocess
from stages.study.tables.cells import as_label, numbers
from stages.study.tables.columns import features_of
from stages.study.tables.file_profile import left_out_in_words
from stages.study.tables.no_numbers import what_to_do
from stages.study.tables.rows import roles, row_column_like
from stages.study.tables.table import bad_cells
from stages.study.tables.targets import Target, class_in_words, known_targets, matches
from stages.study.tables.unknown import Unknown, spelling

#: What is said of whatever cannot be read.
READ_AS_NEW = (
    f"{PATH}: preprocess.holdout sets the row aside, so that it is read as a new one is: the other "
    "rows tell of which kind columns are and which classes there are."
)

#: So many columns, and so many classes, are named.
NAMED = 5


@dataclass(frozen=True)
class Learnt:
    """The rows that the study learns from, and what they were found to be.

    Attributes
    ----------
    rows : DataFrame
        As text.
    data : Prepared
        As they were read, without a profile.
    columns : dict of str to Column
        What the columns of the features are.
    target : Target
    """

    rows: pd.DataFrame
    data: Prepared
    columns: dict[str, Column]
    target: Target


def read_aside(text: pd.DataFrame, others: Learnt, data: Data, expected: Preprocess) -> Prepared:
    """Return rows that are set aside, and say which of them are left out, or hold what is unknown.

    Parameters
    ----------
    text : DataFrame
        These rows as text.
    others : Learnt
        What says how they are read.
    data : Data
    expected : Preprocess

    Raises
    ------
    InputError
        Naming what is not as it is in the others.
    """
    findings = Findings(Path(data.path))
    y, own = pd.Series(), {}
    with findings.gather(), _told():
        y = _target(text[data.target], others.target, data, expected)
        text = text.loc[y.index]
    for role in roles(data):
        with findings.gather(), _told():
            own[role] = row_column_like(text, role, data, others.rows)
    made: dict[str, pd.Series] = {}
    for name, kind in others.columns.items():
        with findings.gather(), _told():
            made |= features_of(text[name], kind, data)
    findings.check()
    X = pd.DataFrame(made)
    _respell(X, others, data)
    return Prepared(X, y, {}, **own)


@contextmanager
def _told() -> Iterator[None]:
    """Say of what is wrong with rows that they are set aside."""
    try:
        yield
    except InputError as error:
        lines = str(error).splitlines()[: LINES - 1]
        raise InputError("\n".join([*lines, READ_AS_NEW])) from None


def _target(column: pd.Series, others: Target, data: Data, expected: Preprocess) -> pd.Series:
    """Return the target of the rows that are tested, as that of the others is."""
    known, left_out = known_targets(column, data, expected)
    if data.task == "regression":
        hint = partial(what_to_do, decimal=data.decimal, target=True)
        y = numbers(known, Path(data.path), hint=hint, decimal=data.decimal)
    else:
        y, rare = _classes(known, others, data, expected)
        left_out |= {class_in_words(label): rows for label, rows in rare.items()}
    if left_out:
        warn(f"{data.path}: of the rows set aside {left_out_in_words(left_out)}")
    return y


def _classes(
    column: pd.Series, others: Target, data: Data, expected: Preprocess
) -> tuple[pd.Series, dict[Any, int]]:
    """Return classes as the others spell them, and how many rows are of those left out there."""
    whole = others.y.dtype.kind == "i"
    labels = sorted(others.y.unique().tolist())
    found = {
        text: _class(as_label(text) if whole else text, [*labels, *others.rare], expected)
        for text in column.unique().tolist()
    }
    bad = column.isin([text for text, own in found.items() if own is None]).to_numpy()
    if bad.any():
        allowed = listed(map(repr, labels), NAMED)
        again = "; another seed or share may help" if expected.holdout.share else ""
        what = f"a class of the rows that are not set aside, {allowed}{again}"
        raise bad_cells(column, bad, Path(data.path), what)
    own = column.map(found).astype(object)
    rare = own.isin(others.rare).to_numpy()
    return own[~rare].astype(others.y.dtype), dict(Counter(own[rare]))


def _class(found: Any, known: list[Any], expected: Preprocess) -> Any:
    """Return the known class that a cell means; None if it means none."""
    if found in known:
        return found
    meant = [] if expected.classes == "any" else [*expected.classes]
    meant = [label for label in meant if matches(found, label)]
    return next((own for own in known for label in meant if matches(own, label)), None)


def _respell(X: pd.DataFrame, others: Learnt, data: Data) -> None:
    """Spell categories that are numbers as the others do, and say which these do not have."""
    said = []
    for name in [name for name, own in others.columns.items() if own.kind == "category"]:
        known = others.data.X[name].dropna().unique()
        unknown = X.loc[X[name].notna() & ~X[name].isin(known), name]
        spelled = spelling(unknown, known, data.decimal, data.decimal)
        X.loc[spelled.index, name] = spelled.to_numpy(object)
        unknown = unknown.drop(index=spelled.index)
        if len(unknown):
            own = Unknown(unknown)
            own.count(unknown)
            said.append(f"{name!r} in {own}")
    if said:
        warn(
            f"{data.path}: in rows set aside alone, where the winner takes them as unknown: "
            f"{listed(said, NAMED)}"
        )
