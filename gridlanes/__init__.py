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

__version__ = "0.2.0.dev0"

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

#: Names of other libraries that people look for here, and what takes their place.
INSTEAD = {
    "BaseWrapper": "KerasClassifier or KerasRegressor",
    "BayesianOptimization": "RandomizedSearchCV with Tunable(build).param_distributions",
    "HalvingGridSearchCV": "GridSearchCV, which trains all candidates side by side",
    "HalvingRandomSearchCV": "RandomizedSearchCV, which trains all candidates side by side",
    "Hyperband": "RandomizedSearchCV with Tunable(build).param_distributions, or scikit-learn's "
    "HalvingRandomSearchCV with resource='epochs', which runs fit by fit",
    "RandomSearch": "RandomizedSearchCV with Tunable(build).param_distributions",
    "SKLearnClassifier": "KerasClassifier",
    "SKLearnRegressor": "KerasRegressor",
    "SKLearnTransformer": "a FunctionTransformer over keras.Model up to a layer",
}


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
        raise _missing(name)
    return getattr(home, name)


def _missing(name: str) -> Exception:
    """Return what to raise for a name that is not here; import hands on an ImportError's text."""
    if name in INSTEAD:
        return ImportError(f"gridlanes has no {name}; use {INSTEAD[name]}", name="gridlanes")
    return AttributeError(f"module 'gridlanes' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
