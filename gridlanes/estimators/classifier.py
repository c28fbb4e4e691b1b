"""Scikit-learn's classifier over a function that builds a Keras model."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from gridlanes.estimators.base import KerasEstimator, row_weights
from gridlanes.networks.lane import Rows
from gridlanes.networks.targets import probabilities


class KerasClassifier(ClassifierMixin, KerasEstimator):
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
        cross-entropy for one output, sparse categorical cross-entropy for several; accuracy.
    random_state : int, numpy.random.RandomState or None
        The seed; None draws a fresh one for each fit.
    preprocessing : transformer, optional
        What rows go through before the network, fitted on those that it trains on. A
        ``Pipeline`` in front of the estimator does the same, except that its transformers see the
        rows of ``validation_split`` too, by which early stopping then judges. Its parameters are
        ``preprocessing__name``.
    class_weight : dict of label to float, "balanced" or None
        As in scikit-learn; multiplied with ``sample_weight``.
    validation_split : float
        Share of the rows, the last ones, that is held out of training for callbacks to watch, as
        in ``keras.Model.fit``. They are the last rows given to :meth:`fit`: shuffle data that
        come in an order.
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
        Loss and metrics, a value an epoch; an array for a metric that is several numbers.
    preprocessing_ : transformer
        The fitted clone, if ``preprocessing`` is given.
    n_features_in_, feature_names_in_
        As in scikit-learn, of the rows that come out of ``preprocessing``.
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
        class_weight: Any = None,
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
        self.class_weight = class_weight
        self.validation_split = validation_split
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
        return self._fit(self.prepare(X, y, sample_weight))

    def prepare(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Rows:
        """Return what :meth:`fit` would train on.

        Takes and raises what :meth:`fit` does, and sets ``classes_`` and ``n_features_in_``.
        """
        rows, labels = self._validated(self._preprocessed(X, y), y)
        check_classification_targets(labels)
        labels = column_or_1d(labels, warn=True)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"Classifier can't train when only one class is present: {self.classes_[0]!r}"
            )
        weights = None if sample_weight is None else row_weights(sample_weight, len(rows))
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
        return self._rows(rows, codes, weights, meta, {"classes_": self.classes_})

    def respond(self, method: str, outputs: NDArray) -> NDArray:
        """Return what ``predict`` or ``predict_proba`` make of the network's outputs."""
        of_classes = probabilities(outputs, loss=self._loss)
        if method == "predict_proba":
            return of_classes
        labels: NDArray = self.classes_[of_classes.argmax(axis=1)]
        return labels

    def predict_proba(self, X: ArrayLike) -> NDArray:
        """Return the probability of each class, shape (rows, classes)."""
        return self.respond("predict_proba", self._outputs(X))

    def predict(self, X: ArrayLike) -> NDArray:
        """Return the likeliest class of each row, shape (rows,)."""
        return self.respond("predict", self._outputs(X))
