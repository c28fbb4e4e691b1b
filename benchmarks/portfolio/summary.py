"""What the results of the portfolio come to: how many times as fast, on the whole and at least."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import geometric_mean
from typing import Any

from benchmarks.portfolio import HEAVY, OURS, SCIKERAS

#: Wall and processor time.
CLOCKS = "seconds", "processor"


@dataclass(frozen=True)
class SpeedUp:
    """How many times as long a peer takes, on the whole.

    Attributes
    ----------
    searches : int
        That ride in all their fits, those of the heavy ones apart.
    mean : float
        Geometric.
    lowest : float
    slowest : str
        The search of the lowest.
    """

    searches: int
    mean: float
    lowest: float
    slowest: str


def ratio(search: Mapping[str, Any], peer: str, clock: str) -> float | None:
    """Return how many times as long a peer takes for a search; None if one of the two failed."""
    ours, theirs = (search["peers"].get(name, {}) for name in (OURS, peer))
    if clock not in ours or clock not in theirs:
        return None
    return float(theirs[clock] / ours[clock])


def rides(search: Mapping[str, Any]) -> bool:
    """Return whether all fits of a search do."""
    facts = search["facts"]
    return "error" not in facts and facts["riding"] == facts["fits"]


def speed_up(result: Mapping[str, Any], peer: str, clock: str) -> SpeedUp | None:
    """Return the mean and the lowest over what counts; None if nothing does."""
    ratios = {
        name: own
        for name, search in result["searches"].items()
        if name not in HEAVY and rides(search) and (own := ratio(search, peer, clock)) is not None
    }
    if not ratios:
        return None
    slowest = min(ratios, key=lambda name: ratios[name])
    return SpeedUp(len(ratios), geometric_mean(ratios.values()), ratios[slowest], slowest)


def sentence(result: Mapping[str, Any], peer: str = SCIKERAS) -> str:
    """Return what the whole says, for readers who look at one line; empty if there is nothing."""
    wall, processor = (speed_up(result, peer, clock) for clock in CLOCKS)
    if wall is None or processor is None:
        return ""
    return (
        f"Over {wall.searches} searches of the kinds that tutorials show, whose fits all ride, "
        f"SciKeras with scikit-learn's search takes {wall.mean:,.1f} times as long, and "
        f"{processor.mean:,.1f} times the processor time (geometric means; at least "
        f"{wall.lowest:,.1f}, `{wall.slowest}`, and {processor.lowest:,.1f}, "
        f"`{processor.slowest}`)."
    )
