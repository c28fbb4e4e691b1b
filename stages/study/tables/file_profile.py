"""What was found in the raw table's file, what of it was left out, and what looks wrong."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from stages.study.column_kinds import Column
from stages.study.counts import count
from stages.study.params import Data, Preprocess, Reading
from stages.study.tables.cells import found_markers
from stages.study.tables.profile import markers
from stages.study.tables.table import RawTable
from stages.study.tables.targets import Target, positive_label

#: A column of which so large a share differs from row to row may be an id.
UNIQUE = 0.95

#: With fewer rows than this, numbers differ by chance.
ROWS = 100

#: So many columns are named.
SHOWN = 5

#: What is said of an id that rows share.
GROUPS = "; if rows of one belong together, data.groups keeps them on one side of every split"

#: So many reasons to leave rows out are named.
REASONS = 10

#: More classes than this are rather numbers.
CLASSES = 100


def file_profile(
    table: RawTable,
    rows: pd.DataFrame,
    X: pd.DataFrame,
    columns: Mapping[str, Column],
    target: Target,
    data: Data,
    expected: Preprocess,
) -> dict[str, Any]:
    """Return entries of the profile: the file, what was left out, and what looks wrong.

    Parameters
    ----------
    table : RawTable
    rows : DataFrame
        Those of it that are kept, as text.
    X : DataFrame
        The features of these rows.
    columns : mapping of str to Column
        What the columns are that they were made of.
    target : Target
    data : Data
    expected : Preprocess
    """
    # What is made of a date is not of the file.
    own = X[[name for name in X if name in rows]]
    # It is missing in all its parts.
    gaps = {name: X[kind.features(name)[-1]].isna().to_numpy() for name, kind in columns.items()}
    return {
        "file": table.form,
        "pandas": table.pandas,
        "reading": Reading.model_validate(
            {name: getattr(data, name) for name in Reading.model_fields}
        ).model_dump(exclude_defaults=True),
        "rows_read": len(table.rows),
        "left_out": target.left_out,
        "missing_default": markers(data.missing_default),
        "missing_found": {
            name: found_markers(rows[name], gap) for name, gap in gaps.items() if gap.any()
        },
        "positive": positive_label(target.y, data),
        "doubts": [*_codes(rows, own), *_doubts(own, target.y, data.task, expected)],
    }


def left_out_in_words(left_out: dict[str, int]) -> str | None:
    """Say which rows are left out, and how many; None if none is."""
    if not left_out:
        return None
    reasons = [f"{reason}: {rows}" for reason, rows in left_out.items()]
    more = f"; {len(reasons) - REASONS} more" if len(reasons) > REASONS else ""
    return f"{count(sum(left_out.values()), 'row')} left out ({'; '.join(reasons[:REASONS])}{more})"


def _doubts(X: pd.DataFrame, y: pd.Series, task: str, expected: Preprocess) -> Iterator[str]:
    """Say of columns that they may not be what params.yaml takes them for."""
    ids = [str(name) for name in X if len(X) >= ROWS and _may_be_id(X[name])]
    if ids:
        more = f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else ""
        more += GROUPS if any(X[name].dropna().duplicated().any() for name in ids) else ""
        yield (
            f"different in nearly every row, as ids are, of which nothing is learnt that holds for "
            f"new rows: {', '.join(map(repr, ids[:SHOWN]))}{more}"
        )
    if task == "classification" and y.dtype.kind == "i" and y.nunique() > CLASSES:
        yield (
            f"the target {y.name!r} has {y.nunique()} classes, all of them whole numbers; "
            "data.task: regression predicts numbers"
        )
    if task == "classification" and expected.classes == "any":
        yield from _alike(y)


def _codes(rows: pd.DataFrame, X: pd.DataFrame) -> Iterator[str]:
    """Say which numbers have zeros in front, which they lose."""
    found = {}
    for name in X:
        if not _is_whole(X[name]):
            continue
        cells = rows[name]
        codes = cells[cells.str.startswith("0")]
        codes = codes[codes.str.fullmatch("0[0-9]+")]
        if len(codes):
            found[str(name)] = codes.iloc[0]
    if found:
        named = ", ".join(f"{name!r} ({code})" for name, code in list(found.items())[:SHOWN])
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        yield (
            f"numbers with zeros in front, which codes have and numbers lose: {named}{more}; "
            "data.categorical keeps them"
        )


def _is_whole(column: pd.Series) -> bool:
    values = column.to_numpy()
    if values.dtype.kind == "f":
        return bool((np.isnan(values) | (values % 1 == 0)).all())
    return values.dtype.kind == "i"


def _alike(labels: pd.Series) -> Iterator[str]:
    """Say which labels may be one class, written in several ways."""
    found: dict[Any, list[str]] = {}
    for label in map(str, sorted(labels.unique(), key=str)):
        number = pd.to_numeric(label, errors="coerce")
        found.setdefault(label.casefold() if pd.isna(number) else float(number), []).append(label)
    for own in found.values():
        if len(own) > 1:
            said = f"classes that may be one, written in several ways: {', '.join(map(repr, own))}"
            yield f"the target {labels.name!r} has {said}"


def _may_be_id(column: pd.Series) -> bool:
    """Return whether a column is text or whole numbers, and has hardly any value twice."""
    known = column.to_numpy()[column.notna().to_numpy()]
    if known.dtype.kind == "f" and (known % 1 != 0).any():
        return False
    return len(known) >= ROWS and len(pd.unique(known)) >= UNIQUE * len(known)
