"""params.yaml as typed sections: an unknown key or a bad value is an error that names its path."""

import codecs
import difflib
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from sklearn.metrics import get_scorer_names

from stages.study.yaml_sections import Section, Whole, read, whole

PATH = Path("params.yaml")


def _whole_everywhere(value: Any) -> Any:
    """Apply :func:`stages.study.yaml_sections.whole` to every value in a tree."""
    if isinstance(value, dict):
        return {key: _whole_everywhere(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole_everywhere(item) for item in value]
    return whole(value)


def _empty_mapping(value: Any) -> Any:
    """Read a key with nothing below it as an empty mapping."""
    return {} if value is None else value


def _without_formats(value: Any) -> Any:
    """Read a list of columns as a mapping to no format."""
    return dict.fromkeys(_distinct(value), "") if type(value) is list else value


def _without_format(value: Any) -> Any:
    """Read a name as a mapping to no format, and nothing as an empty one."""
    return {value: ""} if isinstance(value, str) else _empty_mapping(value)


def _known_format(form: str) -> str:
    # Loads pandas' dates only where there are any.
    from stages.study.date_formats import check_format

    return check_format(form) if form else form


def _by_name(key: str) -> BeforeValidator:
    """Read a name as a mapping with no more than this key."""
    return BeforeValidator(lambda value: {key: value} if isinstance(value, str) else value)


def _distinct(values: list[Any]) -> list[Any]:
    repeated = [value for n, value in enumerate(values) if value in values[:n]]
    if repeated:
        raise ValueError(f"{repeated[0]!r} is listed twice")
    return values


def _not_one(value: Any) -> Any:
    if value == 1:
        raise ValueError("must be 0, which switches it off, or at least 2")
    return value


def _known_scorer(name: Any) -> Any:
    known = get_scorer_names()
    if name not in known:
        near = difflib.get_close_matches(str(name), known, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "for example accuracy or r2"
        raise ValueError(f"not the name of a scikit-learn scorer; {hint}")
    return name


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


Distinct = BeforeValidator(lambda values: _distinct(values) if type(values) is list else values)
Scorer = Annotated[str, BeforeValidator(_known_scorer)]
Network = Annotated[dict[str, Any], BeforeValidator(_whole_everywhere)]
Values = Annotated[list[Any], Field(min_length=1), Distinct]
Seed = Annotated[Whole, Field(ge=0, lt=2**32)]
Label = str | int | float | bool
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
Columns = Annotated[list[str], Distinct]
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
    missing: Annotated[dict[str, Markers], BeforeValidator(_empty_mapping)] = Field(
        default_factory=dict
    )
    missing_default: Markers = Field(default_factory=lambda: [*MISSING])
    missing_target: Literal["error", "drop"] = "error"
    positive: Label | None = None
    groups: str | None = None
    time: TimeColumn = Field(default_factory=dict)
    weights: str | None = None


class Preprocess(Section):
    """What the table must be like."""

    classes: Literal["any"] | Annotated[list[Label], Field(min_length=2), Distinct] = "any"
    min_class_rows: Annotated[Whole, Field(ge=1)] = 1
    max_missing: Annotated[float, Field(ge=0, le=1)] = 1.0


class Imputer(Section):
    """What fills gaps in numbers, and whether a column says where they were."""

    strategy: Literal["none", "median", "mean", "most_frequent", "knn"]
    indicator: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.indicator and self.strategy == "none":
            raise ValueError("indicator says where an imputer has filled a gap; there is none")
        return self


class Categorical(Section):
    """How categories become numbers, and which are rare enough to count as one."""

    encoder: Literal["onehot", "ordinal", "target"] = "onehot"
    min_frequency: Annotated[Whole, Field(ge=1)] | Annotated[float, Field(gt=0, lt=1)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.encoder == "target" and self.min_frequency is not None:
            raise ValueError("min_frequency is for onehot and ordinal; target weighs rare values")
        return self


class Model(Section):
    """The base model: what happens to a row before the network, and the network."""

    imputer: Annotated[Imputer, _by_name("strategy")]
    scaler: Literal["none", "minmax", "standard", "robust", "quantile"]
    categorical: Annotated[Categorical, _by_name("encoder")] = Categorical()
    target: Literal["none", "standard", "log1p", "yeo_johnson"] = "none"
    network: Network


class CrossValidate(Section):
    """How the base model is judged."""

    folds: Annotated[Whole, Field(ge=2)]
    scoring: Annotated[list[Scorer], Field(min_length=1), Distinct]


class GridSearch(Section):
    """Which candidates are compared, and how."""

    network: Network = Field(default_factory=dict)
    cv: Annotated[Whole, Field(ge=2)]
    scoring: Scorer
    seeds: Annotated[list[Seed], Field(min_length=1), Distinct] | None = None
    param_grid: Annotated[
        dict[str, Values], Field(min_length=1), BeforeValidator(_whole_everywhere)
    ]


class NestedCV(Section):
    """What the choice of the best candidate is worth, and what chance alone would reach."""

    outer: Annotated[Whole, BeforeValidator(_not_one), Field(ge=0)] = 10
    permutations: Annotated[Whole, Field(ge=0)] = 0


class Report(Section):
    """What the report shows."""

    title: str
    best: Annotated[Whole, Field(ge=1)] = 10


class Params(Section):
    """All of params.yaml."""

    seed: Seed
    data: Data
    preprocess: Preprocess = Preprocess()
    model: Model
    cross_validate: CrossValidate
    grid_search: GridSearch
    nested_cv: NestedCV = NestedCV()
    report: Report


def load(path: Path = PATH) -> Params:
    """Read and check the parameters.

    Raises
    ------
    InputError
        If the file is missing, does not parse, or holds something that is not allowed.
    """
    return read(path, Params)
