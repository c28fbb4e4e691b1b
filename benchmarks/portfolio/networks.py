"""The networks of the searches, as their users write build functions.

All but :func:`from_meta` return compiled models. Arguments have the names that are searched.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import layers

BINARY, CLASSES = "binary_crossentropy", "sparse_categorical_crossentropy"


def small(
    optimizer: str = "adam",
    init: str = "uniform",
    activation: str = "relu",
    dropout_rate: float | None = None,
    weight_constraint: float | None = None,
    neurons: int = 12,
    learn_rate: float | None = None,
    momentum: float = 0.0,
) -> keras.Model:
    """Return one hidden layer for 8 features, the network of many tutorials."""
    constraint = keras.constraints.MaxNorm(weight_constraint) if weight_constraint else None
    hidden = layers.Dense(
        neurons, activation=activation, kernel_initializer=init, kernel_constraint=constraint
    )
    model = keras.Sequential([layers.Input((8,)), hidden])
    if dropout_rate is not None:
        model.add(layers.Dropout(dropout_rate))
    model.add(layers.Dense(1, activation="sigmoid", kernel_initializer=init))
    chosen = keras.optimizers.SGD(learn_rate, momentum=momentum) if learn_rate else optimizer
    model.compile(chosen, BINARY, metrics=["accuracy"])
    return model


def from_meta(
    meta: Mapping[str, Any], hidden_layer_sizes: Sequence[int] = (100,), dropout: float = 0.5
) -> keras.Model:
    """Return hidden layers of any sizes, not compiled."""
    model = keras.Sequential([layers.Input((meta["n_features_in_"],))])
    for units in hidden_layer_sizes:
        model.add(layers.Dense(units, activation="relu"))
        model.add(layers.Dropout(dropout))
    model.add(layers.Dense(1, activation="sigmoid"))
    return model


def regression(n_hidden: int = 1, n_neurons: int = 30, learning_rate: float = 3e-3) -> keras.Model:
    """Return hidden layers, or none, for a number."""
    model = keras.Sequential([layers.Input((8,))])
    for _ in range(n_hidden):
        model.add(layers.Dense(int(n_neurons), activation="relu"))
    model.add(layers.Dense(1))
    model.compile(keras.optimizers.SGD(learning_rate), "mse")
    return model


def digits(
    n_layers: int = 1,
    units: int = 64,
    activation: str = "relu",
    dropout: bool = False,
    lr: float = 1e-3,
) -> keras.Model:
    """Return layers for the pixels of digits."""
    model = keras.Sequential([layers.Input((64,))])
    for _ in range(n_layers):
        model.add(layers.Dense(int(units), activation=activation))
    if dropout:
        model.add(layers.Dropout(0.25))
    model.add(layers.Dense(10, activation="softmax"))
    return compiled(model, lr, CLASSES)


def images(
    filters: int = 8, kernel: int = 3, dropout: float = 0.25, dense: int = 32, lr: float = 1e-3
) -> keras.Model:
    """Return a convolution for digits as images."""
    model = keras.Sequential(
        [
            layers.Input((8, 8, 1)),
            layers.Conv2D(filters, kernel, activation="relu", padding="same"),
            layers.MaxPooling2D(2),
            layers.Dropout(dropout),
            layers.Flatten(),
            layers.Dense(dense, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    return compiled(model, lr, CLASSES)


def series(
    units: int = 16, dropout: float = 0.1, optimizer: str = "adam", cell: str = "LSTM"
) -> keras.Model:
    """Return a recurrent layer for windows of 10 steps."""
    recurrent = getattr(layers, cell)(units)
    model = keras.Sequential(
        [layers.Input((10, 1)), recurrent, layers.Dropout(dropout), layers.Dense(1)]
    )
    model.compile(optimizer, "mse")
    return model


def text(
    num_filters: int = 32,
    kernel_size: int = 3,
    vocab_size: int = 1000,
    embedding_dim: int = 50,
    maxlen: int = 50,
) -> keras.Model:
    """Return an embedding and a convolution for sequences of words."""
    model = keras.Sequential(
        [
            layers.Input((maxlen,)),
            layers.Embedding(vocab_size, embedding_dim),
            layers.Conv1D(num_filters, kernel_size, activation="relu"),
            layers.GlobalMaxPooling1D(),
            layers.Dense(10, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", BINARY, metrics=["accuracy"])
    return model


def fraud(units: int = 256, dropout: float = 0.3, lr: float = 1e-2) -> keras.Model:
    """Return three wide layers that tell precision and recall."""
    model = keras.Sequential(
        [
            layers.Input((30,)),
            layers.Dense(units, activation="relu"),
            layers.Dense(units, activation="relu"),
            layers.Dropout(dropout),
            layers.Dense(units, activation="relu"),
            layers.Dropout(dropout),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    metrics = [keras.metrics.Precision(name="precision"), keras.metrics.Recall(name="recall")]
    return compiled(model, lr, BINARY, metrics)


def two_inputs(u: int = 16, dropout: float = 0.2, lr: float = 1e-3) -> keras.Model:
    """Return a network of two inputs, of 20 and of 10 features."""
    first, second = keras.Input((20,)), keras.Input((10,))
    both = [layers.Dense(u, activation="relu")(first), layers.Dense(8, activation="relu")(second)]
    hidden = layers.Dense(16, activation="relu")(layers.concatenate(both))
    output = layers.Dense(1, activation="sigmoid")(layers.Dropout(dropout)(hidden))
    return compiled(keras.Model([first, second], output), lr, BINARY)


def wine_schedule(rate0: float = 1e-2, decay: float = 0.9) -> keras.Model:
    """Return one hidden layer whose learning rate decays by a schedule."""
    model = keras.Sequential(
        [
            layers.Input((13,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(3, activation="softmax"),
        ]
    )
    return compiled(model, keras.optimizers.schedules.ExponentialDecay(rate0, 20, decay), CLASSES)


def wine(lr: float = 1e-3, dropout: float = 0.1) -> keras.Model:
    """Return one hidden layer for three classes."""
    model = keras.Sequential(
        [
            layers.Input((13,)),
            layers.Dense(32, activation="relu"),
            layers.Dropout(dropout),
            layers.Dense(3, activation="softmax"),
        ]
    )
    return compiled(model, lr, CLASSES)


def cancer(
    units: int = 32, n_layers: int = 1, lr: float = 1e-3, dropout: float | None = None
) -> keras.Model:
    """Return layers of one width."""
    model = keras.Sequential([layers.Input((30,))])
    for _ in range(n_layers):
        model.add(layers.Dense(int(units), activation="relu"))
        if dropout:
            model.add(layers.Dropout(dropout))
    model.add(layers.Dense(1, activation="sigmoid"))
    return compiled(model, lr, BINARY)


def big_table(lr: float = 1e-3, dropout: float = 0.2, units: int = 256) -> keras.Model:
    """Return two wide layers for 100 features."""
    model = keras.Sequential(
        [
            layers.Input((100,)),
            layers.Dense(units, activation="relu"),
            layers.Dropout(dropout),
            layers.Dense(units // 2, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    return compiled(model, lr, BINARY)


def compiled(
    model: keras.Model, rate: Any, loss: str, metrics: Sequence[Any] = ("accuracy",)
) -> keras.Model:
    """Return a model compiled with Adam."""
    model.compile(keras.optimizers.Adam(rate), loss, metrics=list(metrics))
    return model
