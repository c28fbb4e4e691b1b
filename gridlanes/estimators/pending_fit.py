"""A fit of a network that was asked for and will be trained later, together with others.

An estimator with networks inside calls their ``fit`` one after the other. Whoever wants these fits
side by side puts a function into :data:`TRAINER`; a network's ``fit`` then asks that function for
a :class:`PendingFit`, keeps it, and returns. Only what the trained network alone can know has to
wait, see :class:`NotTrainedYet`.
"""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from gridlanes.estimators.fitted_encoders import FITTED_ENCODERS
from gridlanes.estimators.history import History
from gridlanes.estimators.missing_names import missing_attribute
from gridlanes.networks.lane import Lane, LaneResult, Request, Rows
from gridlanes.networks.pickling import packed, plain
from gridlanes.store.digests import array_content


class NotTrainedYet(BaseException):
    """A network was asked for what it will know when it is trained.

    No error, and none that ``except Exception`` of the code between is to catch.
    """


class Arrays:
    """Holds one copy of each array, whoever brings it: fits of equal rows share them in memory.

    A copy, because what was given may be changed before it is trained on.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, NDArray] = {}

    def of(self, array: NDArray) -> tuple[bytes, NDArray]:
        """Return the digest of an array, and the copy."""
        told = array_content(array)
        if told not in self._known:
            self._known[told] = np.array(array)
        return told, self._known[told]


@dataclass(eq=False, slots=True)
class PendingFit:
    """One fit, and its result when that is there.

    Attributes
    ----------
    lane : Lane
    rows : Rows
    kept : bool
        See :class:`gridlanes.networks.lane.Request`.
    arrays : Arrays
    fold : int or None
        See :class:`gridlanes.networks.lane.Request`.
    outcome : LaneResult or Exception or None
    wanted : dict of bytes to ndarray
        By digest, the rows that the network was asked about while it was not trained.
    missed : bool
        Whether something could not go on because it was not trained.
    """

    lane: Lane
    rows: Rows
    kept: bool
    arrays: Arrays
    fold: int | None = None
    outcome: LaneResult | Exception | None = None
    wanted: dict[bytes, NDArray] = field(default_factory=dict)
    missed: bool = False

    def __deepcopy__(self, memo: Any) -> "PendingFit":
        return self

    @property
    def request(self) -> Request:
        """What is to be trained, and for which rows outputs are wanted."""
        return Request(self.lane, tuple(self.wanted.values()), self.kept, self.fold)

    @property
    def result(self) -> LaneResult:
        """What the fit has left behind.

        Raises
        ------
        NotTrainedYet
        Exception
            What the fit ended in.
        """
        if self.outcome is None:
            self.missed = True
            raise NotTrainedYet
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    def outputs(self, X: NDArray) -> NDArray:
        """Return what the network says of rows, shape (rows, outputs).

        Raises
        ------
        NotTrainedYet
            The rows are noted, so that they come with the training.
        """
        told = self.want(X)
        if self.outcome is None and GUESSING.get():
            return self._guess(len(X))
        result = self.result
        known = dict(zip(self.wanted, result.outputs, strict=True))
        if told in known:
            return known[told]

        from gridlanes.networks import reference

        return reference.predict(result.model, X, self.lane.columns)

    def want(self, X: NDArray) -> bytes:
        """Note rows, unless the network is trained; return their digest."""
        if self.outcome is not None:
            return array_content(X)
        told, copy = self.arrays.of(X)
        self.wanted[told] = copy
        return told

    def attribute(self, name: str) -> Any:
        """Return an attribute of the network that training sets.

        Raises
        ------
        NotTrainedYet
        """
        if name == "_loss" and self.outcome is None and GUESSING.get():
            return None
        found = getattr(self.result, TRAINED[name])
        return History(found) if name == "history_" else found

    def _guess(self, rows: int) -> NDArray:
        """Return outputs of the right shape, classes equally likely."""
        if self.lane.n_classes is not None:
            return np.full((rows, self.lane.n_classes), 1 / self.lane.n_classes)
        return np.zeros((rows, *self.lane.y.shape[1:])).reshape(rows, -1)


#: What a network's ``fit`` asks for a fit that is trained later; None trains at once.
TRAINER: ContextVar[Callable[[Any, Rows], PendingFit] | None] = ContextVar("trainer", default=None)

#: Whether a network that is not trained answers anything, so as to be told which rows are wanted.
GUESSING: ContextVar[bool] = ContextVar("guessing", default=False)

#: Attributes of a network that training sets, and where a result has them.
TRAINED = {"_loss": "loss", "history_": "history", "model_": "model"}


class TrainedLater(BaseEstimator):
    """A network that may have been fitted, as far as anybody can tell, but is trained later."""

    def __getattr__(self, name: str) -> Any:
        pending = vars(self).get("_pending")
        if name in FITTED_ENCODERS and (pending is not None or "model_" in vars(self)):
            known: dict[str, Any] = self.__dict__.setdefault("_encoders", {})
            return known.setdefault(name, FITTED_ENCODERS[name](self))
        if pending is None or name not in TRAINED:
            raise missing_attribute(self, name)
        return pending.attribute(name)

    def __getstate__(self) -> Any:
        self.settle()
        state, known = super().__getstate__(), {}  # type: ignore[var-annotated]
        # What callbacks hold after a fit, such as files, may be what cannot be packed.
        left_out = ("callbacks_", "_encoders")
        return {name: packed(own, known) for name, own in state.items() if name not in left_out}

    def __setstate__(self, state: dict[str, Any]) -> None:
        # A shallow copy is given the objects themselves.
        super().__setstate__(plain(state))

    def adopt(self, rows: Rows, result: LaneResult) -> Self:
        """Take over what a fit has brought, as if this estimator had been fitted."""
        for name in ("_pending", "_encoders"):
            self.__dict__.pop(name, None)
        self.__dict__.update(rows.learnt)
        self._loss = result.loss
        self.history_ = History(result.history)
        self.model_ = result.model

        from gridlanes.networks.given_models import left_by

        self.__dict__.update(left_by(self.model_))
        return self

    def settle(self) -> None:
        """Become an ordinary network, if it has been trained since its ``fit``.

        Raises
        ------
        NotTrainedYet
        """
        if "_pending" in vars(self):
            self.adopt(self._pending.rows, self._pending.result)

    def _wait_for(self, pending: PendingFit) -> Self:
        """Be fitted, but for what the fit will bring."""
        for name in TRAINED:
            self.__dict__.pop(name, None)
        self.__dict__.update(pending.rows.learnt, _pending=pending)
        return self
