"""What a value is made of, as a digest that is the same in every process.

Data count by what they hold, functions by their compiled code and all that it reaches (defaults,
closures, globals, attributes of modules, functions it calls), objects by their class and
attributes, and whatever belongs to an installed package by its name and that package's version.
Comments, docstrings and the place of a definition play no part. What cannot be told for certain is
an error, never a guess; what a function reads from files or the environment cannot be seen.
"""

import enum
import functools
import logging
import pathlib
import re
import types
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol, runtime_checkable

import numpy as np

from gridlanes.store.code_content import (
    class_parts,
    code_parts,
    function_parts,
    module_parts,
    named_parts,
)
from gridlanes.store.code_origin import UnknownVersionError, is_installed, is_named
from gridlanes.store.digests import NoContentError, array_content, digest
from gridlanes.store.keras_digest import attributes_of_keras, config_to_digest, parts_to_tell

_SCALARS = (bool, int, float, complex, str, bytes, type(None), type(...), range, slice)


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
            return module_parts(self.of, value, ())
        if isinstance(value, types.CodeType):
            return code_parts(self.of, value)
        if isinstance(value, type):
            return class_parts(self.of, value)
        if isinstance(value, types.FunctionType):
            return function_parts(self.of, value)
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
            yield from named_parts(value, value.__module__ or "builtins")
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


def _wrapped(value: Any) -> Any:
    """Return the function inside one of TensorFlow's or one that remembers results, else None."""
    if not is_installed(type(value).__module__):
        return None
    return getattr(value, "python_function", None) or getattr(value, "__wrapped__", None)
