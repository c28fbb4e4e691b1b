"""The sections ``data`` and ``preprocess``: where the table is, how it is read, what it must be."""

import codecs
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from stages.study.sections.values import Columns, Distinct, Label, Seed, distinct, empty_mapping
from stages.study.yaml_sections import Section, Whole


def _without_formats(value: Any) -> Any:
    """Read a list of columns as a mapping to no format."""
    return dict.fromkeys(distinct(value), "") if type(value) is list else value


def _without_format(value: Any) -> Any:
    """Read a name as a mapping to no format, and nothing as an empty one."""
    return {value: ""} if isinstance(value, str) else empty_mapping(value)


def _known_format(form: str) -> str:
    # Loads pandas' dates only where there are any.
    from stages.study.date_formats import check_format

    return check_format(form) if form else form


def _separator(value: Any) -> Any:
    # Neither shells nor quotes of one stroke read it.
    value = "\t" if value == "\\t" else value
    if len(str(value)) != 1 or str(value).isalnum() or str(value) in "\"'\r\n.":
        raise ValueError('must be one character between values, such as ";" or "\\t"')
    return value


def _encoding(name: Any) -> Any:
    try:
        "a".encode(name)
        return codecs.lookup(name).name
    except (LookupError, TypeError, ValueError):
        raise ValueError("not an encoding of text; for example utf-8, latin-1, utf-16") from None


Markers = list[Label | None]

#: What may stand between thousands.
THOUSANDS = (",", ".", " ", "'", "_")

#: What means missing in any column, unless ``data.missing_default`` says otherwise.
MISSING: tuple[Label | None, ...] = (
    "NaN",
    "nan",
    ".nan",
    "NA",
    "N/A",
    "n/a",
    "#N/A",
    "null",
    "NULL",
    "?",
    "-",
)
DateFormat = Annotated[str, AfterValidator(_known_format)]
#: A column, with the format of its dates if that has to be said.
TimeColumn = Annotated[dict[str, DateFormat], Field(max_length=1), BeforeValidator(_without_format)]
#: How a boolean is written: no, then yes.
Pair = Annotated[list[Label], Field(min_length=2, max_length=2), Distinct]


class Reading(Section):
    """How a table's file is read, where its content does not tell."""

    separator: Annotated[str, BeforeValidator(_separator)] | None = None
    decimal: Literal[".", ","] = "."
    thousands: Literal[",", ".", " ", "'", "_"] | None = None
    encoding: Annotated[str, BeforeValidator(_encoding)] | None = None
    comment: Annotated[str, Field(min_length=1)] | None = None
    sheet: str | None = None

    @field_validator("thousands")
    @classmethod
    def _not_decimal(cls, mark: str | None, info: ValidationInfo) -> str | None:
        if mark is not None and mark == info.data.get("decimal"):
            raise ValueError(f"must differ from decimal, which is {mark!r}")
        return mark


class Data(Reading):
    """Where the table is and what its columns are."""

    path: str
    target: str
    features: Literal["all"] | Annotated[list[str], Field(min_length=1), Distinct] = "all"
    exclude: Columns = Field(default_factory=list)
    categorical: Literal["auto"] | Columns = Field(default_factory=list)
    booleans: dict[str, Pair] = Field(default_factory=dict)
    dates: Annotated[dict[str, DateFormat], BeforeValidator(_without_formats)] = Field(
        default_factory=dict
    )
    task: Literal["classification", "regression"]
    missing: Annotated[dict[str, Markers], BeforeValidator(empty_mapping)] = Field(
        default_factory=dict
    )
    missing_default: Markers = Field(default_factory=lambda: [*MISSING])
    missing_target: Literal["error", "drop"] = "error"
    positive: Label | None = None
    groups: str | None = None
    time: TimeColumn = Field(default_factory=dict)
    weights: str | None = None


class Holdout(Section):
    """Which rows are set aside: a share of all, or those that a column names; or none."""

    #: What more than half of the rows would be tested by has hardly learnt.
    share: Annotated[float, Field(gt=0, le=0.5)] | None = None
    column: str | None = None
    seed: Seed = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.share is not None and self.column is not None:
            raise ValueError("either share or column says which rows are set aside, not both")
        if self.share is None and "seed" in self.model_fields_set:
            raise ValueError("seed is what a share is drawn by, and there is none")
        return self

    def __bool__(self) -> bool:
        return self.share is not None or self.column is not None


class Preprocess(Section):
    """What the table must be like."""

    classes: Literal["any"] | Annotated[list[Label], Field(min_length=2), Distinct] = "any"
    min_class_rows: Annotated[Whole, Field(ge=1)] = 1
    max_missing: Annotated[float, Field(ge=0, le=1)] = 1.0
    holdout: Annotated[Holdout, BeforeValidator(empty_mapping)] = Holdout()
