"""Where code comes from: Python itself, an installed package, or the user."""

import dis
import functools
import importlib.metadata
import importlib.util
import inspect
import itertools
import sys
import sysconfig
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: Where installers put packages: of this Python, of the user, and of whom else the path names.
_PLACES = tuple(
    f"{Path(place).resolve()}/"
    for place in (
        *map(sysconfig.get_path, ("stdlib", "platstdlib", "purelib", "platlib")),
        *(own for own in sys.path if Path(own).name in ("site-packages", "dist-packages")),
    )
)


class UnknownVersionError(Exception):
    """An installed package does not say which version it is."""


def is_installed(module: str | None) -> bool:
    """Return whether a module is Python's own or belongs to an installed package.

    A file of the user's may have the name of one of Python's modules.
    """
    top = (module or "").partition(".")[0]
    # A launcher, such as a profiler, may leave its own file's name to what it runs.
    if top in ("", "__main__", "__mp_main__"):
        return False
    file = getattr(sys.modules.get(top), "__file__", None)
    if file is None:
        return top in sys.builtin_module_names or top in sys.stdlib_module_names
    return str(Path(file).resolve()).startswith(_PLACES)


@functools.cache
def version_of(module: str) -> str:
    """Return the version of the installed package that a module belongs to.

    Raises
    ------
    UnknownVersionError
    """
    top = module.partition(".")[0]
    if top in sys.builtin_module_names or top in sys.stdlib_module_names:
        return f"python {sys.version_info[:2]}"
    version = getattr(sys.modules.get(top), "__version__", None)
    if version is None:
        try:
            version = importlib.metadata.version(top)
        except importlib.metadata.PackageNotFoundError as error:
            raise UnknownVersionError(top) from error
    return f"{top} {version}"


def resolves(value: Any) -> bool:
    """Return whether a class or function is what its name says."""
    found: Any = sys.modules.get(value.__module__)
    for name in getattr(value, "__qualname__", value.__name__).split("."):
        found = getattr(found, name, None)
    return found is value


def is_named(value: Any) -> bool:
    """Return whether this is a function of an installed package, in whatever language."""
    named = callable(value) and hasattr(value, "__name__") and hasattr(value, "__module__")
    return named and is_installed(value.__module__) and resolves(value)


def names_in(code: types.CodeType) -> Iterator[str]:
    """Return all names that a code looks up, of globals and of attributes."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from names_in(constant)


def imports_in(code: types.CodeType) -> Iterator[str]:
    """Return the modules that a code imports when it runs, "" for one named relatively."""
    level: Any = 0
    before: list[Any] = [None, None]
    for instruction in dis.get_instructions(code):
        if instruction.opname == "IMPORT_NAME":
            level = before[0].argval
            yield "" if level else str(instruction.argval)
        before = [before[1], instruction]
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from imports_in(constant)


def can_be_imported(module: str) -> bool:
    """Return whether a module is one of an installed package, loaded or not."""
    top = module.partition(".")[0]
    if top in sys.modules:
        return is_installed(top)
    spec = importlib.util.find_spec(top) if top else None
    origin = spec.origin if spec is not None else None
    return origin is not None and (origin == "frozen" or origin.startswith(_PLACES))


def has_place_for_docstring(code: types.CodeType) -> bool:
    """Return whether the first constant of a code is its docstring, or None for want of one."""
    flag = getattr(inspect, "CO_HAS_DOCSTRING", None)
    if flag is not None:
        return bool(code.co_flags & flag)
    # Before Python 3.14 functions with a name have that place, and nothing else has.
    return bool(code.co_flags & inspect.CO_NEWLOCALS) and not code.co_name.startswith("<")


#: What Python 3.13 writes into a class: its line, and what its methods set of their objects.
_PLACED = frozenset(["__firstlineno__", "__static_attributes__"])


def constants_of_place(code: types.CodeType) -> set[int]:
    """Return which constants of a class's code say where it stands and nothing else."""
    if _PLACED.isdisjoint(code.co_names):
        return set()
    steps = list(dis.get_instructions(code))
    loaded = [step.arg for step in steps if step.opname == "LOAD_CONST"]
    placed = {
        before.arg
        for before, step in itertools.pairwise(steps)
        if step.opname == "STORE_NAME" and step.argval in _PLACED and before.opname == "LOAD_CONST"
    }
    # A line's number may be a number that the class uses, too.
    return {number for number in placed if number is not None and loaded.count(number) == 1}
