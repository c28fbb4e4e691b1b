"""Scikit-learn's classifier over a function that builds a Keras model."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import column_or_1d

from gridlanes.errors import ParameterError
from gridlanes.estimators.base import KerasEstimator
from gridlanes.estimators.encoders import columns_of, decoded, of_encoder
from gridlanes.estimators.fit_settings import FitSettings, check_class_weight, settings_of
from gridlanes.estimators.network_rows import n_training
from gridlanes.estimators.scoring import Scored
from gridlanes.estimators.targets import (
    BY_COLUMN,
    encoded,
    further_columns,
    of_classes,
    plain_labels,
)
from gridlanes.networks.lane import Rows
from gridlanes.networks.targets import column_probabilities, has_logits, probabilities


def _has_logits(classifier: "KerasClassifier") -> bool:
    return has_logits(getattr(classifier, "_loss", None))


class KerasClassifier(Scored, ClassifierMixin, KerasEstimator):
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
    epochs : int
        How often all rows are gone through.
    batch_size : int or None
        Rows of a step of the optimizer: -1 for all, None for 32, as in Keras.
    optimizer, loss, metrics : optional
        Compile a model that comes back uncompiled. Defaults: ``"rmsprop"`` as in Keras; binary
        cross-entropy for one output, sparse categorical cross-entropy for several; accuracy.
        With several outputs a loss of one's own is given the numbers of classes in one column,
        as in SciKeras, or a column for each class if its name has "categorical" and not "sparse".
    random_state : int, numpy.random.RandomState or None
        The seed; None draws a fresh one for each fit.
    preprocessing : transformer, optional
        What rows go through before the network, fitted on those that it trains on. A
        ``Pipeline`` in front of the estimator does the same, except that its transformers see the
        rows of ``validation_split`` too, by which early stopping then judges. Its parameters are
        ``preprocessing__name``.
    class_weight : dict of label to float, "balanced" or None
        As in scikit-learn; multiplied with ``sample_weight``. Of one-hot rows, by the number of the
        column. Rows that are held out have no weights of classes, as in ``keras.Model.fit``.
    validation_split : float or splitter
        Share of the rows, the last ones, that is held out of training for callbacks to watch, as
        in ``keras.Model.fit``. They are the last rows given to :meth:`fit`: shuffle data that
        come in an order, or give a splitter of scikit-learn, whose last split says which rows are
        trained on and which are watched: ``StratifiedShuffleSplit(1, test_size=0.1)``. One that
        goes by groups, such as ``GroupShuffleSplit``, is handed those of :meth:`fit`.
    validation_batch_size : int, optional
        Rows that are watched at once.
    callbacks : list of keras.callbacks.Callback, optional
        Each fit works on copies, so that it can be repeated; see ``callbacks_``.
    shuffle : bool
        Whether each epoch goes through the rows in another order.
    warm_start : bool
        Whether :meth:`fit` goes on with the network that there is.
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
    callbacks_ : list of keras.callbacks.Callback
        The copies that saw the last training, if there are callbacks and no search has trained.
    preprocessing_ : transformer
        The fitted clone, if ``preprocessing`` is given.
    n_features_in_, feature_names_in_
        As in scikit-learn, of the rows that come out of ``preprocessing``.

    Notes
    -----
    A subclass may have ``_keras_build_fn`` in place of ``model``, and transformers of its own as
    SciKeras has them: rows go through its ``feature_encoder`` last of all, targets through its
    ``target_encoder``, whose ``inverse_transform`` makes predictions of what the network says, and
    whose ``get_metadata``, if it has that, is known to the build function and as attributes. Its
    ``scorer(y_true, y_pred, **kwargs)``, a static method, is what :meth:`score` and searches go by.
    """

    scorer = _usual_scorer = staticmethod(accuracy_score)

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
        class_weight: Any = None,
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
        self.class_weight = class_weight
        self.validation_split = validation_split
        self.validation_batch_size = validation_batch_size
        self.callbacks = callbacks
        self.shuffle = shuffle
        self.warm_start = warm_start
        self.verbose = verbose
        self._parameters = parameters

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = self._hardly_trained
        return tags

    def prepare(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        **given: Any,
    ) -> Rows:
        """Return what :meth:`fit` would train on.

        Takes and raises what :meth:`fit` does, and sets ``classes_`` and ``n_features_in_``.
        """
        classes = given.pop("classes", None)
        settings = settings_of(self, given)
        X, y, sample_weight, settings = self._arranged(X, y, sample_weight, groups, settings)
        rows, labels = self._validated(self._preprocessed(X, y, settings), y, multi_output=True)
        if self.target_encoder is None:
            target = of_classes(labels, classes)
        else:
            single = labels.ndim == 2 and labels.shape[1] == 1
            labels = column_or_1d(labels, warn=True) if single else labels
            target = of_encoder(self.target_encoder, labels, classes)
        self.__dict__.update(target.meta, **target.learnt)
        weights = self._weights(labels, sample_weight, settings)
        return self._rows(rows, target.values, weights, target, settings, given)

    def _weights(self, labels: Any, sample_weight: Any, settings: FitSettings) -> Any:
        """Return a weight for each row with those of the classes, None if there are none at all.

        Classes do not weigh rows that are held out, as in ``keras.Model.fit``.
        """
        weights = super()._weights(labels, sample_weight, settings)
        if settings.class_weight is None:
            return weights
        check_class_weight(settings.class_weight)
        labels = np.asarray(labels)
        if self.target_type_ == BY_COLUMN and self.one_hot_:
            labels = labels.argmax(axis=1)
        by_class, end = np.ones(len(labels)), n_training(settings, len(labels))
        try:
            by_class[:end] = compute_sample_weight(settings.class_weight, labels[:end])
        except ValueError as error:
            raise ParameterError(
                f"class_weight: {' '.join(str(error).split())}; its keys are labels of y, as in "
                "scikit-learn, not numbers of classes"
            ) from None
        return by_class if weights is None else weights * by_class

    def _encoded(self, y: Any) -> NDArray:
        """Return further targets as the network is trained on them."""
        if "target_encoder_" in vars(self):
            return columns_of(self.target_encoder_, np.asarray(y))
        labels = plain_labels(y)
        if self.target_type_ == BY_COLUMN:
            return further_columns(labels, self.n_classes_, one_of=self.one_hot_)
        return encoded(column_or_1d(labels, warn=True), self.classes_)

    def respond(self, method: str, outputs: NDArray) -> NDArray:
        """Return what ``predict`` or ``predict_proba`` make of the network's outputs."""
        if "target_encoder_" in vars(self):
            options = {"return_proba": True} if method == "predict_proba" else {}
            made: NDArray = decoded(self.target_encoder_, self.model_, outputs, **options)
            return made
        if self.target_type_ != BY_COLUMN:
            of_classes = probabilities(outputs, loss=self._loss)
            labels: NDArray = self.classes_[of_classes.argmax(axis=1)]
            return of_classes if method == "predict_proba" else labels
        of_labels: NDArray = column_probabilities(outputs, loss=self._loss, one_of=self.one_hot_)
        if method == "predict_proba":
            return of_labels
        if self.one_hot_:
            of_labels = of_labels == of_labels.max(axis=1, keepdims=True)
        return np.asarray(of_labels > 0.5, dtype=int)

    @available_if(_has_logits)  # type: ignore[untyped-decorator]
    def decision_function(self, X: ArrayLike, **given: Any) -> NDArray:
        """Return the logits, shape (rows, classes), or (rows,) for two classes.

        Only of a network whose loss says ``from_logits=True``; ``given`` is as in
        :meth:`predict`.
        """
        outputs = self._outputs(X, given)
        if self.target_type_ == "binary":
            return outputs[:, -1] - outputs[:, 0] if outputs.shape[1] == 2 else outputs[:, 0]
        return outputs

    def predict_proba(self, X: ArrayLike, **given: Any) -> NDArray:
        """Return the probability of each class, shape (rows, classes).

        ``given`` is as in :meth:`predict`.
        """
        return self.respond("predict_proba", self._outputs(X, given))

    def predict(self, X: ArrayLike, **given: Any) -> NDArray:
        """Return the likeliest class of each row, shape (rows,).

        Of a target with a column for each class: 0 and 1, shape (rows, classes).

        Parameters
        ----------
        X : array-like
        **given
            ``batch_size``, rows in one call of the network, and ``verbose``, which nothing here
            depends on.
        """
        return self.respond("predict", self._outputs(X, given))
