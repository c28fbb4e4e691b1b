"""Rows in the forms in which people have them."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import dok_array

from gridlanes.estimators.tables import as_column, as_table, for_network, has_text


def test_a_dict_is_a_table():
    given = {"city": ["Rome", "Oslo"], "sizes": np.arange(4.0).reshape(2, 2)}
    table = as_table(given)
    assert list(table.columns) == ["city", "sizes[0]", "sizes[1]"]
    assert table.to_numpy().tolist() == [["Rome", 0, 1], ["Oslo", 2, 3]]


def test_texts_are_a_column():
    texts = ["good day", "night"]
    for own in (texts, np.array(texts), pd.Series(texts)):
        assert as_column(own).tolist() == [["good day"], ["night"]]
        assert as_table(own) is own


@pytest.mark.parametrize(
    ("given", "y", "says"),
    [
        ({"a": np.zeros((2, 2, 2))}, None, r"found 'a': \(2, 2, 2\)"),
        ({"a": [1, 2], "b": [1]}, None, "must have as many rows; found 'a': 2, 'b': 1"),
    ],
)
def test_what_is_no_table_is_an_error(given, y, says):
    with pytest.raises(ValueError, match=says):
        as_table(given, y)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (np.zeros((2, 2)), False),
        (np.zeros((2, 2), dtype=object), False),
        (np.array([["1", "2"]]), True),
        (np.array([[1, "2"]], dtype=object), True),
        (pd.DataFrame({"a": [1], "b": [True]}), False),
        (pd.DataFrame({"a": [1], "b": ["01"]}), True),
        (pd.DataFrame({"b": pd.Categorical(["Rome"])}), True),
        (pd.DataFrame({"b": pd.Categorical([3])}), False),
        ([[1, 2], [3]], False),
        (dok_array((2, 2)), False),
    ],
)
def test_text_is_told_from_numbers(given, expected):
    assert has_text(given) is expected


@pytest.mark.parametrize(
    ("numbers", "kept"), [([1, 2**24], False), ([1, 2**24 + 1], True), ([1.5, 1e9 + 0.5], False)]
)
def test_whole_numbers_that_are_no_floats_are_kept(numbers, kept):
    given = np.array([numbers])
    assert (for_network(given) is given) is kept


def test_a_list_of_arrays_is_a_table_of_their_columns():
    parts = [np.arange(4), np.array([[4, 5], [6, 7], [8, 9], [10, 11]])]
    expected = [[0, 4, 5], [1, 6, 7], [2, 8, 9], [3, 10, 11]]
    assert as_table(parts, [0, 1, 1, 0]).tolist() == expected
    assert as_table(parts, columns=3).tolist() == expected
    # As many rows as arrays, or other columns than the table has: rows.
    assert as_table(parts, [0, 1]) is parts
    assert as_table(parts, columns=2) is parts
