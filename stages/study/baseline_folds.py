"""Fits and scores baselines fold by fold: rows are prepared once a fold for all of them.

Each fit has one thread. On cores that are shared, threads that wait for each other in a loop took
gradient boosting twenty times as long as it takes alone; and so no digit depends on how many there
are. Of large tables folds are fitted side by side instead.
"""

import threading
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self

import joblib
import numpy as np
import pandas as pd
import psutil
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.model_selection import cross_validate
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import threadpool_limits

from gridlanes.model_selection.fit_requests import Splits
from stages.study.prepared import Prepared
from stages.study.progress import phase, progress
from stages.study.routing import PREPARES, asked_for
from stages.study.scorers import scorers
from stages.study.splits import Split

#: Numbers in a table from which on it is large: threads gain more than they take from each other.
LARGE = 1_000_000

#: How many times a table is in memory for each fold that is fitted.
COPIES = 5

#: The name of a model and the number of a fold.
Cell = tuple[str, int]


class Fit(NamedTuple):
    """What is to be fitted to the rows of a fold and scored on others.

    Attributes
    ----------
    pipeline : estimator
        Takes rows as the study's table has them.
    split : (train, test)
    """

    pipeline: Any
    split: Split


class PreparedOnce(TransformerMixin, BaseEstimator):
    """Prepares rows, which come as their numbers, once for all models that ask for the same.

    Parameters
    ----------
    transformer : transformer
    table : DataFrame
        Of all rows.
    last : dict
        What was prepared last; shared by all that are to share it, and by clones.
    """

    transformer_: Any

    def __init__(self, transformer: Any, table: pd.DataFrame, last: dict[str, Any]) -> None:
        self.transformer, self.table, self.last = transformer, table, last

    def __sklearn_clone__(self) -> "PreparedOnce":
        return PreparedOnce(self.transformer, self.table, self.last)

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit it."""
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Fit it, and return what it makes of the rows that it is fitted on."""
        rows, targets, last = np.ravel(X), np.asarray(y), self.last
        same = "made" in last and np.array_equal(rows, last["rows"])
        if not (same and np.array_equal(targets, last["targets"])):
            last.clear()
            own = clone(self.transformer)
            made = own.fit_transform(self.table.iloc[rows], y)
            last.update(rows=rows, targets=targets, transformer=own, made=made)
        self.transformer_ = last["transformer"]
        return last["made"]

    def transform(self, X: Any) -> Any:
        """Return what it makes of rows."""
        rows, last = np.ravel(X), self.last
        if not ("made" in last and last["transformer"] is self.transformer_):
            return self.transformer_.transform(self.table.iloc[rows])
        if not ("others" in last and np.array_equal(rows, last["others"])):
            last.pop("prepared", None)
            prepared = self.transformer_.transform(self.table.iloc[rows])
            last.update(others=rows, prepared=prepared)
        return last["prepared"]


def is_large(table: pd.DataFrame) -> bool:
    """Return whether a table is so large that baselines are fitted in other ways."""
    return table.size >= LARGE


def scored(
    fits: Mapping[Cell, Fit], data: Prepared, scoring: Sequence[str], cv: Any
) -> Iterator[dict[Cell, dict[str, float]]]:
    """Yield the scores of one fold after the other, as they are there.

    Parameters
    ----------
    fits : mapping of (str, int) to Fit
    data : Prepared
    scoring : sequence of str
    cv : cross-validator
        The one that made the folds.
    """
    if not fits:
        return
    folds: dict[int, dict[Cell, Fit]] = {}
    for cell, fit in fits.items():
        folds.setdefault(cell[1], {})[cell] = fit
    begin = _Begun(fits)
    # What a baseline complains of (too few iterations, collinear columns) is not the study's.
    with threadpool_limits(1), warnings.catch_warnings(action="ignore"):
        side_by_side = Parallel(
            _threads(data.X, len(folds)), backend="threading", return_as="generator_unordered"
        )
        yield from side_by_side(
            delayed(_of_fold)(own, data, scoring, cv, begin) for own in folds.values()
        )


def _threads(table: pd.DataFrame, folds: int) -> int:
    """Return how many folds to fit side by side: as many as there are cores and memory for."""
    if not is_large(table):
        return 1
    room = psutil.virtual_memory().available // (COPIES * table.memory_usage(index=False).sum())
    return int(max(1, min(joblib.cpu_count(), folds, room)))


def _of_fold(
    fits: Mapping[Cell, Fit],
    data: Prepared,
    scoring: Sequence[str],
    cv: Any,
    begin: Callable[[Cell], None],
) -> dict[Cell, dict[str, float]]:
    """Return the scores of the models of one fold."""
    last: dict[str, Any] = {}
    scores = {}
    with threadpool_limits(1, user_api="openmp"):
        for cell, fit in fits.items():
            begin(cell)
            scores[cell] = fit_and_score(fit, last, data, scoring, cv)
    return scores


class _Begun:
    """Says which of some fits is next, and how many there were."""

    def __init__(self, fits: Mapping[Cell, Fit]) -> None:
        self._models, self._folds = (list(dict.fromkeys(own)) for own in zip(*fits, strict=True))
        self._fits, self._lock = 0, threading.Lock()
        phase("baselines", total=len(fits))

    def __call__(self, cell: Cell) -> None:
        model, fold = self._models.index(cell[0]), self._folds.index(cell[1])
        model_of, fold_of = (
            f"{model + 1} of {len(self._models)}",
            f"{fold + 1} of {len(self._folds)}",
        )
        with self._lock:
            progress(self._fits, f"model {model_of}, fold {fold_of}")
            self._fits += 1


def fit_and_score(
    fit: Fit, last: dict[str, Any], data: Prepared, scoring: Sequence[str], cv: Any
) -> dict[str, float]:
    """Return a fit's scores, NaN where it fails.

    Its code, and what it calls, is part of what a score that is kept depends on.
    """
    model = _by_number(fit.pipeline, data.X, last)
    rows = np.arange(len(data.y)).reshape(-1, 1)
    options = {"cv": Splits([fit.split], cv), "params": asked_for(model, scoring, data)}
    try:
        scores = cross_validate(model, rows, data.y, scoring=scorers(scoring, data), **options)
    except ValueError:
        # The fit has failed.
        return dict.fromkeys(scoring, np.nan)
    return {name: float(scores[f"test_{name}"][0]) for name in scoring}


def _by_number(pipeline: Any, table: pd.DataFrame, last: dict[str, Any]) -> Any:
    """Return a pipeline that takes the numbers of rows, and shares what was prepared last."""
    model = clone(pipeline)
    step, own = next(
        (name, own) for name, own in model.get_params().items() if name.split("__")[-1] == PREPARES
    )
    return model.set_params(**{step: PreparedOnce(own, table, last)})
