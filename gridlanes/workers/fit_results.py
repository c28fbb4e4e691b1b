"""From the snapshots that a run has taken of its lanes to the results of fits."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from gridlanes.errors import CannotRideError
from gridlanes.networks.lane import LaneResult, Request
from gridlanes.planning.runs import Part
from gridlanes.programs.planned_lane import Snapshot
from gridlanes.programs.weights import restored


def results_of(
    part: Part, taken: Iterable[tuple[int, int, Snapshot | Exception]], requests: Sequence[Request]
) -> dict[int, LaneResult | Exception]:
    """Return what a run has brought, by position of the request.

    Parameters
    ----------
    part : Part
    taken : iterable of (int, int, Snapshot or Exception)
        Number of a lane in the part, epoch and snapshot, or what one of its callbacks raised.
    requests : sequence of Request
        The ones that the plan was made for.
    """
    group = part.group
    results: dict[int, LaneResult | Exception] = {}
    for lane, epoch, snapshot in taken:
        number = part.lanes[lane]
        if isinstance(snapshot, Exception):
            results |= dict.fromkeys(_fits(group.fits[number]), snapshot)
            continue
        position = {id(X): n for n, X in enumerate(group.planned_lanes[number].rows)}
        ends = group.fits[number]
        # Early stopping may have ended the lane at another epoch than its last.
        fits = ends[epoch] if epoch in ends else _fits(ends)
        for fit in fits:
            request = requests[fit]
            results[fit] = LaneResult(
                snapshot.history,
                group.program.network.objective.given,
                partial(restored, request.lane, snapshot.weights.arrays),
                tuple(snapshot.outputs[position[id(X)]] for X in request.rows),
                snapshot.seconds,
                snapshot.weights.arrays,
            )
    return results


def all_of(part: Part, error: Exception) -> dict[int, Exception]:
    """Return an exception for every fit of a run, by position of the request."""
    return {number: error for lane in part.lanes for number in _fits(part.group.fits[lane])}


def _fits(ends: Mapping[int, list[int]]) -> list[int]:
    """Return the fits of a lane, whatever epoch they end at."""
    return [number for numbers in ends.values() for number in numbers]


def untraceable(error: Exception) -> CannotRideError:
    """Return that fits cannot ride, from what was raised when their program was traced or run.

    Whatever TensorFlow cannot do for lanes it may do for ``model.fit``, or each fit fails there by
    itself. What a run has brought before is trained again.
    """
    if isinstance(error, CannotRideError):
        return error
    said = " ".join(str(error).split())
    return CannotRideError(f"TensorFlow cannot do it for lanes: {type(error).__name__}: {said}")
