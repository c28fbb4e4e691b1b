"""One call of a search's ``fit``: what it needs, and the fits that it has come through."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gridlanes.estimators.tables import as_table
from gridlanes.model_selection.engine import Engine
from gridlanes.model_selection.fit_requests import Splits
from gridlanes.model_selection.fits import Fit
from gridlanes.model_selection.last_step import held_network, plain_targets
from gridlanes.model_selection.outer_pass import FittedOuter
from gridlanes.networks.lane import Lane


@dataclass(eq=False)
class Session:
    """What one call of ``fit`` needs besides the search's parameters.

    Attributes
    ----------
    refit : callable
        See :class:`gridlanes.model_selection.trained_estimator.TrainedEstimator`.
    ready : tuple or None
        Finished fits and splits of a search whose fits were trained together with others.
    queue : deque
        Finished fits that scikit-learn has not asked for yet.
    finished : list of (Fit, outcome)
        All fits so far.
    """

    engine: Engine
    estimator: Any
    X: Any
    y: Any
    params: Mapping[str, Any]
    refit: Callable[..., Any]
    ready: tuple[list, Splits] | None = None
    queue: deque = field(default_factory=deque)
    finished: list[tuple[Fit, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.X, self.y = as_table(self.X, self.y), plain_targets(self.estimator, self.y)

    def histories(self, fits: int) -> list[list[dict | None]]:
        """Return the history of each of a candidate's fits, of which each has so many."""
        own = [_history(outcome) for _, outcome in self.finished]
        return [own[n : n + fits] for n in range(0, len(own), fits)]

    def sizes(self, fits: int) -> dict[str, Any]:
        """Return how large each candidate's fits are, from all of which so many are its own."""
        if held_network(self.estimator) is None:
            return {}
        own = [(_lane(fit, outcome), _epochs(outcome)) for fit, outcome in self.finished]
        sizes = np.array([self.engine.size(own[n : n + fits]) for n in range(0, len(own), fits)])
        return dict(zip(("n_weights", "n_steps"), sizes.T, strict=True))


def _of_network(outcome: Any) -> Any:
    """Return what a fit has ended in, of the network if it is inside another estimator."""
    if isinstance(outcome, FittedOuter):
        return outcome.held and outcome.held.outcome
    return outcome


def _history(outcome: Any) -> dict[str, list[float]] | None:
    found: dict[str, list[float]] | None = getattr(_of_network(outcome), "history", None)
    return found


def _epochs(outcome: Any) -> int | None:
    """Return how many epochs a fit ran for, fewer than it was asked for if it stopped early."""
    history = _history(outcome)
    return len(history["loss"]) if history and "loss" in history else None


def _lane(fit: Fit, outcome: Any) -> Lane | None:
    """Return a network's fit as it was asked for, None for one that was not."""
    if isinstance(outcome, FittedOuter):
        return outcome.held.lane if outcome.held is not None else None
    return fit.request.lane if fit.request is not None else None
