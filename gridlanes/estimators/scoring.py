"""How ``score`` judges predictions: as scikit-learn, or as a subclass does, as in SciKeras."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import issparse

from gridlanes.estimators.targets import without_objects


class Scored:
    """An estimator whose ``score`` asks its ``scorer``.

    Attributes
    ----------
    scorer : callable
        Takes targets, predictions and ``sample_weight=``, which may be None. A subclass may have
        another, as a static method, which searches go by too.
    """

    scorer: Any
    _usual_scorer: Any

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Any:
        """Return accuracy or R2 of the predictions, or what a subclass's ``scorer`` says."""
        own = own_scorer(self)
        if own is None:
            return super().score(X, without_objects(y), sample_weight)  # type: ignore[misc]
        return judged(own, y, self.predict(X), sample_weight)  # type: ignore[attr-defined]


def own_scorer(estimator: Any) -> Any:
    """Return the scorer of a subclass, None if it has that of scikit-learn."""
    return None if estimator.scorer is estimator._usual_scorer else estimator.scorer  # noqa: SLF001


def judged(scorer: Any, y: Any, predicted: Any, sample_weight: Any) -> Any:
    """Return what a scorer says; it is given arrays."""
    targets = y if issparse(y) else np.asarray(without_objects(y))
    return scorer(targets, predicted, sample_weight=sample_weight)
