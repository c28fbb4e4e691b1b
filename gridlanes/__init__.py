"""Scikit-learn estimators for Keras models, built to be searched and cross-validated.

The public names are loaded on first use, so that ``import gridlanes`` and the modules that
need no network (``gridlanes.errors``) stay free of TensorFlow.
"""

from typing import TYPE_CHECKING, Any

from gridlanes.errors import (
    CannotRideError,
    DivergedError,
    GridlanesError,
    ModelError,
    ParameterError,
    StoreError,
    StoreWarning,
)

if TYPE_CHECKING:
    from gridlanes.estimators import KerasClassifier, KerasRegressor
    from gridlanes.model_selection.cross_validation import (
        cross_val_predict,
        cross_val_score,
        cross_validate,
    )
    from gridlanes.model_selection.nested import permuted_best_scores
    from gridlanes.model_selection.search import GridSearchCV, RandomizedSearchCV
    from gridlanes.networks.tunable import Tunable
    from gridlanes.store import Store

__version__ = "0.1.0"

__all__ = [
    "CannotRideError",
    "DivergedError",
    "GridSearchCV",
    "GridlanesError",
    "KerasClassifier",
    "KerasRegressor",
    "ModelError",
    "ParameterError",
    "RandomizedSearchCV",
    "Store",
    "StoreError",
    "StoreWarning",
    "Tunable",
    "cross_val_predict",
    "cross_val_score",
    "cross_validate",
    "permuted_best_scores",
]


def __getattr__(name: str) -> Any:
    home: Any
    if name in ("KerasClassifier", "KerasRegressor"):
        from gridlanes import estimators as home
    elif name in ("GridSearchCV", "RandomizedSearchCV"):
        from gridlanes.model_selection import search as home
    elif name == "permuted_best_scores":
        from gridlanes.model_selection import nested as home
    elif name == "Tunable":
        from gridlanes.networks import tunable as home
    elif name == "Store":
        from gridlanes import store as home
    elif name in ("cross_val_predict", "cross_val_score", "cross_validate"):
        from gridlanes.model_selection import cross_validation as home
    else:
        raise AttributeError(f"module 'gridlanes' has no attribute {name!r}")
    return getattr(home, name)


def __dir__() -> list[str]:
    return sorted(__all__)
