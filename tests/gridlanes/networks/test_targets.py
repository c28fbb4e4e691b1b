"""Targets and probabilities against SciPy; nothing here loads TensorFlow."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, softmax

from gridlanes.networks.targets import for_network, loss_name, probabilities

LOGITS = SimpleNamespace(from_logits=True)
FLOATS = st.floats(-1e4, 1e4)


@given(arrays("float64", (3, 1), elements=FLOATS))
def test_logits_of_one_output(outputs):
    table = probabilities(outputs, loss=LOGITS)
    np.testing.assert_allclose(table[:, 1], expit(outputs[:, 0]), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(table.sum(axis=1), 1)


@given(arrays("float64", (3, 4), elements=FLOATS))
def test_logits_of_several_outputs(outputs):
    np.testing.assert_allclose(
        probabilities(outputs, loss=LOGITS), softmax(outputs, axis=1), rtol=1e-9, atol=1e-300
    )


def test_probabilities_pass_through():
    outputs = np.array([[0.25], [1.0]])
    np.testing.assert_array_equal(probabilities(outputs, loss="mse"), [[0.75, 0.25], [0, 1]])


@pytest.mark.parametrize(
    ("width", "loss", "expected"),
    [
        (1, "binary_crossentropy", [[0.0], [1.0]]),
        (2, "categorical_crossentropy", [[1, 0], [0, 1]]),
        (2, "SparseCategoricalCrossentropy", [[0], [1]]),
        (2, SimpleNamespace(name="sparse_categorical_crossentropy"), [[0], [1]]),
    ],
)
def test_the_form_of_class_targets(width, loss, expected):
    codes = np.array([0, 1])
    target = for_network(codes, n_classes=2, width=width, loss=loss, dtype="float32")
    np.testing.assert_array_equal(target, expected)


def test_names_of_losses():
    assert loss_name("mse") == "mse"
    assert loss_name(softmax) == "softmax"
    assert loss_name(SimpleNamespace(name="a")) == "a"
    assert loss_name(SimpleNamespace) == "SimpleNamespace"
