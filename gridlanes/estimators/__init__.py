"""Scikit-learn's classifier and regressor over a function that builds a Keras model."""

from gridlanes.estimators.classifier import KerasClassifier
from gridlanes.estimators.regressor import KerasRegressor

__all__ = ["KerasClassifier", "KerasRegressor"]
