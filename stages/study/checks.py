"""What can be checked of a study before any training starts.

The order matters: whatever needs no network is checked before TensorFlow is loaded, which takes
seconds.
"""

import math
import sys
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import get_scorer

from gridlanes.compat.load_keras import load_keras
from gridlanes.errors import GridlanesError, in_a_line
from stages.study.column_checks import check_encoder, check_gaps, check_target, check_width
from stages.study.counts import count, listed
from stages.study.errors import InputError
from stages.study.estimator import ARCHITECTURE
from stages.study.keras_names import unknown_name
from stages.study.measures import measure
from stages.study.monitor_checks import check_monitors
from stages.study.params import PATH
from stages.study.prepared import Prepared
from stages.study.progress import phase
from stages.study.scorers import by_name, is_of_a_class
from stages.study.sections.model import Model
from stages.study.suited import EXAMPLES, why_no_classes, why_no_regression

#: With so many rows, and one of each class, a network is built to be checked.
ROWS = 1000

#: So many rare classes are named.
RARE = 10


def check_data(data: Prepared, model: Model, folds: int, key_path: str) -> None:
    """Check that the table can be cut into folds and prepared as the model says."""
    if data.task == "classification":
        rarest = min(data.profile["classes"], key=lambda item: item["rows"])
        most, kind = rarest["rows"], f"rows of the rarest class, {rarest['label']!r}"
    else:
        most, kind = len(data.y), "rows"
    if folds > most:
        raise InputError(
            f"{PATH}: {key_path}: must be at most {most}, the {kind}; found {folds}"
            f"{_too_rare(data, folds)}{_fewer(data)}"
        )
    if model.imputer.strategy == "none":
        check_gaps(data, "model.imputer")
    check_target(data, model.target, "model.target")
    check_encoder(data, model.categorical.encoder, "model.categorical")
    if model.categorical.encoder == "onehot" and model.categorical.min_frequency is None:
        check_width(data, "model.categorical")


def _fewer(data: Prepared) -> str:
    """Say that rows are set aside, if they are."""
    own = data.profile.get("set_aside")
    return f"\npreprocess.holdout has set {count(own['rows'], 'row')} aside" if own else ""


def _too_rare(data: Prepared, folds: int) -> str:
    """Name the classes with too few rows, and what leaves them out; nothing if that leaves one."""
    classes = data.profile.get("classes", [])
    rare = [own for own in classes if own["rows"] < folds]
    if len(classes) - len(rare) < 2:
        return ""
    named = listed((f"{own['label']!r} ({own['rows']})" for own in rare), RARE)
    return f"\npreprocess.min_class_rows: {folds} leaves such classes out: {named}"


def check_scoring(scoring: Sequence[str], data: Prepared, folds: int, key_path: str) -> None:
    """Check that each scorer suits the target and a fold, on a model that knows nothing."""
    dummies = {"classification": DummyClassifier(), "regression": DummyRegressor()}
    dummy = dummies[data.task].fit(data.X, data.y)
    # Some scorers, r2 among them, need several rows. Strata take care of the classes in a fold.
    rows = len(data.y) // folds if data.task == "regression" else len(data.y)
    for name in scoring:
        _check_classes(name, data, key_path)
        own = by_name(name, data.positive)
        try:
            with warnings.catch_warnings(action="ignore"):
                score = get_scorer(own)(dummy, data.X[:rows], data.y[:rows])
        except Exception as error:
            raise InputError(
                f"{PATH}: {key_path}: {name!r} cannot score this {data.task}: "
                f"{_why_unscored(name, own, data, error)}"
            ) from None
        if math.isnan(score):
            raise InputError(
                f"{PATH}: {key_path}: {name!r} is not defined on the {count(rows, 'row')} of a fold"
            )


def _why_unscored(name: str, own: Any, data: Prepared, error: Exception) -> str:
    """Say in plain words why what scores under a name does not, and what would."""
    classes = data.y.nunique()
    if data.task == "classification":
        if is_of_a_class(name) and data.positive is None and classes == 2:
            return "it is of one class of two; data.positive names the class to be scored"
        why = why_no_classes(own, classes, texts=data.y.dtype.kind not in "iufb")
    else:
        why = None
    return f"{why or in_a_line(error)}; such as {EXAMPLES[data.task]} can"


def _check_classes(name: str, data: Prepared, key_path: str) -> None:
    """Check that costs, F-beta and thresholds have two classes."""
    own = measure(name)
    if data.task == "regression":
        why = why_no_regression(name)
        if why is not None:
            raise InputError(f"{PATH}: {key_path}: {why}")
        return
    if not own.numbers and not own.tuned:
        return
    what = "a tuned threshold" if own.tuned else name
    classes = data.y.nunique()
    if classes != 2:
        raise InputError(
            f"{PATH}: {key_path}: {name!r} cannot score this classification: {what} needs two "
            f"classes; found {classes}"
        )


def check_finite(scores: Sequence[float], name: str, key_path: str) -> None:
    """Check that training has come to scores that can be compared."""
    if not all(math.isfinite(score) for score in scores):
        raise InputError(
            f"{PATH}: {key_path}: {name!r} came out as {scores[0]:g}, since training diverged; "
            "a smaller learning rate or another scaler may help"
        )


def check_network(estimator: Any, data: Prepared, key_path: str) -> None:
    """Build the network once and say where in params.yaml the cause lies if that fails."""
    if "keras" not in sys.modules:
        phase("loading TensorFlow")
        load_keras()
    phase(f"checking {key_path}")
    X, y = _some(data)
    # Of these rows only: folds may have other categories, and gaps elsewhere.
    try:
        # These rows may be too few, or of one group, to hold some of them out.
        given = {"validation_split": 0} if estimator.held_out() else {}
        lane = estimator.lane(estimator.prepare(X, y, **given))
    except Exception as error:
        raise InputError(f"{PATH}: {key_path}: {in_a_line(error)}") from None
    try:
        lane.build()
    except KeyboardInterrupt:
        raise
    # The user's code may raise anything.
    except BaseException as error:
        raise _why_not_built(error, estimator, key_path) from None
    check_monitors(lane, key_path)


def _why_not_built(error: BaseException, estimator: Any, key_path: str) -> InputError:
    unknown = unknown_name(error, estimator.get_params(deep=False))
    if unknown is not None:
        entry, said = unknown
        # The path of a value on a grid is its own.
        where = f"{key_path}.{entry}" if key_path.endswith(".network") else key_path
        return InputError(f"{PATH}: {where}: {said}")
    if isinstance(error, GridlanesError):
        return InputError(f"{PATH}: {key_path}: {error}")
    return InputError(
        f"{PATH}: {key_path}: the network cannot be built\n"
        f"{ARCHITECTURE}: create_model() raised {type(error).__name__}: {in_a_line(error)}"
    )


def _some(data: Prepared) -> tuple[pd.DataFrame, pd.Series]:
    """Return rows that have all classes: to prepare a large table takes seconds for each value."""
    first = np.arange(len(data.y)) < ROWS
    chosen = first | ~data.y.duplicated() if data.task == "classification" else first
    return data.X[chosen], data.y[chosen]
