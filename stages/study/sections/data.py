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
    """How a table's file is read, where its content does not tell.

    Attributes
    ----------
    separator
        What stands between values, one character. Commas, semicolons, tabs and vertical
        bars are found; a first line ``sep=;`` counts.
    decimal
        The decimal mark of numbers.
    thousands
        What stands between thousands, in groups of three digits.
    encoding
        Of text, such as ``latin-1``; without it UTF-8, or what a byte order mark says.
    comment
        How lines begin that are passed over, such as ``"#"``; behind a value it is a part
        of it.
    sheet
        The sheet of a workbook; without it the only one that is not empty.
    """

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
    """Where the table is and what its columns are.

    Attributes
    ----------
    path
        The table, with names in its first line: text such as CSV and TSV, as it is or in
        gzip, bzip2, xz or zip; a workbook (``.xlsx``, ``.xls``, ``.ods``); Parquet;
        Feather.
    target
        The column to predict.
    features
        The columns to predict from, or ``all`` others.
    exclude
        Columns that are no features.
    categorical
        Columns that are categories, text or numbers; ``auto`` takes text of at most 50
        values, each in 5 rows on average.
    booleans
        By column how no and yes are written, such as ``alive: [dead, alive]``. no/yes, n/y,
        false/true, f/t, nein/ja, n/j and off/on are known.
    dates
        Columns of dates, as a list or with their format: ``{sold: "%d/%m/%Y"}``.
    task
        What is predicted: a class or a number.
    missing
        By column what means "not measured", such as ``Insulin: [0]``; of the target too.
        ``Pool: []`` for nothing, where NA and empty cells are a category.
    missing_default
        What means it in every column; ``[]`` for nothing.
    missing_target
        Whether rows without a target are an error, or left out.
    positive
        Of two classes the one that precision, recall and their kin look at. Needed for
        these where labels are not 0 and 1.
    groups
        A column of which whole groups stay on one side of every split, such as the patient
        that rows are of. It is no feature.
    time
        A column of numbers or dates: no fold is trained on what is later than what it
        tests. With a format as ``{day: "%d/%m/%Y"}``.
    weights
        A column of weights of rows, in fits, baselines and scorers that take weights. It is
        no feature.
    """

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
    """Which rows are set aside: a share of all, or those that a column names; or none.

    Attributes
    ----------
    share
        The share of the rows that is set aside: of a classification as much of each class,
        of groups whole ones, of times the latest.
    column
        A column that says yes or no whether a row is set aside. It is no feature.
    seed
        What draws the share, so that the study's own seed does not change it.
    """

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
    """What the table must be like.

    Attributes
    ----------
    classes
        The labels that there are to be; ``any`` takes them as they come.
    min_class_rows
        Classes with fewer rows are left out.
    max_missing
        The largest share of missing values that a feature may have.
    holdout
        Rows that are set aside to test the winner, once; null for none.
    """

    classes: Literal["any"] | Annotated[list[Label], Field(min_length=2), Distinct] = "any"
    min_class_rows: Annotated[Whole, Field(ge=1)] = 1
    max_missing: Annotated[float, Field(ge=0, le=1)] = 1.0
    holdout: Annotated[Holdout, BeforeValidator(empty_mapping)] = Holdout()
