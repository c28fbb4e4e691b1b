"""What a column of a table is, and what params.yaml has to say of it for that."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from stages.study.suggest.kinds import CATEGORIES, ROWS_PER_VALUE, of_number, of_text
from stages.study.suggest.leaks import copy, giveaway
from stages.study.suggest.paste import Paste
from stages.study.suggest.seen import ROWS, Finding, Seen
from stages.study.suggest.words import shown
from stages.study.tables import names
from stages.study.tables.cells import found_markers
from stages.study.tables.doubts import UNIQUE
from stages.study.tables.kinds import has_few_values

#: Amounts are of no more values than half of this, and one is so many times as frequent as another.
MOST_AMOUNTS, UNEVEN = 60, 20

#: Numbers that may be years.
YEARS = (1700, 2100)

#: What several rows belong to has at least so many values, and so few for each row.
OWNERS, SHARE = 10, 0.8


def look(seen: Seen) -> Finding:
    """Return what a column is, which is no target and of which nothing is said yet."""
    found = _look(seen)
    if found.key not in ("exclude", "groups") and (said := giveaway(seen)):
        doubt = f"{said}; if it is known only with the target, exclude it"
        return replace(found, doubt=doubt, paste=Paste(seen.name, "exclude"))
    if found.key == "categorical" and names.is_place(seen.name) and not seen.gaps.any():
        doubt = f"{seen.name!r} has {seen.many}; if new rows will be of others, it is data.groups"
        return replace(found, doubt=doubt, paste=Paste(seen.name, "groups"))
    if found.kind == "number" and not found.key and not found.doubt and _may_be_weights(seen):
        doubt = f"{seen.name!r} may say how much a row counts; if so, it is data.weights"
        return replace(found, doubt=doubt, paste=Paste(seen.name, "weights"))
    return found


def _may_be_weights(seen: Seen) -> bool:
    """Return whether a column may weigh rows: by its name, and as numbers above 0."""
    known = names.is_weight(seen.name) and not seen.gaps.any()
    return bool(known and seen.around.data.weights is None and (seen.numbers > 0).all())


def _look(seen: Seen) -> Finding:
    parts = (copy, _nothing, _owner, _repeated, _row_number, of_number, of_text)
    for part in parts:
        if (found := part(seen)) is not None:
            return found
    kind = seen.kind.kind if seen.kind is not None else ""
    return Finding(kind=kind, gaps=kind == "boolean" and bool(seen.gaps.any()))


def _nothing(seen: Seen) -> Finding | None:
    """Find columns that say nothing, or too seldom."""
    if not len(seen.text):
        return Finding("exclude", "empty")
    share = float(seen.gaps.mean())
    if share > seen.around.max_missing:
        if (found := _none(seen)) is not None:
            return found
        return Finding("exclude", f"{share:.1%} missing")
    # Text beside gaps says something: being missing is a category.
    if len(seen.different) == 1 and (not seen.gaps.any() or seen.kind is not None):
        return Finding("exclude", f"one value, {shown(seen.different)}")
    return None


def _none(seen: Seen) -> Finding | None:
    """Find categories of which none is the usual one, as of the pools of houses."""
    different, rows = len(seen.different), len(seen.column)
    if not np.isnan(seen.numbers).all() or 2 * different > len(seen.text):
        return None
    if (different + 1) * ROWS_PER_VALUE > rows:
        return None
    text, often = next(iter(found_markers(seen.column, seen.gaps).items()))
    doubt = (
        f"{seen.name!r} is {text or 'empty'} in {often} of {rows} rows; if that means none, "
        "and not unknown, it is a category"
    )
    paste = Paste(seen.name, "categorical", markers=[])
    return Finding("exclude", f"{seen.gaps.mean():.1%} missing", doubt=doubt, paste=paste)


def _owner(seen: Seen) -> Finding | None:
    """Find what several rows belong to."""
    different, rows = len(seen.different), len(seen.text)
    if not names.is_owner(seen.name) or not OWNERS <= different <= SHARE * rows:
        return None
    if seen.is_number and _are_amounts(seen.numbers):
        return None
    if not seen.gaps.any():
        return Finding("groups", f"{different} values in {rows} rows, kept together in folds")
    return Finding(
        "exclude",
        f"an id of {different} values, missing in {seen.gaps.sum()} rows",
        doubt=f"{seen.name!r} says which rows belong together, but not of all; with a value in "
        "every row it could be data.groups",
    )


def _are_amounts(numbers: NDArray[np.float64]) -> bool:
    """Return whether numbers count something: they are few, from none on, and some are rare."""
    if (numbers % 1 != 0).any():
        return True
    values, times = np.unique(numbers, return_counts=True)
    dense = values[-1] - values[0] < 2 * len(values) <= MOST_AMOUNTS
    return bool(dense and values[0] in (0, 1) and times.max() > UNEVEN * times.min())


def _repeated(seen: Seen) -> Finding | None:
    """Find an id that several rows have, whatever it is of."""
    different, rows = len(seen.different), len(seen.text)
    place = names.is_place(seen.name) and OWNERS <= different <= SHARE * rows
    by_name = place or names.words(seen.name)[-1:] in (["id"], ["ids"])
    if not by_name or different >= UNIQUE * rows:
        return None
    if place and different <= min(CATEGORIES, rows / ROWS_PER_VALUE):
        return None
    if has_few_values(different, rows) or (seen.is_number and (seen.numbers % 1 != 0).any()):
        return None
    doubt = f"{seen.name!r} has {seen.many}; if rows of one belong together, it is data.groups"
    paste = Paste(seen.name, "groups")
    return Finding("exclude", f"an id: {seen.many}", doubt=doubt, paste=paste)


def _row_number(seen: Seen) -> Finding | None:
    """Find what numbers the rows, or stands for each of them."""
    different, rows = len(seen.different), len(seen.text)
    if names.is_time(seen.name) or not seen.is_number:
        return None
    if rows < ROWS or different < UNIQUE * rows:
        return None
    if seen.gaps.any() or (seen.numbers % 1 != 0).any():
        return None
    # Years are counted on, too, whatever they are called.
    first, last = seen.numbers[0], seen.numbers[-1]
    years = YEARS[0] <= first <= last <= YEARS[1] and not names.is_id(seen.name)
    if (np.diff(seen.numbers) == 1).all() and not years:
        return Finding("exclude", "numbers the rows")
    if names.is_id(seen.name):
        return Finding("exclude", f"an id: {seen.many}")
    return None
