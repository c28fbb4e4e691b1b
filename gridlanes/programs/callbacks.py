"""Early stopping of lanes, by Keras' own callback.

Each lane has copies of its callbacks, which see one training run as they would under
``model.fit``: the logs of every epoch, and a model that they can stop and whose weights they can
keep and put back.
"""

import copy
from collections.abc import Sequence
from typing import Any

import keras

from gridlanes.errors import CannotRideError
from gridlanes.networks.lane import Lane
from gridlanes.programs.network_description import Description
from gridlanes.programs.weights import Weights


def check_watching(lane: Lane, description: Description, loss: str) -> None:
    """Raise unless a lane can do without ``model.fit`` for its callbacks and rows held out.

    Parameters
    ----------
    lane : Lane
    description : Description
        Of its network.
    loss : str
        See :func:`gridlanes.programs.network_description.describe_loss`.

    Raises
    ------
    CannotRideError
    """
    for callback in lane.callbacks:
        if type(callback) is not keras.callbacks.EarlyStopping:
            raise CannotRideError(f"callback {type(callback).__name__} cannot ride")
    # What depends on how Keras cuts the rows held out into mini-batches.
    if lane.validation and any("activity" in place for place in description.settings):
        raise CannotRideError("an activity regularizer together with validation cannot ride")
    by_batch = any(f'"reduction": "{name}"' in loss for name in ("sum", "mean_with_sample_weight"))
    if lane.validation and by_batch:
        raise CannotRideError("a loss that is no mean over rows together with validation")


class Watch:
    """The callbacks of one lane, and the model that they take themselves to be watching.

    Attributes
    ----------
    stop_training : bool
        Set by a callback.
    """

    def __init__(self, callbacks: Sequence[Any], metrics: Any) -> None:
        # Keras' container of metrics, in which a callback looks up which way is better.
        self.metrics = [metrics]
        self.stop_training = False
        self._weights: Weights
        self._callbacks = copy.deepcopy(list(callbacks))
        for callback in self._callbacks:
            callback.set_model(self)
            callback.on_train_begin()

    def get_weights(self) -> Weights:
        """Return a copy of the weights after the last epoch; those of all lanes are one array."""
        return self._weights.copy()

    def set_weights(self, weights: Weights) -> None:
        """Replace the weights."""
        self._weights = weights

    def epoch_end(self, epoch: int, weights: Weights, logs: dict[str, float]) -> bool:
        """Tell the callbacks of an epoch's end; return whether the lane is to go on."""
        self._weights = weights
        for callback in self._callbacks:
            callback.on_epoch_end(epoch, logs)
        return not self.stop_training

    def train_end(self) -> Weights:
        """Return the weights that the callbacks leave."""
        for callback in self._callbacks:
            callback.on_train_end()
        return self._weights
