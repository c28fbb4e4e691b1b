"""Which parameter reaches what; nothing here loads TensorFlow."""

import functools
import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridlanes import ParameterError
from gridlanes.networks.number_checks import check_numbers
from gridlanes.networks.parameters import build_arguments, check_names, nested
from gridlanes.networks.signatures import signature_of

NAMES = st.sampled_from(["units", "activation", "rate", "model__units", "optimizer__rate", "x", "model__x"])  # fmt: skip


def build(units, activation="relu", epochs=1, optimizer="adam"):
    """Take some parameters."""


def takes_any(**arguments):
    """Take all of them."""


def of_all_kinds(first, second=2, /, third=3, *rest, fourth, fifth=5, **others):
    """Take arguments of every kind."""


@functools.wraps(build)
def wrapping(*args, **kwargs):
    """Stand before another function."""


@functools.wraps(of_all_kinds)
def announcing(**anything):
    """Say that the arguments are others."""


announcing.__signature__ = inspect.signature(build)


@functools.wraps(announcing)
def wrapping_both(**anything):
    """Stand before one that announces."""


class Builder:
    """Build in a method, and when called."""

    def method(self, units, *, rate=0.1):
        """Take some parameters."""

    @functools.wraps(build)
    def decorated(self, *args):
        """Stand before a function."""

    def __call__(self, units=3):
        """Take one parameter."""


@pytest.mark.parametrize(
    "function",
    [
        build, takes_any, of_all_kinds, wrapping, announcing, wrapping_both, Builder().method,
        Builder().decorated, Builder(), Builder.method, functools.partial(build, 1, epochs=2),
        functools.cache(build), lambda a=1, *, b: None, lambda *rest, c=None: None, lambda: None,
    ],
)  # fmt: skip
def test_arguments_are_those_that_inspect_reads(function):
    read = inspect.signature(function).parameters.values()
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    named, takes_any = signature_of(function)
    assert list(named.items()) == [(one.name, one.default) for one in read if one.kind in kinds]
    assert takes_any == any(one.kind == inspect.Parameter.VAR_KEYWORD for one in read)


def test_a_changed_default_is_seen():
    def changing(units=1):
        """Take one parameter."""

    assert signature_of(changing)[0] == {"units": 1}
    changing.__defaults__ = (2,)
    assert signature_of(changing)[0] == {"units": 2}


@given(st.dictionaries(NAMES, st.integers()))
def test_every_parameter_reaches_something_or_is_an_error(extra):
    try:
        check_names(build, extra, ["epochs", "optimizer"])
    except ParameterError:
        assert any(name.removeprefix("model__") in ("rate", "x") for name in extra)
    else:
        given_to_build = build_arguments(build, {}, extra, {})
        given_to_optimizer = nested(extra, "optimizer")
        reached = {name.removeprefix("model__") for name in extra if "optimizer" not in name}
        assert set(given_to_build) == reached
        assert len(given_to_optimizer) == ("optimizer__rate" in extra)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("fit__epoch", "'fit__epoch' would reach nothing in fit.*did you mean 'epochs'"),
        ("fit__initial_epoch", "partial_fit.. and warm_start=True"),
        ("predict__steps", "give the rows to predict for"),
        ("compile__los", "did you mean 'loss'"),
    ],
)
def test_a_name_behind_a_prefix_has_to_reach_something(name, says):
    with pytest.raises(ParameterError, match=says):
        check_names(build, [name], [])


def test_a_function_without_a_signature_is_an_error():
    with pytest.raises(ParameterError, match="a function with a signature"):
        check_names(dict, ["units"], [])


def test_meta_cannot_be_given():
    for name in ("meta", "model__meta", "params", "compile_kwargs"):
        with pytest.raises(ParameterError, match="is for the build function to ask for"):
            check_names(lambda meta, params, compile_kwargs: None, [name], [])


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


def test_all_parameters_are_given_to_those_who_ask():
    own = {"epochs": 3, "preprocessing": object()}
    found = build_arguments(lambda params: None, own, {"units": 2}, {})
    assert found == {"params": {"epochs": 3, "units": 2}}
    check_names(lambda params: None, ["units"], [])


@pytest.mark.parametrize("value", [None, -1, 5])
def test_all_rows_may_be_one_mini_batch(value):
    check_numbers({"batch_size": value, "validation_batch_size": value})
