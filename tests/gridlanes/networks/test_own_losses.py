"""Losses of one's own for several classes, beside the loss of Keras that they write out."""

from functools import partial

import keras
import lane_cases as cases
import numpy as np
import pytest
from agreement import requests_for, train
from keras import losses, ops

from gridlanes.networks import reference
from gridlanes.networks.targets import is_sparse

SPARSE, ONE_HOT = "sparse_categorical_crossentropy", "categorical_crossentropy"


def by_index(y, outputs):
    """Broadcasts over one-hot rows without a word."""
    return -ops.log(ops.take_along_axis(outputs, ops.cast(y, "int32"), axis=-1))[:, 0]


def own_categorical(y, outputs):
    return -ops.sum(y * ops.log(outputs), axis=-1)


class ByIndex(losses.Loss):
    def call(self, y, outputs):
        return by_index(y, outputs)


class Inherits(losses.CategoricalCrossentropy):
    pass


def compiled(loss, units=3):
    def build():
        keras.utils.set_random_seed(3)
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, "softmax")])
        model.compile("sgd", loss)
        return model

    return build


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    ("loss", "same", "units"),
    [
        pytest.param(by_index, SPARSE, 3, marks=pytest.mark.soak),
        (by_index, SPARSE, 2),
        (ByIndex(), SPARSE, 3),
        (own_categorical, ONE_HOT, 3),
    ],
)
def test_lanes_and_fits_are_those_of_the_loss_of_keras(loss, same, units):
    y = cases.Y3 if units == 3 else cases.Y
    own, by_keras = (requests_for(compiled(one, units), [{}], y) for one in (loss, same))
    expected = reference.train(by_keras[0])
    _, lanes = train(own)
    for found in (*lanes, reference.train(own[0])):
        np.testing.assert_allclose(found.history["loss"], expected.history["loss"], rtol=1e-5)
        np.testing.assert_allclose(found.outputs[0], expected.outputs[0], rtol=1e-5)


@pytest.mark.parametrize(
    ("loss", "by_number"),
    [
        (lambda y, outputs: by_index(outputs, y), True),
        (partial(by_index), True),
        (ByIndex(name="own"), True),
        (ByIndex(name="categorical"), False),
        (own_categorical, False),
        (Inherits(), False),
        (Inherits(name="own"), False),
        (partial(losses.categorical_focal_crossentropy, gamma=1.0), False),
        (partial(losses.sparse_categorical_crossentropy, from_logits=True), True),
        (losses.mean_squared_error, False),
        (losses.KLDivergence(), False),
        (losses.Circle(), True),
        ("kl_divergence", False),
        (None, False),
    ],
)
def test_which_losses_take_classes_as_numbers(loss, by_number):
    assert is_sparse(loss) is by_number
    assert is_sparse([loss]) is by_number
