"""The network of this study: the one file to edit to bring another.

``create_model`` may take any arguments; params.yaml gives them under ``model.network``,
``grid_search.network`` and ``grid_search.param_grid``. ``meta`` describes the data, see
``gridlanes.KerasClassifier``. A model that is returned uncompiled is compiled with the
``optimizer``, ``loss`` and ``metrics`` of the estimator.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gridlanes import ParameterError

if TYPE_CHECKING:
    import keras


def create_model(
    meta: Mapping[str, Any],
    hidden: int | Sequence[int] | None = None,
    layers: int | None = None,
    units: int | None = None,
    dropout: float = 0.0,
    batch_norm: bool = False,
    l2: float = 0.0,
    activation: str = "relu",
    init: str = "glorot_uniform",
) -> "keras.Model":
    """Return a multi-layer perceptron, ``meta`` describing its rows and target.

    ``hidden`` has the units of each hidden layer, or of a single one; without it there are
    ``layers`` (1) of ``units`` (16) each. In each of them the product of rows and kernel, which
    ``init`` starts and ``l2`` keeps small, is normalised over the mini-batch (``batch_norm``) and
    goes through ``activation``; ``dropout`` is the share of the outputs that a step leaves out.
    ``init`` starts the output too.
    """
    # Loaded here, so that a mistake in params.yaml is reported without waiting for TensorFlow.
    from keras import Input, Sequential
    from keras.layers import Activation, BatchNormalization, Dense, Dropout
    from keras.regularizers import L2

    if hidden is not None and (layers, units) != (None, None):
        raise ParameterError("hidden must be null where layers or units are given")
    layers, units = 1 if layers is None else layers, 16 if units is None else units
    hidden = [units] * layers if hidden is None else hidden
    hidden = [hidden] if isinstance(hidden, int) else hidden
    for name, value, right in (
        ("layers must be a whole number of at least 0", layers, layers >= 0),
        ("the units of a hidden layer must be at least 1", hidden, all(n >= 1 for n in hidden)),
        ("dropout must be a number from 0 to below 1", dropout, 0 <= dropout < 1),
        ("l2 must be a number of at least 0", l2, 0 <= l2 < float("inf")),
        ("batch_norm must be true or false", batch_norm, isinstance(batch_norm, bool)),
    ):
        if not right:
            raise ParameterError(f"{name}; found {value!r}")
    rows = [Input((meta["n_features_in_"],))]
    own = {"kernel_initializer": init, "kernel_regularizer": L2(l2) if l2 else None}
    for width in hidden:
        if batch_norm:
            # A bias would be taken away with the mean.
            rows += [Dense(width, use_bias=False, **own), BatchNormalization()]
            rows += [Activation(activation)]
        else:
            rows += [Dense(width, activation=activation, **own)]
        rows += [Dropout(dropout)] if dropout else []
    outputs, last = {
        "binary": (1, "sigmoid"),
        "multiclass": (meta.get("n_classes_"), "softmax"),
    }.get(meta["target_type_"], (meta["n_outputs_"], "linear"))
    return Sequential([*rows, Dense(outputs, activation=last, kernel_initializer=init)])
