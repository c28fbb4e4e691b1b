"""Which callbacks ride in a lane, and what they need to see there."""

from collections.abc import Sequence

import keras

from gridlanes.errors import CannotRideError
from gridlanes.networks.lane import Lane
from gridlanes.programs.held_out_parts import ROWS_BY_KERAS

#: What a lane does not come to: mini-batches are taken in one graph.
BY_BATCH = (
    "on_batch_begin",
    "on_batch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_test_begin",
    "on_test_end",
    "on_test_batch_begin",
    "on_test_batch_end",
)

#: Keras' own callbacks that use nothing of the model but whether it is to stop, its learning rate,
#: its metrics and all of its weights at once.
FRUGAL = (
    "CSVLogger",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "RemoteMonitor",
    "ReduceLROnPlateau",
    "TerminateOnNaN",
)


def check_watching(lane: Lane) -> None:
    """Raise unless a lane can do without ``model.fit`` for its callbacks.

    Raises
    ------
    CannotRideError
    """
    for callback in lane.callbacks:
        _check(callback)
    if lane.validation and lane.validation_batch_size != ROWS_BY_KERAS:
        raise CannotRideError(f"validation_batch_size={lane.validation_batch_size}")


def _check(callback: object) -> None:
    name = type(callback).__name__
    if not isinstance(callback, keras.callbacks.Callback):
        raise CannotRideError(f"callback {name} is no keras.callbacks.Callback")
    if type(callback) is keras.callbacks.TerminateOnNaN:
        # A loss that is no number stays so until the end of its epoch.
        return
    for hook in BY_BATCH:
        default = getattr(keras.callbacks.Callback, hook)
        if getattr(getattr(callback, hook), "__func__", None) is not default:
            raise CannotRideError(f"callback {name} has {hook}, which lanes do not come to")


def needs_model(callbacks: Sequence[keras.callbacks.Callback]) -> bool:
    """Return whether callbacks may ask for more of a model than the frugal ones."""
    return not all(
        type(own).__name__ in FRUGAL and type(own).__module__.startswith("keras.")
        for own in callbacks
    )
