"""One search, as every peer reads it."""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold, ParameterGrid, ParameterSampler, StratifiedKFold


@dataclass(frozen=True, eq=False)
class Search:
    """One search.

    Attributes
    ----------
    kind : {"classifier", "regressor"}
    build : callable
        Returns a Keras model, compiled unless ``settings`` name a loss.
    X, y : ndarray
    space : dict
        Lists, or distributions with ``draws``. Names are arguments of ``build`` or those of the
        estimator (``epochs``, ``batch_size``, ``class_weight``, ``optimizer__learning_rate``).
    settings : dict
        Of the estimator, the same for all candidates.
    draws : int, optional
        Candidates of a randomized search; None is a grid.
    folds : int
    columns : tuple of int, optional
        How many columns of ``X`` each input of the network takes, if it has several.
    """

    kind: Literal["classifier", "regressor"]
    build: Callable[..., Any]
    X: NDArray
    y: NDArray
    space: Mapping[str, Any]
    settings: Mapping[str, Any] = field(default_factory=dict)
    draws: int | None = None
    folds: int = 3
    columns: tuple[int, ...] | None = None

    @property
    def scoring(self) -> str:
        """Scikit-learn's name of what candidates are judged by."""
        return "accuracy" if self.kind == "classifier" else "r2"

    def candidates(self) -> list[dict[str, Any]]:
        """Return the candidates in scikit-learn's order."""
        if self.draws is None:
            return list(ParameterGrid(self.space))
        return list(ParameterSampler(self.space, self.draws, random_state=0))

    def splitter(self) -> StratifiedKFold | KFold:
        """Return the cross-validation, as an integer ``cv`` means it."""
        return (StratifiedKFold if self.kind == "classifier" else KFold)(self.folds)

    def splits(self) -> list[tuple[NDArray, NDArray]]:
        """Return the rows to train on and to test on of each fold."""
        return list(self.splitter().split(self.X, self.y))

    def for_build(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of a fit's parameters that are arguments of the build function."""
        names = inspect.signature(self.build).parameters
        return {name: value for name, value in parameters.items() if name in names}

    def steps(self, candidate: Mapping[str, Any], rows: float) -> float:
        """Return the steps of a fit on so many rows, if nothing stops it early."""
        own = {"epochs": 1, "batch_size": 32, **self.settings, **candidate}
        return float(own["epochs"] * math.ceil(rows / own["batch_size"]))

    def inputs(self, X: NDArray) -> Any:
        """Return rows as the network takes them."""
        if self.columns is None:
            return X
        return np.split(X, np.cumsum(self.columns)[:-1].tolist(), axis=1)
