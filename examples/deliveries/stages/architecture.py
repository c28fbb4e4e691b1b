"""A network for the deliveries: each category becomes a vector that is learnt, an embedding.

``model.categorical: ordinal`` gives each category a code, and one that the training rows lack -1 or
-2. Inputs have the names of their columns, so that it does not matter where these stand.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

#: The lowest code is that of a category that is missing.
LOWEST = -2.0


def create_model(
    meta: Mapping[str, Any], hidden: Sequence[int], columns: int, values: int
) -> "keras.Model":
    """Return a multi-layer perceptron behind embeddings.

    Parameters
    ----------
    meta : mapping
        Describes the rows and the target.
    hidden : sequence of int
        Units of each hidden layer.
    columns : int
        Of each embedding.
    values : int
        Rows of each embedding: two more than a column has categories, or any larger number.
    """
    from keras import Input, Model
    from keras.layers import Concatenate, Dense, Embedding, Flatten, Rescaling

    names = [str(name) for name in meta["feature_names_in_"]]
    codes = [name for name in names if name.startswith("categories__")]
    numbers = Input((len(names) - len(codes),), name="numbers")
    inputs = [Input((1,), name=name) for name in codes]
    vectors = [
        Flatten()(Embedding(values, columns)(Rescaling(1.0, offset=-LOWEST)(code)))
        for code in inputs
    ]
    rows = Concatenate()([numbers, *vectors])
    for width in hidden:
        rows = Dense(width, activation="relu")(rows)
    return Model([numbers, *inputs], Dense(1, activation="sigmoid")(rows))
