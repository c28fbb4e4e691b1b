"""Columns that give the target away: nobody has them when there is something to predict."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.suggest.seen import ROWS, Finding, Seen
from stages.study.tables import names

#: With fewer rows on either side, columns may agree by chance.
FEW = 5

#: So many rows are looked at first; hardly any column holds there.
SAMPLE = 1000

#: So many rows say which columns may sum up to the target, to so many digits.
PROBES, DIGITS = 6, 6

Numbers = NDArray[np.float64]


def copy(seen: Seen) -> Finding | None:
    """Find what is the target in other words or units, or is there for one class alone."""
    return _filled(seen) or _copy(seen)


def giveaway(seen: Seen) -> str:
    """Say of a feature that it alone tells the target; empty if it does not."""
    target = seen.around.target[~seen.gaps]
    if len(target) < max(ROWS, 0.5 * len(seen.column)):
        return ""
    whole = seen.is_number and not np.isnan(seen.numbers).any()
    if seen.around.data.task == "regression":
        many = whole and len(seen.different) >= FEW and not names.is_time(seen.name)
        if many and _in_order(seen.numbers, target, strict=False):
            return f"{seen.name!r} has the rows in the order of {seen.around.data.target!r}"
        return ""
    if np.bincount(target, minlength=len(seen.around.labels)).min() < FEW:
        return ""
    if len(seen.different) * FEW <= len(target) and _one_class_each(seen.codes, target):
        return f"each value of {seen.name!r} has one class only"
    apart = whole and _apart(seen.numbers, target)
    return f"the classes do not overlap in {seen.name!r}" if apart else ""


def identities(
    columns: Mapping[str, Numbers], target: Numbers
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield how two columns make the target, and those that nobody has without it.

    Of ``total / price`` that is ``total``.

    Parameters
    ----------
    columns : mapping of str to ndarray
        Of numbers without gaps.
    target : ndarray
    """
    if len(target) < ROWS:
        return
    probes = np.linspace(0, len(target) - 1, PROBES).astype(int)
    own = {_key(values[probes]): name for name, values in columns.items()}
    for name, values in columns.items():
        for how, other in _OTHERS.items():
            with np.errstate(divide="ignore", invalid="ignore"):
                partner = own.get(_key(other(target[probes], values[probes])))
                if partner is None or partner == name:
                    continue
                made = other(target, values)
            # Where a factor is 0 the other one may be anything.
            known = np.isfinite(made)
            if known.sum() > 0.5 * len(known) and np.allclose(
                made[known], columns[partner][known], rtol=1e-6, atol=1e-9
            ):
                made_of_it = how.startswith("{1}")
                yield (partner,) if made_of_it else (name, partner), how.format(name, partner)


#: How the target may be made of two columns, and the other one by it and the first.
_OTHERS: dict[str, Callable[[Numbers, Numbers], Numbers]] = {
    "{} + {}": lambda target, own: target - own,
    "{1} - {0}": lambda target, own: target + own,
    "{} * {}": lambda target, own: target / own,
    "{1} / {0}": lambda target, own: target * own,
}


def _key(values: Numbers) -> tuple[str, ...]:
    return tuple(f"{value:.{DIGITS}g}" if abs(value) > 1e-9 else "0" for value in values)


def _filled(seen: Seen) -> Finding | None:
    """Find what is there in the rows of one class, and in no others."""
    there, around = ~seen.gaps, seen.around
    if around.data.task == "regression" or not FEW <= there.sum() <= len(there) - FEW:
        return None
    codes = pd.unique(around.target[there])
    if len(there) < ROWS or len(codes) > 1 or (around.target == codes[0]).sum() > there.sum():
        return None
    label = around.labels[int(codes[0])]
    return Finding("exclude", f"filled where {around.data.target} is {label}, and nowhere else")


def _copy(seen: Seen) -> Finding | None:
    target = seen.around.target[~seen.gaps]
    if len(target) < max(ROWS, 0.5 * len(seen.column)):
        return None
    if seen.around.data.task == "regression":
        return _copy_of_numbers(seen, target)
    if len(seen.different) == len(pd.unique(target)) and _one_class_each(seen.codes, target):
        return Finding("exclude", "the target by another name")
    return None


def _copy_of_numbers(seen: Seen, target: Numbers) -> Finding | None:
    if not seen.is_number or np.isnan(seen.numbers).any():
        return None
    if np.array_equal(seen.numbers, target):
        return Finding("exclude", "equals the target")
    # What grows in time is in its order, too.
    if not names.is_time(seen.name) and _in_order(seen.numbers, target, strict=True):
        return Finding("exclude", "the target in another unit: row by row in the same order")
    return None


def _one_class_each(codes: NDArray[np.int64], target: NDArray[np.int64]) -> bool:
    def holds(codes: NDArray[np.int64], target: NDArray[np.int64]) -> bool:
        pairs = pd.unique(codes * (int(target.max()) + 1) + target)
        return len(pairs) == len(pd.unique(codes))

    return holds(codes[:SAMPLE], target[:SAMPLE]) and holds(codes, target)


def _in_order(numbers: Numbers, target: Numbers, *, strict: bool) -> bool:
    """Return whether one never falls while the other grows; if strict, equal where that is."""

    def holds(numbers: Numbers, target: Numbers) -> bool:
        order = np.lexsort((target, numbers))
        steps, own = np.diff(target[order]), np.diff(numbers[order])
        return bool((steps >= 0).all() and (not strict or ((steps > 0) == (own > 0)).all()))

    ways = (target, -target)
    return any(holds(numbers[:SAMPLE], way[:SAMPLE]) and holds(numbers, way) for way in ways)


def _apart(numbers: Numbers, target: NDArray[np.int64]) -> bool:
    """Return whether each class has a range of numbers of its own."""

    def holds(numbers: Numbers, target: NDArray[np.int64]) -> bool:
        order = np.argsort(numbers, kind="stable")
        changes = np.diff(target[order]) != 0
        apart = (np.diff(numbers[order])[changes] > 0).all()
        return bool(apart and changes.sum() == len(pd.unique(target)) - 1)

    return holds(numbers[:SAMPLE], target[:SAMPLE]) and holds(numbers, target)
