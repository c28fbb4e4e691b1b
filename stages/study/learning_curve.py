"""A learning curve of the winner: its scores on the search's folds, trained on fewer rows of each.

As scikit-learn's ``learning_curve``: test rows stay, and smaller subsets of the training rows are
parts of larger ones.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridlanes import GridSearchCV
from gridlanes.model_selection.fit_report import FitReport
from gridlanes.model_selection.fit_requests import Splits
from stages.study.artifacts import FITS
from stages.study.params import Params
from stages.study.prepared import Prepared
from stages.study.scorers import scorer, scorers
from stages.study.split_checks import every_fold
from stages.study.splits import Split, make_folds, split_by
from stages.study.thresholds import with_thresholds
from stages.study.winner_fits import winner_untrained


def subset(train: NDArray[np.int64], share: float, data: Prepared, seed: int) -> NDArray[np.int64]:
    """Return a share of the training rows of a fold, in their order.

    Of a table with a time the latest ones; with groups whole ones, until they have enough rows;
    else rows at random, of a classification as many of each class.

    Parameters
    ----------
    train : ndarray of int
    share : float
    data : Prepared
    seed : int
        Of the order in which rows, or groups, are taken.
    """
    by = split_by(data)
    own = None if by is None else by[train]
    if own is not None and data.time is not None:
        times = np.unique(own)
        first = times[len(times) - math.ceil(share * len(times))]
        return train[np.flatnonzero(own >= first)]
    drawn = np.random.default_rng(seed)
    if own is not None:
        groups, sizes = np.unique(own, return_counts=True)
        order = drawn.permutation(len(groups))
        before = np.cumsum(sizes[order]) - sizes[order]
        return train[np.isin(own, groups[order[before < share * len(train)]])]
    order = drawn.permutation(len(train))
    if data.task == "classification":
        order = order[np.argsort(_depths(data.y.to_numpy()[train[order]]), kind="stable")]
    return np.sort(train[order[: int(share * len(train))]])


def _depths(labels: NDArray[Any]) -> NDArray[np.float64]:
    """Return how far into its class each row is, so that what comes first has all alike."""
    depths = np.empty(len(labels))
    for label in np.unique(labels):
        own = labels == label
        depths[own] = (np.arange(own.sum()) + 0.5) / own.sum()
    return depths


def subsets(settings: Params, data: Prepared, shares: Sequence[float]) -> list[list[Split]]:
    """Return for each share the rows to train on and to test on of each fold."""
    section = settings.grid_search
    folds = every_fold(data, section.cv, settings.seed, section.split)
    return [
        [(subset(train, share, data, settings.seed), test) for train, test in folds]
        for share in shares
    ]


def learning_curve(
    settings: Params,
    data: Prepared,
    best: Mapping[str, Any],
    given: Mapping[str, Any],
    shares: Sequence[float],
) -> tuple[pd.DataFrame, FitReport]:
    """Return a score for each share and fold, all fits trained side by side.

    Parameters
    ----------
    settings, data, best, given
        See :func:`stages.study.winner_fits.winner_fits`.
    shares : sequence of float

    Returns
    -------
    DataFrame
        ``share``, ``rows``, ``fold``, ``score``: with several seeds the mean over them, missing
        where a fit failed.
    FitReport
    """
    section = settings.grid_search
    parts = subsets(settings, data, shares)
    splits = [own for of_share in parts for own in of_share]
    winner = winner_untrained(settings, data, best)
    names = [section.chooser]
    estimator = with_thresholds(winner, names, data, settings.seed)
    plain = estimator is winner
    cv = make_folds(data, section.cv, settings.seed, section.split)
    search = GridSearchCV(
        estimator,
        {},
        cv=Splits(splits, cv),
        scoring=scorer(section.chooser, data) if plain else scorers(names, data),
        refit=False,
        seeds=section.seeds,
        memory=FITS,
    )
    search.fit(data.X, data.y, **given)
    name = "score" if plain else section.chooser
    rows = [
        (share, len(train), fold)
        for share, of_share in zip(shares, parts, strict=True)
        for fold, (train, _) in enumerate(of_share)
    ]
    table = pd.DataFrame(rows, columns=["share", "rows", "fold"])
    scores = [search.cv_results_[f"split{n}_test_{name}"][0] for n in range(len(splits))]
    # As importances are.
    return table.assign(score=np.round(scores, 6)), search.fit_report_
