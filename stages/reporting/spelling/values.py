"""Values of hyperparameters for people: one spelling in sentences, tables and figures.

A mapping is ``cosine, initial 0.1``: what it is of, then its keys with their values. A list is
``[16, 8]``, nothing is ``None``, and 0.0 is 0.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from stages.reporting.spelling.parameters import canonical
from stages.study.counts import listed

#: The key of a mapping whose value says what the mapping is.
KIND = "schedule"


def in_words(value: Any) -> str:
    """Return a value, or the JSON of one in a table."""
    value = _parsed(value)
    if isinstance(value, Mapping):
        return _of_mapping(value) if value else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(among, value))}]"
    return canonical(value)


def settings_in_words(settings: Mapping[str, Any], most: int | None = None) -> str:
    """Return hyperparameters with their values, so many at most, as part of a sentence."""
    said = (f"{name} {among(value)}" for name, value in settings.items())
    return listed(said, len(settings) if most is None else most)


def may_stop(settings: Mapping[str, Any]) -> bool:
    """Return whether a network of these settings may stop before its last epoch."""
    stopping = settings.get("early_stopping")
    return stopping is not None and stopping != in_words(None)


def told(column: pd.Series) -> pd.Series:
    """Return a column of a table of candidates as people read it; numbers stay numbers.

    Values that would be told alike stay as they are.
    """
    values = column.dropna().unique().tolist()
    words = {value: _number_or_words(value) for value in values}
    if len({str(own) for own in words.values()}) < len(words):
        return column
    if all(words[value] == value and str(words[value]) == str(value) for value in values):
        return column
    own = [value if pd.isna(value) else words[value] for value in column.tolist()]
    return pd.Series(own, index=column.index, dtype=object)


def _number_or_words(value: Any) -> Any:
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    return in_words(value) if isinstance(value, str) else value


def among(value: Any) -> str:
    """Return a value among others, in brackets where it has several parts."""
    words = in_words(value)
    return f"({words})" if ", " in words and not words.startswith("[") else words


def _of_mapping(own: Mapping[Any, Any]) -> str:
    rest = sorted((str(key), value) for key, value in own.items() if key != KIND)
    # A class may be a number, too, and is told from its weight.
    parts = [f"{key}{':' * (not key.isidentifier())} {among(value)}" for key, value in rest]
    return ", ".join([*([str(own[KIND])] if KIND in own else []), *parts])


def _parsed(value: Any) -> Any:
    """Return what a text that is JSON says, and a number of NumPy as one of Python."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value
