"""Which columns of the raw table are features, of which kind, and those as features."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from gridlanes.errors import did_you_mean
from stages.study.column_kinds import Column
from stages.study.counts import count, listed
from stages.study.errors import InputError, warn
from stages.study.findings import Findings
from stages.study.params import PATH
from stages.study.progress import phase, progress
from stages.study.sections.data import Data, Preprocess
from stages.study.tables.cells import absent, absent_and_numbers, markers_of, whole_if_all_are
from stages.study.tables.dates import no_date
from stages.study.tables.kinds import as_features, decide, has_few_values, looks_like_dates
from stages.study.tables.no_numbers import what_to_do
from stages.study.tables.number_texts import NumberTexts, number_texts
from stages.study.yaml_sections import in_yaml

#: How many names a message lists.
NAMED = 10

#: Text that so many rows share on average may name what they belong to.
OWNED = 2


def check_names(data: Data, columns: Sequence[str], findings: Findings) -> None:
    """Check that all columns that params.yaml names are in the file."""
    named = [("data.target", data.target)]
    if data.features != "all":
        named += [(f"data.features[{n}]", name) for n, name in enumerate(data.features)]
    named += [(f"data.exclude[{n}]", name) for n, name in enumerate(data.exclude)]
    if data.categorical != "auto":
        named += [(f"data.categorical[{n}]", name) for n, name in enumerate(data.categorical)]
    for key in ("booleans", "dates", "missing", "time"):
        named += [(f"data.{key}", name) for name in getattr(data, key)]
    for key in ("groups", "weights"):
        name = getattr(data, key)
        named += [(f"data.{key}", name)] if name is not None else []
    for key_path, name in named:
        with findings.gather():
            check_column(key_path, name, columns, data.path)


def feature_columns(data: Data, columns: Sequence[str], others: Collection[str] = ()) -> list[str]:
    """Return the names of the feature columns.

    ``others`` are columns that ``features: all`` leaves out, besides the target.
    """
    if data.features == "all":
        features = [name for name in columns if name not in {data.target, *data.exclude, *others}]
        if not features:
            left = f", but for those in data.exclude of {PATH}" if data.exclude else ""
            raise InputError(f"{data.path}: no column besides the target {data.target!r}{left}")
        return features
    if data.target in data.features:
        raise InputError(
            f"{PATH}: data.features: holds the target {data.target!r}, "
            "which a network would only have to copy"
        )
    both = [name for name in data.features if name in data.exclude]
    if both:
        raise InputError(f"{PATH}: data.exclude: {both[0]!r} is listed in data.features too")
    return list(data.features)


def check_column(key_path: str, name: str, columns: Sequence[str], path: str) -> None:
    """Check that a column which params.yaml names is in the file."""
    if name in columns:
        return
    shown = ", ".join(columns[:12]) + (", ..." if len(columns) > 12 else "")
    raise InputError(
        f"{PATH}: {key_path}: no column {name!r} in {path}{did_you_mean(name, columns)}\n"
        f"The columns are: {shown}"
    )


def kinds(
    text: pd.DataFrame, features: Sequence[str], data: Data, findings: Findings
) -> dict[str, Column]:
    """Return of which kind each feature's column is, by its cells and by params.yaml.

    Text of which nobody has said it is one finding, with all its columns.
    """
    found: dict[str, Column] = {}
    unknown = []
    phase("telling kinds of columns", total=len(features))
    for number, name in enumerate(features):
        progress(number, f"{number + 1:,} of {len(features):,}")
        with findings.gather():
            kind = decide(text[name], data, markers_of(name, data))
            if kind is None:
                unknown.append(name)
            else:
                found[name] = kind
    for said in _choices(text, unknown, data):
        with findings.gather():
            raise InputError(f"{data.path}: {said}")
    return found


def _choices(text: pd.DataFrame, unknown: Sequence[str], data: Data) -> Iterator[str]:
    """Say of columns of text how their numbers are written, or give lines to paste."""
    found = _numbers(text, unknown, data)
    if found:
        yield _how_written(found, data)
    others = [name for name in unknown if name not in found]
    if others:
        yield _lines(text, others, data)


def _lines(text: pd.DataFrame, unknown: Sequence[str], data: Data) -> str:
    """Return lines to paste for columns of text."""
    lists: dict[str, list[str]] = {"dates": [], "categorical": [], "exclude": []}
    owners = []
    for name in unknown:
        markers = markers_of(name, data)
        column = text[name]
        cells = column[~absent(column, markers, data.decimal)]
        values = cells.nunique()
        if looks_like_dates(column, markers):
            lists["dates"].append(name)
        else:
            few = has_few_values(values, len(cells))
            lists["categorical" if few else "exclude"].append(name)
            owners += [name] if not few and values * OWNED <= len(cells) else []
    lines = [
        f"{key}: [{listed(map(in_yaml, names), NAMED)}]" for key, names in lists.items() if names
    ]
    if owners and data.groups is None:
        lines[-1] += f" # or, if several rows belong to one, groups: {in_yaml(owners[0])}"
    held = "a column holds text" if len(unknown) == 1 else f"{len(unknown)} columns hold text"
    # A message has three lines.
    more = f", {lines.pop(0)}, and" if len(lines) > 2 else ""
    first = (
        f"{held}, and {PATH} does not say of which kind: {listed(map(repr, unknown), NAMED)}"
        f"; to paste below data, after a look{more}:"
    )
    return "\n".join([first, *lines])


def _numbers(text: pd.DataFrame, unknown: Sequence[str], data: Data) -> dict[str, NumberTexts]:
    """Return columns of text that are numbers to people."""
    found = {}
    for name in unknown:
        missing, values = absent_and_numbers(text[name], markers_of(name, data), data.decimal)
        cells = text[name].to_numpy(object)[~missing]
        if own := number_texts(cells, ~np.isnan(values[~missing]), data.decimal):
            found[name] = own
    return found


def _how_written(found: Mapping[str, NumberTexts], data: Data) -> str:
    """Say how numbers are written in columns, and what reads them."""
    # What holds for the whole file first.
    marked = {name: own for name, own in found.items() if own.other_mark}
    # Then those that marks between thousands are enough for.
    grouped = {name: own for name, own in found.items() if own.marks}
    name, first = next(iter((marked or grouped or found).items()))
    others = len(found) - 1
    also = f" and {count(others, 'other column')}" if others else ""
    other = "," if data.decimal == "." else "."
    way = f'data.decimal: "{other}" reads it'
    if not marked:
        way = _of_thousands(first, data)
    return (
        f"column {name!r}{also}: numbers written as {first.example!r}: in {PATH} "
        f"{way}, or data.categorical: [{listed(map(in_yaml, found), NAMED)}] takes them for "
        "categories"
    )


def _of_thousands(found: NumberTexts, data: Data) -> str:
    """Say what reads numbers with marks between thousands, or that nothing does."""
    if found.marks is None:
        return f'data.decimal: "{data.decimal}" cannot read it; remove signs and marks of thousands'
    decimal, thousands = found.marks
    other = f'data.decimal: "{decimal}" and ' if decimal != data.decimal else ""
    number = found.example.replace(thousands, "")
    return f'{other}data.thousands: "{thousands}" read{"s" * (not other)} it as {number}'


def feature_table(
    text: pd.DataFrame,
    columns: Mapping[str, Column],
    data: Data,
    expected: Preprocess,
    findings: Findings,
) -> pd.DataFrame:
    """Return the features: numbers, and categories as text; what is missing as NaN.

    Findings are cells that are not of their column's kind, and columns with too many gaps.
    """
    made: dict[str, pd.Series] = {}
    phase("checking columns", total=len(columns))
    for number, (name, own) in enumerate(columns.items()):
        progress(number, f"{number + 1:,} of {len(columns):,}")
        with findings.gather():
            features = features_of(text[name], own, data)
            # Of a date the last part, its days: all may be in one year.
            _check_feature(name, [*features.values()][-1], data, expected)
            for feature in features:
                if feature in made or (feature != name and feature in text):
                    raise InputError(
                        f"{data.path}: column {name!r}: its date becomes {feature!r}, which is a "
                        "column already; rename one of them"
                    )
            made |= features
    return pd.DataFrame(made)


def features_of(column: pd.Series, own: Column, data: Data) -> Mapping[str, pd.Series]:
    """Return the features that a column becomes; what to do about bad cells is said besides."""
    hint = no_date if own.kind == "date" else partial(what_to_do, decimal=data.decimal)
    markers = markers_of(str(column.name), data)
    features = as_features(column, own, Path(data.path), markers, hint, data.decimal)
    if own.kind == "category":
        return features
    return {name: whole_if_all_are(values) for name, values in features.items()}


def _check_feature(name: str, values: pd.Series, data: Data, expected: Preprocess) -> None:
    missing = values.isna()
    share = float(missing.mean())
    says_something = values.dtype.kind not in "biuf" and data.missing.get(name) == []
    if share > expected.max_missing and not says_something:
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
            "what so few rows share can hardly be learnt; if it says which rows belong together, "
            "it is for data.groups"
        )
