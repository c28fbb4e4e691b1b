"""Labels of figures: short, and different for values that differ."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from stages.reporting.spelling.values import in_words

#: Letters of a label at most, where only whole texts tell values apart.
WHOLE = 60


def labels(values: Sequence[Any], width: int) -> list[str]:
    """Return texts of so many letters, in which those that differ still do.

    Parameters
    ----------
    values : sequence
    width : int
        Letters of a label. Texts that are alike to there keep their begin, and from where on they
        differ; where this cannot tell them apart either, they are whole, very long ones numbered.
    """
    # An index of pandas makes floats of whole numbers.
    told = [in_words(own) if isinstance(own, float) else str(own) for own in values]
    whole = [" ".join(own.split()) for own in told]
    found = {own: _cut(own, width) for own in whole}
    alike = pd.Series(found, dtype=object)
    for _, same in alike.groupby(alike):
        if len(same) > 1:
            found |= _where_they_differ(same.index.tolist(), width)
    if len(set(found.values())) < len(found):
        found = {own: own for own in found}
    if max(map(len, found.values()), default=0) > max(WHOLE, width):
        found = {own: f"{n}: {_cut(own, width)}" for n, own in enumerate(found, 1)}
    return [found[own] for own in whole]


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _where_they_differ(texts: list[str], width: int) -> dict[str, str]:
    """Return of each text its begin, and what comes where it first differs from another one."""
    head = width // 4
    room = width - head - 1
    # The place where it differs from all others, as the nearest of them is alike to there.
    places = {text: max(_same(text, other) for other in texts if other != text) for text in texts}
    for mark in (", ", " "):
        begins = {
            text: text.rfind(mark, 0, place) + len(mark)
            for text, place in places.items()
            if mark in text[:place]
        }
        if len(begins) == len(texts) and all(
            len(text[begin:].split(",")[0]) <= room for text, begin in begins.items()
        ):
            places = begins
            break
    return {text: f"{text[:head]}…{_cut(text[own:], room)}" for text, own in places.items()}


def _same(one: str, other: str) -> int:
    """Return how many letters two texts begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
