"""What trains an estimator, checked before anything is prepared."""

from os import PathLike
from typing import Any

from gridlanes.errors import CannotRideError, ParameterError
from gridlanes.estimators.base import KerasEstimator
from gridlanes.estimators.pending_fit import TRAINER
from gridlanes.model_selection.engine import Engine
from gridlanes.model_selection.last_step import (
    has_own_fit,
    held_network,
    levels_of,
    why_not_trained_here,
)
from gridlanes.model_selection.outer_fits import has_networks
from gridlanes.store.store import Store

ENGINES = ("auto", "lanes", "keras")
MEMORY_ERRORS = ("warn", "raise")


def check_engine(engine: Any) -> None:
    """Raise unless ``engine`` is one of those that exist.

    Raises
    ------
    ValueError
    """
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(map(repr, ENGINES))}; found {engine!r}")


def check_memory(memory: Any, errors: Any) -> None:
    """Raise unless ``memory`` names a store, and ``errors`` is one of those that exist.

    Raises
    ------
    ValueError
    """
    if memory is not None and (not isinstance(memory, (str, PathLike, Store)) or memory == ""):
        raise ValueError(f"memory must be a path, a gridlanes.Store or None; found {memory!r}")
    if errors not in MEMORY_ERRORS:
        raise ValueError(
            f"memory_errors must be one of {', '.join(map(repr, MEMORY_ERRORS))}; found {errors!r}"
        )


def make_engine(
    estimator: Any,
    engine: str,
    memory: Any,
    memory_errors: str,
    *,
    n_jobs: int | None = None,
    progress: bool = False,
    needed: str | None = None,
) -> Engine | None:
    """Return what trains an estimator, None if scikit-learn does all of it by itself.

    It does in the midst of an estimator's ``fit`` whose networks are trained later.

    Parameters
    ----------
    needed : str, optional
        A parameter whose work scikit-learn does not do.

    Raises
    ------
    ValueError
        For a parameter that cannot work.
    CannotRideError
        With ``engine="lanes"``, for an estimator that has no network to ride.
    """
    check_engine(engine)
    check_memory(memory, memory_errors)
    if needed and held_network(estimator) is None:
        last = levels_of(estimator)[-1]
        own = isinstance(last, KerasEstimator) and has_own_fit(last)
        raise ParameterError(
            f"{needed} needs an estimator that is or ends in a KerasClassifier or "
            f"KerasRegressor; found {type(last if own else estimator).__name__}"
            f"{', a subclass with a fit of its own' if own else ''}"
        )
    if TRAINER.get() is not None and not needed:
        return None
    if not has_networks(estimator):
        if engine == "lanes":
            raise CannotRideError(f"no fit can ride in lanes: {why_not_trained_here(estimator)}")
        return None
    return Engine(engine, n_jobs, progress=progress, memory=memory, memory_errors=memory_errors)
