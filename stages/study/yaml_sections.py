"""A YAML file as typed sections: an unknown key or a bad value is an error that names its path."""

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

from gridlanes.errors import UNPRINTABLE, did_you_mean, in_a_line
from stages.study.errors import InputError

#: At most this many lines of errors are shown at once.
SHOWN = 3

#: A name that YAML reads as text, bare.
BARE = re.compile(r"(?!(?i:true|false|null|nan|auto)$)[A-Za-z_][\w.]*(?: [\w.]+)*")

#: What pydantic says in words of programs, by its kinds of errors, in those of a file.
WORDS = {
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping",
    "float_type": "must be a number",
    "int_from_float": "must be a whole number",
    "int_type": "must be a whole number",
    "list_type": "must be a list",
    "string_too_short": "must have characters, at least {min_length}",
    "string_type": "must be a text",
    "too_long": "must have entries, at most {max_length}",
    "too_short": "must have entries, at least {min_length}",
}

#: The kind of error of a key that another one needs.
LEFT_OUT = "left_out"


class Section(BaseModel):
    """A mapping with a closed set of keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Kind = TypeVar("Kind", bound=Section)


def whole(value: Any) -> Any:
    """Read 16.0 as 16: DVC and people write both."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must be a finite number")
    return int(value) if isinstance(value, float) and value.is_integer() else value


Whole = Annotated[int, BeforeValidator(whole)]


def read(path: Path, kind: type[Kind]) -> Kind:
    """Return what a file holds, checked.

    It is read as YAML 1.2, as DVC reads it: ``1e-3`` is a number and ``no`` a string.

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
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text: {error.reason}") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        problem = " ".join(str(error.problem or error.context).split())
        raise InputError(f"{path}: {where}not YAML: {problem}") from None
    # Its constructors raise whatever Python does of a value that is not of its tag.
    except Exception as error:
        said = f"{type(error).__name__}: {in_a_line(error)}"
        raise InputError(f"{path}: not YAML: {said}") from None
    if not isinstance(content, dict):
        raise InputError(
            f"{path}: must hold {', '.join(kind.model_fields)}; "
            f"found {'nothing' if content is None else type(content).__name__}"
        )
    try:
        _check_plain(path, content)
        return kind.model_validate(content)
    except RecursionError:
        raise InputError(f"{path}: a list or mapping holds itself") from None
    except ValidationError as error:
        raise InputError(_message(f"{path}: ", error, kind)) from None


def read_part(value: Mapping[str, Any], kind: type[Kind], where: str) -> Kind:
    """Return what stands somewhere in a file, checked.

    Parameters
    ----------
    value : mapping
    kind : type
    where : str
        The file and the key path, as they begin a message.

    Raises
    ------
    InputError
    """
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        raise InputError(_message(f"{where}.", error, kind)) from None


def _check_plain(path: Path, value: Any, keys: tuple[Any, ...] = ()) -> None:
    """Check that JSON can hold what YAML can, which has dates, sets and keys that are no text."""
    where = f"{path}: {_key_path(keys)}"
    if isinstance(value, dict):
        for key, own in value.items():
            if not isinstance(key, str):
                raise InputError(f"{where}: a key must be a text; found {key!r}")
            _check_plain(path, key, (*keys, key))
            _check_plain(path, own, (*keys, key))
    elif isinstance(value, list):
        for number, own in enumerate(value):
            _check_plain(path, own, (*keys, number))
    elif isinstance(value, str) and UNPRINTABLE.search(value):
        raise InputError(f"{where}: must be a text without control characters; found {value!r}")
    elif not isinstance(value, (str, int, float)) and value is not None:
        raise InputError(
            f"{where}: must be a text, a number, true, false, null, or a list or mapping of these; "
            f"found {value!r}"
        )


def _message(start: str, error: ValidationError, kind: type[Section]) -> str:
    """Return a line for each thing wrong, three at most; ``start`` stands before a key path."""
    # A union reports a line for each of its members; the last one is the widest.
    found = {_key_path(item["loc"]): item for item in error.errors()}
    # A key that is misspelt comes before what follows of its absence.
    ordered = sorted(found.values(), key=lambda item: item["type"] != "extra_forbidden")
    lines = [_line(start, item, kind) for item in ordered]
    more = len(lines) - SHOWN
    if more > 0:
        lines = [*lines[: SHOWN - 1], f"{start.rstrip(' .:')}: and {more + 1} more"]
    return "\n".join(lines)


def _key_path(keys: tuple[Any, ...]) -> str:
    """Return where in the file, like ``grid_search.param_grid.epochs[0]``."""
    path = ""
    for part in keys:
        if isinstance(part, int):
            path += f"[{part}]"
        elif not _is_union_member(part):
            # A key may hold anything, a line break too.
            path += f".{part}" if part.isprintable() else f".{part!r}"
    return path.removeprefix(".")


def _is_union_member(part: str) -> bool:
    return part in ("str", "int", "float", "bool") or part.startswith(
        ("literal[", "list[", "func", "constrained-", "tagged-")
    )


def _line(start: str, item: ErrorDetails, kind: type[Section]) -> str:
    # What is wrong with all of a part has no key of its own.
    where = f"{start}{_key_path(item['loc'])}".removesuffix(".")
    if item["type"] == "extra_forbidden":
        allowed = _fields(item["loc"][:-1], kind)
        key = str(item["loc"][-1])
        # What stands a level too high.
        inside = [own for own in _inside(kind, item["loc"][:-1]) if own.endswith(f".{key}")]
        hint = did_you_mean(key, allowed) or (f"; did you mean {inside[0]!r}?" if inside else ".")
        return f"{where}: unknown key{hint} Allowed: {', '.join(allowed)}"
    if item["type"] == "missing":
        return f"{where}: missing; it has no default"
    if item["type"] in ("model_type", "model_attributes_type"):
        keys = ", ".join(_fields(item["loc"], kind))
        return f"{where}: must be a mapping of {keys}; found {item['input']!r}"
    return f"{where}: {in_words(item)}"


def in_words(item: ErrorDetails) -> str:
    """Return what a value must be, and what was found."""
    if item["type"] in WORDS:
        problem = WORDS[item["type"]].format(**item.get("ctx", {}))
    else:
        problem = item["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    # Of a key that is not there nothing was found.
    found = "" if item["type"] == LEFT_OUT else f"; found {item['input']!r}"
    # Pydantic lists texts in quotes.
    texts = item["ctx"]["expected"].split("'")[1::2] if item["type"] == "literal_error" else []
    return f"{problem}{found}{did_you_mean(item['input'], texts)}"


def left_out(says: str) -> PydanticCustomError:
    """Return the error of a key that another one needs."""
    return PydanticCustomError(LEFT_OUT, "{says}", {"says": says})


def _fields(location: tuple[int | str, ...], kind: type[Section]) -> list[str]:
    """Return the keys that the section at a location may have."""
    return list(_annotation(location, kind).model_fields)


def _annotation(location: tuple[int | str, ...], kind: type[Section]) -> Any:
    section: Any = kind
    for part in location:
        section = section.model_fields[part].annotation
    return section


def _inside(kind: type[Section], location: tuple[int | str, ...]) -> list[str]:
    """Return the keys of all sections in the one at a location, by their paths."""
    sections = [(key, _annotation((*location, key), kind)) for key in _fields(location, kind)]
    return [
        f"{key}.{name}"
        for key, own in sections
        if isinstance(own, type) and issubclass(own, Section)
        for name in own.model_fields
    ]


def in_yaml(text: str) -> str:
    """Return a text as YAML reads it inside a list."""
    return text if BARE.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def in_flow(value: Any) -> str:
    """Return texts, numbers, and lists and mappings of them, as YAML in one line."""
    if isinstance(value, dict):
        return (
            "{" + ", ".join(f"{in_flow(key)}: {in_flow(own)}" for key, own in value.items()) + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(in_flow, value)) + "]"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{'-' * (value < 0)}.{'nan' if math.isnan(value) else 'inf'}"
    return in_yaml(value) if isinstance(value, str) else json.dumps(value)
