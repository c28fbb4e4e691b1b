"""By what rows are split, and into how many folds."""

from dataclasses import dataclass, field

from stages.study.suggest.folds import Folds, of_column, of_rows, scorers
from stages.study.suggest.found import Found
from stages.study.yaml_sections import in_yaml


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
    """

    folds: Folds
    why: str
    role: str = ""
    name: str = ""
    doubts: list[str] = field(default_factory=list)


def find_split(found: Found) -> Split:
    """Return how rows can be split."""
    scoring, _ = scorers(found.goal)
    if found.said is not None:
        scoring = [found.current.grid_search.scoring, *found.current.cross_validate.scoring]
    folds, why = of_rows(found.goal, found.current)
    role, name = _column(found)
    if not role:
        return Split(folds, why, doubts=_later(found, role))
    others = [one for column, one in found.columns.items() if column != name]
    if found.said is None and all(one.key in ("exclude", "groups") for one in others):
        doubt = f"{name!r} is all there is to learn from, so that rows are not split by it"
        return Split(folds, why, doubts=[doubt])
    own = found.of_rows(role, name)
    allowed = of_column(found.goal, role, own.rename(name), scoring, found.current)
    what = "groups" if role == "groups" else "times"
    if allowed is not None:
        return Split(allowed, f"{own.nunique()} {what}", role, name, _later(found, role))
    doubt = (
        f"{name!r} says which rows {'belong together' if role == 'groups' else 'are later'}, but "
        f"leaves some fold without rows or a class; with fewer folds or another seed, try "
        f"{role}: {in_yaml(name)}"
    )
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


def _later(found: Found, role: str) -> list[str]:
    """Say which columns of dates could be split by."""
    dates = [name for name, own in found.columns.items() if own.key == "dates"]
    if role == "time" or not dates:
        return []
    return [
        f"if new rows will be later than these, split by time: time: {in_yaml(dates[0])}"
        + (", instead of groups" if role else "")
    ]
