"""What a store holds, in numbers and as notebooks show it."""

import time
from collections.abc import Sequence
from typing import NamedTuple

from gridlanes.compat.notebook import table


class Holding(NamedTuple):
    """The fits of one architecture: how many, bytes, Unix times of the first and the last use."""

    architecture: str
    fits: int
    size: int
    created: float
    used: float


def in_html(name: str, held: Sequence[Holding], max_size: int) -> str:
    """Return a row for each architecture, and how full the store is."""
    size = sum(own.size for own in held)
    title = (
        f"{name}: {sum(own.fits for own in held):,} fits, "
        f"{size / 1e6:,.1f} of {max_size / 1e6:,.0f} MB"
    )
    names = "architecture", "fits", "MB", "first kept", "last used"
    return table(title, map(_cells, held), names if held else ())


def _cells(own: Holding) -> tuple[str, ...]:
    times = (time.strftime("%Y-%m-%d %H:%M", time.localtime(at)) for at in own[3:])
    return own.architecture or "not told", f"{own.fits:,}", f"{own.size / 1e6:,.1f}", *times
