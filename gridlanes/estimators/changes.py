"""What may have changed of an estimator whose network is trained further."""

import reprlib
from collections.abc import Mapping
from numbers import Real
from typing import Any

from gridlanes.errors import ParameterError
from gridlanes.networks.parameters import FIT
from gridlanes.networks.signatures import signature_of
from gridlanes.networks.spellings import plain_name, same
from gridlanes.store.content_digest import content
from gridlanes.store.digests import NoContentError

#: What belongs to one call of ``fit`` or ``predict``, not to a network.
FREE = (*FIT, "random_state", "warm_start")

#: The setting that an optimizer can be given while it trains.
LEARNING_RATE = "optimizer__learning_rate"


def take_over(build: Any, before: Mapping[str, Any], now: Mapping[str, Any], model: Any) -> None:
    """Let a network have what was changed since it was built.

    Parameters
    ----------
    build : callable
        The build function.
    before, now : mapping
        All parameters.
    model : keras.Model
        Its learning rate is set, if that was changed.

    Raises
    ------
    ParameterError
        For a change of anything else, which would reach nothing. Nothing is set then.
    """
    defaults = signature_of(build)[0] if callable(build) else {}
    one, other = ({**defaults, **_by_plain_name(own)} for own in (before, now))
    changed = [
        name
        for name in sorted({*one, *other})
        if not _is_free(name) and not _alike(one.get(name), other.get(name))
    ]
    rate = other.get(LEARNING_RATE)
    for name in changed:
        if name != LEARNING_RATE or not isinstance(rate, Real):
            raise ParameterError(
                f"{name!r} is {reprlib.repr(other.get(name))}, and the network that would be "
                f"trained further was built with {reprlib.repr(one.get(name))}; fit anew without "
                "warm_start, or initialize() first"
            )
    if changed:
        model.optimizer.learning_rate = float(rate)  # type: ignore[arg-type]


def _is_free(name: str) -> bool:
    return name in FREE or name.startswith(("callbacks__", "predict__"))


def _by_plain_name(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters by one name each; the spelling with a prefix counts."""
    names = sorted(parameters, key=lambda name: plain_name(name) != name)
    return {plain_name(name): parameters[name] for name in names}


def _alike(one: Any, other: Any) -> bool:
    if same(one, other):
        return True
    try:
        return content(one) == content(other)
    except NoContentError:
        return False
