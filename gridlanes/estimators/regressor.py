"""Scikit-learn's regressor over a function that builds a Keras model."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import RegressorMixin, clone
from sklearn.metrics import r2_score
from sklearn.utils import check_array

from gridlanes.errors import ParameterError
from gridlanes.estimators.base import KerasEstimator
from gridlanes.estimators.encoders import columns_of, decoded, is_nothing, of_encoder
from gridlanes.estimators.fit_settings import FitSettings, settings_of
from gridlanes.estimators.network_rows import n_training
from gridlanes.estimators.scoring import Scored
from gridlanes.estimators.targets import of_numbers, refuse_dates
from gridlanes.networks.lane import Rows


class KerasRegressor(Scored, RegressorMixin, KerasEstimator):
    """A regressor whose network is made by a function.

    Parameters, attributes and the meaning of a fit are those of :class:`KerasClassifier`, without
    classes: there is no ``class_weight``, the default loss is mean squared error and the default
    metric mean absolute error. A target of several columns needs as many units in the last layer,
    or in the outputs of a model with several together: each gets its columns in the order of
    ``output_names``, and :meth:`predict` returns them side by side.

    Parameters
    ----------
    model : callable
        Returns a new Keras model.
    epochs : int
        How often all rows are gone through.
    batch_size : int or None
        Rows of a step of the optimizer.
    optimizer, loss, metrics : optional
        Compile a model that comes back uncompiled.
    random_state : int, numpy.random.RandomState or None
        The seed; None draws a fresh one for each fit.
    preprocessing : transformer, optional
        What rows go through before the network.
    target_transformer : transformer, "passthrough" or None
        What happens to the targets before the network, undone for predictions and scores; losses
        and metrics of Keras are those of the transformed targets. It is fitted to the rows that
        the network trains on, not to those that ``validation_split`` holds out.
        ``TransformedTargetRegressor`` does the same around the estimator.
    validation_split : float or splitter
        Share of the rows, the last ones, that callbacks watch.
    validation_batch_size : int, optional
        Rows that are watched at once.
    callbacks : list of keras.callbacks.Callback, optional
        Each fit works on copies.
    shuffle : bool
        Whether each epoch goes through the rows in another order.
    warm_start : bool
        Whether :meth:`fit` goes on with the network that there is.
    verbose : int or str
        As in ``keras.Model.fit``; 0 is silent.
    **parameters
        Arguments of the build function, and settings of the optimizer as ``optimizer__name``.
    """

    scorer = _usual_scorer = staticmethod(r2_score)

    def __init__(
        self,
        model: Any = None,
        *,
        epochs: int = 1,
        batch_size: int | None = 32,
        optimizer: Any = None,
        loss: Any = None,
        metrics: Any = None,
        random_state: Any = None,
        preprocessing: Any = None,
        target_transformer: Any = None,
        validation_split: float = 0.0,
        validation_batch_size: int | None = None,
        callbacks: Any = None,
        shuffle: bool = True,
        warm_start: bool = False,
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
        self.target_transformer = target_transformer
        self.validation_split = validation_split
        self.validation_batch_size = validation_batch_size
        self.callbacks = callbacks
        self.shuffle = shuffle
        self.warm_start = warm_start
        self.verbose = verbose
        self._parameters = parameters

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.regressor_tags.poor_score = self._hardly_trained
        return tags

    def prepare(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        **given: Any,
    ) -> Rows:
        """Return what :meth:`fit` would train on; sets ``n_features_in_``."""
        settings = settings_of(self, given)
        refuse_dates(y)
        X, y, sample_weight, settings = self._arranged(X, y, sample_weight, groups, settings)
        rows = self._preprocessed(X, y, settings)
        rows, values = self._validated(rows, y, multi_output=True, y_numeric=True)
        own = self.target_encoder
        transformed = not is_nothing(self.target_transformer)
        if own is not None and transformed:
            raise ParameterError(
                "target_encoder and target_transformer both change the targets; give one of them"
            )
        target = (
            of_numbers(values, transformed=transformed) if own is None else of_encoder(own, values)
        )
        target = target._replace(learnt={**target.learnt, **self._of_target(values, settings)})
        self.__dict__.pop("target_transformer_", None)
        self.__dict__.update(target.meta, **target.learnt)
        weights = self._weights(values, sample_weight, settings)
        return self._rows(rows, self._transformed(target.values), weights, target, settings, given)

    def _encoded(self, y: Any) -> NDArray:
        """Return further targets as the network is trained on them."""
        refuse_dates(y)
        values: NDArray = check_array(y, ensure_2d=False, dtype="numeric", input_name="y")
        if "target_encoder_" in vars(self):
            return columns_of(self.target_encoder_, values)
        if {values.shape[1:], self._target_shape} == {(), (1,)}:
            # One column is one target, with a dimension of its own or not.
            return self._transformed(values.reshape(-1, *self._target_shape))
        if values.shape[1:] != self._target_shape:
            raise ValueError(
                f"y has rows of shape {values.shape[1:]}, but {type(self).__name__} was fitted on "
                f"rows of shape {self._target_shape}"
            )
        return self._transformed(values)

    def _of_target(self, values: NDArray, settings: FitSettings) -> dict[str, Any]:
        """Return the transformer of the targets, fitted to those that are trained on."""
        if is_nothing(self.target_transformer):
            return {}
        training = _as_columns(values[: n_training(settings, len(values))])
        return {"target_transformer_": clone(self.target_transformer).fit(training)}

    def _transformed(self, values: NDArray) -> NDArray:
        """Return targets as the network is trained on them."""
        if not hasattr(self, "target_transformer_"):
            return values
        columns = np.asarray(self.target_transformer_.transform(_as_columns(values)))
        bad = ~np.isfinite(columns).reshape(len(values), -1).all(axis=1)
        if bad.any():
            raise ValueError(
                f"target_transformer gives no finite number for {values[bad].flat[0]:g} in y"
            )
        return columns[:, 0] if values.ndim == 1 and columns.ndim == 2 else columns

    def undone(self, outputs: NDArray) -> NDArray:
        """Return the network's outputs, a column for each target, in the unit of the targets."""
        if not hasattr(self, "target_transformer_"):
            return outputs
        precise = outputs.astype(self._predicted_type, copy=False)
        return np.asarray(self.target_transformer_.inverse_transform(precise))

    def respond(self, method: str, outputs: NDArray) -> NDArray:  # noqa: ARG002
        """Return what ``predict`` makes of the network's outputs, in the type of the targets."""
        if "target_encoder_" in vars(self):
            made: NDArray = decoded(self.target_encoder_, self.model_, outputs)
            return made
        outputs = self.undone(outputs).astype(self._predicted_type, copy=False)
        return outputs if self._target_shape else outputs[:, 0]

    def predict(self, X: ArrayLike, **given: Any) -> NDArray:
        """Return the prediction for each row, of the shape that ``y`` had in :meth:`fit`.

        ``given`` is as in :meth:`KerasClassifier.predict`.
        """
        return self.respond("predict", self._outputs(X, given))


def _as_columns(values: NDArray) -> NDArray:
    return values[:, None] if values.ndim == 1 else values
