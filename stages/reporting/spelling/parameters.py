"""Values of parameters: in order, and as texts, equal for equal values; what differs is listed."""

import json
import numbers
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import pandas as pd

NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")

#: A part of an axis, see :mod:`stages.reporting.evidence.drawn_values`.
PART = re.compile(rf"(?P<low>{NUMBER.pattern}) to {NUMBER.pattern}")

#: Stands for a hyperparameter that a candidate's grid does not have.
LACKING = "not set"


class Change(NamedTuple):
    """A parameter and its two values as text, None where it is not set."""

    path: str
    then: str | None
    now: str | None


def changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """Return the parameters that differ, in the order in which they stand; a list is one value."""
    old, new = dict(_flat(then)), dict(_flat(now))
    paths = dict.fromkeys([*old, *new])
    changed = [Change(path, old.get(path), new.get(path)) for path in paths]
    return [change for change in changed if change.then != change.now]


def canonical(value: Any) -> str:
    """Return a value, or the text of one in a table, so that equal values are equal texts.

    Numbers are told by the ten digits that tables hold.
    """
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True)
    text = value if isinstance(value, str) else repr(value)
    if len(text) <= 40 and NUMBER.fullmatch(text):
        return _digits(text)
    if text[:1] in ("[", "{"):
        try:
            return json.dumps(_plain(json.loads(text)), ensure_ascii=False, sort_keys=True)
        except (ValueError, RecursionError):
            return text
    return text


def _digits(text: str) -> str:
    if re.fullmatch(r"[-+]?\d+", text):
        return str(int(text))
    rounded = float(f"{float(text):.10g}")
    return str(int(rounded)) if abs(rounded) < 1e15 and rounded.is_integer() else f"{rounded:.10g}"


def _plain(value: Any) -> Any:
    """Return a tree with 16.0 as 16."""
    if isinstance(value, dict):
        return {str(key): _plain(own) for key, own in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(own) for own in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def at(params: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a key path, None where nothing does."""
    value: Any = params
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _flat(tree: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    rows = []
    for name, value in tree.items():
        if isinstance(value, Mapping) and value:
            rows += _flat(value, f"{before}{name}.")
        else:
            rows.append((f"{before}{name}", canonical(value)))
    return rows


def in_order(values: Iterable[Any]) -> list[Any]:
    """Return the distinct values, numbers and parts by size, then texts by letter and number."""
    return sorted(pd.unique(pd.Series(list(values), dtype=object)), key=_number_or_text)


def _number_or_text(value: object) -> tuple[int, float, list[tuple[bool, str]]]:
    if isinstance(value, numbers.Real):
        return (0, float(value), [])
    part = PART.fullmatch(str(value))
    if part:
        return (0, float(part["low"]), [])
    # "[8]" before "[16]".
    parts = re.findall(r"[0-9]+|[^0-9]+", str(value))
    return (
        1,
        0.0,
        [(not own.isdecimal(), own.zfill(20) if own.isdecimal() else own) for own in parts],
    )
