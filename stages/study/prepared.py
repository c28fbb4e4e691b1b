"""The table as ``preprocess`` leaves it for the stages that train."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.artifacts import (
    PREPARED,
    SET_ASIDE,
    read_json,
    read_parquet,
    reading,
    write_json,
    write_parquet,
)
from stages.study.progress import phase

#: What a column may say of each row.
ROLES = ("groups", "time", "weights")


@dataclass(frozen=True)
class Prepared:
    """The table that ``preprocess`` leaves, and its profile.

    Attributes
    ----------
    X, y : DataFrame, Series
    profile : dict
        What the table holds, in figures.
    groups, time, weights : Series or None
        Of each row its group, as text; its time, a number or date; its weight.
    """

    X: pd.DataFrame
    y: pd.Series
    profile: dict[str, Any]
    groups: pd.Series | None = None
    time: pd.Series | None = None
    weights: pd.Series | None = None

    @property
    def task(self) -> str:
        """``classification`` or ``regression``."""
        return str(self.profile["task"])

    @property
    def positive(self) -> Any:
        """The label of the class that ``data.positive`` names, or None."""
        return self.profile.get("positive")

    def rows(self, positions: NDArray[np.int64]) -> "Prepared":
        """Return some of the rows; the profile stays that of all."""
        own = {role: getattr(self, role) for role in ROLES}
        some = {role: own[role].iloc[positions] for role in own if own[role] is not None}
        return replace(self, X=self.X.iloc[positions], y=self.y.iloc[positions], **some)


@dataclass(frozen=True)
class Divided(Prepared):
    """What ``preprocess`` makes of a table: the rows to learn from, and apart from them others.

    Attributes
    ----------
    aside : Prepared or None
        Rows that are set aside, which no stage that trains reads.
    """

    aside: Prepared | None = None


def write_prepared(prepared: Prepared, folder: Path) -> None:
    """Write the table, its column types kept, and its profile; what is said of rows apart."""
    table = prepared.X.assign(**{str(prepared.y.name): prepared.y})
    write_parquet(table, folder / "table.parquet")
    own = {role: getattr(prepared, role) for role in ROLES if role in prepared.profile}
    if own:
        write_parquet(pd.DataFrame(own), folder / "rows.parquet")
    write_json(prepared.profile, folder / "profile.json")


def write_set_aside(aside: Prepared | None, folder: Path) -> None:
    """Write how many rows are set aside, which may be none, and these."""
    write_json({"rows": 0 if aside is None else len(aside.y)}, folder / "summary.json")
    if aside is not None:
        write_prepared(aside, folder)


def read_set_aside() -> Prepared | None:
    """Read the rows that ``preprocess`` has set aside; None if it has not."""
    # What else lies there is of another study then.
    return read_prepared(SET_ASIDE) if read_json(SET_ASIDE / "summary.json")["rows"] else None


def read_prepared(folder: Path = PREPARED) -> Prepared:
    """Read what ``preprocess`` wrote."""
    phase(f"reading {folder}")
    profile = read_json(folder / "profile.json")
    path = folder / "table.parquet"
    table = read_parquet(path)
    with reading(path):
        target = profile["target"]
        own = dict(read_rows(profile, folder))
        return Prepared(table.drop(columns=target), table[target], profile, **own)


def read_rows(profile: Mapping[str, Any], folder: Path = PREPARED) -> pd.DataFrame:
    """Read what ``preprocess`` wrote of each row: columns ``groups``, ``time`` and ``weights``."""
    roles = [role for role in ROLES if role in profile]
    path = folder / "rows.parquet"
    # Without any, a file that is there is of another study.
    table = read_parquet(path) if roles else pd.DataFrame()
    with reading(path):
        return table[roles]
