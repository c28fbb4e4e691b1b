"""Rows of the table in docs/reference/lanes.md whose layers call functions of the user's."""

from functools import partial

import keras
from keras import Input, layers, ops

FEATURES = 4


def swish(x, beta=1.5):
    return x * ops.sigmoid(beta * x)


def shrunk(x):
    return x / (1 + ops.sum(ops.abs(x), axis=-1, keepdims=True))


class Scaled(layers.Layer):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def call(self, x, training=False):
        return self.factor * x if training else (self.factor + 0.1) * x


class Extremes(layers.Layer):
    def call(self, x):
        return ops.concatenate([ops.max(x, axis=1), ops.mean(x, axis=1)], axis=-1)


class Gate(layers.Layer):
    """What Keras cannot describe, since it is made of a function."""

    def __init__(self, shape):
        super().__init__()
        self.shape = shape

    def call(self, inputs):
        return self.shape(inputs[0]) * inputs[1]


def of_numbers(rows, units=4):
    """Functions of single numbers, whatever the size."""
    x = layers.Dense(units, lambda x: keras.activations.relu(x, max_value=6.0))(rows)
    x = layers.Dense(units, layers.LeakyReLU(negative_slope=0.1))(x)
    x = layers.Dense(units, partial(keras.activations.leaky_relu, negative_slope=0.3))(x)
    x = layers.Lambda(lambda x: x**2 + 1)(layers.Activation(swish)(x))
    return Scaled(0.5)(layers.Dense(units, layers.Softmax())(x))


def of_rows(rows):
    """Functions that look at all numbers of a row."""
    x = layers.Dense(4, shrunk)(rows)
    pairs = layers.Lambda(lambda x: ops.stack([x, 2 * x], axis=1))(x)
    x = Extremes()(layers.Conv1D(4, 1, activation=swish)(pairs))
    shifted = layers.Lambda(lambda x, by: x + by, arguments={"by": 2.0})(x)
    return layers.Lambda(lambda x: x[:, : x.shape[-1] // 2])(Gate(ops.tanh)([x, shifted]))


def network(middle, **settings):
    rows = Input((FEATURES,))
    return keras.Model(rows, layers.Dense(1, ops.sigmoid)(middle(rows, **settings)))


#: name -> (build function, settings)
CASES = {
    "functions of your own, of single numbers": (partial(network, of_numbers), [{}, {"units": 7}]),
    "functions of your own, of rows": (partial(network, of_rows), [{}, {"random_state": 8}]),
}
