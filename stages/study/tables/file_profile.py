"""What was found in the raw table's file, what of it was left out, and what looks wrong."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from stages.study.params import Data, Reading
from stages.study.tables.cells import found_markers
from stages.study.tables.profile import markers
from stages.study.tables.table import RawTable
from stages.study.tables.targets import Target, positive_label

#: A column of which so large a share differs from row to row may be an id.
UNIQUE = 0.95

#: With fewer rows than this, numbers differ by chance.
ROWS = 30

#: More classes than this are rather numbers.
CLASSES = 100

#: A class with more than this share is nearly always right to name.
LARGEST = 0.9


def file_profile(
    table: RawTable, rows: pd.DataFrame, X: pd.DataFrame, target: Target, data: Data
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
    """
    gaps = {str(name): X[name].isna().to_numpy() for name in X if name in rows}
    return {
        "file": table.form,
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
        "doubts": [*_doubts(X, target.y, data.task)],
    }


def _doubts(X: pd.DataFrame, y: pd.Series, task: str) -> Iterator[str]:
    """Say of columns that they may not be what params.yaml takes them for."""
    for name in X:
        column = X[name]
        if len(X) < ROWS or not _may_be_id(column):
            continue
        distinct = column.nunique()
        if distinct >= UNIQUE * len(column):
            yield (
                f"column {name!r} has {distinct} values in {len(column)} rows, as an id has, from "
                "which nothing is learnt that holds for new rows; if it is one, leave it out"
            )
    if task != "classification":
        return
    counts = y.value_counts()
    if y.dtype.kind == "i" and len(counts) > CLASSES:
        yield (
            f"the target {y.name!r} has {len(counts)} classes, all of them whole numbers; "
            "data.task: regression predicts numbers"
        )


def _may_be_id(column: pd.Series) -> bool:
    """Return whether a column is text or whole numbers, of which some may be missing."""
    return column.dtype.kind != "f" or bool((column.dropna() % 1 == 0).all())


def unbalanced(profile: dict[str, Any], scoring: list[str]) -> str | None:
    """Say so if accuracy judges a target that is nearly always the same; None otherwise."""
    classes = profile.get("classes")
    if classes is None or "accuracy" not in scoring:
        return None
    largest = max(classes, key=lambda own: own["rows"])
    if largest["share"] <= LARGEST:
        return None
    return (
        f"accuracy says little here: {largest['share']:.1%} of the rows are of class "
        f"{largest['label']!r}, and always naming it is right as often; roc_auc, "
        "average_precision and balanced_accuracy look at the others"
    )
