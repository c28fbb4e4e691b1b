"""Which columns of the raw table are features, and those as numbers."""

import difflib
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from stages.study.errors import InputError, warn
from stages.study.params import PATH, Data, Preprocess
from stages.study.tables.cells import to_numbers


def feature_columns(data: Data, columns: list[str], others: Collection[str] = ()) -> list[str]:
    """Return the names of the feature columns, checked against those of the file.

    ``others`` are columns that ``features: all`` leaves out, besides the target.
    """
    check_column("data.target", data.target, columns, data.path)
    for name in data.missing:
        check_column("data.missing", name, columns, data.path)
    if data.features == "all":
        features = [name for name in columns if name not in {data.target, *others}]
        if not features:
            raise InputError(f"{data.path}: no column besides the target {data.target!r}")
        return features
    for number, name in enumerate(data.features):
        check_column(f"data.features[{number}]", name, columns, data.path)
    if data.target in data.features:
        raise InputError(
            f"{PATH}: data.features: holds the target {data.target!r}, "
            "which a network would only have to copy"
        )
    return list(data.features)


def check_column(key_path: str, name: str, columns: list[str], path: str) -> None:
    """Check that a column which params.yaml names is in the file."""
    if name in columns:
        return
    near = difflib.get_close_matches(name, columns, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    shown = ", ".join(columns[:12]) + (", ..." if len(columns) > 12 else "")
    raise InputError(
        f"{PATH}: {key_path}: no column {name!r} in {path}{hint}\nThe columns are: {shown}"
    )


def feature(column: pd.Series, data: Data, expected: Preprocess) -> pd.Series:
    """Return a feature as numbers, its missing values as NaN: int64, or float64 where needed."""
    name = str(column.name)
    values = to_numbers(column, Path(data.path), data.missing.get(name, []))
    missing = values.isna()
    share = float(missing.mean())
    if share > expected.max_missing:
        raise InputError(
            f"{data.path}: column {name!r}: {missing.sum()} of {len(column)} values are missing, "
            f"{share:.1%}; {PATH}: preprocess.max_missing allows {expected.max_missing:.1%}"
        )
    if values.nunique() < 2:
        warn(f"{data.path}: column {name!r} is constant and tells a network nothing")
    return values
