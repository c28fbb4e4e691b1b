"""One parameter in several spellings or places: ``epochs``, ``fit__epochs``, and a call of fit."""

import reprlib
from collections.abc import Iterable, Mapping
from typing import Any

from gridlanes.errors import ParameterError
from gridlanes.networks.parameters import FIT


def plain_name(name: str) -> str:
    """Return the name of a parameter without a prefix that makes no difference.

    ``model__epochs`` is another than ``epochs``: the one is for the build function, the other for
    the fit.
    """
    prefix, _, rest = name.partition("__")
    alike = prefix in ("compile", "fit") or (prefix == "model" and rest not in FIT)
    return rest if alike and rest else name


def check_once(parameters: Mapping[str, Any]) -> None:
    """Check that no parameter has two values, each in a spelling of its own.

    Raises
    ------
    ParameterError
        Naming both.
    """
    known: dict[str, str] = {}
    for name in sorted(parameters, key=lambda name: (plain_name(name) != name, name)):
        first = known.setdefault(plain_name(name), name)
        one, other = parameters[first], parameters[name]
        if not same(one, other):
            raise ParameterError(
                f"{first!r} and {name!r} are the same parameter, given as {reprlib.repr(one)} and "
                f"{reprlib.repr(other)}; give one of them"
            )


def check_candidates(candidates: Iterable[Mapping[str, Any]], given: Mapping[str, Any]) -> None:
    """Check that no candidate of a search has another value than the call of its ``fit``.

    Raises
    ------
    ParameterError
        Naming both places.
    """
    places = {_plain_path(name): name for name in given if name.rpartition("__")[2] in FIT}
    if not places:
        return
    for candidate in candidates:
        for name, value in candidate.items():
            place = places.get(_plain_path(name))
            if place is not None and not same(value, given[place]):
                raise ParameterError(
                    f"fit() of the search is given {place}={reprlib.repr(given[place])}, and a "
                    f"candidate has {name!r} as {reprlib.repr(value)}; give one of them"
                )


def _plain_path(name: str) -> str:
    """Return the name of a parameter of a pipeline's step without the prefix of ``fit``."""
    *steps, last = name.split("__")
    return "__".join([*(steps[:-1] if steps[-1:] == ["fit"] else steps), last])


def same(one: Any, other: Any) -> bool:
    """Return whether two values of a parameter are equal, as far as they can be compared."""
    try:
        return one is other or bool(one == other)
    except (TypeError, ValueError):
        return False
