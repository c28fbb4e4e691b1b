"""Rows in the forms in which people have them."""

import keras
import numpy as np
import pandas as pd
import pytest
from scipy.sparse import dok_array
from sklearn.base import clone
from sklearn.preprocessing import FunctionTransformer

from gridlanes import GridSearchCV, KerasClassifier, ModelError
from gridlanes.estimators.tables import as_column, as_table, for_network, has_text, widths_of

pytestmark = pytest.mark.usefixtures("eager", "traced")


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


def two_inputs():
    inputs = [keras.Input((1,), name="first"), keras.Input((2,), name="rest")]
    both = keras.layers.Concatenate()(inputs)
    return keras.Model(inputs, keras.layers.Dense(1, "sigmoid")(both))


@pytest.mark.parametrize("search", [False, True])
def test_a_list_of_arrays_that_fit_no_input_is_refused(search):
    X = np.random.default_rng(0).normal(size=(24, 3))
    Y = (X[:, 0] > 0).astype(int)
    ours = KerasClassifier(two_inputs, random_state=0)
    if search:
        ours = GridSearchCV(ours, {"epochs": [1]}, cv=2, error_score="raise")
    said = r"take arrays of 1, 2 columns, in the order 'first', 'rest'; found .* 2, 1"
    with pytest.raises(ModelError, match=said):
        ours.fit([X[:, :2], X[:, 2]], Y)
    ours.fit([X[:, :1], X[:, 1:]], Y)
    with pytest.raises(ValueError, match=r"arrays of \(2, 1\) columns, .* fitted on \(1, 2\)"):
        (ours.best_estimator_ if search else ours).predict([X[:, :2], X[:, 2]])
    expected = clone(ours).fit(X, Y).predict_proba(X)
    np.testing.assert_array_equal(ours.predict_proba(X), expected)
    (ours.best_estimator_ if search else ours).predict([X[:, 0], X[:, 1:]])


class Halves(KerasClassifier):
    @property
    def feature_encoder(self):
        return FunctionTransformer(lambda X: [X[:, : self.first], X[:, self.first :]])

    def __init__(self, first=1, **parameters):
        super().__init__(**parameters)
        self.first = first


def test_what_an_encoder_makes_of_rows_has_to_fit_the_inputs():
    X = np.random.default_rng(0).normal(size=(24, 3))
    Y = (X[:, 0] > 0).astype(int)
    Halves(model=two_inputs, validation_split=0.25).fit(X, Y).predict(X)
    with pytest.raises(ModelError, match=r"found a list of arrays of 2, 1"):
        Halves(2, model=two_inputs).fit(X, Y)


def test_rows_of_a_list_of_arrays_know_its_widths_and_other_columns_do_not():
    table = as_table([np.arange(4), np.arange(8).reshape(4, 2)], [0, 1, 1, 0])
    assert widths_of(table) == widths_of(table[1:3]) == widths_of(table[[0, 2]]) == (1, 2)
    for other in (table[:, 1:], table[0], table.sum(axis=0), np.asarray(table)):
        assert widths_of(other) == ()
