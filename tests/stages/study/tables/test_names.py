"""What names of columns tell: those of public tables, and what their columns hold."""

import pytest

from stages.study.tables.names import is_id, is_owner


@pytest.mark.parametrize("name", ["PassengerId", "customerID", "row_index", "idx", "Ticket No"])
def test_an_id(name):
    assert is_id(name)


@pytest.mark.parametrize("name", ["cons.price.idx", "price_index", "Age", "Body Mass Index"])
def test_a_number(name):
    assert not is_id(name)


@pytest.mark.parametrize("name", ["Patient_ID", "subject", "Customer", "userId"])
def test_what_rows_belong_to(name):
    assert is_owner(name)


@pytest.mark.parametrize("name", ["households", "Customers", "Users", "n_patients", "sessions"])
def test_a_count_is_none_of_them(name):
    """As of California's housing and of a shop's daily sales."""
    assert not is_owner(name)
