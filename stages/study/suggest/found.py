"""All that is found of a table."""

from dataclasses import dataclass

import pandas as pd

from stages.study.params import Params
from stages.study.sections.data import Data
from stages.study.suggest.seen import Finding
from stages.study.suggest.target import Goal
from stages.study.tables.rows import row_column
from stages.study.tables.table import RawTable


@dataclass(frozen=True)
class Found:
    """All that is found of a table.

    Attributes
    ----------
    table : RawTable
    data : Data
        What is known of it: how it is read, its task, and ``said``.
    goal : Goal
    columns : dict of str to Finding
        Those of which nothing is said yet.
    current : Params
        What params.yaml says now.
    said : Data or None
        What that says of this table, if it is this one.
    """

    table: RawTable
    data: Data
    goal: Goal
    columns: dict[str, Finding]
    current: Params
    said: Data | None

    def of_rows(self, role: str, name: str) -> pd.Series:
        """Return groups or times of the rows that are kept, as ``preprocess`` reads them."""
        form = self.data.time.get(name, "")
        own = {"groups": None, "time": {}, role: name if role == "groups" else {name: form}}
        data = self.data.model_copy(update={**own, "weights": None})
        return row_column(self.table.rows[self.goal.rows], role, data)
