"""All columns of a table, each looked at."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from stages.study.sections.data import Data
from stages.study.suggest.columns import look
from stages.study.suggest.leaks import Numbers, identities
from stages.study.suggest.seen import Around, Finding, Seen
from stages.study.suggest.target import Goal
from stages.study.tables.table import RawTable


def described(data: Data) -> set[str]:
    """Return the columns of which params.yaml says what they are."""
    categorical = [] if data.categorical == "auto" else data.categorical
    names = {data.target, *data.exclude, *categorical, *data.booleans, *data.dates, *data.time}
    return names | {name for name in (data.groups, data.weights) if name is not None}


def look_at_all(table: RawTable, data: Data, goal: Goal, max_missing: float) -> dict[str, Finding]:
    """Return what is found of all columns but the target and those of which it is said."""
    y = goal.y.to_numpy()
    codes, labels = (y, ()) if goal.task == "regression" else pd.factorize(y, sort=True)
    around = Around(data, codes, goal.rows, max_missing, [*labels])
    said = described(data)
    times = Counter(table.header)
    found: dict[str, Finding] = {}
    numbers: dict[str, Numbers] = {}
    for name in times:
        if name in said or (data.features != "all" and name not in data.features):
            continue
        if not name:
            found[name] = Finding("exclude", "no name")
        elif times[name] > 1:
            found[name] = Finding("exclude", f"{times[name]} columns of this name")
        else:
            seen = Seen(table.rows[name], around)
            found[name] = look(seen)
            if found[name].kind == "number" and not seen.gaps.any():
                numbers[name] = seen.numbers
    return found if goal.task == "classification" else _without_parts(found, numbers, around)


def _without_parts(
    found: Mapping[str, Finding], numbers: Mapping[str, Numbers], around: Around
) -> dict[str, Finding]:
    """Leave out columns that make up the target, if others are left, and tell of them if not."""
    whys: dict[str, str] = {}
    for own, how in identities(numbers, around.target):
        whys |= {name: f"{around.data.target} is {how}" for name in own if name not in whys}
    left = {name for name, one in found.items() if one.key not in ("exclude", "groups")} - {*whys}
    parts = {name: Finding("exclude", why) for name, why in whys.items()}
    if not left:
        parts = {name: replace(found[name], doubt=why) for name, why in whys.items()}
    return {**found, **parts}
