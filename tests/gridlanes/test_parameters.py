"""Which parameter reaches what; nothing here loads TensorFlow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridlanes import ParameterError
from gridlanes.parameters import build_arguments, check_names, check_numbers, optimizer_settings

NAMES = st.sampled_from(["units", "activation", "rate", "model__units", "optimizer__rate", "x", "model__x"])  # fmt: skip


def build(units, activation="relu", epochs=1, optimizer="adam"):
    """Take some parameters."""


def takes_any(**arguments):
    """Take all of them."""


@given(st.dictionaries(NAMES, st.integers()))
def test_every_parameter_reaches_something_or_is_an_error(extra):
    try:
        check_names(build, extra, ["epochs", "optimizer"])
    except ParameterError:
        twice = any(f"model__{name}" in extra for name in extra)
        assert twice or any(name.removeprefix("model__") in ("rate", "x") for name in extra)
    else:
        given_to_build = build_arguments(build, {}, extra, {})
        given_to_optimizer = optimizer_settings(extra)
        reached = {name.removeprefix("model__") for name in extra if "optimizer" not in name}
        assert set(given_to_build) == reached
        assert len(given_to_optimizer) == ("optimizer__rate" in extra)


def test_one_parameter_in_two_spellings_is_an_error():
    with pytest.raises(ParameterError, match="'units' and 'model__units' are the same"):
        check_names(build, ["units", "model__units"], [])


def test_a_function_without_a_signature_is_an_error():
    with pytest.raises(ParameterError, match="a function with a signature"):
        check_names(dict, ["units"], [])


def test_meta_cannot_be_given():
    for name in ("meta", "model__meta"):
        with pytest.raises(ParameterError, match="'meta' describes the data"):
            check_names(lambda meta: None, [name], [])


def test_own_parameters_go_where_the_signature_names_them():
    own = {"epochs": 5, "batch_size": 8, "optimizer": None}
    assert build_arguments(build, own, {}, {}) == {"epochs": 5}
    assert build_arguments(lambda optimizer: None, own, {}, {}) == {"optimizer": None}


def test_a_function_of_anything_takes_anything():
    check_names(takes_any, ["units", "model__x"], [])
    assert build_arguments(takes_any, {"epochs": 1}, {"units": 1, "model__x": 2}, {}) == {
        "units": 1,
        "x": 2,
    }


def test_meta_is_given_to_those_who_ask():
    assert build_arguments(lambda meta: None, {}, {}, {"a": 1}) == {"meta": {"a": 1}}
    assert build_arguments(build, {}, {}, {"a": 1}) == {}


@pytest.mark.parametrize("value", [1, 16.0, np.int64(3), np.float32(2)])
def test_whole_numbers(value):
    check_numbers({"epochs": value})
    check_numbers({"random_state": value})


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "10", None, float("nan"), float("inf"), [1]])
def test_not_whole_numbers(value):
    with pytest.raises(ParameterError, match="epochs must be a whole number of at least 1"):
        check_numbers({"epochs": value})
