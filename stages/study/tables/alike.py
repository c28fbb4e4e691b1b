"""Texts of a column that may be one, written in several ways: yes and Yes, 1 and 01."""

import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from stages.study.counts import listed
from stages.study.tables.cells import NUMBER

#: So many columns, and so many values of a column, are named.
SHOWN = 5

#: What is put above and below letters of Latin, Greek and Cyrillic; elsewhere it is a letter more.
_ACCENTS = dict.fromkeys(range(768, 880))

#: What nobody sees: control characters, and such as have no width.
_HIDDEN = ("Cc", "Cf")

_WHOLE = re.compile(r"[+-]?[0-9]+")

#: More digits are a code rather than a number.
_DIGITS = 300


def alike(texts: Iterable[Any], decimal: str = ".") -> list[list[str]]:
    """Return which of different texts differ only in how they are written.

    That is in case, accents, Unicode form, blanks, characters that nobody sees, and in digits of
    the same number.

    Parameters
    ----------
    texts : iterable of object
    decimal : str
        The decimal mark of numbers.
    """
    found: dict[object, list[str]] = {}
    for text in sorted({*map(str, texts)}):
        found.setdefault(_key(text, decimal), []).append(text)
    return [own for own in found.values() if len(own) > 1]


def _key(text: str, decimal: str) -> object:
    plain = text.casefold() if text.isascii() and text.isprintable() else _seen(text)
    number = plain.replace(decimal, ".")
    if len(number) <= _DIGITS and NUMBER.fullmatch(number):
        if _WHOLE.fullmatch(number):
            return int(number)
        value = float(number)
        # A code such as 0e12 is no zero.
        if math.isfinite(value) and (value or "e" not in number):
            return value
    return " ".join(plain.split())


def _seen(text: str) -> str:
    """Return what people see of a text, whatever its case and accents."""
    # Tabs and line breaks are control characters too.
    shown = "".join(
        own for own in text if own.isspace() or unicodedata.category(own) not in _HIDDEN
    )
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", shown).casefold())
    return unicodedata.normalize("NFKC", apart.translate(_ACCENTS)).strip()


def of_target(name: str, labels: Iterable[Any], decimal: str = ".") -> list[str]:
    """Say which classes may be one."""
    found = alike(labels, decimal)
    return [f"the target {name!r} has classes that may be one, {_ways(found)}"] if found else []


def of_groups(name: str, groups: Iterable[Any], decimal: str = ".") -> list[str]:
    """Say which groups may be one, so that rows of it can be on both sides of a split."""
    found = alike(groups, decimal)
    if not found:
        return []
    said = f"data.groups: {name!r} has groups that may be one, {_ways(found)}"
    return [f"{said}, or rows of one are trained on and tested"]


def of_categories(columns: Mapping[str, Collection[Any]], decimal: str = ".") -> list[str]:
    """Say which categories of columns may be one."""
    whole = {name: found for name, own in columns.items() if (found := alike(own, decimal))}
    said = [f"{name!r} has categories that may be one, {_ways(own)}" for name, own in whole.items()]
    if len(said) > SHOWN:
        names = listed(map(repr, [*whole][SHOWN:]), SHOWN)
        said[SHOWN:] = [f"other columns with categories that may be one: {names}"]
    return said


def _ways(found: list[list[str]]) -> str:
    said = listed((" and ".join(map(_shown(own), own[:SHOWN])) for own in found), SHOWN)
    return f"written in several ways: {said}; write each in one way in the file"


def _shown(texts: list[str]) -> Any:
    """Return how texts are shown, so that those that look the same are told apart."""
    forms = {unicodedata.normalize("NFKC", text) for text in texts}
    return repr if len(forms) == len(texts) else ascii
