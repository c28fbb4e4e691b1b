"""Equal content, equal fingerprint; and never otherwise."""

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridlanes.planning.fingerprint import fingerprint

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.tuples(inner, inner)
    ),
    max_leaves=6,
)


@given(plain)
def test_a_copy_has_the_same(value):
    assert fingerprint(copy.deepcopy(value)) == fingerprint(value)


@given(plain, plain)
def test_what_differs_has_another(one, other):
    assert (fingerprint(one) == fingerprint(other)) == (repr(one) == repr(other))


@pytest.mark.parametrize("kind", ["int64", "float32", "U3", "bool"])
def test_arrays_are_told_apart_by_content(kind):
    # One after the other in the same place of memory, as in a loop over folds.
    seen = {fingerprint({"classes_": np.array([0, number], dtype=kind)}) for number in range(2)}
    assert len(seen) == 2
    array = np.array([0, 1], dtype=kind)
    assert fingerprint([array]) == fingerprint([array.copy()])


def test_names_of_columns_are_told_apart_by_content_and_other_objects_are_not():
    names, copied = (np.array(["a", "b"], dtype=object) for _ in range(2))
    assert fingerprint([names]) == fingerprint([copied])
    assert fingerprint([names]) != fingerprint([np.array(["a", "c"], dtype=object)])
    # Equal, and yet not the same.
    numbers = [np.array(["a", own], dtype=object) for own in (1, 1.0)]
    assert fingerprint([numbers[0]]) != fingerprint([numbers[1]])


def test_functions_and_objects_are_told_apart_by_identity():
    def one():
        return 1

    def other():
        return 1

    assert fingerprint([one]) == fingerprint([one])
    assert fingerprint([one]) != fingerprint([other])
    assert fingerprint([object]) != fingerprint([type])


def test_equal_parts_count_as_well_shared_as_apart():
    part = [1, 2]
    assert fingerprint([part, part]) == fingerprint([[1, 2], [1, 2]])
