"""Which parameter of an estimator reaches what.

A parameter goes to the build function if its signature names it (``activation=``, or in
SciKeras' form ``model__activation=``), to the optimizer if it is written
``optimizer__learning_rate=``, and otherwise to the estimator. One that would reach nothing is an
error: a misspelt name on a grid must not become a column of equal scores.

Nothing here loads TensorFlow, so names can be checked before it is paid for.
"""

import difflib
import inspect
import numbers
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from gridlanes.errors import ParameterError

#: Parameters of the estimators that compile a model which comes back uncompiled.
COMPILE = ("optimizer", "loss", "metrics")

#: The parameter that is an estimator.
PREPROCESSING = "preprocessing"

#: What the build function may ask for besides parameters, as in SciKeras.
META = "meta"


def signature_of(build: Callable) -> tuple[dict[str, Any], bool]:
    """Return the named arguments of a build function with their defaults, and if it takes any.

    A required argument has the default ``inspect.Parameter.empty``.
    """
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


def check_names(build: Any, names: Iterable[str], own: Iterable[str]) -> None:
    """Check that each extra parameter would reach something.

    Parameters
    ----------
    build : callable or anything else
        Anything else is not checked here: it is reported when the model is to be built.
    names : iterable of str
        Parameters that are not the estimator's own.
    own : iterable of str
        The estimator's own parameters, for the message.

    Raises
    ------
    ParameterError
        Naming the parameter, the nearest known one and all that are allowed.
    """
    if not callable(build):
        return
    named, takes_any = signature_of(build)
    names = list(names)
    for name in names:
        prefix, _, rest = name.partition("__")
        if prefix == "model" and rest in names:
            raise ParameterError(f"{rest!r} and {name!r} are the same parameter; give one of them")
        if META in (name, rest):
            raise ParameterError("'meta' describes the data and cannot be given")
        if name in named or (prefix == "model" and rest in named):
            continue
        if prefix == "optimizer" and rest:
            continue
        if takes_any and (not rest or prefix == "model"):
            continue
        allowed = sorted({*own, *named} - {META, "model"})
        routed = [f"model__{name}" for name in named]
        near = difflib.get_close_matches(name, [*allowed, *routed], n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ParameterError(
            f"parameter {name!r} would reach nothing: neither {name_of(build)}() nor the "
            f"estimator takes it; {hint}Allowed: {', '.join(allowed)}, optimizer__*."
        )


def build_arguments(
    build: Callable, own: Mapping[str, Any], extra: Mapping[str, Any], meta: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the keyword arguments with which to call the build function.

    One of the estimator's own parameters is passed if the signature names it, unless it is None
    and the function has a default.
    """
    named, _ = signature_of(build)
    arguments = {
        name: value
        for name, value in own.items()
        if name in named and (value is not None or named[name] is inspect.Parameter.empty)
    }
    arguments |= {name: value for name, value in extra.items() if "__" not in name or name in named}
    for name, value in extra.items():
        prefix, _, rest = name.partition("__")
        if prefix == "model" and rest and name not in named:
            arguments[rest] = value
    if META in named:
        arguments[META] = dict(meta)
    return {name: plain(value) for name, value in arguments.items()}


def plain(value: Any) -> Any:
    """Return numbers of NumPy's, alone or in a list or tuple, as Python's: Keras wants those."""
    if isinstance(value, np.generic):
        return value.item()
    return type(value)(map(plain, value)) if type(value) in (list, tuple) else value


def optimizer_settings(extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings written ``optimizer__setting``, without their prefix."""
    return nested(extra, "optimizer")


def nested(parameters: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the parameters written ``name__parameter``, without their prefix."""
    prefix = f"{name}__"
    return {key.removeprefix(prefix): v for key, v in parameters.items() if key.startswith(prefix)}


def check_numbers(parameters: Mapping[str, Any]) -> None:
    """Check those parameters of a fit that are numbers.

    Parameters
    ----------
    parameters : mapping
        May hold ``epochs``, ``batch_size``, ``random_state`` and ``validation_split``; others
        are passed over.

    Raises
    ------
    ParameterError
        Naming the parameter, what is allowed and what was found. ``16.0`` is a whole number,
        True is not. Seeds end where NumPy's do, at 2**32.
    """
    for name, minimum in (("epochs", 1), ("batch_size", 1), ("random_state", 0)):
        value = parameters.get(name, minimum)
        if name == "random_state" and (value is None or hasattr(value, "randint")):
            continue
        number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if not (number and minimum <= value < 2**32 and value == value // 1):
            raise ParameterError(
                f"{name} must be a whole number of at least {minimum}; found {value!r}"
            )
    share: Any = parameters.get("validation_split", 0.0)
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share < 1:
        raise ParameterError(
            f"validation_split must be a number from 0 to below 1; found {share!r}"
        )
