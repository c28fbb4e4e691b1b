"""What was found in the raw table's file, what of it was left out, and what looks wrong."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.study.column_kinds import Column
from stages.study.counts import count, listed
from stages.study.sections.data import Data, Preprocess, Reading
from stages.study.tables.cells import found_markers
from stages.study.tables.dates import no_offset
from stages.study.tables.doubts import doubts
from stages.study.tables.headers import nameless
from stages.study.tables.profile import markers
from stages.study.tables.table import RawTable
from stages.study.tables.targets import Target, positive_label

#: So many columns are named.
SHOWN = 5

#: So many reasons to leave rows out are named.
REASONS = 10


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
    times = [*dict.fromkeys([*(name for name in columns if name in data.dates), *data.time])]
    return {
        "file": table.form,
        "pandas": table.pandas,
        "reading": Reading.model_validate(
            {name: getattr(data, name) for name in Reading.model_fields}
        ).model_dump(exclude_defaults=True),
        "rows_read": len(table.rows),
        "left_out": target.left_out,
        "target_missing": list(target.missing),
        "missing_default": markers(data.missing_default),
        "missing_found": {
            name: found_markers(rows[name], gap) for name, gap in gaps.items() if gap.any()
        },
        "positive": positive_label(target.y, data),
        "doubts": [
            *filter(None, [nameless(table.header, table.rows, Path(data.path))]),
            *(said for name in times for said in no_offset(rows[name], gaps.get(name))),
            *_codes(rows, own),
            *doubts(own, target.y, data, expected, rows.get(data.groups)),
        ],
    }


def left_out_in_words(left_out: dict[str, int]) -> str | None:
    """Say which rows are left out, and how many; None if none is."""
    if not left_out:
        return None
    reasons = [f"{reason}: {rows}" for reason, rows in left_out.items()]
    more = f"; {len(reasons) - REASONS} more" if len(reasons) > REASONS else ""
    return f"{count(sum(left_out.values()), 'row')} left out ({'; '.join(reasons[:REASONS])}{more})"


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
        named = listed((f"{name!r} ({code})" for name, code in found.items()), SHOWN)
        yield (
            f"numbers with zeros in front, which codes have and numbers lose: {named}; "
            "data.categorical keeps them"
        )


def _is_whole(column: pd.Series) -> bool:
    values = column.to_numpy()
    if values.dtype.kind == "f":
        return bool((np.isnan(values) | (values % 1 == 0)).all())
    return values.dtype.kind == "i"
