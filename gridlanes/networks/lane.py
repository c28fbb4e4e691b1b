"""One fit and its outcome, as plain data.

A :class:`Lane` holds whatever a fit's numbers depend on and nothing else: two equal lanes give
equal results, whatever runs beside them.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gridlanes.errors import DivergedError

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from gridlanes.networks.building import Blueprint


class Copies(tuple):
    """Callbacks that are copies already, made for one fit, whose results somebody wants."""

    __slots__ = ()

    def __deepcopy__(self, memo: Any) -> "Copies":
        return self


@dataclass(frozen=True, eq=False, slots=True)
class Lane:
    """One fit: one candidate on one fold with one seed.

    Attributes
    ----------
    build : Blueprint
        Called without arguments returns a new, compiled Keras model. Called right after the seed
        is set, so that the initial weights are those of the seed.
    X : ndarray of shape (rows, ...)
        The rows as the network sees them, in its float type; as they were given if there is text,
        or a whole number which that type does not have.
    y : ndarray of shape (rows,) or (rows, outputs)
        Class numbers from 0, or the targets of a regression.
    n_classes : int or None
        How many classes there are; None for a regression.
    sample_weight : ndarray of shape (rows,) or None
        Weights with the class weights multiplied in.
    epochs, batch_size : int
    seed : int
        Decides initial weights, dropout masks and the order of rows in every epoch.
    validation : tuple of ndarray or None
        Rows, targets and weights (or None) held out of training, for callbacks to watch.
    callbacks : tuple of keras.callbacks.Callback
    columns : tuple of str
        The names of the columns of ``X``, empty if they have none.
    shuffle : bool
        Whether rows come in another order in every epoch; if not, as they are.
    validation_batch_size : int
        Rows held out in one call of the network, by which losses of whole mini-batches are taken.
    left_whole : str
        Why the layers before its weights are not computed in advance, so that it cannot ride.
    """

    build: "Blueprint"
    X: NDArray
    y: NDArray
    n_classes: int | None
    sample_weight: NDArray | None
    epochs: int
    batch_size: int
    seed: int
    validation: tuple[NDArray, NDArray, NDArray | None] | None = None
    callbacks: tuple = ()
    columns: tuple[str, ...] = ()
    shuffle: bool = True
    validation_batch_size: int = 32
    left_whole: str = ""

    @property
    def steps_per_epoch(self) -> int:
        """Mini-batches in an epoch; the last one may be short."""
        return -(-len(self.X) // self.batch_size)

    def order(self, epoch: int) -> NDArray[np.int64]:
        """Return the order of rows in an epoch, counted from 0: an array of shape (rows,).

        It does not depend on ``epochs``, so that a long run passes through the very states in
        which the shorter ones end.
        """
        if not self.shuffle:
            return np.arange(len(self.X))
        return np.random.default_rng([self.seed, epoch]).permutation(len(self.X))


@dataclass(frozen=True, eq=False)
class Rows:
    """Training data as a network sees it, and what an estimator learns from looking at it.

    Attributes
    ----------
    training : tuple
        Rows, targets and weights (or None), see :class:`Lane`.
    validation : tuple or None
        The same of the rows held out.
    meta : dict
        What the build function may ask for.
    learnt : dict
        Attributes of the fitted estimator, such as ``classes_``.
    given : dict
        What the call of ``fit`` was given besides rows.
    columns : tuple of str
        The names of the columns, which may differ from fold to fold; see :class:`Lane`.
    """

    training: tuple[NDArray, NDArray, NDArray | None]
    validation: tuple[NDArray, NDArray, NDArray | None] | None
    meta: dict[str, Any]
    learnt: dict[str, Any]
    given: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class Request:
    """A fit, and what is wanted of it.

    Attributes
    ----------
    lane : Lane
    rows : tuple of ndarray
        Rows for which the trained network's outputs are wanted.
    kept : bool
        Whether a store may have the result, or get it.
    fold : int or None
        Which of a search's splits the rows are from, whatever was made of them; None for a fit
        outside of a search.
    """

    lane: Lane
    rows: tuple[NDArray, ...] = ()
    kept: bool = True
    fold: int | None = None


@dataclass(frozen=True, eq=False)
class LaneResult:
    """What a fit leaves behind.

    Attributes
    ----------
    history : dict of str to list of float
        One value an epoch for the loss and each metric, as in Keras' ``History.history``; an array
        for a metric that is several numbers.
    loss : str, callable or keras.losses.Loss
        What the model was compiled with.
    make_model : callable
        Returns the trained model.
    outputs : tuple of ndarray of shape (rows, outputs)
        The network's outputs for the rows that were asked for.
    seconds : float
        Time that the fit took; of a lane, its share of the time of all.
    state : tuple of ndarray
        The variables of the trained model, from which it can be made again.
    """

    history: dict[str, list[float]]
    loss: Any
    make_model: "Callable[[], keras.Model]"
    outputs: tuple[NDArray, ...] = ()
    seconds: float = 0.0
    state: tuple[NDArray, ...] = ()

    @cached_property
    def model(self) -> "keras.Model":
        """The trained model, made when first asked for."""
        return self.make_model()


def as_history(logged: Mapping[str, Iterable[Any]]) -> dict[str, list[Any]]:
    """Return what is logged epoch by epoch: floats, and arrays for metrics of several numbers."""
    return {name: [as_logged(value) for value in values] for name, values in logged.items()}


def as_logged(value: Any) -> Any:
    """Return a float, or an array of them."""
    if isinstance(value, float):
        return float(value)
    array = np.asarray(value, np.float64)
    return array if array.ndim else float(array)


def settled(lane: Lane, result: LaneResult) -> LaneResult | DivergedError:
    """Return the outcome of a fit: its result, or the exception that says it has diverged."""
    try:
        check_finite(lane, result)
    except DivergedError as error:
        return error
    return result


def check_finite(lane: Lane, result: LaneResult) -> None:
    """Raise if a fit has diverged: its last loss is not a number, and no better epoch was restored.

    Or if its outputs are not, of which a classifier would make classes.

    Raises
    ------
    DivergedError
        Naming the first epoch, counted from 1, whose loss was not finite.
    """
    losses = result.history.get("loss", [])
    restored = any(getattr(callback, "restore_best_weights", False) for callback in lane.callbacks)
    if losses and not math.isfinite(losses[-1]) and not restored:
        epoch = next(n for n, loss in enumerate(losses, start=1) if not math.isfinite(loss))
        raise DivergedError(f"the loss became {losses[epoch - 1]} in epoch {epoch}")
    missing = sum(int(np.isnan(own).any(axis=1).sum()) for own in result.outputs)
    if missing:
        raise DivergedError(
            f"the outputs for {missing} of {sum(map(len, result.outputs))} rows are not numbers"
        )
