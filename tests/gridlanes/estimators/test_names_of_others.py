"""Names of SciKeras, KerasTuner and scikit-learn that people look for here: errors say what to use."""

import importlib

import pytest

import gridlanes


@pytest.mark.parametrize(
    ("name", "instead"),
    [
        ("BaseWrapper", "KerasClassifier or KerasRegressor"),
        ("SKLearnClassifier", "KerasClassifier"),
        ("SKLearnRegressor", "KerasRegressor"),
        ("SKLearnTransformer", "FunctionTransformer"),
        ("RandomSearch", "RandomizedSearchCV"),
        ("Hyperband", "RandomizedSearchCV.*HalvingRandomSearchCV with res"),
        ("BayesianOptimization", "RandomizedSearchCV"),
        ("HalvingGridSearchCV", "GridSearchCV"),
        ("HalvingRandomSearchCV", "RandomizedSearchCV"),
    ],
)
def test_a_name_that_is_not_here(name, instead):
    with pytest.raises(ImportError, match=f"no {name}; use .*{instead}") as caught:
        exec(f"from gridlanes import {name}")
    assert "\n" not in str(caught.value)


def test_the_module_of_wrappers():
    with pytest.raises(ImportError, match="write 'from gridlanes import KerasClassifier, "):
        importlib.import_module("gridlanes.wrappers")


def test_any_other_name():
    assert not hasattr(gridlanes, "nothing_of_this_name")
