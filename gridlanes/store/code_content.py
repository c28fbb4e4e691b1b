"""What code is made of: classes, functions and modules, as parts of a digest.

Each takes a function that returns the digest of whatever else is met on the way.
"""

import inspect
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from gridlanes.store.code_origin import (
    can_be_imported,
    constants_of_place,
    has_place_for_docstring,
    imports_in,
    is_installed,
    names_in,
    resolves,
    version_of,
)
from gridlanes.store.digests import NoContentError

#: Returns the digest of a value.
Digest = Callable[[Any], bytes]

#: Attributes of a class that say nothing of what it does.
_NOISE = frozenset(
    [
        "__abstractmethods__",
        "__annotate__",
        "__annotations__",
        "__dataclass_fields__",
        "__dataclass_params__",
        "__dict__",
        "__doc__",
        "__firstlineno__",
        "__module__",
        "__orig_bases__",
        "__parameters__",
        "__static_attributes__",
        "__weakref__",
        "_abc_impl",
    ]
)


def class_parts(of: Digest, kind: type) -> Iterator[bytes | str]:
    """Go through a class: its bases and what it defines."""
    if is_installed(kind.__module__) and resolves(kind):
        yield from named_parts(kind, kind.__module__)
        return
    yield kind.__qualname__
    yield from map(of, kind.__bases__)
    for name, part in sorted(vars(kind).items()):
        if name not in _NOISE:
            yield from (name, of(part))


def function_parts(of: Digest, function: types.FunctionType) -> Iterator[bytes | str]:
    """Go through a function: its code and all that this reaches."""
    if is_installed(function.__module__) and resolves(function):
        yield from named_parts(function, function.__module__)
        return
    yield of(function.__code__)
    yield from map(of, (function.__defaults__, function.__kwdefaults__))
    yield of(vars(function))
    for cell in function.__closure__ or ():
        try:
            yield of(cell.cell_contents)
        except ValueError:
            yield "empty"
    names = sorted(set(names_in(function.__code__)))
    for name in names:
        found = function.__globals__.get(name)
        if isinstance(found, types.ModuleType):
            yield from module_parts(of, found, names)
        elif name in function.__globals__:
            yield from (name, of(found))
    for module in imports_in(function.__code__):
        if not can_be_imported(module):
            raise NoContentError(f"what {function.__qualname__} imports when it is called")


def code_parts(of: Digest, code: types.CodeType) -> Iterator[bytes | str]:
    """Go through compiled code, but for docstrings and where it stands."""
    yield f"python {version_of('sys')}"
    yield code.co_code
    yield code.co_exceptiontable
    for names in (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars):
        yield repr(names)
    yield repr((code.co_argcount, code.co_kwonlyargcount, code.co_posonlyargcount))
    yield str(code.co_flags & ~getattr(inspect, "CO_HAS_DOCSTRING", 0))
    placed = constants_of_place(code)
    for number, constant in enumerate(code.co_consts):
        if number in placed:
            continue
        could_be_docstring = constant is None or isinstance(constant, str)
        if number or not (could_be_docstring and has_place_for_docstring(code)):
            yield of(constant)


def module_parts(
    of: Digest, module: types.ModuleType, names: Iterable[str]
) -> Iterator[bytes | str]:
    """Go through those attributes of a module that a function names."""
    yield module.__name__
    if is_installed(module.__name__):
        yield version_of(module.__name__)
        return
    if not names:
        raise NoContentError(f"what is used of the module {module.__name__}")
    own = vars(module)
    for name in names:
        found = own.get(name)
        if isinstance(found, types.ModuleType) and found is not module:
            yield from module_parts(of, found, [other for other in names if other != name])
        elif name in own:
            yield from (name, of(found))


def named_parts(value: Any, module: str) -> Iterator[bytes | str]:
    """Go by the name of something that belongs to an installed package, and its version."""
    name = str(getattr(value, "__qualname__", None) or getattr(value, "__name__", ""))
    owner = getattr(value, "__self__", None)
    if not is_installed(module) or not (owner is None or isinstance(owner, types.ModuleType)):
        raise NoContentError(f"what {module}.{name} does")
    yield from (module, name, version_of(module))
