"""Folds in whose training rows some of a search's classes do not occur.

Scikit-learn's classifiers know the classes they were fitted on. So does a network whose last layer
has as many units as those; one whose last layer has a unit for each class of all rows is trained
with these, each with the number that it has in every other fold.

Likewise, of targets with a column for each class: rows of one class each are another kind of target
than rows of several, with another loss. Which of them a search has, all of its rows decide.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridlanes.errors import ModelError
from gridlanes.estimators.targets import of_classes, plain_labels
from gridlanes.model_selection.fits import Fold
from gridlanes.networks.lane import Lane, Rows
from gridlanes.planning.fingerprint import fingerprint


def classes_of(y: Any) -> NDArray | None:
    """Return the classes of all rows, shape (classes,), None if these are no labels."""
    try:
        labels = np.asarray(y)
        return np.unique(labels) if labels.ndim == 1 else None
    except TypeError:
        # Labels that cannot be sorted; the fit says so.
        return None


def has_several(y: Any) -> bool:
    """Return whether there are rows that are not of exactly one class, of a column for each."""
    try:
        labels = plain_labels(y)
        by_column = labels.ndim == 2 and labels.shape[1] > 1
        return by_column and not of_classes(labels).meta["one_hot_"]
    except (TypeError, ValueError):
        # Targets of another kind; what is wrong with labels the fit says.
        return False


class AllClasses:
    """Finds out which fits of a search are trained with its classes, not with those of their fold.

    Parameters
    ----------
    y : array-like
        The targets of all rows.
    """

    def __init__(self, y: Any) -> None:
        self._classes = classes_of(y)
        self._several = has_several(y)
        self._suiting: dict[bytes, bool] = {}
        self._folds: dict[int, tuple[Fold, Fold]] = {}

    def suiting(self, fold: Fold, lane: Lane) -> Fold:
        """Return the fold whose classes suit a fit's network: the one given, or one of all."""
        if self._several and fold.rows.meta.get("one_hot_"):
            return self._once(fold, lambda: told(fold.rows, {"one_hot_": False}))
        meta, classes = fold.rows.meta, self._classes
        # What a transformer of a subclass makes of classes is its own affair.
        n_classes = None if "encoded_columns_" in meta else meta.get("n_classes_")
        if n_classes is None or classes is None or n_classes >= len(classes) or self._suits(lane):
            return fold
        return self._once(fold, lambda: among(fold.rows, classes))

    def _once(self, fold: Fold, rows: Callable[[], Rows]) -> Fold:
        """Return a fold with other rows, the same one whenever it is asked for."""
        if id(fold) not in self._folds:
            # What was given is kept too: another object could get its identity.
            self._folds[id(fold)] = fold, replace(fold, rows=rows())
        return self._folds[id(fold)][1]

    def _suits(self, lane: Lane) -> bool:
        content = fingerprint(lane.build.network_content)
        if content not in self._suiting:
            self._suiting[content] = suits(lane)
        return self._suiting[content]


def among(rows: Rows, classes: NDArray) -> Rows:
    """Return rows whose classes have the numbers that they have among all of a search."""
    number = np.searchsorted(classes, rows.learnt["classes_"])

    def renumbered(data: Any) -> Any:
        return None if data is None else (data[0], number[data[1]], *data[2:])

    known = {"target_type_": "multiclass", "n_classes_": len(classes), "classes_": classes}
    training, validation = renumbered(rows.training), renumbered(rows.validation)
    return told(replace(rows, training=training, validation=validation), known)


def told(rows: Rows, known: dict[str, Any]) -> Rows:
    """Return rows of which something else is known."""
    return replace(rows, meta=rows.meta | known, learnt=rows.learnt | known)


def suits(lane: Lane) -> bool:
    """Return whether the last layer of a fit's network has as many units as its classes ask for.

    Also if the network cannot be built: training it says why.
    """
    from gridlanes.networks.seeding import seeded

    try:
        seeded(lane.build.network, lane.seed)
    except ModelError:
        return False
    except Exception:
        return True
    return True
