"""Fits of estimators that have networks inside: their networks are trained side by side, too.

The estimator's own ``fit`` is run, in which networks that are fitted count as fitted without
having been trained. Where it asks what one of them says, it stops there; what it has asked for
until then is trained, and ``fit`` is run anew on a fresh clone. Each network then gets the result
of the fit of the very same content. So the last pass is an ordinary ``fit`` from beginning to end,
whatever the estimator does, and most estimators need one pass or two.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.base import clone

from gridlanes.estimators.base import KerasEstimator
from gridlanes.estimators.pending_fit import Arrays, PendingFit
from gridlanes.model_selection.outer_pass import FittedOuter, Given, Pass, Train


def has_networks(estimator: Any) -> bool:
    """Return whether there is a Keras estimator among an estimator and those inside it."""
    # A scaler holds plain values, and is asked about several times a fit.
    held = getattr(estimator, "__dict__", {}).values()
    if not any(isinstance(one, (list, tuple, dict)) or hasattr(one, "get_params") for one in held):
        return False
    inside = estimator.get_params().values() if hasattr(estimator, "get_params") else ()
    return any(isinstance(one, KerasEstimator) for one in (estimator, *inside))


class OuterFit:
    """The fit of one estimator, pass by pass.

    Parameters
    ----------
    estimator : estimator
        Not fitted; each pass takes a clone.
    given : callable
        Returns a :class:`Given`.
    arrays : Arrays
    fold : int or None
        See :class:`gridlanes.networks.lane.Request`.

    Attributes
    ----------
    outcome : FittedOuter or Exception or None
        None until the last pass.
    error : Exception or None
        What it has ended in, unless it is what one of the networks' fits has.
    later : str
        What it does when the networks that it has asked for are trained; empty if nothing.
    """

    def __init__(
        self,
        estimator: Any,
        given: Callable[[], Given],
        arrays: Arrays,
        fold: int | None = None,
    ) -> None:
        self.estimator, self._given, self._arrays, self._fold = estimator, given, arrays, fold
        self.outcome: FittedOuter | Exception | None = None
        self.error: Exception | None = None
        self.later = ""
        self._known: dict[bytes, PendingFit] = {}
        self._random: Any = None
        self._last: Pass | None = None

    @property
    def rows(self) -> dict[str, Any]:
        """The rows that the estimator is asked about, ``test`` among them."""
        return self._given().asked

    def advance(self, train_now: Train) -> list[PendingFit]:
        """Go on as far as it goes; return what has to be trained before the next time.

        Parameters
        ----------
        train_now : callable
            Trains what an estimator asks for that does not ask for the same again.
        """
        last = self._last
        if last is not None and last.fitted is not None and last.all_trained:
            return self._end(last.result())
        own = self._run(None)
        if last is not None and own.new and not last.repeated_by(own):
            own = self._run(train_now)
        if own.new:
            self._last = own
            if own.fitted is None:
                self.later = f"{type(self.estimator).__name__} asks networks before it is fitted"
            return own.new
        if not any(own.error is fit.outcome for fit in own.asked.values()):
            self.error = own.error
        return self._end(own.error or own.result())

    def _end(self, outcome: FittedOuter | Exception) -> list[PendingFit]:
        self.outcome, self.later = outcome, ""
        # What is kept with a fit is its result.
        self._known, self._last = {}, None
        return []

    def _run(self, train_now: Train | None) -> "Pass":
        own = Pass(self._known, self._arrays, train_now, self._fold)
        with self._as_before():
            own.run(clone(self.estimator), self._given())
        return own

    @contextmanager
    def _as_before(self) -> Iterator[None]:
        """Let NumPy's global generator be as it was in the first pass, which alone changes it."""
        if self._random is None:
            self._random = np.random.get_state(legacy=False)
            yield
            return
        present = np.random.get_state(legacy=False)
        np.random.set_state(self._random)
        try:
            yield
        finally:
            np.random.set_state(present)


def train_inside(fits: Sequence[OuterFit], train: Train, train_now: Train) -> None:
    """Bring fits to their end, whatever they wait for at a time trained together.

    Parameters
    ----------
    fits : sequence of OuterFit
    train : callable
    train_now : callable
        The same, for what is trained one by one.
    """
    while waiting := [fit for fit in fits if fit.outcome is None]:
        train([pending for fit in waiting for pending in fit.advance(train_now)])


def fitted_alone(fit: OuterFit, train: Train) -> Any:
    """Return the estimator of a fit, trained for itself, as an ordinary one.

    Raises
    ------
    Exception
        What the fit raises.
    """
    train_inside([fit], train, train)
    if isinstance(fit.outcome, Exception):
        raise fit.outcome
    assert fit.outcome is not None  # noqa: S101
    return fit.outcome.settled()
