"""Answers that are there already, as an estimator that scikit-learn's scorers ask for them."""

from typing import Any

from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin


def answered(outputs: NDArray[Any], classes: NDArray[Any] | None) -> Any:
    """Return an estimator that says what it is given, whatever the rows.

    Parameters
    ----------
    outputs : ndarray of shape (rows, columns)
        Probabilities of the classes, or one column of predictions.
    classes : ndarray of shape (columns,) or None
        None for a regression.
    """
    return (_Regressor if classes is None else _Classifier)(outputs, classes)


class _Known(BaseEstimator):
    def __init__(self, outputs: Any, classes: Any) -> None:
        self.outputs, self.classes_ = outputs, classes

    def __sklearn_is_fitted__(self) -> bool:
        return True


class _Regressor(RegressorMixin, _Known):
    def predict(self, _: Any) -> Any:
        return self.outputs[:, 0]


class _Classifier(ClassifierMixin, _Known):
    def predict_proba(self, _: Any) -> Any:
        return self.outputs

    def predict(self, _: Any) -> Any:
        return self.classes_[self.outputs.argmax(axis=1)]
