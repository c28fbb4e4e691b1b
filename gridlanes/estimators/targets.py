"""Targets as people have them, in the form that a network is trained on."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import column_or_1d

from gridlanes.compat.load_keras import float_type

#: A target with a column for each class, by scikit-learn's name.
BY_COLUMN = "multilabel-indicator"


class Target(NamedTuple):
    """What a network is trained on, and what is known of it.

    Attributes
    ----------
    values : ndarray of shape (rows,) or (rows, outputs)
        Numbers of classes, or numbers.
    meta : mapping
        What a build function may ask for.
    learnt : mapping
        Attributes of the fitted estimator besides.
    """

    values: NDArray
    meta: Mapping[str, Any]
    learnt: Mapping[str, Any]


def of_classes(labels: NDArray, classes: Any = None) -> Target:
    """Return labels as a target.

    Parameters
    ----------
    labels : ndarray of shape (rows,) or (rows, classes)
        Of any kind; a column for each class is 1 for rows that are of it.
    classes : array-like, optional
        All that there are, if some may not occur among the labels.

    Raises
    ------
    ValueError
        For what are no labels, and if there is one class only.
    """
    given = as_given(labels)
    labels = plain_labels(labels)
    if labels.ndim == 2 and labels.shape[1] > 1:
        return _by_column(labels)
    labels = column_or_1d(labels, warn=True)
    check_classification_targets(labels)
    known = np.unique(labels if classes is None else plain_labels(classes))
    if len(known) < 2:
        raise ValueError(f"Classifier can't train when only one class is present: {known[0]!r}")
    meta = {
        **given,
        "target_type_": "binary" if len(known) == 2 else "multiclass",
        "classes_": known,
        "n_classes_": len(known),
        "n_outputs_": 1,
        "n_outputs_expected_": 1,
    }
    return Target(encoded(labels, known), meta, {})


def of_numbers(values: NDArray, *, transformed: bool) -> Target:
    """Return the target of a regression.

    It is answered in the float type of its values. Whole numbers have none, so that it is the
    network's, unless they are transformed: what undoes that computes in float64.
    """
    n_outputs = 1 if values.ndim == 1 else values.shape[1]
    meta = {
        **as_given(values),
        "target_type_": "continuous" if n_outputs == 1 else "continuous-multioutput",
        "n_outputs_": n_outputs,
        "n_outputs_expected_": 1,
    }
    whole = values.dtype.kind != "f" and not transformed
    single = values.dtype == np.float32 or (whole and float_type() == "float32")
    learnt = {
        "_target_shape": values.shape[1:],
        "_predicted_type": np.dtype("float32" if single else "float64"),
    }
    return Target(values, meta, learnt)


def encoded(labels: NDArray, classes: NDArray) -> NDArray:
    """Return the number of each label among classes.

    Raises
    ------
    ValueError
        For a label that is none of them.
    """
    codes: NDArray = np.minimum(np.searchsorted(classes, labels), len(classes) - 1)
    other = classes[codes] != labels
    if other.any():
        label, allowed = labels[other].tolist()[0], ", ".join(map(repr, classes.tolist()))
        raise ValueError(f"Found unknown categories in y, as {label!r}; the classes are {allowed}")
    return codes


def further_columns(labels: NDArray, columns: int, *, one_of: bool) -> NDArray:
    """Return labels with a column for each class, as those were that the network was fitted on.

    Raises
    ------
    ValueError
        For other columns, and with ``one_of`` for a row that is not of one class.
    """
    shape = np.shape(labels)
    if shape[1:] != (columns,):
        raise ValueError(
            f"y must have a column for each of {columns} classes, as in fit; found shape {shape}"
        )
    values: NDArray = np.asarray(labels)
    other = values[(values != 0) & (values != 1)]
    if other.size:
        raise ValueError(f"y must be 0 and 1, a column for each class; found {other.flat[0]!r}")
    values = values.astype("float64")
    if one_of and not (values.sum(axis=1) == 1).all():
        raise ValueError("y must have one 1 in each row, as in fit; found a row with none or more")
    return values


def plain_labels(labels: Any) -> NDArray:
    """Return whole numbers that are kept as objects as whole numbers, other labels as they are."""
    given: NDArray = np.asarray(labels)
    if given.dtype != object:
        return given
    plain: NDArray = np.array(given.tolist())
    return plain if plain.dtype.kind in "biu" and plain.shape == given.shape else given


def without_objects(labels: Any) -> Any:
    """Return whole numbers, or True and False, kept as objects as such; anything else as it is.

    Scikit-learn's measures and splits do not take them for labels.
    """
    if getattr(getattr(labels, "dtype", None), "kind", None) != "O":
        return labels
    plain = plain_labels(labels)
    return labels if plain.dtype == object else plain


def refuse_dates(values: Any) -> None:
    """Raise for dates and times among the targets of a regression.

    Raises
    ------
    ValueError
    """
    array = np.asarray(values)
    first = array.flat[0] if array.dtype == object and array.size else None
    if array.dtype.kind in "mM" or isinstance(first, (date, timedelta)):
        kind = array.dtype if first is None else type(first).__name__
        raise ValueError(
            f"y must be numbers, and holds dates or times ({kind}); give their distance from one "
            "of them, as (y - y.min()) / numpy.timedelta64(1, 'D') in days"
        )


def _by_column(labels: NDArray) -> Target:
    """Return labels with a column for each class, as scikit-learn has several labels a row."""
    kind = type_of_target(labels)
    if kind != BY_COLUMN:
        raise ValueError(
            f"y of several columns has to be 0 and 1, a column for each class; found {kind}. For "
            "several targets with classes of their own: MultiOutputClassifier(KerasClassifier(...))"
        )
    values = np.asarray(labels, dtype="float64")
    classes = np.arange(values.shape[1])
    meta = {
        **as_given(labels),
        "target_type_": kind,
        "classes_": classes,
        "n_classes_": len(classes),
        "n_outputs_": 1,
        "n_outputs_expected_": 1,
        # As SciKeras: rows of one class each are one target, others as many as there are columns.
        "one_hot_": bool((values.sum(axis=1) == 1).all()),
    }
    return Target(values, meta, {})


def as_given(targets: NDArray) -> dict[str, Any]:
    """Return what targets were like when they were given."""
    return {"y_dtype_": targets.dtype, "y_ndim_": targets.ndim}
