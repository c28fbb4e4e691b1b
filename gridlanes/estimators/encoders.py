"""Transformers of rows and targets that a subclass has, as in SciKeras.

Whoever overrides ``feature_encoder`` or ``target_encoder`` gives a transformer. Rows go through the
one last of all; targets through the other, and what the network says through its
``inverse_transform``. Each may return a list of arrays, one for each input or output.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.multiclass import type_of_target

from gridlanes.errors import ParameterError
from gridlanes.estimators.tables import as_array, beside
from gridlanes.estimators.targets import Target, as_given


class OwnEncoders(BaseEstimator):
    """The transformers of an estimator: parameters, and those of a subclass."""

    preprocessing: Any

    #: Transformers of a subclass's own, by the names that SciKeras has for them.
    feature_encoder: Any = None
    target_encoder: Any = None

    @property
    def has_encoders(self) -> bool:
        """Whether a subclass has transformers of its own, which may depend on any parameter.

        As attributes of the class, or as parameters of its constructor.
        """
        return any(
            getattr(type(self), name) is not None or vars(self).get(name) is not None
            for name in ("feature_encoder", "target_encoder")
        )

    def _transformer(self) -> Any:
        """Return what rows go through before the network, not fitted; None if nothing does."""
        own, last = (
            None if is_nothing(one) else one for one in (self.preprocessing, self.feature_encoder)
        )
        if last is not None:
            # It is given an array, as in SciKeras.
            last = make_pipeline(FunctionTransformer(as_array), last)
        if own is None or last is None:
            return last if own is None else own
        return make_pipeline(own, last)


def metadata_of(encoder: Any) -> dict[str, Any]:
    """Return what a fitted transformer, the last one of a pipeline, tells of what it has learnt."""
    while isinstance(encoder, Pipeline):
        encoder = encoder[-1]
    return dict(encoder.get_metadata()) if hasattr(encoder, "get_metadata") else {}


def is_nothing(transformer: Any) -> bool:
    """Return whether rows go to the network as they are."""
    return transformer is None or transformer == "passthrough"


def of_encoder(encoder: Any, targets: NDArray, classes: Any = None) -> Target:
    """Return targets as a transformer makes them; what it knows of them goes before.

    Raises
    ------
    ParameterError
        For classes that are not among the targets: the transformer would not learn of them.
    """
    missing = [] if classes is None else np.setdiff1d(classes, targets).tolist()
    if missing:
        raise ParameterError(
            f"classes has {missing[0]!r}, which y lacks; target_encoder is fitted on y alone"
        )
    fitted = clone(encoder).fit(targets)
    values = columns_of(fitted, targets)
    meta = {
        **as_given(targets),
        "target_type_": type_of_target(targets),
        "n_outputs_": 1 if targets.ndim == 1 else targets.shape[1],
        "n_outputs_expected_": 1,
        **metadata_of(fitted),
        "encoded_columns_": values.shape[1],
    }
    return Target(values, meta, {"target_encoder_": fitted})


def columns_of(encoder: Any, targets: Any) -> NDArray:
    """Return targets that a fitted transformer has made, all outputs side by side."""
    made = encoder.transform(targets)
    return np.asarray(beside(made if isinstance(made, (list, tuple)) else [np.asarray(made)]))


def decoded(encoder: Any, model: Any, outputs: NDArray, **options: Any) -> Any:
    """Return what a fitted transformer makes of a network's outputs: an array, or a list of them.

    Parameters
    ----------
    encoder : transformer
    model : keras.Model
    outputs : ndarray of shape (rows, outputs)
        All side by side.
    **options
        For its ``inverse_transform``.
    """
    from gridlanes.networks.shapes import as_outputs

    parts = as_outputs(model, outputs)
    if isinstance(parts, tuple):
        parts = list(parts) if len(parts) > 1 else parts[0]
    return encoder.inverse_transform(parts, **options)
