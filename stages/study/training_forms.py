"""What entries that say how a network is trained are to be like, whatever the network and table."""

import ast
import itertools
import math
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from stages.study.distributions import Distribution, place, tried
from stages.study.errors import InputError
from stages.study.sections.model import Model
from stages.study.sections.searching import GridSearch
from stages.study.sections.training import (
    MAPPINGS,
    SCHEDULES,
    EarlyStopping,
    ReduceOnPlateau,
    Watching,
    schedule_of,
)
from stages.study.yaml_sections import read_part

#: What mappings are to be, but for schedules, of which each kind has its own.
SECTIONS: dict[str, type[Watching]] = {
    "early_stopping": EarlyStopping,
    "reduce_on_plateau": ReduceOnPlateau,
}


def check_forms(model: Model, search: GridSearch, file: Path) -> None:
    """Check all entries and values of a grid that the network's function does not ask for.

    Raises
    ------
    InputError
    """
    asked = arguments()
    if asked is None:
        return
    of_search = {**model.network, **search.network}
    # Of what is checked: its name and value, what the entry's other keys may be, and where it is.
    places: list[tuple[str, Any, list[Any], str]] = [
        (name, value, [own.get(name.partition("__")[0])], f"{path}.network.{name}")
        for path, network, own in (
            ("model", model.network, model.network),
            ("grid_search", search.network, of_search),
        )
        for name, value in network.items()
    ]
    for path, grid in search.named_grids:
        for name, values in grid.items():
            entries = _beside(name, grid, of_search)
            for number, value in enumerate(tried(values)):
                places.append((name, value, entries, place(f"{path}.{name}", values, number)))
    for name, value, entries, where in places:
        entry = name.partition("__")[0]
        if entry in MAPPINGS and entry not in asked:
            _check_with_any(name, value, entries, f"{file}: {where}")


def _beside(name: str, grid: Mapping[str, Any], base: Mapping[str, Any]) -> list[Any]:
    """Return an entry with each combination of values that a grid has for its other keys."""
    entry = name.partition("__")[0]
    own = base.get(entry)
    others = [key for key in grid if key != name and key.startswith(f"{entry}__")]
    if not isinstance(own, Mapping) or not others:
        return [own]
    keys = [key.partition("__")[2] for key in others]
    combined = itertools.product(*(tried(grid[key]) for key in others))
    return [{**own, **dict(zip(keys, values, strict=True))} for values in combined]


def _check_with_any(name: str, value: Any, entries: list[Any], where: str) -> None:
    """Check an entry, or one key of it, that is right if it is so with any of several entries.

    Which candidates hold two values that do not fit each other, the stage that trains them says.
    """
    errors = []
    for own in entries:
        try:
            return check_form(name, value, own, where)
        except InputError as error:
            errors.append(error)
    raise errors[0]


def arguments() -> set[str] | None:
    """Return what create_model() of the user's file asks for, None if that cannot be read.

    The file is not run, which may load Keras.
    """
    found = find_spec("stages.architecture")
    try:
        return arguments_in(Path(found.origin or "").read_bytes()) if found is not None else None
    except OSError:
        return None


def arguments_in(source: bytes) -> set[str] | None:
    """Return what a function create_model() in a text asks for, None if that cannot be read."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return None
    named = [own for own in body if isinstance(own, ast.FunctionDef) and own.name == "create_model"]
    if len(named) != 1 or named[0].decorator_list:
        return None
    given = named[0].args
    return {own.arg for own in (*given.posonlyargs, *given.args, *given.kwonlyargs)}


def check_form(name: str, value: Any, own: Any, where: str) -> None:
    """Check an entry, or one key of it.

    Parameters
    ----------
    name : str
        ``early_stopping`` or, of one key, ``early_stopping__patience``.
    value : object
    own : object
        Of one key, the entry that it is in; nothing is checked if that is no mapping.
    where : str
        The file and the key path.

    Raises
    ------
    InputError
    """
    entry, _, key = name.partition("__")
    if not key and isinstance(value, Mapping):
        _check_mapping(entry, value, where)
    elif not key and value is not None:
        _check_no_mapping(entry, value, where)
    elif key and isinstance(own, Mapping):
        try:
            _check_mapping(entry, {**own, key: value}, where)
        except InputError as error:
            # The path is that of the key already.
            raise InputError(str(error).replace(f"{where}.{key}: ", f"{where}: ")) from None


def _check_mapping(entry: str, value: Mapping[str, Any], where: str) -> None:
    if entry == "learning_rate":
        # A schedule of no kind cannot be told more.
        value = value if value.get("schedule") in SCHEDULES else _kind_alone(value)
        read_part(value, schedule_of(value), where)
    else:
        read_part(value, SECTIONS[entry], where)


def _kind_alone(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: own for name, own in value.items() if name == "schedule"}


def _check_no_mapping(entry: str, value: Any, where: str) -> None:
    if entry != "learning_rate":
        keys = ", ".join(SECTIONS[entry].model_fields)
        raise InputError(f"{where}: must be a mapping of {keys}, or null; found {value!r}")
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 < value < math.inf:
        raise InputError(
            f"{where}: must be a number above 0, or a mapping whose schedule is cosine, "
            f"exponential, inverse_time, piecewise or polynomial; found {value!r}"
        )


def without_entry(model: Model, search: GridSearch) -> Iterator[str]:
    """Say which keys of an entry, as ``early_stopping__patience``, have no entry to be in."""
    base = dict(model.network)
    of_search = base | search.network
    yield from _without_entry(base, {}, "model.network")
    yield from _without_entry(search.network, base, "grid_search.network")
    for path, grid in search.named_grids:
        yield from _without_entry(grid, of_search, path)


def _without_entry(said: Mapping[str, Any], before: Mapping[str, Any], path: str) -> Iterator[str]:
    for name in said:
        entry, _, key = name.partition("__")
        if not key or entry not in MAPPINGS:
            continue
        values = said.get(entry, before.get(entry))
        several = entry in said and isinstance(values, list)
        if not any(isinstance(own, Mapping) for own in (values if several else [values])):
            found = "null" if values is None else values
            first = "" if path.endswith(".network") or _is_drawn(said[name]) else "[0]"
            yield (
                f"{path}.{name}{first}: would reach nothing, since {entry} is {found}; {key} is a "
                f"key of the mapping that {path.split('.', maxsplit=1)[0]}.network.{entry} may be"
            )


def _is_drawn(values: Any) -> bool:
    return isinstance(values, Distribution)
