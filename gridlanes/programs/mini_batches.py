"""The rows of lanes as one pool, and their mini-batches as streams of positions in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gridlanes.networks.lane import Lane
from gridlanes.networks.targets import for_network, is_sparse
from gridlanes.programs.bitwise_equality import filled


@dataclass(frozen=True)
class Pool:
    """The rows of several fits, each set of rows held once.

    Attributes
    ----------
    X, y, weight : ndarray, the first dimension being rows
        ``y`` as the network wants it; weights are 1 where none were given.
    start : dict of int to int
        Position of the first row of a set, by the identity of its arrays.
    """

    X: NDArray
    y: NDArray
    weight: NDArray
    start: dict[tuple[int, int, int], int]


def rows_key(lane: Lane) -> tuple[int, int, int]:
    """Return what identifies the rows of a lane among those of the lanes alive."""
    return id(lane.X), id(lane.y), id(lane.sample_weight)


def pool_key(lane: Lane, width: int, loss: object) -> tuple:
    """Return what lanes must have in common for their rows to be in one pool."""
    return lane.X.shape[1:], lane.X.dtype.str, lane.n_classes, width, is_sparse(loss)


def make_pool(lanes: Sequence[Lane], width: int, loss: object, dtype: str) -> Pool:
    """Return the rows of lanes whose networks have ``width`` outputs and this loss."""
    sets = {rows_key(lane): lane for lane in lanes}
    sizes = [len(lane.X) for lane in sets.values()]
    starts = np.cumsum([0, *sizes[:-1]]).tolist()
    return Pool(
        X=np.concatenate([lane.X for lane in sets.values()]),
        y=np.concatenate([target_of(lane, lane.y, width, loss, dtype) for lane in sets.values()]),
        weight=np.concatenate([weights_or_ones(lane, dtype) for lane in sets.values()]),
        start=dict(zip(sets, starts, strict=True)),
    )


def target_of(lane: Lane, y: NDArray, width: int, loss: object, dtype: str) -> NDArray:
    """Return targets of a lane's task as the network of its program wants them."""
    return for_network(y, n_classes=lane.n_classes, width=width, loss=loss, dtype=dtype)


def weights_or_ones(lane: Lane, dtype: str) -> NDArray:
    """Return the weights of a lane's rows."""
    given = lane.sample_weight
    return np.ones(len(lane.X), dtype) if given is None else given.astype(dtype)


def stream_key(lane: Lane) -> tuple:
    """Return what lanes must have in common to share their mini-batches."""
    return (*rows_key(lane), lane.seed, lane.batch_size, lane.shuffle)


@dataclass(frozen=True)
class Epochs:
    """The mini-batches of several streams, epoch by epoch.

    Attributes
    ----------
    rows : ndarray of shape (epochs, steps, streams, batch size)
    sizes : ndarray of shape (epochs, steps, streams)
    count : ndarray of shape (epochs, steps, streams)
        Steps of each stream's optimizer from 1, standing still where it has no rows left.
    """

    rows: NDArray[np.int32]
    sizes: NDArray[np.int32]
    count: NDArray[np.int32]

    def part(self, start: int, stop: int) -> "Epochs":
        """Return some of the steps of each epoch."""
        return Epochs(*(own[:, start:stop] for own in (self.rows, self.sizes, self.count)))


def mini_batches(streams: Sequence[Lane], pool: Pool, first: int, epochs: int = 1) -> Epochs:
    """Return the mini-batches of some epochs, counted from 0, of one lane for each stream.

    A mini-batch is filled up with the first row of its stream: a row of the lane itself, so that a
    number that is not finite cannot come from elsewhere.
    """
    steps = max(lane.steps_per_epoch for lane in streams)
    batch_size = filled(max(lane.batch_size for lane in streams))
    shape = (epochs, steps, len(streams))
    rows = np.empty((*shape, batch_size), np.int32)
    sizes, count = np.zeros(shape, np.int32), np.empty(shape, np.int32)
    for number, lane in enumerate(streams):
        own, size = lane.steps_per_epoch, lane.batch_size
        start = pool.start[rows_key(lane)]
        sizes[:, :own, number] = size
        sizes[:, own - 1, number] = len(lane.X) - (own - 1) * size
        for epoch in range(epochs):
            order = np.full(steps * size, start, np.int32)
            order[: len(lane.X)] += lane.order(first + epoch).astype(np.int32)
            rows[epoch, :, number] = order[0]
            rows[epoch, :, number, :size] = order.reshape(steps, size)
            taken = np.minimum(np.arange(1, steps + 1), own)
            count[epoch, :, number] = (first + epoch) * own + taken
    return Epochs(rows, sizes, count)
