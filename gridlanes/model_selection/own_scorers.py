"""Scorers that are functions of the user's own, which may look at a fitted estimator."""

import functools
from collections.abc import Mapping
from typing import Any

from gridlanes.compat.sklearn import Scorer
from gridlanes.model_selection.trained_estimator import real


def of_real(scoring: Any) -> Any:
    """Return scorers by which functions of the user's own are handed the real estimator."""
    if isinstance(scoring, Mapping):
        return {name: of_real(scorer) for name, scorer in scoring.items()}
    return _OfReal(scoring) if is_own(scoring) else scoring


class _OfReal:
    """A scorer of the user's own that is handed the real estimator, and all else as it is.

    Scikit-learn asks a scorer which metadata it is to be given, too.
    """

    def __init__(self, scorer: Any) -> None:
        functools.update_wrapper(self, scorer, updated=())

    def __call__(self, estimator: Any, *args: Any, **kwargs: Any) -> Any:
        return self.__wrapped__(real(estimator), *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        # A copy in the making has nothing to ask yet.
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.__wrapped__, name)


def is_own(scoring: Any) -> bool:
    """Return whether a scorer, or one of several, is a function of the user's own."""
    if isinstance(scoring, Mapping):
        return any(is_own(scorer) for scorer in scoring.values())
    return callable(scoring) and not isinstance(scoring, Scorer)
