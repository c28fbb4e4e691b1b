"""Scikit-learn's regressor over a function that builds a Keras model."""

from typing import Any, Self

from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin

from gridlanes.estimators.base import KerasEstimator, row_weights
from gridlanes.networks.lane import Rows


class KerasRegressor(RegressorMixin, KerasEstimator):
    """A regressor whose network is made by a function.

    Parameters, attributes and the meaning of a fit are those of :class:`KerasClassifier`, without
    classes: there is no ``class_weight``, the default loss is mean squared error and the default
    metric mean absolute error. A target of several columns needs as many units in the last layer,
    or in the outputs of a model with several together: each gets its columns in the order of
    ``output_names``, and :meth:`predict` returns them side by side.
    """

    def __init__(
        self,
        model: Any = None,
        *,
        epochs: int = 1,
        batch_size: int = 32,
        optimizer: Any = None,
        loss: Any = None,
        metrics: Any = None,
        random_state: Any = None,
        preprocessing: Any = None,
        validation_split: float = 0.0,
        callbacks: Any = None,
        verbose: Any = 0,
        **parameters: Any,
    ) -> None:
        self.model = model
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.loss = loss
        self.metrics = metrics
        self.random_state = random_state
        self.preprocessing = preprocessing
        self.validation_split = validation_split
        self.callbacks = callbacks
        self.verbose = verbose
        self._parameters = parameters

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train a new network.

        Parameters
        ----------
        X : array-like of shape (rows, features) or (rows, ...)
        y : array-like of shape (rows,) or (rows, targets)
        sample_weight : array-like of shape (rows,), optional
            As in :meth:`KerasClassifier.fit`.
        """
        return self._fit(self.prepare(X, y, sample_weight))

    def prepare(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Rows:
        """Return what :meth:`fit` would train on; sets ``n_features_in_``."""
        rows = self._preprocessed(X, y)
        rows, targets = self._validated(rows, y, multi_output=True, y_numeric=True)
        weights = None if sample_weight is None else row_weights(sample_weight, len(rows))
        n_outputs = 1 if targets.ndim == 1 else targets.shape[1]
        meta = {
            "target_type_": "continuous" if n_outputs == 1 else "continuous-multioutput",
            "n_outputs_": n_outputs,
            "n_outputs_expected_": 1,
        }
        learnt = {"_one_dimensional": targets.ndim == 1}
        return self._rows(rows, targets, weights, meta, learnt)

    def respond(self, method: str, outputs: NDArray) -> NDArray:  # noqa: ARG002
        """Return what ``predict`` makes of the network's outputs."""
        return outputs[:, 0] if self._one_dimensional else outputs

    def predict(self, X: ArrayLike) -> NDArray:
        """Return the prediction for each row, of the shape that ``y`` had in :meth:`fit`."""
        return self.respond("predict", self._outputs(X))
