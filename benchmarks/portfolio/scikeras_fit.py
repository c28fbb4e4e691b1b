"""SciKeras: one fit under scikit-learn's search, written as its users write a search.

The fold is passed explicitly: under scikit-learn 1.9, ``cv=3`` would take SciKeras' classifier for
a regressor and not stratify. ``random_state`` is left alone.
"""

from collections.abc import Mapping
from typing import Any

from scikeras.wrappers import KerasClassifier, KerasRegressor
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import FunctionTransformer

from benchmarks.portfolio.search import Search

#: Settings that SciKeras hands to ``model.fit`` as they are.
OF_FIT = "validation_split", "callbacks"


def fit(search: Search, candidate: Mapping[str, Any], fold: int) -> float:
    """Train and score one candidate on one fold."""
    found = GridSearchCV(
        _kind(search)(search.build, verbose=0, **_named(search, search.settings)),
        {name: [value] for name, value in _named(search, candidate).items()},
        scoring=search.scoring,
        cv=[search.splits()[fold]],
        refit=False,
        error_score="raise",
    ).fit(search.X, search.y)
    return float(found.cv_results_["mean_test_score"][0])


def _named(search: Search, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters by SciKeras' names."""
    own = search.for_build(parameters)
    prefixes = dict.fromkeys(own, "model__") | dict.fromkeys(OF_FIT, "fit__")
    return {f"{prefixes.get(name, '')}{name}": value for name, value in parameters.items()}


def _kind(search: Search) -> Any:
    if search.kind == "regressor":
        return KerasRegressor
    return KerasClassifier if search.columns is None else _several_inputs(search)


def _several_inputs(search: Search) -> Any:
    """Return a classifier that hands each input of the network its columns."""

    class SeveralInputs(KerasClassifier):
        @property
        def feature_encoder(self) -> FunctionTransformer:
            return FunctionTransformer(search.inputs)

    return SeveralInputs
