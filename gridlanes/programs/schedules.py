"""Learning rates that change from step to step: Keras' schedules, and the user's own."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf
from numpy.typing import NDArray

from gridlanes.compat.keras import making
from gridlanes.errors import CannotRideError
from gridlanes.store.content_digest import content
from gridlanes.store.digests import NoContentError

Tensor = Any


class Schedule(NamedTuple):
    """A schedule of an optimizer.

    Attributes
    ----------
    told : bytes
        Equal only for equal schedules.
    schedule : keras.optimizers.schedules.LearningRateSchedule
    """

    told: bytes
    schedule: Any


def describe_schedule(schedule: Any) -> Schedule:
    """Return a schedule, told by its content.

    Raises
    ------
    CannotRideError
        If its content cannot be told.
    Exception
        Whatever the schedule raises. All of a run are computed together, so that it has to be
        known of which fit it is.
    """
    try:
        told = content(schedule)
    except NoContentError as error:
        raise CannotRideError(f"a schedule whose content cannot be told: {error}") from error
    if type(schedule).__module__.startswith("keras."):
        schedule(0)
    else:
        with making:
            tf.function(_at([schedule]), autograph=False).get_concrete_function(
                tf.TensorSpec([], tf.int64)
            )
    return Schedule(told, schedule)


def tables(schedules: Sequence[Schedule], steps: int) -> NDArray:
    """Return learning rates at each step from 0: an array of shape (schedules, steps).

    One function for all, since its trace takes longer than what it computes. They are given one
    step at a time: not all of Keras' schedules take an array, and a power of one is rounded
    otherwise. TensorFlow may rearrange them, as it does under ``model.fit``.
    """
    at = _at([own.schedule for own in schedules])
    dtype = keras.config.floatx()

    def rates() -> Tensor:
        return tf.map_fn(at, tf.range(steps, dtype=tf.int64), fn_output_signature=dtype)

    with making:
        # Its trace by itself: TensorFlow takes functions of one place in the code for one that is
        # traced over and over, and warns of it.
        found: NDArray = tf.function(rates, autograph=False).get_concrete_function()().numpy().T
    return found


def _at(schedules: Sequence[Any]) -> Any:
    """Return a function of a step that returns all learning rates: shape (schedules,)."""
    # As an optimizer counts: with a variable of Keras, for which arithmetic is Keras' own.
    count, dtype = keras.Variable(0, dtype="int64", trainable=False), keras.config.floatx()

    def at(step: Tensor) -> Tensor:
        with keras.StatelessScope([(count, step)]):
            return tf.stack([tf.cast(schedule(count), dtype) for schedule in schedules])

    return at
