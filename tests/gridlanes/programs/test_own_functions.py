"""Functions of the user's: which ones lanes may call, and which ones share a program."""

from functools import partial

import keras
import pytest
import tensorflow as tf
from keras import Input, Model, layers, ops

from gridlanes import CannotRideError
from gridlanes.compat.keras_layers import layers_of
from gridlanes.networks.own_activations import without_own_activations
from gridlanes.programs.layer_calls import calls_of
from gridlanes.programs.layer_functions import check_kind, functions_of

ONES, MANY = tf.ones((5, 5)), tf.ones((20, 20))


@tf.custom_gradient
def mixing_gradients(x):
    return 2 * x, lambda g: g - tf.reduce_mean(g, axis=0)


def scaled(factor):
    return lambda x: factor * ops.sigmoid(x)


class Twice(layers.Layer):
    def __init__(self, factor=2.0):
        super().__init__()
        self.factor = factor

    def call(self, x, training=False):
        return self.factor * x


class Centred(layers.Layer):
    """In training only."""

    def call(self, x, training=False):
        return x - ops.mean(x, axis=0) if training else x


class Costly(layers.Layer):
    def call(self, x):
        self.add_loss(ops.sum(x))
        return x


class Weighted(layers.Layer):
    def build(self, shape):
        self.weight = self.add_weight(shape=shape[1:])

    def call(self, x):
        return x * self.weight


class Marking(layers.Layer):
    def call(self, x):
        return x

    def compute_mask(self, x, mask=None):
        return ops.any(x > 0, axis=0)


class Dense(layers.Layer):
    def call(self, x):
        return x


def found(layer, steps=()):
    rows = Input((*steps, 5))
    model = Model(rows, layer(rows))
    check_kind(layer)
    calls = calls_of(model)
    own, *_ = [functions_of(one, calls[id(one)]) for one in (layer, *layers_of(layer))]
    return own


def lambda_of(function):
    return layers.Lambda(function, output_shape=(5,))


CANNOT = {
    "mean": (lambda_of(lambda x: x - ops.mean(x, axis=0)), "does not keep rows apart"),
    "first": (lambda_of(lambda x: x - x[0]), "does not keep rows apart"),
    "number": (lambda_of(lambda x: x / tf.cast(tf.shape(x)[0], x.dtype)), "does not keep rows"),
    "order": (lambda_of(lambda x: ops.flip(x, axis=0)), "does not keep rows apart"),
    "large": (lambda_of(lambda x: tf.clip_by_norm(x, 100.0)), "does not keep rows apart"),
    "extreme": (lambda_of(lambda x: ops.maximum(x, ops.max(x) - 10)), "does not keep rows apart"),
    "turned": (lambda_of(lambda x: ops.reshape(ops.transpose(x), (-1, 5))), "keep rows apart"),
    "total": (lambda_of(ops.sum), "does not keep rows apart"),
    "gradient": (lambda_of(mixing_gradients), "does not keep rows apart"),
    "random": (lambda_of(lambda x: x + tf.random.normal([5])), "uses RandomStandardNormal"),
    "product": (lambda_of(lambda x: x @ ONES), "uses MatMul, which cannot ride"),
    "python": (lambda_of(lambda x: tf.numpy_function(abs, [x], x.dtype)), "uses PyFunc"),
    "held": (lambda_of(lambda x: x + tf.reduce_sum(MANY)), "holds tensors"),
    "no content": (lambda_of(partial(lambda own, x: x, iter([1]))), "cannot be told from others"),
    "masks": (layers.Lambda(lambda x: x, mask=lambda x, m: m), "makes masks"),
    "activation": (layers.Dense(5, lambda x: x - ops.mean(x, axis=0)), "activation of .* rows"),
    "axis": (layers.Dense(5, layers.Softmax(axis=0)), "activation of layer"),
    "weights": (layers.Dense(5, layers.PReLU()), "is a layer with weights or random numbers"),
    "noise": (layers.Dense(5, layers.GaussianNoise(0.1)), "with weights or random numbers"),
    "in training": (Centred(), "call of .* does not keep rows apart"),
    "costs": (Costly(), "adds to the loss"),
    "own weights": (Weighted(), "since it has weights or random numbers"),
    "own masks": (Marking(), "makes masks"),
    "own name": (Dense(), "is called as one of Keras' own is"),
}


@pytest.mark.parametrize("name", CANNOT)
def test_what_lanes_cannot_call_is_said(name):
    layer, reason = CANNOT[name]
    with pytest.raises(CannotRideError, match=reason):
        found(layer)


def test_a_step_of_a_recurrent_layer_is_one_number():
    layer = layers.LSTM(5, activation=lambda x: x / (1 + ops.sum(x * x, axis=-1, keepdims=True)))
    with pytest.raises(CannotRideError, match="looks at more than one number"):
        found(layer, (3,))
    assert not found(layers.LSTM(5, recurrent_activation=lambda x: ops.relu(x) / 2), (3,)).sized


def test_functions_are_told_by_content():
    def of(function):
        return found(layers.Dense(5, function)).told["activation"]

    assert of(scaled(2)) == of(scaled(2)) != of(scaled(3))
    assert of(partial(ops.leaky_relu, negative_slope=0.1)) != of(ops.leaky_relu)
    assert of(layers.LeakyReLU(0.1)) == of(layers.LeakyReLU(0.1)) != of(layers.LeakyReLU(0.2))
    assert found(lambda_of(scaled(2))).told != found(lambda_of(scaled(3))).told
    assert found(Twice()).told != found(Twice(3.0)).told
    assert not found(layers.Dense(5, keras.activations.relu)).told


def test_what_looks_at_one_number_takes_any_size():
    assert not found(layers.Dense(5, scaled(2))).sized
    assert not found(Twice()).sized
    assert found(layers.Dense(5, lambda x: x * [1.0, 2, 3, 4, 5])).sized
    assert found(layers.Dense(5, lambda x: x / x.shape[-1])).sized
    assert found(lambda_of(lambda x: x - ops.mean(x, axis=-1, keepdims=True))).sized


def test_an_activation_that_keras_cannot_describe_is_told_with_its_layer():
    own = scaled(2)
    network = [layers.Dense(5, "tanh"), layers.LSTM(5, activation=own), layers.Dense(5, own)]
    with without_own_activations(network) as taken:
        assert network[2].get_config()["activation"] == "linear"
        assert network[1].get_config()["activation"] == "linear"
    assert taken == [(1, "activation", own), (2, "activation", own)]
    assert network[1].activation is network[2].activation is own
