"""params.yaml as typed sections: an unknown key or a bad value is an error that names its path."""

import difflib
import math
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from sklearn.metrics import get_scorer_names

from stages.errors import InputError

PATH = Path("params.yaml")

#: At most this many lines of errors are shown at once.
SHOWN = 3


def _whole(value: Any) -> Any:
    """Read 16.0 as 16: DVC and people write both."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must be a finite number")
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _whole_everywhere(value: Any) -> Any:
    """Apply :func:`_whole` to every value in a tree."""
    if isinstance(value, dict):
        return {key: _whole_everywhere(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_whole_everywhere(item) for item in value]
    return _whole(value)


def _empty_mapping(value: Any) -> Any:
    """Read a key with nothing below it as an empty mapping."""
    return {} if value is None else value


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


class Section(BaseModel):
    """A mapping with a closed set of keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Whole = Annotated[int, BeforeValidator(_whole)]
Distinct = BeforeValidator(lambda values: _distinct(values) if type(values) is list else values)
Scorer = Annotated[str, BeforeValidator(_known_scorer)]
Network = Annotated[dict[str, Any], BeforeValidator(_whole_everywhere)]
Values = Annotated[list[Any], Field(min_length=1), Distinct]
Seed = Annotated[Whole, Field(ge=0, lt=2**32)]
Label = str | int | float | bool


class Data(Section):
    """Where the table is and what its columns are."""

    path: str
    target: str
    features: Literal["all"] | Annotated[list[str], Field(min_length=1), Distinct] = "all"
    task: Literal["classification", "regression"]
    missing: Annotated[dict[str, list[Label]], BeforeValidator(_empty_mapping)] = {}


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

    network: Network = {}
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

    The file is read as YAML 1.2, as DVC reads it: ``1e-3`` is a number and ``no`` a string.

    Raises
    ------
    InputError
        If the file is missing, does not parse, or holds something that is not allowed.
    """
    try:
        content = YAML(typ="safe", pure=True).load(path)
    except FileNotFoundError:
        raise InputError(
            f"{path}: no such file in {Path.cwd()}; run from the root of the project"
        ) from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text: {error.reason}") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = " ".join(str(error.problem or error.context).split())
        raise InputError(f"{path}: {where}not YAML: {problem}") from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{path}: not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(content, dict):
        raise InputError(
            f"{path}: must hold the sections {', '.join(Params.model_fields)}; "
            f"found {'nothing' if content is None else type(content).__name__}"
        )
    try:
        return Params.model_validate(content)
    except RecursionError:
        raise InputError(f"{path}: a list or mapping holds itself") from None
    except ValidationError as error:
        raise InputError(_message(path, error)) from None


def _message(path: Path, error: ValidationError) -> str:
    """Return a line for each thing wrong, three at most."""
    # A union reports a line for each of its members; the last one is the widest.
    lines = list({_key_path(item): _line(path, item) for item in error.errors()}.values())
    more = len(lines) - SHOWN
    if more > 0:
        lines = [*lines[: SHOWN - 1], f"{path}: and {more + 1} more"]
    return "\n".join(lines)


def _key_path(item: ErrorDetails) -> str:
    """Return where in the file, like ``grid_search.param_grid.epochs[0]``."""
    path = ""
    for part in item["loc"]:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not _is_union_member(part):
            # A key may hold anything, a line break too.
            path += f".{part}" if part.isprintable() else f".{part!r}"
    return path.removeprefix(".")


def _is_union_member(part: str) -> bool:
    return part in ("str", "int", "float", "bool") or part.startswith(("literal[", "list[", "func"))


def _line(path: Path, item: ErrorDetails) -> str:
    key_path = _key_path(item)
    if item["type"] == "extra_forbidden":
        allowed = _fields(item["loc"][:-1])
        near = difflib.get_close_matches(str(item["loc"][-1]), allowed, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        return f"{path}: {key_path}: unknown key{hint} Allowed: {', '.join(allowed)}"
    if item["type"] == "missing":
        return f"{path}: {key_path}: missing; it has no default"
    problem = item["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    return f"{path}: {key_path}: {problem}; found {item['input']!r}"


def _fields(location: tuple[int | str, ...]) -> list[str]:
    """Return the keys that the section at a location may have."""
    section: Any = Params
    for part in location:
        section = section.model_fields[part].annotation
    return list(section.model_fields)
