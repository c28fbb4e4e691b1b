"""Which kind of feature a column is, and what in it is not of that kind."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from stages.study.date_formats import ISO
from stages.study.suggest import names
from stages.study.suggest.missing import WORDS, sentinels
from stages.study.suggest.seen import ROWS, Finding, Seen
from stages.study.suggest.words import LISTED, shown
from stages.study.tables.cells import COMMA
from stages.study.tables.dates import readings
from stages.study.tables.file_profile import UNIQUE
from stages.study.tables.kinds import has_few_values
from stages.study.tables.number_texts import number_texts
from stages.study.yaml_sections import in_yaml

#: Categories of more values than this are many inputs.
CATEGORIES = 200

#: Of fewer rows for each value nothing is learnt.
ROWS_PER_VALUE = 5

#: From this share of dates on, what is no date is a mistake.
MOSTLY = 0.8

#: A number with a currency or a unit.
UNIT = re.compile(r"[<>~]?\s?[$€£¥]?\s?[+-]?\d[\d.,']*\s?([%‰$€£¥]|[A-Za-zµ°]{1,5})?")


def of_number(seen: Seen) -> Finding | None:
    """Find codes among numbers, and cells that are none; None if the column is not of numbers."""
    if not seen.is_number:
        return None
    if any(cell[0] == "0" and len(cell) > 1 and cell.isdigit() for cell in seen.different):
        return _categories(seen, "codes, some with zeros in front: ")
    bad = np.unique(seen.text[np.isnan(seen.numbers)].astype(str)).tolist()
    unknown = [cell for cell in bad if cell.casefold() not in WORDS]
    if unknown:
        return _mixed(seen, unknown)
    if names.is_id(seen.name) and has_few_values(len(seen.different), len(seen.text)):
        return _categories(seen, "an id: ")
    known = seen.numbers[~np.isnan(seen.numbers)]
    return Finding(
        kind="number",
        markers=bad,
        gaps=bool(bad) or bool(seen.gaps.any()),
        ordered=names.is_time(seen.name) and seen.in_order(pd.Series(seen.numbers)),
        doubt=sentinels(seen.name, known) or _may_be_id(seen),
    )


def _may_be_id(seen: Seen) -> str:
    rows = len(seen.text)
    if rows < ROWS or len(seen.different) < UNIQUE * rows or (seen.numbers % 1 != 0).any():
        return ""
    return f"{seen.name!r} has {seen.many}, all whole; if it is an id, exclude it"


def _mixed(seen: Seen, unknown: Sequence[str]) -> Finding:
    """Return what to say of a column of numbers in which something else stands too."""
    cells = int(np.isin(seen.text.astype(str), unknown).sum())
    why = f"{cells} of {len(seen.text)} cells are no numbers: {shown(unknown)}"
    if all(COMMA.fullmatch(cell) for cell in unknown):
        way = f"{seen.name}: write decimals with points, and thousands without commas"
    else:
        way = _as_missing(seen.name, unknown)
    return Finding("exclude", why, undecided=way)


def _as_missing(name: str, cells: Sequence[str]) -> str:
    more = f"  # and {len(cells) - LISTED} more" if len(cells) > LISTED else ""
    listed = ", ".join(map(in_yaml, cells[:LISTED]))
    return f"missing: {{{in_yaml(name)}: [{listed}]}}{more}"


def of_text(seen: Seen) -> Finding | None:
    """Find dates and categories, and text that is neither; None if the column is not of text."""
    if seen.kind is not None:
        return None
    if (found := _dates(seen)) is not None:
        return found
    found = _categories(seen, "")
    units = [cell for cell in seen.different if UNIT.fullmatch(cell)]
    odd = number_texts(seen.text, ~np.isnan(seen.numbers), seen.around.data.decimal)
    if odd or (found.key == "exclude" and len(units) >= MOSTLY * len(seen.different)):
        such = repr(odd.example if odd else units[0])
        why = f"numbers with something around them, such as {such}"
        way = f"{seen.name}: write numbers alone, not as in {such}"
        return Finding("exclude", why, undecided=way)
    return found


def _dates(seen: Seen) -> Finding | None:
    """Find dates, also such as can be read in two ways, and those among which something else is."""
    cells = pd.Series(seen.different)
    read = {form: own for form, own in readings(cells).items() if own.notna().mean() >= MOSTLY}
    if ISO in read and not cells[read[ISO].notna()].str.contains("-").all():
        # Digits are dates to ISO 8601.
        del read[ISO]
    if not read:
        return None
    best = max(read, key=lambda form: read[form].notna().sum())
    bad = cells[read[best].isna()].tolist()
    if bad:
        why = f"dates, but for {shown(bad)}"
        return Finding("exclude", why, undecided=_as_missing(seen.name, bad))
    others = [
        form for form, own in read.items() if own.notna().all() and not own.equals(read[best])
    ]
    if others:
        name = in_yaml(seen.name)
        return Finding(
            "exclude",
            f"dates that can be read as {best} or as {others[0]}",
            undecided=f"dates: {{{name}: '{best}'}}, or {{{name}: '{others[0]}'}}",
        )
    times = pd.Series(seen.text).map(dict(zip(cells, read[best], strict=True)))
    why = f"written as {best}, such as {cells[0]}"
    return Finding("dates", why, gaps=bool(seen.gaps.any()), ordered=seen.in_order(times))


def _categories(seen: Seen, what: str) -> Finding:
    different, cells = len(seen.different), len(seen.text)
    if different * ROWS_PER_VALUE > cells:
        return Finding("exclude", f"{what or 'text: '}{seen.many}")
    if different <= CATEGORIES:
        return Finding("categorical", f"{what}{different} values")
    return Finding(
        "exclude",
        f"{what}{different} values, each an input",
        doubt=f"{seen.name!r} has {seen.many}; to use it, list it in data.categorical, and set "
        "model.categorical: target",
    )
