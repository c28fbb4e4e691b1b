"""The estimator that params.yaml describes: imputer, scaler and network as one."""

from collections.abc import Callable, Mapping
from typing import Any

from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from gridlanes import KerasClassifier, KerasRegressor
from gridlanes.errors import GridlanesError, in_a_line
from gridlanes.networks.parameters import check_names, check_numbers
from stages.study.errors import InputError
from stages.study.params import PATH, Model

#: The user's file.
ARCHITECTURE = "stages/architecture.py"

#: Parameters of the estimator that are objects of Python, which YAML cannot hold.
OBJECTS = frozenset(["callbacks", "model", "preprocessing"])


def make_estimator(model: Model, task: str, seed: int) -> Any:
    """Return imputer, scaler and network as one estimator, so that a fold fits all three.

    Parameters
    ----------
    model : Model
    task : {"classification", "regression"}
    seed : int
        The network's ``random_state``.

    Raises
    ------
    InputError
        For an entry of ``model.network`` that would reach nothing.
    """
    kind = KerasClassifier if task == "classification" else KerasRegressor
    # Inside the estimator, so that they do not see the rows that early stopping watches.
    before = make_preprocessing(model.imputer, model.scaler)
    network = kind(_create_model(), random_state=seed, preprocessing=before)
    return set_network(network, model.network, "model.network")


def make_preprocessing(imputer: str, scaler: str) -> Pipeline:
    """Return what happens to a row before a model, by their names in params.yaml."""
    return Pipeline([("imputer", _imputer(imputer)), ("scaler", _scaler(scaler))])


def set_network(estimator: Any, settings: Mapping[str, Any], key_path: str) -> Any:
    """Set parameters of the network, and say where in params.yaml one is wrong."""
    own = estimator.get_params(deep=False).keys() - OBJECTS
    try:
        check_names(estimator.model, [name for name in settings if name not in own], own)
        check_numbers(settings)
        estimator.set_params(**settings)
    except GridlanesError as error:
        raise InputError(f"{PATH}: {key_path}: {error}") from None
    return estimator


def _imputer(name: str) -> Any:
    if name == "none":
        return "passthrough"
    # A feature that is missing in all rows of a training fold must keep its column.
    return SimpleImputer(strategy=name, keep_empty_features=True)


def _scaler(name: str) -> Any:
    return {"none": "passthrough", "minmax": MinMaxScaler(), "standard": StandardScaler()}[name]


def _create_model() -> Callable:
    """Return the user's build function, or say what is wrong with its file."""
    try:
        from stages import architecture

        create_model = architecture.create_model
    except KeyboardInterrupt:
        raise
    # The user's file may raise anything.
    except BaseException as error:
        raise InputError(f"{ARCHITECTURE}: {type(error).__name__}: {in_a_line(error)}") from None
    if not callable(create_model):
        raise InputError(f"{ARCHITECTURE}: create_model must be a function")
    return create_model
