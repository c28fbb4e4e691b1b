"""Scikit-learn estimators for Keras models, built to be searched and cross-validated.

The public names are loaded on first use, so that ``import gridlanes`` and the modules that
need no network (``gridlanes.errors``) stay free of TensorFlow.
"""

from typing import TYPE_CHECKING, Any

from gridlanes.errors import GridlanesError, ModelError, ParameterError

if TYPE_CHECKING:
    from gridlanes.estimators import KerasClassifier, KerasRegressor

__version__ = "0.1.0"

__all__ = [
    "GridlanesError",
    "KerasClassifier",
    "KerasRegressor",
    "ModelError",
    "ParameterError",
]


def __getattr__(name: str) -> Any:
    if name in ("KerasClassifier", "KerasRegressor"):
        from gridlanes import estimators

        return getattr(estimators, name)
    raise AttributeError(f"module 'gridlanes' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
