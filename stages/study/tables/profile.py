"""What the prepared table holds, in figures."""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.study.column_kinds import Column
from stages.study.counts import count, listed
from stages.study.prepared import ROLES
from stages.study.sections.data import Data
from stages.study.yaml_sections import in_yaml

#: The kinds of columns in words, for one and for several.
KINDS = {
    "number": ("number", "numbers"),
    "boolean": ("boolean", "booleans"),
    "category": ("category", "categories"),
    "date": ("date", "dates"),
}

#: How many columns a sentence names.
NAMED = 10


def profile(
    X: pd.DataFrame,
    y: pd.Series,
    data: Data,
    columns: Mapping[str, Column],
    unused: Sequence[str] = (),
) -> dict[str, Any]:
    """Return what the table holds, in figures.

    Parameters
    ----------
    X, y : DataFrame, Series
    data : Data
    columns : mapping of str to Column
        What the columns are that the features were made of.
    unused : sequence of str
        Columns that are no features.
    """
    sources = {feature: name for name in columns for feature in columns[name].features(name)}
    content = {
        "source": data.path,
        "sha256": hashlib.sha256(Path(data.path).read_bytes()).hexdigest(),
        "task": data.task,
        "target": str(y.name),
        "rows": len(X),
        "columns": {name: own.model_dump(exclude_defaults=True) for name, own in columns.items()},
        "unused": list(unused),
        "features": {
            name: {
                "kind": columns[source].kind,
                **({"from": source} if source != name else {}),
                **_column_profile(X[name]),
            }
            for name, source in sources.items()
        },
        "missing": {name: markers(data.missing[name]) for name in columns if name in data.missing},
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


def features_in_words(profile: Mapping[str, Any]) -> str:
    """Return a sentence on what each column was taken for, and what was left out."""
    by_kind: dict[str, list[str]] = {}
    for name, column in profile["columns"].items():
        by_kind.setdefault(column["kind"], []).append(_in_words(name, column, profile["features"]))
    parts = []
    for kind, (one, several) in KINDS.items():
        names = by_kind.get(kind, [])
        named = "" if kind == "number" or not names else f" ({listed(names, NAMED)})"
        parts += [f"{len(names)} {one if len(names) == 1 else several}{named}"] if names else []
    left = profile["unused"]
    out = f"; left out: {listed(left, NAMED)}" if left else ""
    total = len(profile["columns"])
    roles = [*_no_features(profile)]
    out += f"; no features: {', '.join(roles)}" if roles else ""
    return f"{count(total, 'column')} as features: {', '.join(parts)}{out}"


def _no_features(profile: Mapping[str, Any]) -> Iterator[str]:
    """Name the columns that say something of rows and are no features."""
    for role in ROLES:
        name = profile.get(role, {}).get("column")
        if name is None or name in profile["columns"]:
            continue
        way = ""
        if role == "time":
            # Dates stand in the profile as text.
            dates = isinstance(profile[role]["minimum"], str)
            key = f"data.dates: [{in_yaml(name)}]" if dates else "data.features"
            way = f", unless {key} names it"
        yield f"{name} (data.{role}{way})"


def _in_words(name: str, column: Mapping[str, Any], features: Mapping[str, Any]) -> str:
    if column["kind"] == "boolean":
        return f"{name}: {column['no']} is 0, {column['yes']} is 1"
    if column["kind"] == "category":
        return f"{name}: {count(features[name]['values'], 'value')}"
    return f"{name}: written as {column['format']}" if column["kind"] == "date" else name


def _column_profile(column: pd.Series) -> dict[str, Any]:
    if column.dtype.kind not in "biuf":
        return _category_profile(column)
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


def _category_profile(column: pd.Series) -> dict[str, Any]:
    counts = column.value_counts()
    # Equal counts in the order of the names, whatever the order of the rows.
    most = min(counts.index[counts == counts.max()], default=None)
    return {
        "type": str(column.dtype),
        "missing": int(column.isna().sum()),
        "values": len(counts),
        "most_frequent": most,
        "rows_of_it": int(counts.max()) if len(counts) else 0,
        "rarest": int(counts.min()) if len(counts) else 0,
    }
