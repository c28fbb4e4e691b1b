"""Values in words."""

from collections.abc import Collection
from typing import Any

#: So many values are shown, and so many listed.
SHOWN, LISTED = 3, 10

#: So much of a value is shown.
WIDTH = 40


def shown(values: Collection[Any]) -> str:
    """Return some values for a comment."""
    more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return ", ".join(repr(str(value)[:WIDTH]) for value in list(values)[:SHOWN]) + more
