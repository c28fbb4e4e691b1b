"""The estimator and the folds that params.yaml describes, for the stages that train."""

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import joblib
from sklearn.exceptions import FitFailedWarning
from sklearn.impute import SimpleImputer
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from gridlanes import KerasClassifier, KerasRegressor
from gridlanes.compat.load_keras import load_keras
from gridlanes.errors import DivergedError, GridlanesError, StoreWarning
from gridlanes.networks.parameters import check_numbers
from stages.compute import Compute, elsewhere
from stages.errors import InputError, warn
from stages.params import PATH, Model

#: The user's file.
ARCHITECTURE = "stages/architecture.py"

#: A worker process takes as long to load TensorFlow as some fits do to train.
FITS_PER_WORKER = 20


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
    try:
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
    except (Exception, SystemExit) as error:
        said = " ".join(str(error).split())
        raise InputError(f"{ARCHITECTURE}: {type(error).__name__}: {said}") from None
    if not callable(create_model):
        raise InputError(f"{ARCHITECTURE}: create_model must be a function")
    return create_model


def make_folds(task: str, folds: int, seed: int) -> KFold | StratifiedKFold:
    """Return shuffled folds, stratified for a classification."""
    kind = StratifiedKFold if task == "classification" else KFold
    return kind(folds, shuffle=True, random_state=seed)


@contextmanager
def training(fits: int, compute: Compute | None) -> Iterator[None]:
    """Train where compute.yaml says or in as many processes as pay; report failed fits in a line.

    Parameters
    ----------
    fits : int
        How many there are.
    compute : Compute or None
        See :func:`stages.compute.load`.

    Raises
    ------
    InputError
        If no fit at all could be trained.
    """
    load_keras()
    processes = max(1, min(joblib.cpu_count(), fits // FITS_PER_WORKER))
    with (
        elsewhere(compute, processes),
        warnings.catch_warnings(record=True) as said,
    ):
        warnings.simplefilter("always", FitFailedWarning)
        warnings.simplefilter("always", StoreWarning)
        # Follows from the failed fits.
        warnings.filterwarnings("ignore", "One or more of the test scores are non-finite")
        # Keras leaves some megabytes behind with every fit; joblib replaces a worker that grew.
        warnings.filterwarnings("ignore", "A worker stopped while some jobs were given")
        try:
            yield
        except DivergedError as error:
            raise InputError(
                f"training diverged: {error}; a smaller learning rate or another scaler may help"
            ) from None
        except GridlanesError:
            raise
        except Exception as error:
            last = str(error).strip().splitlines()[-1:]
            raise InputError(
                f"no fit of the study could be trained and scored: {type(error).__name__}\n"
                f"{' '.join(last)}"
            ) from error
    for warning in said:
        # The first line counts the fits, the last one names the error.
        lines = str(warning.message).strip().splitlines()
        warn(" ".join(dict.fromkeys([lines[0], lines[-1]])))
