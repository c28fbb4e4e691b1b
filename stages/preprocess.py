"""Read the raw table, check it against params.yaml, and write it typed, with a profile.

Nothing is fitted here: scaling and imputing happen inside each training fold.
"""

import difflib
import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gridlanes.errors import UNPRINTABLE
from stages.study import params
from stages.study.artifacts import PREPARED, Prepared, write_prepared, writing
from stages.study.errors import InputError, run, warn
from stages.study.params import Data, Preprocess
from stages.study.tables import numbers, read_text_table

#: What to do about a cell that is no number.
HINT = (
    f"\nIf it means missing, list it in {params.PATH} under data.missing; a column of text can be "
    "left out by data.features."
)


def main() -> None:
    """Run the stage."""
    settings = params.load()
    prepared = prepare(settings.data, settings.preprocess)
    with writing(PREPARED) as folder:
        write_prepared(prepared, folder)


def prepare(data: Data, expected: Preprocess) -> Prepared:
    """Return the checked table of the study.

    Raises
    ------
    InputError
        If the file is not what params.yaml says.
    """
    path = Path(data.path)
    try:
        text = read_text_table(path)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; data.path in {params.PATH} names it") from None
    features = feature_columns(data, list(text.columns))
    X = pd.DataFrame({name: feature(text[name], data, expected) for name in features})
    if data.task == "classification":
        y = class_target(text[data.target], expected, path)
    else:
        y = regression_target(text[data.target], path)
    return Prepared(X, y, profile(X, y, data))


def feature_columns(data: Data, columns: list[str]) -> list[str]:
    """Return the names of the feature columns, checked against those of the file."""
    _check_column("data.target", data.target, columns, data.path)
    for name in data.missing:
        _check_column("data.missing", name, columns, data.path)
    if data.features == "all":
        features = [name for name in columns if name != data.target]
        if not features:
            raise InputError(f"{data.path}: no column besides the target {data.target!r}")
        return features
    for number, name in enumerate(data.features):
        _check_column(f"data.features[{number}]", name, columns, data.path)
    if data.target in data.features:
        raise InputError(
            f"{params.PATH}: data.features: holds the target {data.target!r}, "
            "which a network would only have to copy"
        )
    return list(data.features)


def _check_column(key_path: str, name: str, columns: list[str], path: str) -> None:
    if name in columns:
        return
    near = difflib.get_close_matches(name, columns, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    shown = ", ".join(columns[:12]) + (", ..." if len(columns) > 12 else "")
    raise InputError(
        f"{params.PATH}: {key_path}: no column {name!r} in {path}{hint}\nThe columns are: {shown}"
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
            f"{share:.1%}; {params.PATH}: preprocess.max_missing allows {expected.max_missing:.1%}"
        )
    if values.nunique() < 2:
        warn(f"{data.path}: column {name!r} is constant and tells a network nothing")
    return values


def to_numbers(column: pd.Series, path: Path, markers: Sequence[Any] = ()) -> pd.Series:
    """Return text as numbers: int64 where all are whole and there, float64 otherwise."""
    values = numbers(column, path, markers, HINT)
    whole = bool((np.abs(values.to_numpy()) < 2**53).all() and (values % 1 == 0).all())
    return values.astype("int64") if whole else values


def _check_complete(column: pd.Series, path: Path) -> None:
    empty = column == ""
    if empty.any():
        raise InputError(
            f"{path}: line {empty.idxmax()}, column {column.name!r}: the target is missing "
            f"({empty.sum()} such rows); every row needs one"
        )


def regression_target(column: pd.Series, path: Path) -> pd.Series:
    """Return the target of a regression as float64."""
    _check_complete(column, path)
    values = to_numbers(column, path).astype("float64")
    if values.nunique() < 2:
        raise InputError(
            f"{path}: column {column.name!r}: the target has only one value, {values.iloc[0]}"
        )
    return values


def class_target(column: pd.Series, expected: Preprocess, path: Path) -> pd.Series:
    """Return class labels: int64 where all are whole numbers, text otherwise."""
    _check_complete(column, path)
    numbers = pd.to_numeric(column, errors="coerce")
    whole = bool(((numbers.abs() < 2**53) & (numbers == numbers.round())).all())
    labels = numbers.astype("int64") if whole else column
    found = sorted(labels.unique().tolist())
    where = f"{path}: column {column.name!r}"
    if len(found) < 2:
        raise InputError(f"{where}: the target has only one class, {found[0]!r}")
    hidden = [label for label in found if UNPRINTABLE.search(str(label))]
    if hidden:
        raise InputError(f"{where}: a class has a control character in its name: {hidden[0]!r}")
    broken = numbers[numbers != numbers.round()]
    if numbers.notna().all() and len(broken):
        raise InputError(
            f"{where}: the target holds numbers that are not whole, such as {broken.iloc[0]:g}; "
            f"{params.PATH}: data.task may be meant as regression"
        )
    allowed = found if expected.classes == "any" else expected.classes
    if {str(label) for label in found} != {str(label) for label in allowed}:
        raise InputError(
            f"{where}: {params.PATH}: preprocess.classes allows {allowed}; "
            f"found {found[:12]}{' and more' if len(found) > 12 else ''}"
        )
    return labels


def profile(X: pd.DataFrame, y: pd.Series, data: Data) -> dict[str, Any]:
    """Return what the table holds, in figures."""
    content = {
        "source": data.path,
        "sha256": hashlib.sha256(Path(data.path).read_bytes()).hexdigest(),
        "task": data.task,
        "target": str(y.name),
        "rows": len(X),
        "features": {str(name): _column_profile(X[name]) for name in X},
        "missing": {str(name): markers(data.missing[name]) for name in X if name in data.missing},
    }
    if data.task == "classification":
        counts = y.value_counts().sort_index()
        content["classes"] = [
            {"label": label, "rows": int(rows), "share": round(rows / len(y), 6)}
            for label, rows in zip(counts.index.tolist(), counts, strict=True)
        ]
    else:
        content["target_range"] = _column_profile(y)
    return content


def markers(values: Sequence[Any]) -> list[Any]:
    """Return what means missing in a column as JSON can hold it, with the same meaning."""
    return [v if not isinstance(v, float) or math.isfinite(v) else str(v) for v in values]


def _column_profile(column: pd.Series) -> dict[str, Any]:
    known = column.to_numpy()[column.notna()]
    figures: dict[str, Any] = {
        "minimum": known.min,
        "median": lambda: np.median(known),
        "mean": known.mean,
        "maximum": known.max,
    }
    rounded = {
        name: round(float(figure()), 6) if len(known) else None for name, figure in figures.items()
    }
    return {"type": str(column.dtype), "missing": len(column) - len(known), **rounded}


if __name__ == "__main__":
    run(main, __doc__)
