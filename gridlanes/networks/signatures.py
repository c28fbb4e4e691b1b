"""What a build function is called, and which arguments it takes."""

import inspect
from collections.abc import Callable
from types import FunctionType, MethodType
from typing import Any

from gridlanes.errors import ParameterError


def signature_of(build: Callable) -> tuple[dict[str, Any], bool]:
    """Return the named arguments of a build function with their defaults, and if it takes any.

    A required argument has the default ``inspect.Parameter.empty``.
    """
    if hasattr(build, "default_hyperparameters"):
        # Their names need not be identifiers, as a signature's.
        return dict(build.default_hyperparameters), False
    try:
        function = _function_in(build)
        if function is not None:
            return _read(function)
        arguments = inspect.signature(build).parameters.values()
    except (TypeError, ValueError):
        raise ParameterError(f"model must be a function with a signature; got {build!r}") from None
    named = {
        argument.name: argument.default
        for argument in arguments
        if argument.kind in (argument.POSITIONAL_OR_KEYWORD, argument.KEYWORD_ONLY)
    }
    takes_any = any(argument.kind == argument.VAR_KEYWORD for argument in arguments)
    return named, takes_any


def _function_in(build: Any) -> FunctionType | None:
    """Return the function whose arguments are those of a build function; None if there is none."""
    if not isinstance(build, FunctionType):
        return None
    if not build.__dict__:
        return build
    inner: Any = inspect.unwrap(
        build, stop=lambda own: hasattr(own, "__signature__") or isinstance(own, MethodType)
    )
    return (
        inner if isinstance(inner, FunctionType) and not hasattr(inner, "__signature__") else None
    )


def _read(function: FunctionType) -> tuple[dict[str, Any], bool]:
    """Return what :func:`signature_of` does of a function, from what Python itself calls it by.

    The inspect module takes 30 µs for the same, and a search asks for each of its candidates.
    """
    code, defaults = function.__code__, function.__defaults__ or ()
    end = code.co_argcount
    names = code.co_varnames[: end + code.co_kwonlyargcount]
    named = dict.fromkeys(names[code.co_posonlyargcount :], inspect.Parameter.empty)
    known = dict(zip(names[end - len(defaults) : end], defaults, strict=True))
    known |= function.__kwdefaults__ or {}
    named |= {name: default for name, default in known.items() if name in named}
    return named, bool(code.co_flags & inspect.CO_VARKEYWORDS)


def name_of(build: Any) -> str:
    """Return what to call a build function in a message."""
    return str(getattr(build, "__name__", type(build).__name__))


def who_of(build: Any) -> str:
    """Return what to call a build function, or what stands in its place, in a sentence."""
    return str(getattr(build, "who", f"{name_of(build)}()"))
