"""One fit and its outcome, as plain data.

A :class:`Lane` holds whatever a fit's numbers depend on and nothing else: two equal lanes give
equal results, whatever runs beside them.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras


@dataclass(frozen=True, eq=False)
class Lane:
    """One fit: one candidate on one fold with one seed.

    Attributes
    ----------
    build : callable
        Takes nothing and returns a new, compiled Keras model. Called right after the seed is
        set, so that the initial weights are those of the seed.
    X : ndarray of shape (rows, ...)
        The rows as the network sees them, in its float type.
    y : ndarray of shape (rows,) or (rows, outputs)
        Class numbers from 0, or the targets of a regression.
    n_classes : int or None
        How many classes there are; None for a regression.
    sample_weight : ndarray of shape (rows,) or None
        Weights with the class weights multiplied in.
    epochs, batch_size : int
    seed : int
        Decides initial weights, dropout masks and the order of rows in every epoch.
    """

    build: "Callable[[], keras.Model]"
    X: NDArray
    y: NDArray
    n_classes: int | None
    sample_weight: NDArray | None
    epochs: int
    batch_size: int
    seed: int

    @property
    def steps_per_epoch(self) -> int:
        """Mini-batches in an epoch; the last one may be short."""
        return -(-len(self.X) // self.batch_size)

    def order(self, epoch: int) -> NDArray[np.int64]:
        """Return the order of rows in an epoch, counted from 0: an array of shape (rows,).

        It does not depend on ``epochs``, so that a long run passes through the very states in
        which the shorter ones end.
        """
        return np.random.default_rng([self.seed, epoch]).permutation(len(self.X))


@dataclass(frozen=True, eq=False)
class LaneResult:
    """What a fit leaves behind.

    Attributes
    ----------
    model : keras.Model
        The trained model.
    history : dict of str to list of float
        One value an epoch for the loss and each metric, as in Keras' ``History.history``.
    """

    model: "keras.Model"
    history: dict[str, list[float]]
