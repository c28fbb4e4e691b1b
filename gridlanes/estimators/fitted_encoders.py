"""What a fitted estimator does to rows and targets, as transformers by SciKeras' names.

They are for whoever calls the trained network itself::

    clf.model_.evaluate(clf.feature_encoder_.transform(X), clf.target_encoder_.transform(y))
    clf.target_encoder_.inverse_transform(clf.model_.predict(clf.feature_encoder_.transform(X)))
"""

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator

from gridlanes.compat.load_keras import float_type
from gridlanes.estimators.tables import beside, column_names


class _Fitted(BaseEstimator):
    """Of an estimator that is fitted, so that there is nothing left to learn."""

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, *_: Any) -> Self:
        """Return the transformer."""
        return self

    def __sklearn_is_fitted__(self) -> bool:
        return True


class FeatureEncoder(_Fitted):
    """Makes rows what the network takes."""

    def transform(self, X: Any) -> Any:
        """Return an array, or the structure of several that the inputs of the network have."""
        from gridlanes.networks.inputs import as_inputs

        own = self.estimator
        names = column_names(getattr(own, "feature_names_in_", None))
        return as_inputs(own.model_, own.network_rows(X), names)

    def inverse_transform(self, X: Any) -> Any:
        """Return the rows that the network takes this for, if what they go through tells them."""
        transformer = getattr(self.estimator, "preprocessing_", None)
        if transformer is not None:
            return transformer.inverse_transform(X)
        return beside(X) if isinstance(X, (list, tuple)) else X


class TargetEncoder(_Fitted):
    """Makes targets what the loss takes, and predictions of what the network says."""

    def transform(self, y: Any) -> Any:
        """Return an array, or one for each output of the network."""
        from gridlanes.networks.shapes import as_outputs, total_width
        from gridlanes.networks.targets import for_network

        own, model = self.estimator, self.estimator.model_
        values = own._encoded(y)  # noqa: SLF001
        target = for_network(
            values,
            n_classes=getattr(own, "n_classes_", None) if values.ndim == 1 else None,
            width=total_width(model, own.X_shape_),
            loss=model.loss,
            dtype=float_type(),
        )
        return as_outputs(model, target)

    def inverse_transform(self, y: Any, return_proba: bool = False) -> Any:
        """Return what ``predict``, or ``predict_proba``, says of the outputs of the network."""
        outputs = np.asarray(beside(y if isinstance(y, (list, tuple)) else [np.asarray(y)]))
        return self.estimator.respond("predict_proba" if return_proba else "predict", outputs)


#: By the names of the attributes.
FITTED_ENCODERS = {"feature_encoder_": FeatureEncoder, "target_encoder_": TargetEncoder}
