"""A name in params.yaml that Keras does not have: which entry has it, and what may be meant."""

import re
from collections.abc import Mapping
from typing import Any

from gridlanes.compat.load_keras import of_keras
from gridlanes.errors import GridlanesError, did_you_mean, in_a_line

#: What Keras says, and gridlanes of what it looks up itself.
UNKNOWN = re.compile(r"Could not interpret (\w+)(?: function)? identifier:? '?([^\s':;]+)")

#: What a layer is given by name.
KINDS = frozenset(["activation", "constraint", "initializer", "regularizer"])

#: Functions beside what has a name.
FUNCTIONS = frozenset(["deserialize", "get", "serialize"])


def unknown_name(error: BaseException, settings: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the entry whose name Keras does not have, and what to say of it.

    Parameters
    ----------
    error : BaseException
        What the network ended in.
    settings : mapping
        The entries of the network with their values.

    Returns
    -------
    tuple of str or None
        None if the error is another one, or no entry alone has the name.
    """
    said = in_a_line(error)
    found = UNKNOWN.search(said)
    if found is None:
        return None
    kind, name = found.groups()
    entries = [
        entry
        for entry, value in settings.items()
        if name in (value if isinstance(value, (list, tuple)) else [value])
    ]
    if len(entries) != 1:
        return None
    if isinstance(error, GridlanesError):
        return entries[0], said
    if kind not in KINDS:
        return None
    return entries[0], f"Keras has no {kind} {name!r}{did_you_mean(name, _known(kind))}"


def _known(kind: str) -> list[str]:
    """Return the names that Keras has of a kind, as people write them."""
    home = vars(of_keras(f"{kind}s"))
    return [own for own in home if own.islower() and own not in FUNCTIONS and own[0] != "_"]
