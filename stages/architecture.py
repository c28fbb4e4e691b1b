"""The network of this study: the one file to edit to bring another.

``create_model`` may take any arguments; params.yaml gives them under ``model.network``,
``grid_search.network`` and ``grid_search.param_grid``. ``meta`` describes the data, see
``gridlanes.KerasClassifier``. A model that is returned uncompiled is compiled with the
``optimizer``, ``loss`` and ``metrics`` of the estimator.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras


def create_model(
    meta: Mapping[str, Any], hidden: Sequence[int], activation: str, init: str
) -> "keras.Model":
    """Return a multi-layer perceptron.

    Parameters
    ----------
    meta : mapping
        Describes the rows and the target.
    hidden : sequence of int
        Units of each hidden layer.
    activation : str
        Of the hidden layers.
    init : str
        Initialiser of the kernels of all layers.
    """
    # Loaded here, so that a mistake in params.yaml is reported without waiting for TensorFlow.
    from keras import Input, Sequential
    from keras.layers import Dense

    units, output = {
        "binary": (1, "sigmoid"),
        "multiclass": (meta.get("n_classes_"), "softmax"),
    }.get(meta["target_type_"], (meta["n_outputs_"], "linear"))
    return Sequential(
        [
            Input((meta["n_features_in_"],)),
            *(Dense(width, activation=activation, kernel_initializer=init) for width in hidden),
            Dense(units, activation=output, kernel_initializer=init),
        ]
    )
