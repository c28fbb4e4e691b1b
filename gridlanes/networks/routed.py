"""Objects of Keras made of their classes or names and of parameters such as ``loss__delta``."""

import inspect
import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any

import keras

from gridlanes.errors import ParameterError, UnknownParameterError, did_you_mean, nearest
from gridlanes.networks.parameters import nested
from gridlanes.networks.signatures import signature_of
from gridlanes.store.content_digest import content


def made(given: Any, settings: Mapping[str, Any], who: str, class_of: Callable[[str], Any]) -> Any:
    """Return what was given with settings in it.

    Parameters
    ----------
    given : object, class, name, or a list or dict of those
        A class is made an object. An object is made anew from its configuration, if there are
        settings for it.
    settings : mapping
        By name. ``0__name`` and ``key__name`` are for one entry of a list or dict, other names for
        all entries.
    who : str
        The parameter that was given, for messages.
    class_of : callable
        Returns the class that a name stands for, None if it stands for none.

    Raises
    ------
    ParameterError
        For settings that would reach nothing, or that a class does not take.
    """
    if isinstance(given, (list, tuple, Mapping)):
        entries = dict(given) if isinstance(given, Mapping) else dict(enumerate(given))
        keys = [f"{key}__" for key in entries]
        deeper = any(isinstance(one, (list, tuple, Mapping)) for one in entries.values())
        _check_entries(settings, who, [str(key) for key in entries], deeper=deeper)
        shared = {n: v for n, v in settings.items() if not n.startswith(tuple(keys))}
        alike = {
            key: made(one, {**shared, **nested(settings, str(key))}, f"{who}__{key}", class_of)
            for key, one in entries.items()
        }
        return alike if isinstance(given, Mapping) else list(alike.values())
    if not settings and not inspect.isclass(given):
        return given
    kind = class_of(given) if isinstance(given, str) else given if inspect.isclass(given) else None
    if kind is None and not hasattr(given, "get_config"):
        raise UnknownParameterError(
            f"parameter '{who}__{next(iter(settings))}' would reach nothing: {who}={given!r} does "
            "not accept parameters because it's not a class; give a class, or an object that has it"
        )
    _check_entries(settings, who, [])
    _check_named(kind, settings, who)
    try:
        if kind is not None:
            return kind(**settings)
        return type(given).from_config({**_settings_of(given, settings, who), **settings})
    except (TypeError, ValueError) as error:
        raise refused(kind or type(given), settings, who, error) from None


def refused(kind: Any, settings: Mapping[str, Any], who: str, error: Exception) -> ParameterError:
    """Return what to say where a class could not be called with some settings.

    Parameters
    ----------
    kind : type
    settings : mapping
    who : str
        What the settings are of, the parameter before ``__``.
    error : Exception
        What it raised; it names the first argument that it does not know.
    """
    said = " ".join(str(error).split())
    known = sorted(_all_arguments(kind))
    if re.search("unexpected keyword|not recognized", said):
        for name in [name for name in settings if name not in known and repr(name) in said]:
            return UnknownParameterError(
                f"parameter '{who}__{name}' would reach nothing: {kind.__name__} does not take it"
                f"{did_you_mean(name, known) or ';'} Allowed: {', '.join(known)}."
            )
    return ParameterError(f"{who}__*: {said}")


def _all_arguments(kind: Any) -> set[str]:
    """Return the names that a constructor takes, or hands on to those that it inherits."""
    names: set[str] = set()
    for own in [one for one in kind.__mro__ if "__init__" in vars(one)]:
        arguments = list(inspect.signature(own.__init__).parameters.values())[1:]
        several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        names |= {one.name for one in arguments if one.kind not in several}
        if not any(one.kind == one.VAR_KEYWORD for one in arguments):
            break
    return names


def _check_entries(
    settings: Mapping[str, Any], who: str, keys: list[str], *, deeper: bool = True
) -> None:
    """Refuse settings for an entry of a list that there is not.

    ``deeper`` says whether entries may have entries of their own.
    """
    for name in settings:
        entry, _, rest = name.partition("__")
        other = not deeper or entry.isdecimal() or _names_an_entry(entry, keys)
        if rest and entry not in keys and other:
            found = f"those of {who} are {', '.join(keys)}" if keys else f"{who} is no list"
            raise UnknownParameterError(
                f"parameter '{who}__{name}' would reach nothing: {found}; '{who}__{rest}' is for "
                f"{'all of them' if keys else 'it'}"
            )


def _names_an_entry(entry: str, keys: list[str]) -> bool:
    """Return whether a name is likely to be meant for one of the entries of a dict."""
    return bool(nearest(entry, keys))


def _settings_of(given: Any, settings: Mapping[str, Any], who: str) -> dict[str, Any]:
    """Return what an object was made with, whether or not its configuration has it."""
    arguments = inspect.signature(type(given)).parameters
    wrapped = vars(given).get("_fn_kwargs", {})
    config: dict[str, Any] = {name: wrapped[name] for name in wrapped if name in arguments}
    config |= given.get_config()
    kinds = type(given).__mro__
    # Keras' own configurations are complete but for those of the functions that it wraps.
    known = next((one for one in kinds if one.__module__.startswith("keras.")), object)
    told = {*config, *settings, *inspect.signature(known).parameters}
    others = [
        one.name
        for one in arguments.values()
        if one.name not in told and one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
    ]
    if lost := [name for name in others if not hasattr(given, name)]:
        raise ParameterError(
            f"{who}__{next(iter(settings))} makes {type(given).__name__} anew, and what it has for "
            f"{lost[0]!r} stands neither in its get_config() nor as an attribute; give the class, "
            f"and '{who}__{lost[0]}'"
        )
    config |= {name: getattr(given, name) for name in others}
    return config


def _check_named(kind: Any, settings: Mapping[str, Any], who: str) -> None:
    """Refuse positions in the place of names, and name those that a class has for them."""
    for position in (int(name) for name in settings if name.isdecimal()):
        named = signature_of(kind)[0] if kind is not None else {}
        name = next(itertools.islice(named, position, None), "NAME")
        raise UnknownParameterError(
            f"parameter '{who}__{position}' would reach nothing: parameters go by their names, "
            f"as '{who}__{name}'"
        )


def class_of_loss(name: str) -> type | None:
    """Return the class that Keras has for a loss of this name, None for one that is a function."""
    own = keras.losses.get(name)
    if isinstance(own, keras.losses.Loss):
        return type(own)
    plain = own.__name__.replace("_", "")
    classes = (one for one in vars(keras.losses).values() if inspect.isclass(one))
    return next((one for one in classes if one.__name__.lower() == plain), None)


def class_of_metric(name: str) -> type | None:
    """Return the class that Keras has for a metric of this name, None for a function."""
    own = keras.metrics.get(name)
    return type(own) if isinstance(own, keras.metrics.Metric) else None


def same_loss(one: Any, other: Any) -> bool:
    """Return whether two losses are the same, as far as names and configurations say."""
    try:
        first, second = (keras.losses.get(own) for own in (one, other))
    except ValueError:
        return False
    if isinstance(first, keras.losses.Loss) and isinstance(second, keras.losses.Loss):
        return type(first) is type(second) and content(first) == content(second)
    return first is second


def takes_over(given: Any, found: Any) -> bool:
    """Return whether a loss is the one that was given; of a name, one of that class."""
    if found is given or same_loss(given, found):
        return True
    one, other = (class_of_loss(own) if _is_known(own) else None for own in (given, found))
    if one is not None and (one is other or isinstance(found, one)):
        return True
    return other is not None and same_loss(given, other())


def _is_known(loss: Any) -> bool:
    """Return whether Keras has a loss of this name."""
    try:
        return isinstance(loss, str) and keras.losses.get(loss) is not None
    except ValueError:
        return False


def loss_name(loss: Any) -> str:
    """Return what to call a loss in a message."""
    if isinstance(loss, str):
        return repr(loss)
    return str(getattr(loss, "__name__", type(loss).__name__))
