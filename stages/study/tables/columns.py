"""Which columns of the raw table are features, of which kind, and those as features."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.study.column_kinds import Column
from stages.study.errors import InputError, warn
from stages.study.params import PATH, Data, Preprocess
from stages.study.tables.cells import HINT, absent, absent_and_numbers, markers_of, whole_if_all_are
from stages.study.tables.kinds import (
    as_features,
    decide,
    has_few_values,
    looks_like_dates,
)
from stages.study.tables.number_texts import number_texts
from stages.study.tables.table import nearest
from stages.study.yaml_sections import in_yaml

#: How many names a message lists.
NAMED = 10


def feature_columns(data: Data, columns: list[str], others: Collection[str] = ()) -> list[str]:
    """Return the names of the feature columns, checked against those of the file.

    ``others`` are columns that ``features: all`` leaves out, besides the target.
    """
    check_column("data.target", data.target, columns, data.path)
    for name in data.missing:
        check_column("data.missing", name, columns, data.path)
    for number, name in enumerate(data.exclude):
        check_column(f"data.exclude[{number}]", name, columns, data.path)
    if data.features == "all":
        features = [name for name in columns if name not in {data.target, *data.exclude, *others}]
        if not features:
            left = f", but for those in data.exclude of {PATH}" if data.exclude else ""
            raise InputError(f"{data.path}: no column besides the target {data.target!r}{left}")
        return features
    for number, name in enumerate(data.features):
        check_column(f"data.features[{number}]", name, columns, data.path)
    if data.target in data.features:
        raise InputError(
            f"{PATH}: data.features: holds the target {data.target!r}, "
            "which a network would only have to copy"
        )
    both = [name for name in data.features if name in data.exclude]
    if both:
        raise InputError(f"{PATH}: data.exclude: {both[0]!r} is listed in data.features too")
    return list(data.features)


def check_column(key_path: str, name: str, columns: list[str], path: str) -> None:
    """Check that a column which params.yaml names is in the file."""
    if name in columns:
        return
    near = nearest(name, columns)
    hint = f"; did you mean {near!r}?" if near else ""
    shown = ", ".join(columns[:12]) + (", ..." if len(columns) > 12 else "")
    raise InputError(
        f"{PATH}: {key_path}: no column {name!r} in {path}{hint}\nThe columns are: {shown}"
    )


def kinds(text: pd.DataFrame, features: Sequence[str], data: Data) -> dict[str, Column]:
    """Return of which kind each feature's column is, by its cells and by params.yaml.

    Raises
    ------
    InputError
        Listing all columns of text of which nobody has said it.
    """
    found = {name: decide(text[name], data, markers_of(name, data)) for name in features}
    unknown = [name for name, kind in found.items() if kind is None]
    if unknown:
        raise InputError(_choices(text, unknown, data))
    return {name: kind for name, kind in found.items() if kind is not None}


def _choices(text: pd.DataFrame, unknown: Sequence[str], data: Data) -> str:
    """Return what to say of columns of text: how numbers are written, or lines to paste."""
    if said := _numbers(text, unknown, data):
        return said
    lists: dict[str, list[str]] = {"dates": [], "categorical": [], "exclude": []}
    for name in unknown:
        markers = markers_of(name, data)
        column = text[name]
        cells = column[~absent(column, markers, data.decimal)]
        if looks_like_dates(column, markers):
            lists["dates"].append(name)
        else:
            few = has_few_values(cells.nunique(), len(cells))
            lists["categorical" if few else "exclude"].append(name)
    lines = [f"{key}: [{_listed(names, in_yaml)}]" for key, names in lists.items() if names]
    count = "a column holds text" if len(unknown) == 1 else f"{len(unknown)} columns hold text"
    # A message has three lines.
    more = f", {lines.pop(0)}, and" if len(lines) > 2 else ""
    first = (
        f"{data.path}: {count}, and {PATH} does not say of which kind: {_listed(unknown, repr)}"
        f"; to paste below data, after a look{more}:"
    )
    return "\n".join([first, *lines])


def _numbers(text: pd.DataFrame, unknown: Sequence[str], data: Data) -> str:
    """Return what to say of columns of text that are numbers to people; empty if none is."""
    found = {}
    for name in unknown:
        missing, values = absent_and_numbers(text[name], markers_of(name, data), data.decimal)
        cells = text[name].to_numpy(object)[~missing]
        if own := number_texts(cells, ~np.isnan(values[~missing]), data.decimal):
            found[name] = own
    if not found:
        return ""
    # What holds for the whole file first.
    marked = {name: own for name, own in found.items() if own.other_mark}
    name, first = next(iter((marked or found).items()))
    others = len(found) - 1
    count = f" and {others} other column{'s' * (others > 1)}" if others else ""
    other = "," if data.decimal == "." else "."
    way = f'data.decimal: "{other}" reads it'
    if not marked:
        way = f'data.decimal: "{data.decimal}" cannot read it; remove signs and marks of thousands'
    return (
        f"{data.path}: column {name!r}{count}: numbers written as {first.example!r}: in {PATH} "
        f"{way}, or data.categorical: [{_listed(list(found), in_yaml)}] takes them for categories"
    )


def _listed(names: Sequence[str], shown: Any) -> str:
    more = f", and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(map(shown, names[:NAMED])) + more


def feature_table(
    text: pd.DataFrame, columns: Mapping[str, Column], data: Data, expected: Preprocess
) -> pd.DataFrame:
    """Return the features: numbers, and categories as text; what is missing as NaN.

    Raises
    ------
    InputError
        For a cell that is not of its column's kind, and a column with too many gaps.
    """
    made: dict[str, pd.Series] = {}
    for name, own in columns.items():
        markers = markers_of(name, data)
        path = Path(data.path)
        features = as_features(text[name], own, path, markers, HINT, data.decimal)
        # Of a date the last part, its days: all may be in one year.
        _check_feature(name, [*features.values()][-1], data, expected)
        for feature, values in features.items():
            if feature in made or (feature != name and feature in text):
                raise InputError(
                    f"{data.path}: column {name!r}: its date becomes {feature!r}, which is a "
                    "column already; rename one of them"
                )
            made[feature] = values if own.kind == "category" else whole_if_all_are(values)
    return pd.DataFrame(made)


def _check_feature(name: str, values: pd.Series, data: Data, expected: Preprocess) -> None:
    missing = values.isna()
    share = float(missing.mean())
    if share > expected.max_missing:
        raise InputError(
            f"{data.path}: column {name!r}: {missing.sum()} of {len(values)} values are missing, "
            f"{share:.1%}; {PATH}: preprocess.max_missing allows {expected.max_missing:.1%}"
        )
    different = values.nunique()
    if different < 2:
        warn(f"{data.path}: column {name!r} is constant and tells a network nothing")
    if values.dtype.kind not in "biuf" and different > max(1, values.notna().sum() / 2):
        warn(
            f"{data.path}: column {name!r} has {different} categories in {len(values)} rows; "
            "what so few rows share can hardly be learnt"
        )
