"""By what rows are split, and into how many folds."""

from dataclasses import dataclass, field

import pandas as pd

from stages.study.suggest.folds import Folds, of_column, of_rows, scorers
from stages.study.suggest.found import Found
from stages.study.suggest.paste import Paste


@dataclass(frozen=True)
class Split:
    """By what rows are split, and into how many folds.

    Attributes
    ----------
    folds : Folds
    why : str
        What allows no more folds.
    role, name : str
        ``groups`` or ``time`` and its column; empty for rows alone.
    doubts : list of str
    pastes : list of Paste
    """

    folds: Folds
    why: str
    role: str = ""
    name: str = ""
    doubts: list[str] = field(default_factory=list)
    pastes: list[Paste] = field(default_factory=list)


def find_split(found: Found) -> Split:
    """Return how rows can be split."""
    scoring, _ = scorers(found.goal)
    if found.said is not None:
        scoring = [found.current.grid_search.chooser, *found.current.cross_validate.scorers]
    folds, why = of_rows(found.goal, found.current)
    role, name = _column(found)
    if not role:
        return Split(folds, why, "", "", *_later(found, role))
    others = [one for column, one in found.columns.items() if column != name]
    if found.said is None and all(one.key in ("exclude", "groups") for one in others):
        doubt = f"{name!r} is all there is to learn from, so that rows are not split by it"
        return Split(folds, why, doubts=[doubt])
    own = found.of_rows(role, name)
    allowed = of_column(found.goal, role, own.rename(name), scoring, found.current)
    what = "groups" if role == "groups" else "times"
    if allowed is not None:
        told = ([_no_feature(found, name)], []) if role == "time" else _later(found, role)
        return Split(allowed, f"{own.nunique()} {what}", role, name, *told)
    if found.said is not None:
        doubt = f"split by {name!r}, some fold is without rows or a class; with fewer folds or "
        return Split(folds, why, doubts=[f"{doubt}another seed it may not be"])
    doubt = (
        f"{name!r} says which rows {'belong together' if role == 'groups' else 'are later'}, but "
        "leaves some fold without rows or a class; with fewer folds or another seed, it may be "
        f"data.{role}"
    )
    # With these folds it would not run.
    return Split(folds, why, doubts=[doubt])


def _column(found: Found) -> tuple[str, str]:
    """Return by which column to split, and as what; groups before a time."""
    if found.said is not None:
        if found.said.groups is not None:
            return "groups", found.said.groups
        return next((("time", name) for name in found.said.time), ("", ""))
    for name, own in found.columns.items():
        if own.key == "groups":
            return "groups", name
    return next((("time", name) for name, own in found.columns.items() if own.ordered), ("", ""))


def _latest(found: Found, name: str) -> pd.Timestamp:
    return pd.Timestamp(found.of_rows("time", name).max()).tz_localize(None)


def _no_feature(found: Found, name: str) -> str:
    """Say what a column that orders rows is besides."""
    if found.said is not None:
        return ""
    key = "data.dates" if found.columns[name].key == "dates" else "data.features"
    return f"{name!r} is data.time, and no feature unless {key} names it too"


def _later(found: Found, role: str) -> tuple[list[str], list[Paste]]:
    """Say which column of dates could be split by, and what to paste for it."""
    columns = found.columns.items()
    # A row without a date is neither earlier nor later.
    dates = [name for name, own in columns if own.key == "dates" and not own.gaps]
    if role == "time" or not dates:
        return [], []
    # Of several the one that goes furthest; the day of birth is over when all else begins.
    name = dates[0] if len(dates) == 1 else max(dates, key=lambda own: _latest(found, own))
    instead = ", instead of data.groups" if role else ""
    doubt = (
        f"if new rows will be later than these, {name!r} is data.time{instead}; what data.dates "
        "names stays a feature"
    )
    others = [own for column, own in columns if column != name and own.key != "exclude"]
    return [doubt], [Paste(name, "time")] if others and not role else []
