"""Which columns of a table an input of a network gets, and as what."""

import numpy as np
import pytest

from gridlanes import ModelError
from gridlanes.networks.inputs import Input, arrays_for, shares


def one(name, width=1, dtype="float32"):
    return Input(name, (width,), dtype)


@pytest.mark.parametrize(
    ("inputs", "columns", "expected"),
    [
        ([one("a"), one("b", 2)], (), [[0], [1, 2]]),
        ([one("a"), one("b", 2)], ("x", "y", "z"), [[0], [1, 2]]),
        ([one("z"), one("x"), one("y")], ("x", "y", "z"), [[2], [0], [1]]),
        # What has no name of a column gets what is left, in order.
        ([one("numbers", 2), one("y")], ("x", "y", "z"), [[0, 2], [1]]),
        # Columns of one name are one input; a name for too few columns is none.
        ([one("z"), one("x", 2)], ("x", "x", "z"), [[2], [0, 1]]),
        ([one("x", 2), one("z")], ("x", "y", "z"), [[0, 1], [2]]),
        # All of them have their columns: others are left over.
        ([one("z"), one("x")], ("x", "y", "z"), [[2], [0]]),
        ([one("y")], ("x", "y", "z"), [[1]]),
        ([one("a", 3)], ("x", "y", "z"), [[0, 1, 2]]),
    ],
)
def test_columns_by_name_and_by_order(inputs, columns, expected):
    assert shares(inputs, (5, 3), columns) == expected


@pytest.mark.parametrize(
    ("inputs", "columns"),
    [
        ([one("a"), one("b")], ()),
        ([one("a", 3), one("b")], ()),
        ([one("x"), one("b")], ("x", "y", "z")),
        ([Input("a", (None,), "float32"), one("b")], ()),
    ],
)
def test_inputs_that_do_not_add_up_are_an_error(inputs, columns):
    with pytest.raises(ModelError, match="must add up to the 3 columns of the data"):
        shares(inputs, (5, 3), columns)


def test_inputs_get_what_they_take():
    rows = np.array([["Rome", 1, "7"], ["Oslo", 2.5, "9"]], dtype=object)
    inputs = [Input("a", (1,), "string"), Input("b", (), "float32"), Input("c", (1, 1), "int64")]
    city, size, code = (own.numpy() for own in arrays_for(inputs, rows))
    assert city.tolist() == [[b"Rome"], [b"Oslo"]]
    assert size.tolist() == [1, 2.5]
    assert code.dtype == "int64"
    assert code.tolist() == [[[7]], [[9]]]


@pytest.mark.parametrize(
    ("dtype", "rows", "says"),
    [
        ("float32", [["Rome"]], "input 'a' takes float32; the data has 'Rome'"),
        ("string", [[None]], "input 'a' takes text; the data has None"),
        ("string", [["Rome"], [3]], "input 'a' takes text; the data has 3"),
    ],
)
def test_what_an_input_does_not_take_is_an_error(dtype, rows, says):
    with pytest.raises(ModelError, match=says):
        arrays_for([one("a", dtype=dtype)], np.array(rows, dtype=object))
