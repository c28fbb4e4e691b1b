"""One candidate on one split, and the split as its network sees it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

from gridlanes.model_selection.outer_fits import OuterFit
from gridlanes.networks.lane import Request, Rows

Split = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(eq=False, slots=True)
class Fit:
    """One candidate on one split.

    Attributes
    ----------
    estimator : estimator
        A clone with the candidate's parameters, not fitted, shared by its fits.
    split : tuple of ndarray
        Positions of the rows to train on and to test on.
    number : int
        The split's own, counted from 0.
    fold : Fold or None
        None if the estimator does not end in a network, or could not be prepared.
    request : Request or None
    error : Exception or None
        Why it could not be prepared.
    outer : OuterFit or None
        Of an estimator that does not end in a network, but has some inside.
    """

    estimator: Any
    split: Split
    number: int
    fold: "Fold | None" = None
    request: Request | None = None
    error: Exception | None = None
    outer: OuterFit | None = None

    @property
    def unprepared(self) -> Exception | None:
        """Why it could not be prepared, or what another than a network's fit has raised."""
        return self.error if self.outer is None else self.outer.error

    def outcome(self, trained: Iterator[Any]) -> Any:
        """Return what the fit has ended in, of the outcomes of all requests that follow."""
        if self.outer is not None:
            return self.outer.outcome
        return next(trained) if self.request is not None else self.error


@dataclass(frozen=True, eq=False)
class Fold:
    """A split as the network of some candidates sees it.

    Attributes
    ----------
    before : Pipeline or None
        The fitted transformers.
    rows : Rows
    X : dict of str to array-like
        The rows as scikit-learn hands them out: ``test``, and ``train`` if wanted.
    inputs : dict of str to ndarray
        The same as the network sees them; one that could not be transformed is missing.
    """

    before: Pipeline | None
    rows: Rows
    X: dict[str, Any]
    inputs: dict[str, NDArray]

    @cached_property
    def wanted(self) -> tuple[NDArray, ...]:
        """Rows for which outputs are wanted, one object for all fits."""
        return tuple(self.inputs.values())
