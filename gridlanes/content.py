"""What a value is made of, as a digest that is the same in every process.

Data count by what they hold, functions by their compiled code and all that it reaches (defaults,
closures, globals, functions it calls), objects by their class and attributes, and whatever belongs
to an installed package by its name and that package's version. Comments, docstrings and the place
of a definition play no part. What cannot be told for certain is an error, never a guess.
"""

import dis
import enum
import functools
import importlib.metadata
import inspect
import pathlib
import struct
import sys
import sysconfig
import types
from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, Protocol, runtime_checkable

import numpy as np

_SCALARS = (bool, int, float, complex, str, bytes, type(None), type(...), range, slice)

#: Attributes of a class that say nothing of what it does.
_NOISE = frozenset(
    [
        "__abstractmethods__",
        "__annotate__",
        "__annotations__",
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

_INSTALLED = tuple(
    str(pathlib.Path(sysconfig.get_path(name)).resolve()) + "/"
    for name in ("stdlib", "platstdlib", "purelib", "platlib")
)


class NoContentError(Exception):
    """What a value is made of cannot be told."""


def digest(*parts: bytes | str) -> bytes:
    """Return 20 bytes that are equal only for equal parts."""
    total = blake2b(digest_size=20)
    for part in parts:
        own = part.encode() if isinstance(part, str) else part
        total.update(struct.pack("<q", len(own)))
        total.update(own)
    return total.digest()


def array_content(array: np.ndarray) -> bytes:
    """Return the digest of an array of plain numbers."""
    total = blake2b(f"{array.dtype.str}{array.shape}".encode(), digest_size=20)
    total.update(np.ascontiguousarray(array).data)
    return total.digest()


def content(value: Any) -> bytes:
    """Return the digest of a value.

    Raises
    ------
    NoContentError
        Naming the part that cannot be told.
    """
    return _Walk().of(value)


def is_installed(module: str | None) -> bool:
    """Return whether a module is Python's own or belongs to an installed package."""
    top = (module or "").partition(".")[0]
    if top in sys.builtin_module_names or top in sys.stdlib_module_names:
        return True
    file = getattr(sys.modules.get(top), "__file__", None)
    return file is not None and str(pathlib.Path(file).resolve()).startswith(_INSTALLED)


@runtime_checkable
class _TensorFlowFunction(Protocol):
    python_function: Any


@runtime_checkable
class _Tensor(Protocol):
    dtype: Any
    shape: Any

    def numpy(self) -> Any: ...


#: What holds nothing but other values, and those. A TensorFlow function is what it was made of.
_HOLDERS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (enum.Enum, lambda own: (type(own), own.name)),
    (np.ndarray, lambda own: (own.shape, own.ravel().tolist())),
    (Mapping, lambda own: [part for item in own.items() for part in item]),
    ((list, tuple), list),
    ((np.dtype, pathlib.PurePath), lambda own: (str(own),)),
    (functools.partial, lambda own: (own.func, own.args, own.keywords)),
    (types.MethodType, lambda own: (own.__self__, own.__func__)),
    ((staticmethod, classmethod), lambda own: (own.__func__,)),
    (property, lambda own: (own.fget, own.fset, own.fdel)),
    (_TensorFlowFunction, lambda own: (own.python_function,)),
    (_Tensor, lambda own: (np.asarray(own),)),
)


class _Walk:
    """Goes through a value and what it reaches, which may lead back to it."""

    def __init__(self) -> None:
        self._inside: list[int] = []
        self._done: dict[int, bytes] = {}
        # What has been met has to live, so that its identity is not given out again.
        self._kept: list[Any] = []

    def of(self, value: Any) -> bytes:
        if isinstance(value, _SCALARS) and not isinstance(value, enum.Enum):
            return digest(type(value).__name__, repr(value))
        if isinstance(value, (np.ndarray, np.generic)) and not value.dtype.hasobject:
            return digest("array", array_content(np.asarray(value)))
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
            return self._module(value)
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
                yield from map(self.of, parts(value))
                return
        if isinstance(value, (set, frozenset)):
            yield from sorted(map(self.of, value))
        elif isinstance(value, types.BuiltinFunctionType) or _is_named(value):
            yield from self._by_name(value, value.__module__ or "builtins")
        elif hasattr(value, "get_config"):
            yield from self._configured(value)
        else:
            yield from self._instance(value)

    def _configured(self, value: Any) -> Iterator[bytes | str]:
        """Go through an object of Keras, or one made like them."""
        kind = type(value)
        yield self.of(kind)
        if not is_installed(kind.__module__):
            yield from self._own_attributes(value)
        try:
            config = value.get_config()
        except Exception as error:
            if is_installed(kind.__module__):
                raise NoContentError(f"{kind.__name__} cannot be described: {error}") from error
            return
        yield self.of(config)
        # A configuration names functions and classes, which may be the user's.
        for name, part in sorted(vars(value).items()):
            if isinstance(part, (types.FunctionType, functools.partial, types.MethodType)):
                owner = getattr(getattr(part, "func", part), "__module__", None)
            else:
                owner = type(part).__module__
            if name not in _attributes_of_keras() and not is_installed(owner):
                yield from (name, self.of(part))

    def _own_attributes(self, value: Any) -> Iterator[bytes | str]:
        for name, part in sorted(vars(value).items()):
            if name not in _attributes_of_keras():
                yield from (name, self.of(part))

    def _instance(self, value: Any) -> Iterator[bytes | str]:
        kind = type(value)
        plain = all(base is object or base.__flags__ & 1 << 9 for base in kind.__mro__)
        slots = any(vars(base).get("__slots__") for base in kind.__mro__)
        if not plain or slots or not hasattr(value, "__dict__"):
            raise NoContentError(f"what a {kind.__module__}.{kind.__qualname__} holds")
        yield self.of(kind)
        yield self.of(vars(value))

    def _class(self, kind: type) -> Iterator[bytes | str]:
        if is_installed(kind.__module__) and _resolves(kind):
            yield from self._by_name(kind, kind.__module__)
            return
        yield kind.__qualname__
        yield from map(self.of, kind.__bases__)
        for name, part in sorted(vars(kind).items()):
            if name not in _NOISE:
                yield from (name, self.of(part))

    def _function(self, function: types.FunctionType) -> Iterator[bytes | str]:
        if is_installed(function.__module__) and _resolves(function):
            yield from self._by_name(function, function.__module__)
            return
        yield self.of(function.__code__)
        yield from map(self.of, (function.__defaults__, function.__kwdefaults__))
        for cell in function.__closure__ or ():
            try:
                yield self.of(cell.cell_contents)
            except ValueError:
                yield "empty"
        for name in sorted(set(_global_names(function.__code__))):
            if name in function.__globals__:
                yield from (name, self.of(function.__globals__[name]))
            elif name in sys.modules:
                yield self.of(sys.modules[name])

    def _code(self, code: types.CodeType) -> Iterator[bytes | str]:
        yield f"python {sys.version_info[:2]}"
        yield code.co_code
        yield code.co_exceptiontable
        for names in (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars):
            yield repr(names)
        yield repr((code.co_argcount, code.co_kwonlyargcount, code.co_posonlyargcount))
        yield str(code.co_flags)
        for number, constant in enumerate(code.co_consts):
            if number or not (isinstance(constant, str) and _has_docstring(code)):
                yield self.of(constant)

    def _module(self, module: types.ModuleType) -> Iterator[bytes | str]:
        name = module.__name__
        yield name
        if is_installed(name):
            yield _version(name)
            return
        file = getattr(module, "__file__", None)
        if file is None:
            raise NoContentError(f"what the module {name} does")
        yield pathlib.Path(file).read_bytes()
        others = {
            part
            if isinstance(part, types.ModuleType)
            else sys.modules.get(str(getattr(part, "__module__", "")))
            for part in vars(module).values()
        }
        for other in sorted(filter(None, others), key=lambda own: own.__name__):
            if not is_installed(other.__name__):
                yield self.of(other)

    def _by_name(self, value: Any, module: str) -> Iterator[bytes | str]:
        name = str(getattr(value, "__qualname__", None) or getattr(value, "__name__", ""))
        owner = getattr(value, "__self__", None)
        if not is_installed(module) or not (owner is None or isinstance(owner, types.ModuleType)):
            raise NoContentError(f"what {module}.{name} does")
        yield from (module, name, _version(module))


@functools.cache
def _attributes_of_keras() -> frozenset[str]:
    """Return the names of what Keras itself keeps in its objects."""
    keras: Any = sys.modules["keras"]
    with_parts = keras.Model()
    # TensorFlow notes what an object tracks when the first part is put into it.
    with_parts.part = keras.layers.Identity()
    plain = (with_parts, keras.layers.Layer(), keras.losses.Loss(), keras.metrics.Metric())
    return frozenset(name for value in plain for name in vars(value)) - {"part"}


def _is_named(value: Any) -> bool:
    """Return whether this is a function of an installed package, in whatever language."""
    named = callable(value) and hasattr(value, "__name__") and hasattr(value, "__module__")
    return named and is_installed(value.__module__) and _resolves(value)


def _resolves(value: Any) -> bool:
    """Return whether a class or function is what its name says."""
    found: Any = sys.modules.get(value.__module__)
    for name in getattr(value, "__qualname__", value.__name__).split("."):
        found = getattr(found, name, None)
    return found is value


def _has_docstring(code: types.CodeType) -> bool:
    """Return whether the first constant of a code is a docstring, if it is a text at all."""
    flag = getattr(inspect, "CO_HAS_DOCSTRING", None)
    if flag is not None:
        return bool(code.co_flags & flag)
    # Before Python 3.14 that place is kept for it in functions with a name, and in no others.
    return bool(code.co_flags & inspect.CO_NEWLOCALS) and not code.co_name.startswith("<")


def _global_names(code: types.CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME", "IMPORT_NAME"):
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _global_names(constant)


@functools.cache
def _version(module: str) -> str:
    """Return the version of the installed package that a module belongs to."""
    top = module.partition(".")[0]
    if top in sys.builtin_module_names or top in sys.stdlib_module_names:
        return f"python {sys.version_info[:2]}"
    version = getattr(sys.modules.get(top), "__version__", None)
    if version is None:
        try:
            version = importlib.metadata.version(top)
        except importlib.metadata.PackageNotFoundError as error:
            raise NoContentError(f"the version of {top}") from error
    return f"{top} {version}"
