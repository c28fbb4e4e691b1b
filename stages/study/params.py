"""params.yaml as typed sections: an unknown key or a bad value is an error that names its path."""

import difflib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
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


def _without_format(value: Any) -> Any:
    """Read a name as a mapping to no format, and nothing as an empty one."""
    return {value: ""} if isinstance(value, str) else _empty_mapping(value)


def _known_format(form: str) -> str:
    # Loads pandas' dates only where there are any.
    from stages.study.date_formats import check_format

    return check_format(form) if form else form


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


Distinct = BeforeValidator(lambda values: _distinct(values) if type(values) is list else values)
Scorer = Annotated[str, BeforeValidator(_known_scorer)]
Network = Annotated[dict[str, Any], BeforeValidator(_whole_everywhere)]
Values = Annotated[list[Any], Field(min_length=1), Distinct]
Seed = Annotated[Whole, Field(ge=0, lt=2**32)]
Label = str | int | float | bool
DateFormat = Annotated[str, AfterValidator(_known_format)]
#: A column, with the format of its dates if that has to be said.
TimeColumn = Annotated[dict[str, DateFormat], Field(max_length=1), BeforeValidator(_without_format)]


class Data(Section):
    """Where the table is and what its columns are."""

    path: str
    target: str
    features: Literal["all"] | Annotated[list[str], Field(min_length=1), Distinct] = "all"
    task: Literal["classification", "regression"]
    missing: Annotated[dict[str, list[Label]], BeforeValidator(_empty_mapping)] = Field(
        default_factory=dict
    )
    groups: str | None = None
    time: TimeColumn = Field(default_factory=dict)
    weights: str | None = None


class Preprocess(Section):
    """What the table must be like."""

    classes: Literal["any"] | Annotated[list[Label], Field(min_length=2), Distinct] = "any"
    max_missing: Annotated[float, Field(ge=0, le=1)] = 1.0


class Model(Section):
    """The base model: what happens to a row before the network, and the network."""

    imputer: Literal["none", "median", "mean"]
    scaler: Literal["none", "minmax", "standard"]
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
