"""Scikit-learn's classifier and regressor over a Keras build function.

Keras is loaded by the first ``fit``, so that estimators can be made, cloned and checked without
waiting for TensorFlow.
"""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from gridlanes.lane import Lane
from gridlanes.parameters import check_names, check_numbers
from gridlanes.targets import probabilities

#: Seeds are drawn below this bound, which ``keras.utils.set_random_seed`` accepts.
SEED_BOUND = 2**31


class _KerasEstimator(BaseEstimator):
    """What the classifier and the regressor share: parameters and the fit itself."""

    _parameters: dict[str, Any]

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002
        """Return the parameters by name, those of the build function among them.

        ``deep`` changes nothing, since no parameter is an estimator.
        """
        return {**super().get_params(deep=False), **self._parameters}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name.

        Unlike scikit-learn's, a name with ``__`` is not looked up in a nested estimator: it is
        one of the forms that :class:`KerasClassifier` describes.

        Raises
        ------
        ParameterError
            For a parameter that would reach nothing. Nothing is set then.
        """
        own = self._get_param_names()
        extra = {name: value for name, value in params.items() if name not in own}
        check_names(params.get("model", self.model), extra, own)
        for name in params.keys() - extra.keys():
            setattr(self, name, params[name])
        self._parameters.update(extra)
        return self

    def _lane(
        self, X: NDArray, y: NDArray, sample_weight: NDArray | None, meta: dict[str, Any]
    ) -> Lane:
        """Return the fit to rows as scikit-learn checked them and targets as numbers."""
        own = {name: getattr(self, name) for name in self._get_param_names()}
        check_names(self.model, self._parameters, own)
        check_numbers(own)
        seed = self._seed()

        import keras

        from gridlanes import building

        dtype = keras.config.floatx()
        meta |= {
            "n_features_in_": self.n_features_in_,
            "feature_names_in_": getattr(self, "feature_names_in_", None),
            "X_shape_": X.shape,
            "X_dtype_": np.dtype(dtype),
        }
        return Lane(
            build=building.bind(self.model, own, self._parameters, meta),
            X=X.astype(dtype, copy=False),
            y=y,
            n_classes=meta.get("n_classes_"),
            sample_weight=None if sample_weight is None else sample_weight.astype(dtype),
            epochs=int(self.epochs),
            batch_size=int(self.batch_size),
            seed=seed,
        )

    def _train(self, lane: Lane) -> Self:
        from gridlanes import reference

        result = reference.train(lane, callbacks=self.callbacks, verbose=self.verbose)
        self.model_ = result.model
        self.history_ = result.history
        return self

    def _seed(self) -> int:
        """Return the seed of this fit: a fresh one for None, the next one of a generator."""
        if self.random_state is None or isinstance(self.random_state, np.random.RandomState):
            return int(check_random_state(self.random_state).randint(SEED_BOUND))
        return int(self.random_state)

    def _outputs(self, X: ArrayLike) -> NDArray:
        """Return what the network says of the rows, shape (rows, outputs)."""
        check_is_fitted(self, "model_")
        rows: NDArray = validate_data(self, X, reset=False, allow_nd=True)

        import keras

        from gridlanes import reference

        return reference.predict(self.model_, rows.astype(keras.config.floatx(), copy=False))


class KerasClassifier(ClassifierMixin, _KerasEstimator):
    """A classifier whose network is made by a function.

    ``KerasClassifier(build, epochs=E, batch_size=B, random_state=s).fit(X, y)`` gives the numbers
    of::

        keras.utils.set_random_seed(s)
        model = build()
        for epoch in range(E):
            order = numpy.random.default_rng([s, epoch]).permutation(len(X))
            model.fit(X[order], y[order], batch_size=B, epochs=1, shuffle=False)

    and depends on nothing else: not on what was fitted before, nor on ``n_jobs`` of a search.

    Parameters
    ----------
    model : callable
        Returns a new Keras model, compiled or not. It is called with whatever its signature
        names among the parameters below and ``parameters``; ``meta``, if it names that, is a dict
        as in SciKeras: ``n_features_in_``, ``feature_names_in_``, ``X_shape_``, ``X_dtype_``,
        ``target_type_``, ``n_outputs_``, ``n_outputs_expected_``, and for a classifier
        ``classes_`` and ``n_classes_``.
    epochs, batch_size : int
    optimizer, loss, metrics : optional
        Compile a model that comes back uncompiled. Defaults: ``"rmsprop"`` as in Keras; binary
        cross-entropy for one output, sparse categorical cross-entropy for several.
    random_state : int, numpy.random.RandomState or None
        The seed; None draws a fresh one for each fit.
    class_weight : dict of label to float, "balanced" or None
        As in scikit-learn; multiplied with ``sample_weight``.
    callbacks : list of keras.callbacks.Callback, optional
        Each fit works on copies.
    verbose : int or str
        As in ``keras.Model.fit``; 0 is silent.
    **parameters
        Arguments of the build function, plain or as ``model__name``, and settings of the
        optimizer as ``optimizer__name``. One that would reach nothing is an error when it is set
        by :meth:`set_params` or fitted with.

    Attributes
    ----------
    classes_ : ndarray of shape (classes,)
    model_ : keras.Model
        The trained model, an ordinary one.
    history_ : dict of str to list of float
        Loss and metrics, a value an epoch.
    n_features_in_, feature_names_in_ : as in scikit-learn
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
        class_weight: Any = None,
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
        self.class_weight = class_weight
        self.callbacks = callbacks
        self.verbose = verbose
        self._parameters = parameters

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train a new network.

        Parameters
        ----------
        X : array-like of shape (rows, features) or (rows, ...)
        y : array-like of shape (rows,)
            Class labels of any kind.
        sample_weight : array-like of shape (rows,), optional
            Weighs each row's loss. As in Keras, the loss of a mini-batch is divided by its number
            of rows, not by the sum of their weights.

        Raises
        ------
        ParameterError, ModelError
            For a parameter or a build function that cannot work.
        ValueError
            For data that scikit-learn would refuse too.
        """
        return self._train(self.lane(X, y, sample_weight))

    def lane(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Lane:
        """Return what :meth:`fit` would train, without training it.

        Takes and raises what :meth:`fit` does, and sets ``classes_`` and ``n_features_in_``.
        """
        rows, labels = validate_data(self, X, y, allow_nd=True)
        check_classification_targets(labels)
        labels = column_or_1d(labels, warn=True)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"Classifier can't train when only one class is present: {self.classes_[0]!r}"
            )
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, rows)
        if self.class_weight is not None:
            by_class = compute_sample_weight(self.class_weight, labels)
            weights = by_class if weights is None else weights * by_class
        meta = {
            "target_type_": "binary" if len(self.classes_) == 2 else "multiclass",
            "classes_": self.classes_,
            "n_classes_": len(self.classes_),
            "n_outputs_": 1,
            "n_outputs_expected_": 1,
        }
        return self._lane(rows, codes, weights, meta)

    def predict_proba(self, X: ArrayLike) -> NDArray:
        """Return the probability of each class, shape (rows, classes)."""
        outputs = self._outputs(X)
        return probabilities(outputs, loss=self.model_.loss)

    def predict(self, X: ArrayLike) -> NDArray:
        """Return the likeliest class of each row, shape (rows,)."""
        likeliest = self.predict_proba(X).argmax(axis=1)
        labels: NDArray = self.classes_[likeliest]
        return labels


class KerasRegressor(RegressorMixin, _KerasEstimator):
    """A regressor whose network is made by a function.

    Parameters, attributes and the meaning of a fit are those of :class:`KerasClassifier`, without
    classes: there is no ``class_weight``, and the default loss is mean squared error. A target of
    several columns needs as many units in the last layer.
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
        return self._train(self.lane(X, y, sample_weight))

    def lane(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Lane:
        """Return what :meth:`fit` would train, without training it."""
        rows, targets = validate_data(self, X, y, allow_nd=True, multi_output=True, y_numeric=True)
        weights = None if sample_weight is None else _check_sample_weight(sample_weight, rows)
        self._one_dimensional = targets.ndim == 1
        n_outputs = 1 if targets.ndim == 1 else targets.shape[1]
        meta = {
            "target_type_": "continuous" if n_outputs == 1 else "continuous-multioutput",
            "n_outputs_": n_outputs,
            "n_outputs_expected_": 1,
        }
        return self._lane(rows, targets, weights, meta)

    def predict(self, X: ArrayLike) -> NDArray:
        """Return the prediction for each row, of the shape that ``y`` had in :meth:`fit`."""
        outputs = self._outputs(X)
        return outputs[:, 0] if self._one_dimensional else outputs
