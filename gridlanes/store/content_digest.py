"""What a value is made of, as a digest that is the same in every process.

Data count by what they hold, functions by their compiled code and all that it reaches (defaults,
closures, globals, attributes of modules, functions it calls), objects by their class and
attributes, and whatever belongs to an installed package by its name and that package's version.
Comments, docstrings and the place of a definition play no part. What cannot be told for certain is
an error, never a guess; what a function reads from files or the environment cannot be seen.
"""

import enum
import functools
import inspect
import logging
import pathlib
import re
import struct
import types
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, Protocol, runtime_checkable

import numpy as np

from gridlanes.store.code_origin import (
    UnknownVersionError,
    can_be_imported,
    constants_of_place,
    has_place_for_docstring,
    imports_in,
    is_installed,
    is_named,
    names_in,
    resolves,
    version_of,
)
from gridlanes.store.keras_digest import attributes_of_keras, config_to_digest, parts_to_tell

_SCALARS = (bool, int, float, complex, str, bytes, type(None), type(...), range, slice)

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


class NoContentError(Exception):
    """What a value is made of cannot be told."""


def digest(*parts: bytes | str) -> bytes:
    """Return 20 bytes that are equal only for equal parts."""
    total = blake2b(digest_size=20)
    for part in parts:
        own = part.encode(errors="surrogatepass") if isinstance(part, str) else part
        total.update(struct.pack("<q", len(own)))
        total.update(own)
    return total.digest()


def array_content(array: np.ndarray) -> bytes:
    """Return the digest of an array of plain numbers."""
    return digest(f"{array.dtype.name} {array.dtype.str} {array.shape}", array.tobytes())


def content(value: Any, known: Mapping[int, bytes] | None = None) -> bytes:
    """Return the digest of a value.

    Parameters
    ----------
    value : Any
    known : mapping of int to bytes, optional
        What to take for the digest of objects, by their ``id``, wherever they are met.

    Raises
    ------
    NoContentError
        Naming the part that cannot be told.
    """
    try:
        with warnings.catch_warnings():
            # Keras warns of lambdas in what is going to be read again, which this is not.
            warnings.simplefilter("ignore")
            return _Walk(known or {}).of(value)
    except NoContentError:
        raise
    except UnknownVersionError as error:
        raise NoContentError(f"the version of {error}") from error
    except Exception as error:
        # Attributes of the user's objects may be code, which may raise anything.
        said = " ".join(str(error).split())[:200]
        raise NoContentError(f"{type(error).__name__}: {said}") from error


@runtime_checkable
class _Tensor(Protocol):
    dtype: Any
    shape: Any

    def numpy(self) -> Any: ...


#: What holds nothing but other values, and those.
_HOLDERS: tuple[tuple[Any, Callable[[Any], Iterable[Any]]], ...] = (
    (enum.Enum, lambda own: (type(own), own.name)),
    (np.ndarray, lambda own: (own.shape, own.ravel().tolist())),
    (Mapping, lambda own: [part for item in own.items() for part in item]),
    ((list, tuple), list),
    ((np.dtype, pathlib.PurePath), lambda own: (str(own),)),
    (logging.Logger, lambda own: (own.name,)),
    (re.Pattern, lambda own: (own.pattern, own.flags)),
    (functools.partial, lambda own: (own.func, own.args, own.keywords)),
    (types.MethodType, lambda own: (own.__self__, own.__func__)),
    ((staticmethod, classmethod), lambda own: (own.__func__,)),
    (property, lambda own: (own.fget, own.fset, own.fdel)),
)


class _Walk:
    """Goes through a value and what it reaches, which may lead back to it."""

    def __init__(self, known: Mapping[int, bytes]) -> None:
        self._inside: list[int] = []
        self._done = dict(known)
        # What has been met has to live, so that its identity is not given out again.
        self._kept: list[Any] = []

    def of(self, value: Any) -> bytes:
        if type(value) in _SCALARS:
            return digest(type(value).__name__, repr(value))
        if type(value) is np.ndarray or isinstance(value, np.generic):
            array = np.asarray(value)
            if not array.dtype.hasobject:
                return digest("array", array_content(array))
        if id(value) in self._inside:
            return digest("inside", str(self._inside.index(id(value))))
        if id(value) not in self._done:
            self._inside.append(id(value))
            self._kept.append(value)
            self._done[id(value)] = digest(type(value).__qualname__, *self._parts(value))
            self._inside.pop()
        return self._done[id(value)]

    def _parts(self, value: Any) -> Iterator[bytes | str]:
        if isinstance(value, types.ModuleType):
            return self._module(value, ())
        if isinstance(value, types.CodeType):
            return self._code(value)
        if isinstance(value, type):
            return self._class(value)
        if isinstance(value, types.FunctionType):
            return self._function(value)
        return self._object(value)

    def _object(self, value: Any) -> Iterator[bytes | str]:
        for kinds, parts in _HOLDERS:
            if isinstance(value, kinds):
                yield from self._own_kind(value)
                yield from map(self.of, parts(value))
                return
        if isinstance(value, (set, frozenset)):
            yield from self._own_kind(value)
            yield from sorted(map(self.of, value))
        elif isinstance(value, types.BuiltinFunctionType) or is_named(value):
            yield from self._by_name(value, value.__module__ or "builtins")
        elif (inner := _wrapped(value)) is not None:
            yield self.of(inner)
        elif isinstance(value, _Tensor):
            yield self.of(np.asarray(value))
        elif hasattr(value, "get_config"):
            yield from self._configured(value)
        else:
            yield from self._instance(value)

    def _own_kind(self, value: Any) -> Iterator[bytes | str]:
        """Go through what a class of the user's adds to one that only holds values."""
        kind = type(value)
        if isinstance(value, np.ndarray) and kind is not np.ndarray:
            raise NoContentError(f"what a {kind.__qualname__} holds")
        if isinstance(value, _SCALARS) or not is_installed(kind.__module__):
            yield from (self.of(kind), self.of(dict(getattr(value, "__dict__", {}))))

    def _configured(self, value: Any) -> Iterator[bytes | str]:
        """Go through an object of Keras, or one made like them."""
        kind = type(value)
        yield self.of(kind)
        if not is_installed(kind.__module__):
            known = attributes_of_keras(kind)
            for name, part in sorted(vars(value).items()):
                if name not in known:
                    yield from (name, self.of(part))
        try:
            yield self.of(config_to_digest(value))
        except Exception as error:
            if is_installed(kind.__module__):
                raise NoContentError(f"{kind.__name__} cannot be described: {error}") from error
        # A configuration names functions and classes, which may be the user's.
        for part in parts_to_tell(value):
            yield self.of(part)

    def _instance(self, value: Any) -> Iterator[bytes | str]:
        kind = type(value)
        plain = all(base in _SCALARS or base.__flags__ & 1 << 9 for base in kind.__mro__[:-1])
        slots = any(vars(base).get("__slots__") for base in kind.__mro__)
        if not plain or slots or not hasattr(value, "__dict__"):
            raise NoContentError(f"what a {kind.__module__}.{kind.__qualname__} holds")
        yield self.of(kind)
        yield self.of(vars(value))
        if isinstance(value, _SCALARS):
            yield repr(value)

    def _class(self, kind: type) -> Iterator[bytes | str]:
        if is_installed(kind.__module__) and resolves(kind):
            yield from self._by_name(kind, kind.__module__)
            return
        yield kind.__qualname__
        yield from map(self.of, kind.__bases__)
        for name, part in sorted(vars(kind).items()):
            if name not in _NOISE:
                yield from (name, self.of(part))

    def _function(self, function: types.FunctionType) -> Iterator[bytes | str]:
        if is_installed(function.__module__) and resolves(function):
            yield from self._by_name(function, function.__module__)
            return
        yield self.of(function.__code__)
        yield from map(self.of, (function.__defaults__, function.__kwdefaults__))
        yield self.of(vars(function))
        for cell in function.__closure__ or ():
            try:
                yield self.of(cell.cell_contents)
            except ValueError:
                yield "empty"
        names = sorted(set(names_in(function.__code__)))
        for name in names:
            found = function.__globals__.get(name)
            if isinstance(found, types.ModuleType):
                yield from self._module(found, names)
            elif name in function.__globals__:
                yield from (name, self.of(found))
        for module in imports_in(function.__code__):
            if not can_be_imported(module):
                raise NoContentError(f"what {function.__qualname__} imports when it is called")

    def _code(self, code: types.CodeType) -> Iterator[bytes | str]:
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
                yield self.of(constant)

    def _module(self, module: types.ModuleType, names: Iterable[str]) -> Iterator[bytes | str]:
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
                yield from self._module(found, [other for other in names if other != name])
            elif name in own:
                yield from (name, self.of(found))

    def _by_name(self, value: Any, module: str) -> Iterator[bytes | str]:
        name = str(getattr(value, "__qualname__", None) or getattr(value, "__name__", ""))
        owner = getattr(value, "__self__", None)
        if not is_installed(module) or not (owner is None or isinstance(owner, types.ModuleType)):
            raise NoContentError(f"what {module}.{name} does")
        yield from (module, name, version_of(module))


def _wrapped(value: Any) -> Any:
    """Return the function inside one of TensorFlow's or one that remembers results, else None."""
    if not is_installed(type(value).__module__):
        return None
    return getattr(value, "python_function", None) or getattr(value, "__wrapped__", None)
