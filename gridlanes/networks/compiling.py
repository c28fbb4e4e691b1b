"""What a network is compiled with: its optimizer, its loss and metrics where none are named."""

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from numbers import Real
from typing import Any

import keras
import numpy as np

from gridlanes.compat.keras import fresh_names
from gridlanes.compat.keras_optimizers import keep_undecayed
from gridlanes.errors import ParameterError, UnknownParameterError, did_you_mean, nearest
from gridlanes.networks.parameters import COMPILE_KWARGS, plain
from gridlanes.networks.routed import loss_name, refused, takes_over
from gridlanes.networks.signatures import name_of, who_of

#: Keras' own default in ``Model.compile``.
DEFAULT_OPTIMIZER = "rmsprop"


#: What Keras calls an optimizer, a loss or a metric that it does not know.
KIND = {"optimizer": "optimizer", "loss": "loss", "metrics": "metric"}

#: Names of metrics that Keras understands by the targets of a model.
SHORT_METRICS = ("accuracy", "acc", "crossentropy", "ce")


def make_optimizer(optimizer: Any, settings: Mapping[str, Any]) -> keras.optimizers.Optimizer:
    """Return a new optimizer, some of its settings replaced.

    Parameters
    ----------
    optimizer : str, dict, type or keras.optimizers.Optimizer
        An object is copied from its configuration: its slots and step count belong to the fit
        it was first used in.
    settings : dict
        NumPy's numbers become Python's, and whole numbers floats where the optimizer's own default
        is one, because Keras refuses ``numpy.float32(0.1)`` and ``learning_rate=1``.

    Raises
    ------
    ParameterError
        For a name or a setting that Keras does not know.
    """
    kind: Any = optimizer
    config: dict[str, Any] = {}
    instance = None
    if isinstance(optimizer, str):
        check_known("optimizer", optimizer)
        kind = _named(optimizer)
    elif not isinstance(optimizer, type):
        with fresh_names():
            instance = keras.optimizers.get(optimizer)
        kind, config = type(instance), instance.get_config()
    defaults = inspect.signature(kind).parameters
    _check_settings(kind, settings, {**defaults, **config})
    for name, given in settings.items():
        value, default = plain(given), defaults[name].default if name in defaults else None
        config[name] = float(value) if type(default) is float and type(value) is int else value
    try:
        with fresh_names():
            made = kind.from_config(config)
    except (TypeError, ValueError) as error:
        raise refused(kind, settings, "optimizer", error) from None
    keep_undecayed(made, instance)
    return made


def _check_settings(kind: type, settings: Mapping[str, Any], allowed: Mapping[str, Any]) -> None:
    """Refuse settings that a class of optimizers does not have."""
    arguments = inspect.signature(kind).parameters.values()
    takes_any = any(one.kind == one.VAR_KEYWORD for one in arguments)
    if takes_any and not kind.__module__.startswith("keras."):
        return
    for name in settings:
        if name not in allowed:
            known = sorted(own for own in allowed if own != "kwargs")
            hint = did_you_mean("learning_rate" if name == "lr" else name, known) or ";"
            raise UnknownParameterError(
                f"parameter 'optimizer__{name}' would reach nothing: {kind.__name__} does not take "
                f"it{hint} Allowed: {', '.join(known)}."
            )


@functools.lru_cache(maxsize=64)
def check_known(what: str, name: str) -> None:
    """Check that Keras has an optimizer, a loss or a metric of a name.

    Raises
    ------
    ParameterError
        Naming the nearest.
    """
    home = {
        "optimizer": keras.optimizers, "loss": keras.losses, "metrics": keras.metrics
    }[what]  # fmt: skip
    short = SHORT_METRICS if what == "metrics" else ()
    try:
        with fresh_names():
            home.get(name)
    except ValueError:
        if name in short:
            return
        known = [own for own in vars(home) if not own.startswith("_")]
        if what == "optimizer":
            known = [own.lower() for own in known]
        raise ParameterError(
            f"Could not interpret {KIND[what]} identifier {name!r}: Keras has none of the name"
            f"{did_you_mean(name, [*short, *taken_by(home.get, nearest(name, known, most=9))])}"
        ) from None


def taken_by(get: Callable[[str], Any], names: Iterable[str]) -> list[str]:
    """Return the names that a function of Keras makes something of; modules hold others too."""
    found = []
    for name in names:
        with suppress(Exception), fresh_names():
            get(name)
            found.append(name)
    return found


@functools.lru_cache(maxsize=64)
def _named(name: str) -> type:
    """Return the class of an optimizer; Keras makes one to tell, which takes a millisecond.

    The configuration of that one would not do: its numbers are rounded to the float type of then.
    """
    with fresh_names():
        return type(keras.optimizers.get(name))


def refuse_compiling(
    build: Any,
    compiling: Mapping[str, Any],
    routed: Mapping[str, Mapping[str, Any]],
    arguments: Mapping[str, Any],
) -> None:
    """Refuse parameters that would compile a model which its build function has compiled."""
    left = [key for key, value in compiling.items() if value is not None]
    left += [f"{part}__{key}" for part, settings in routed.items() for key in settings]
    if left:
        name = name_of(build)
        if who_of(build) != f"{name}()":
            raise ParameterError(
                f"parameter {left[0]!r} would reach nothing: {who_of(build)} is compiled; give it "
                "uncompiled, or a function that builds it"
            )
        asked, _, setting = left[0].partition("__")
        asked = COMPILE_KWARGS if asked == "compile" else asked
        twice = f" Its argument {setting!r} is given too." if setting in arguments else ""
        raise ParameterError(
            f"parameter {left[0]!r} would reach nothing: {name}() compiles its model itself and "
            f"does not take {asked!r}; add that argument to {name}(), or "
            f"let it return an uncompiled model.{twice}"
        )


def check_optimizer(
    name: str,
    optimizer: keras.optimizers.Optimizer,
    settings: Mapping[str, Any],
    arguments: Mapping[str, Any],
) -> None:
    """Refuse settings for an optimizer that the build function has not taken over.

    Parameters
    ----------
    name : str
        Of the build function.
    optimizer : keras.optimizers.Optimizer
        With which it has compiled its model.
    settings : mapping
        What was given as ``optimizer__name``.
    arguments : mapping
        What the build function was called with.
    """
    found = optimizer.get_config() if settings else {}
    handed = {id(arguments.get("optimizer"))}
    handed |= {id(one) for one in arguments.get(COMPILE_KWARGS, {}).values()}
    taken = id(getattr(optimizer, "inner_optimizer", optimizer)) in handed
    for key, value in settings.items():
        own = found.get(key, value if taken else None)
        if not isinstance(value, Real) or (isinstance(own, Real) and _close(value, own)):
            continue
        if key in arguments or not taken:
            place = f"its argument {key!r}" if key in arguments else "an optimizer of its own"
            kind = type(optimizer).__name__
            said = "another" if key in found else f"{kind}, which has none"
            said = f"{own:.6g}" if isinstance(own, Real) else said
            raise ParameterError(
                f"parameter 'optimizer__{key}' is {value!r}, but {name}() compiles its model with "
                f"{said}, from {place}; give one of them"
            )


def check_loss(name: str, given: Any, found: Any) -> None:
    """Refuse a loss that the build function was given and has not taken over.

    Lists and dicts may be made of it, so nothing is said of those.
    """
    several = (list, tuple, Mapping)
    if given is None or isinstance(given, several) or isinstance(found, several):
        return
    if not takes_over(given, found):
        one, other = map(loss_name, (given, found))
        raise ParameterError(
            f"parameter 'loss' is {one}, but {name}() compiles its model with {other}; give one of "
            "them"
        )


def _close(one: Any, other: Any) -> bool:
    """Return whether two numbers are the same in Keras' float type."""
    return bool(np.isclose(float(one), float(other), rtol=1e-6, atol=0))


def default_loss(meta: Mapping[str, Any], width: int) -> str:
    """Return the loss for a model that comes back uncompiled when the estimator names none.

    Binary cross-entropy for one output of a classifier or several labels a row, sparse categorical
    cross-entropy for several outputs, of one-hot rows without "sparse" (all on probabilities, so
    the last layer is a sigmoid or a softmax), and mean squared error for a regression. Keras
    itself has no default.
    """
    if "encoded_columns_" in meta:
        raise ParameterError("loss must be given where target_encoder makes the targets")
    if "n_classes_" not in meta:
        return "mean_squared_error"
    if "one_hot_" in meta:
        return "categorical_crossentropy" if meta["one_hot_"] else "binary_crossentropy"
    return "binary_crossentropy" if width == 1 else "sparse_categorical_crossentropy"


def default_metrics(meta: Mapping[str, Any]) -> list[str]:
    """Return the metrics of an output when the estimator names none."""
    if "encoded_columns_" in meta:
        return []
    if "n_classes_" not in meta:
        return ["mae"]
    return ["accuracy" if meta.get("one_hot_", True) else "binary_accuracy"]
