"""Parameters of older scripts that reach nothing: errors say what to write."""

import pytest

from gridlanes import KerasClassifier, ParameterError


def build(hidden=2):
    raise AssertionError("nothing is built")


@pytest.mark.parametrize("name", ["learn_rate", "lr", "learning_rate"])
def test_a_learning_rate_that_reaches_nothing(name):
    with pytest.raises(ParameterError, match="optimizer__learning_rate sets it. Allowed: batch"):
        KerasClassifier(build).set_params(**{name: 0.1})


def test_what_keras_hands_out_is_not_offered():
    def of_xy(X, y, hidden=2):
        raise AssertionError("nothing is built")

    with pytest.raises(ParameterError, match="did you mean 'hidden'") as caught:
        KerasClassifier(of_xy).set_params(hiden=3)
    assert " X," not in str(caught.value)
    assert " y," not in str(caught.value)
