"""What a column of a table is, and what params.yaml has to say of it for that."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.suggest import names
from stages.study.suggest.kinds import of_number, of_text
from stages.study.suggest.seen import ROWS, Around, Finding, Seen
from stages.study.suggest.words import shown
from stages.study.tables.file_profile import UNIQUE
from stages.study.tables.kinds import has_few_values
from stages.study.yaml_sections import in_yaml

#: What several rows belong to has at least so many values, and so few for each row.
OWNERS, SHARE = 10, 0.8


def look(column: pd.Series, around: Around) -> Finding:
    """Return what a column is, which is no target and of which nothing is said yet."""
    seen = Seen(column, around)
    for part in (_nothing, _copy, _owner, _repeated, _row_number, of_number, of_text):
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
        return Finding("exclude", f"{share:.1%} missing")
    # Text beside gaps says something: being missing is a category.
    if len(seen.different) == 1 and (not seen.gaps.any() or seen.kind is not None):
        return Finding("exclude", f"one value, {shown(seen.different)}")
    return None


def _copy(seen: Seen) -> Finding | None:
    """Find what is the target, in other words or units."""
    target = seen.around.target[~seen.gaps]
    if len(target) < max(ROWS, 0.5 * len(seen.column)):
        return None
    if seen.around.data.task == "regression":
        return _copy_of_numbers(seen, target)
    codes = pd.factorize(seen.text)[0]
    pairs = len(pd.unique(codes * (int(target.max()) + 1) + target))
    if pairs == len(seen.different) == len(pd.unique(target)):
        return Finding("exclude", "the target by another name")
    return None


def _copy_of_numbers(seen: Seen, target: NDArray[np.float64]) -> Finding | None:
    if not seen.is_number or np.isnan(seen.numbers).any():
        return None
    if np.array_equal(seen.numbers, target):
        return Finding("exclude", "equals the target")
    # What grows in time is in its order, too.
    if names.is_time(seen.name):
        return None
    ranks, own = (pd.factorize(part, sort=True)[0] for part in (seen.numbers, target))
    if (ranks == own).all() or (ranks == own.max() - own).all():
        return Finding("exclude", "the target in another unit: row by row in the same order")
    return None


def _owner(seen: Seen) -> Finding | None:
    """Find what several rows belong to."""
    different, rows = len(seen.different), len(seen.text)
    if not names.is_owner(seen.name) or not OWNERS <= different <= SHARE * rows:
        return None
    if not seen.gaps.any():
        return Finding("groups", f"{different} values in {rows} rows, kept together in folds")
    return Finding(
        "exclude",
        f"an id of {different} values, missing in {seen.gaps.sum()} rows",
        doubt=f"{seen.name!r} says which rows belong together, but not of all; with a value in "
        "every row it could be data.groups",
    )


def _repeated(seen: Seen) -> Finding | None:
    """Find an id that several rows have, whatever it is of."""
    different, rows = len(seen.different), len(seen.text)
    if names.words(seen.name)[-1:] not in (["id"], ["ids"]) or different >= UNIQUE * rows:
        return None
    if has_few_values(different, rows) or (seen.is_number and (seen.numbers % 1 != 0).any()):
        return None
    paste = f"groups: {in_yaml(seen.name)}"
    doubt = f"{seen.name!r} has {seen.many}; if rows of one belong together, {paste}"
    return Finding("exclude", f"an id: {seen.many}", doubt=doubt)


def _row_number(seen: Seen) -> Finding | None:
    """Find what numbers the rows, or stands for each of them."""
    different, rows = len(seen.different), len(seen.text)
    if names.is_time(seen.name) or not seen.is_number:
        return None
    if rows < ROWS or different < UNIQUE * rows:
        return None
    if seen.gaps.any() or (seen.numbers % 1 != 0).any():
        return None
    if seen.numbers[0] in (0, 1) and (np.diff(seen.numbers) == 1).all():
        return Finding("exclude", "numbers the rows")
    if names.is_id(seen.name):
        return Finding("exclude", f"an id: {seen.many}")
    return None
