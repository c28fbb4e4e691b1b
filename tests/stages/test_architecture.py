"""The network of stages/architecture.py beside those that are written here, layer by layer."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import Input, Sequential
from keras.layers import Activation, BatchNormalization, Dense, Dropout

from gridlanes import ParameterError
from stages.architecture import create_model

BINARY = {"n_features_in_": 3, "target_type_": "binary", "n_classes_": 2, "n_outputs_": 1}
SEVERAL = {**BINARY, "target_type_": "multiclass", "n_classes_": 4}
NUMBERS = {"n_features_in_": 3, "target_type_": "continuous", "n_outputs_": 2}
OUTPUT = Dense(1, "sigmoid")

NETWORKS: list[tuple[dict[str, Any], dict[str, Any], list[keras.Layer]]] = [
    (BINARY, {}, [Dense(16, "relu"), OUTPUT]),
    (BINARY, {"hidden": [5, 2], "activation": "tanh"}, [Dense(5, "tanh"), Dense(2, "tanh"), OUTPUT]),
    (BINARY, {"hidden": 5}, [Dense(5, "relu"), OUTPUT]),
    (BINARY, {"hidden": []}, [OUTPUT]),
    (BINARY, {"layers": 0}, [OUTPUT]),
    (BINARY, {"hidden": None, "layers": 2, "units": 4}, [Dense(4, "relu"), Dense(4, "relu"), OUTPUT]),
    (SEVERAL, {"units": 4, "dropout": 0.5}, [Dense(4, "relu"), Dropout(0.5), Dense(4, "softmax")]),
    (NUMBERS, {"units": 4, "l2": 0.1}, [Dense(4, "relu", kernel_regularizer=keras.regularizers.L2(0.1)), Dense(2)]),
    (NUMBERS, {"units": 4, "batch_norm": True, "dropout": 0.2}, [Dense(4, use_bias=False), BatchNormalization(), Activation("relu"), Dropout(0.2), Dense(2)]),
    (BINARY, {"units": 4, "init": "uniform"}, [Dense(4, "relu", kernel_initializer="uniform"), Dense(1, "sigmoid", kernel_initializer="uniform")]),
]  # fmt: skip


def unnamed(model: keras.Model) -> list[tuple[str, dict[str, Any]]]:
    """Return what each layer is and was made with, besides its name and its seed."""
    return [
        (
            type(own).__name__,
            {k: v for k, v in own.get_config().items() if k not in ("name", "seed")},
        )
        for own in model.layers
    ]


@pytest.mark.parametrize(("meta", "arguments", "layers"), NETWORKS)
def test_it_is_the_network_that_its_arguments_say(meta, arguments, layers):
    ours = create_model(meta, **arguments)
    # From the configurations, so that no layer is in two networks.
    copies = [type(own).from_config(own.get_config()) for own in layers]
    theirs = Sequential([Input((3,)), *copies])
    assert unnamed(ours) == unnamed(theirs)
    assert not ours.compiled


def test_it_draws_what_two_layers_in_a_row_draw():
    keras.utils.set_random_seed(3)
    ours = create_model(BINARY, hidden=[4, 2], dropout=0.0, batch_norm=False, l2=0.0)
    keras.utils.set_random_seed(3)
    theirs = Sequential([Input((3,)), Dense(4), Dense(2), Dense(1)])
    for one, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"hidden": [2], "units": 4}, "hidden must be null where layers or units are given"),
        ({"hidden": [2], "layers": 1}, "hidden must be null where layers or units are given"),
        ({"layers": -1}, "layers must be a whole number of at least 0; found -1"),
        ({"units": 0}, "the units of a hidden layer must be at least 1; found [0]"),
        ({"hidden": [3, -1]}, "the units of a hidden layer must be at least 1; found [3, -1]"),
        ({"dropout": 1.0}, "dropout must be a number from 0 to below 1; found 1.0"),
        ({"l2": -0.1}, "l2 must be a number of at least 0; found -0.1"),
        ({"batch_norm": "no"}, "batch_norm must be true or false; found 'no'"),
    ],
)
def test_what_cannot_be_built_is_said(arguments, says):
    with pytest.raises(ParameterError) as error:
        create_model(BINARY, **arguments)
    assert str(error.value) == says
