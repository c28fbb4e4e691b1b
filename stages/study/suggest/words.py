"""Values in words."""

from collections.abc import Collection
from typing import Any

from stages.study.counts import listed

#: So many values are shown, and so many listed.
SHOWN, LISTED = 3, 10

#: So much of a value is shown.
WIDTH = 40


def shown(values: Collection[Any]) -> str:
    """Return some values for a comment."""
    return listed((repr(str(value)[:WIDTH]) for value in values), SHOWN)
