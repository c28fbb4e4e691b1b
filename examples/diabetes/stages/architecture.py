"""A network for the diabetes data: dropout between layers, and an output in the target's unit."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

#: About the mean and the standard deviation of the target. They stand here and are not learnt,
#: so that no test fold shapes what is trained.
CENTRE, SPREAD = 150.0, 75.0


def create_model(meta: Mapping[str, Any], hidden: Sequence[int], dropout: float) -> "keras.Model":
    """Return a multi-layer perceptron whose raw output near 0 means a usual progression.

    Parameters
    ----------
    meta : mapping
        Describes the rows and the target.
    hidden : sequence of int
        Units of each hidden layer.
    dropout : float
        Share of each hidden layer's outputs that a training step leaves out.
    """
    from keras import Input, Sequential
    from keras.layers import Dense, Dropout, Rescaling

    layers = [Input((meta["n_features_in_"],))]
    for width in hidden:
        layers += [Dense(width, activation="relu"), Dropout(dropout)]
    return Sequential([*layers, Dense(1), Rescaling(SPREAD, offset=CENTRE)])
