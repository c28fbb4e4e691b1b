"""What a column of a table holds, as params.yaml and the table say, kept for new rows."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

#: What is made of a date; days are counted from the start of 1970.
PARTS = ("year", "month", "weekday", "days")


class Column(BaseModel):
    """What the cells of a column of the table mean.

    Attributes
    ----------
    no, yes : str
        How the two values of a boolean are written, in lower case.
    format : str
        How dates are written, see :mod:`stages.study.tables.dates`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    kind: Literal["number", "category", "boolean", "date"]
    no: str = ""
    yes: str = ""
    format: str = ""

    def features(self, name: str) -> list[str]:
        """Return the names of the features that a column becomes, of a date its days last."""
        return [f"{name}_{part}" for part in PARTS] if self.kind == "date" else [name]
