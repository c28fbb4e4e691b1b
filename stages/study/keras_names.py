"""A name in params.yaml that Keras does not have: which entry has it, and what may be meant."""

import re
from collections.abc import Mapping
from typing import Any

from gridlanes.compat.load_keras import of_keras
from gridlanes.errors import GridlanesError, did_you_mean, in_a_line, nearest

#: What Keras says, and gridlanes of what it looks up itself.
UNKNOWN = re.compile(r"Could not interpret (\w+)(?: function)? identifier:? '?(.*)")

#: What a layer is given by name.
KINDS = frozenset(["activation", "constraint", "initializer", "regularizer"])


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
    kind, named = found.groups()
    entries = [
        (entry, name)
        for entry, value in settings.items()
        for name in (value if isinstance(value, (list, tuple)) else [value])
        if isinstance(name, str) and re.match(rf"{re.escape(name)}(?=[\s':;.]|$)", named)
    ]
    if len(entries) != 1:
        return None
    ((entry, name),) = entries
    if isinstance(error, GridlanesError):
        return entry, said
    if kind not in KINDS:
        return None
    return entry, f"Keras has no {kind} {name!r}{did_you_mean(name, _meant(kind, name))}"


def _meant(kind: str, name: str) -> list[str]:
    """Return the names that Keras has of a kind and that are near to one, as people write them."""
    from gridlanes.networks.compiling import taken_by

    home = of_keras(f"{kind}s")
    known = [own for own in vars(home) if own.islower() and own[0] != "_"]
    return taken_by(home.get, nearest(name, known, most=9))
