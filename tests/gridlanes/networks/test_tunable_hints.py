"""Scripts for KerasTuner with a step left out: errors say which, before anything is trained."""

import keras
import pytest
from tunable_cases import MODEL, X, Y, build_model, classifier

from gridlanes import GridSearchCV, KerasClassifier, ParameterError, Tunable


class HyperModel:
    """As KerasTuner's: no function, with a method that builds."""

    def build(self, hp):
        return build_model(hp)


@pytest.mark.parametrize(
    "use",
    [
        lambda own: own.fit(X, Y),
        lambda own: own.set_params(units_0=2),
        lambda own: GridSearchCV(own, {"units_0": [2]}).fit(X, Y),
    ],
)
def test_a_function_of_hp_says_tunable(use):
    with pytest.raises(ParameterError, match=r"wrap it: model=Tunable\(build_model\)"):
        use(KerasClassifier(build_model))


def test_a_hypermodel_stands_for_its_method():
    found = Tunable(HyperModel())
    assert found.param_distributions == MODEL.param_distributions
    assert isinstance(found(units_0=2), keras.Model)
    with pytest.raises(ParameterError, match=r"HyperModel goes into Tunable\(...\)"):
        KerasClassifier(HyperModel()).fit(X, Y)


def test_what_tunable_does_not_take():
    with pytest.raises(ParameterError, match=r"found hyperparameters. Values go to the estimator"):
        Tunable(build_model, hyperparameters={"units_0": 2})
    with pytest.raises(ParameterError, match=r"build\(hp\) or a HyperModel; found 3"):
        Tunable(3)


@pytest.mark.parametrize("engine", ["auto", "keras"])
def test_a_range_on_a_grid(engine):
    grid = {"units_0": [2], "lr": MODEL.param_distributions["lr"]}
    for own in (grid, [grid]):
        with pytest.raises(ParameterError, match="'lr'.*RandomizedSearchCV, or give it a step="):
            GridSearchCV(classifier(), own, engine=engine).fit(X, Y)
