"""What was found in the raw table's file, what of it was left out, and what looks wrong."""

from pathlib import Path
from typing import Any

import pandas as pd

from stages.study.params import Data, Preprocess, Reading
from stages.study.tables.cells import found_markers
from stages.study.tables.doubts import doubts, in_rows
from stages.study.tables.headers import nameless
from stages.study.tables.profile import markers
from stages.study.tables.table import RawTable
from stages.study.tables.targets import Target, positive_label

#: So many reasons to leave rows out are named.
REASONS = 10


def file_profile(
    table: RawTable,
    rows: pd.DataFrame,
    X: pd.DataFrame,
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
    target : Target
    data : Data
    expected : Preprocess
    """
    gaps = {str(name): X[name].isna().to_numpy() for name in X if name in rows}
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
        # What is made of a date is not of the file.
        "doubts": [
            *filter(None, [nameless(table.header, table.rows, Path(data.path))]),
            *doubts(X[list(gaps)], target.y, data, expected),
        ],
    }


def left_out_in_words(left_out: dict[str, int]) -> str | None:
    """Say which rows are left out, and how many; None if none is."""
    if not left_out:
        return None
    reasons = [f"{reason}: {rows}" for reason, rows in left_out.items()]
    more = f"; {len(reasons) - REASONS} more" if len(reasons) > REASONS else ""
    return f"{in_rows(sum(left_out.values()))} left out ({'; '.join(reasons[:REASONS])}{more})"
