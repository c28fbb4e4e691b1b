"""The callbacks of one lane, called as ``model.fit`` calls them.

They are Keras' own objects and the user's, copied for the lane, in Keras' own list. They see one
training run: the logs of every epoch, and a model with the lane's weights and learning rate, which
they may change or stop.
"""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from gridlanes.compat.keras import making
from gridlanes.errors import CannotRideError
from gridlanes.networks.lane import as_history
from gridlanes.networks.seeding import seeded
from gridlanes.programs.callbacks import needs_model
from gridlanes.programs.network_description import describe
from gridlanes.programs.optimizer_description import describe_optimizer
from gridlanes.programs.planned_lane import PlannedLane
from gridlanes.programs.schedules import Schedule
from gridlanes.programs.weights import Weights, set_weights, weights_of


class _Optimizer:
    """An optimizer of which only the learning rate is asked for."""

    def __init__(self, rate: Any) -> None:
        self._rate = np.dtype(keras.config.floatx()).type(rate)

    @property
    def learning_rate(self) -> Any:
        return self._rate

    @learning_rate.setter
    def learning_rate(self, rate: Any) -> None:
        self._rate = self._rate.dtype.type(rate)


class _Frugal:
    """What Keras' frugal callbacks ask of a model: its weights are those of a lane in one piece."""

    def __init__(self, metrics: Any, rate: Any) -> None:
        # Keras' container of metrics, in which a callback looks up which way is better.
        self.metrics = [metrics]
        self.optimizer = _Optimizer(rate)
        self.stop_training = False
        self.weights: Weights

    def get_weights(self) -> Weights:
        """Return a copy of the weights; those of all lanes are one array."""
        return self.weights.copy()

    def set_weights(self, weights: Weights) -> None:
        """Replace the weights."""
        self.weights = weights


class _Replayed(keras.callbacks.Callback):
    """Has a callback that writes a file write it in one go, when the lane has ended.

    All fits of a search write the same file, each from the start.
    """

    def __init__(self, callback: keras.callbacks.Callback) -> None:
        super().__init__()
        self._callback, self._logs = callback, list[tuple[int, dict[str, Any]]]()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self._logs.append((epoch, dict(logs or {})))

    def on_train_end(self, logs: Any = None) -> None:
        # Lanes of other runs end in other threads.
        with making:
            self._callback.on_train_begin()
            for epoch, own in self._logs:
                self._callback.on_epoch_end(epoch, own)
            self._callback.on_train_end(logs)


class Watch:
    """The callbacks of one lane, and the model that they take themselves to be watching.

    What a callback raises, its methods raise.

    Parameters
    ----------
    planned : PlannedLane
    metrics : object
        Keras' container of the compiled metrics.
    """

    def __init__(self, planned: PlannedLane, metrics: Any) -> None:
        self._planned, self._metrics = planned, metrics
        self._whole = needs_whole_model(planned)
        self._model: Any
        self._callbacks: keras.callbacks.CallbackList
        self._described: Any

    def begin(self, weights: Weights) -> Weights:
        """Tell the callbacks that training begins; return the weights that they leave."""
        lane = self._planned.lane
        if self._whole:
            self._model = seeded(lane.build, lane.seed)
            self._described = _described(self._model)
        else:
            self._model = _Frugal(self._metrics, self._planned.rate)
        self._model.stop_training = False

        def start() -> None:
            own = copy.deepcopy(list(lane.callbacks))
            files = keras.callbacks.CSVLogger
            self._callbacks = keras.callbacks.CallbackList(
                [_Replayed(one) if type(one) is files else one for one in own],
                add_history=True,
                verbose=0,
                epochs=lane.epochs,
                steps=lane.steps_per_epoch,
                model=self._model,
            )
            self._callbacks.on_train_begin()

        return self._told(weights, 0, start)

    def epoch_begin(self, epoch: int, weights: Weights) -> Weights:
        """Tell the callbacks that an epoch begins; return the weights that they leave.

        Raises
        ------
        CannotRideError
            If training is to stop, for which Keras would train one mini-batch.
        """
        weights = self._told(weights, epoch, lambda: self._callbacks.on_epoch_begin(epoch))
        if self._model.stop_training:
            raise CannotRideError("a callback stopped training where an epoch begins")
        return weights

    def epoch_end(self, epoch: int, weights: Weights, logs: dict[str, float]) -> Weights:
        """Tell the callbacks of an epoch's end; return the weights that they leave."""
        self._logs = dict(logs)

        def end() -> None:
            for own in self._callbacks.callbacks:
                if type(own) is keras.callbacks.TerminateOnNaN:
                    own.on_train_batch_end(self._planned.lane.steps_per_epoch - 1, logs)
            self._callbacks.on_epoch_end(epoch, self._logs)

        return self._told(weights, epoch + 1, end)

    def train_end(self, weights: Weights) -> Weights:
        """Tell the callbacks that training has ended; return the weights that they leave."""
        return self._told(weights, None, lambda: self._callbacks.on_train_end(self._logs))

    @property
    def goes_on(self) -> bool:
        """Whether no callback has stopped training."""
        return not self._model.stop_training

    @property
    def rate(self) -> float:
        """The learning rate, as the callbacks leave it."""
        return float(keras.ops.convert_to_numpy(self._model.optimizer.learning_rate))

    @property
    def history(self) -> dict[str, list[float]]:
        """One value an epoch, as in Keras' ``History.history``."""
        return as_history(self._model.history.history)

    def _told(self, weights: Weights, epoch: int | None, tell: Callable[[], None]) -> Weights:
        """Return the weights of the model after it was told something, so many epochs trained.

        They are the very object that was given unless a callback has changed them.

        Raises
        ------
        CannotRideError
            If a callback has changed something else that training depends on.
        """
        if not self._whole:
            self._model.weights = weights
            tell()
            return self._model.weights  # type: ignore[no-any-return]
        # Keras and TensorFlow keep names and graphs once for a process.
        with making:
            set_weights(self._model, self._planned.of_model(weights))
            if epoch is not None:
                steps = epoch * self._planned.lane.steps_per_epoch
                # The counter itself: `iterations` counts updates, not mini-batches.
                self._model.optimizer._iterations.assign(steps)  # noqa: SLF001
            before = weights_of(self._model)
            tell()
            if _described(self._model) != self._described:
                raise CannotRideError("a callback changed the network or its optimizer")
            after = weights_of(self._model)
        pairs = zip(before.arrays, after.arrays, strict=True)
        if all(np.array_equal(*pair, equal_nan=True) for pair in pairs):
            return weights
        integers = weights.integers.copy()
        integers[list(self._planned.integer_places.own)] = after.integers
        return replace(after, integers=integers)


def needs_whole_model(planned: PlannedLane) -> bool:
    """Return whether a lane's callbacks have to see a model of Keras."""
    callbacks = planned.lane.callbacks
    return bool(callbacks) and (planned.scheduled or needs_model(callbacks))


def _described(model: keras.Model) -> Any:
    """Return what training depends on besides weights and a learning rate that is a number."""
    described = describe(model)
    kind, constants, rate = describe_optimizer(model.optimizer, described.variables, begun=True)
    schedule = rate.told if isinstance(rate, Schedule) else None
    return described.structure, described.settings, kind, constants, schedule
