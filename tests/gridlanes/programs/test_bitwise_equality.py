"""What lanes compute by themselves is the same to the last bit at every place of an array."""

import numpy as np
import pytest
import tensorflow as tf

from gridlanes.compat.tensorflow import as_traced
from gridlanes.compat.tensorflow_math import exact_reductions
from gridlanes.programs.bitwise_equality import power


def slope(function):
    def gradient(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = function(x)
        return tape.gradient(y, x)

    return gradient


#: Of positive numbers, whose count fills no packet.
FUNCTIONS = {
    "division of 1": (lambda x: 1 / x, (5,)),
    "root": (tf.sqrt, (5,)),
    "reciprocal of a root": (tf.math.rsqrt, (5,)),
    "power": (lambda x: power(x, x), (5,)),
    "sum over rows": (lambda x: tf.reduce_sum(x, 0), (8, 5)),
    "mean over rows": (lambda x: tf.reduce_mean(x, 0), (8, 5)),
    "gradient of a division of 1": (slope(lambda x: 1 / x), (5,)),
    # What comes back is not 1, by which any rounding is the same.
    "gradient of a root": (slope(lambda x: x * tf.sqrt(x)), (5,)),
    "gradient of a reciprocal of a root": (slope(tf.math.rsqrt), (5,)),
    "gradient of a mean": (slope(lambda x: tf.reduce_mean(x * x, 0)), (8, 5)),
}


@pytest.mark.parametrize("float_type", ["float32", "float64"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_equal_lanes_stay_equal(name, float_type):
    function, shape = FUNCTIONS[name]
    signature = [tf.TensorSpec((None, *shape), float_type)]
    mapped = tf.function(lambda x: tf.vectorized_map(function, x), signature, autograph=False)
    with exact_reductions():
        mapped.get_concrete_function()
    numbers = np.random.default_rng(0).uniform(0.1, 3, (200, *shape)).astype(float_type)
    with as_traced():
        for own in numbers:
            for lanes in (2, 3):
                results = mapped(np.stack([own] * lanes)).numpy()
                assert {one.tobytes() for one in results} == {results[0].tobytes()}
