"""Trains fits again by plain Keras, and tells how far their lanes are from it."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from gridlanes.networks import reference
from gridlanes.networks.front import adapt
from gridlanes.networks.lane import Lane, Request
from gridlanes.networks.reference import as_columns, predict

#: The largest difference in a network's outputs that rounding explains, by float type.
TOLERANCE = {"float64": 1e-9, "float32": 1e-5}


@dataclass(frozen=True)
class Audited:
    """One fit by plain Keras beside its lane.

    Attributes
    ----------
    number : int
        Position of the fit: candidate by candidate, and split by split within one.
    params : dict
        The candidate.
    difference : float
        The largest difference between the outputs for the rows held out; relative to the largest
        output where that is above 1.
    """

    number: int
    params: dict[str, Any]
    difference: float

    @property
    def agrees(self) -> bool:
        """Whether the difference is within the tolerance."""
        return self.difference <= self.tolerance

    @property
    def tolerance(self) -> float:
        """The largest difference that rounding explains."""
        return TOLERANCE[keras.config.floatx()]


def plain_outputs(lane: Lane, X: NDArray) -> NDArray:
    """Return what a network says of rows after the loop that defines a fit.

    The loop is the one at the top of :mod:`gridlanes.networks.reference`, one call of ``fit`` an
    epoch. A fit with callbacks, which have to see one training run with all its epochs and the
    rows held out, is one call of ``fit`` over those very batches.
    """
    if lane.callbacks:
        return reference.run(Request(lane, (X,))).outputs[0]
    keras.utils.set_random_seed(lane.seed)
    model = lane.build()
    adapt(model, lane)
    inputs, target, *weight = as_columns(lane, model, (lane.X, lane.y, lane.sample_weight))
    for epoch in range(lane.epochs):
        order = np.arange(len(lane.X))
        if lane.shuffle:
            order = np.random.default_rng([lane.seed, epoch]).permutation(order)
        inputs_in_order, targets = keras.tree.map_structure(
            partial(tf.gather, indices=order), (inputs, target)
        )
        model.fit(
            inputs_in_order,
            targets,
            sample_weight=weight[0][order] if weight else None,
            batch_size=lane.batch_size,
            epochs=1,
            shuffle=False,
            verbose=0,
        )
    return predict(model, X, lane.columns)


def difference(outputs: NDArray, lane: Lane, X: NDArray) -> float:
    """Return the largest difference between a lane's outputs and those of plain Keras.

    Where outputs are larger than 1 it is relative to the largest: rounding grows with numbers.
    """
    plain = plain_outputs(lane, X)
    return float(np.abs(outputs - plain).max() / max(1, np.abs(plain).max()))
