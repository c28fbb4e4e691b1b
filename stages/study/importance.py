"""Permutation importance: what a network's score loses when a column is shuffled among test rows.

As ``sklearn.inspection.permutation_importance`` draws and scores, but all shuffled copies of a
column go through the network at once.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.utils import resample

from stages.study.answer_scores import outputs_by, score
from stages.study.column_kinds import Column
from stages.study.counts import count
from stages.study.prepared import Prepared
from stages.study.progress import progress
from stages.study.winner_fits import FoldFit

#: Test rows of all folds together: a score of so many is known to a hundredth or better.
ROWS = 10_000

#: Numbers that are prepared for the network in all, which bounds the rows of wide tables: half a
#: minute's work.
NUMBERS = 1_000_000_000

#: Of fewer test rows a fold no score says anything.
FEWEST = 50

#: Copies in all, each of which takes a thousandth of a second or two to score.
COPIES = 30_000

#: Numbers that are prepared for the network at once.
AT_ONCE = 2_000_000


def columns_of(data: Prepared) -> dict[str, list[int]]:
    """Return the columns of the raw table, and at which places the features are made of each."""
    places = {name: number for number, name in enumerate(data.X)}
    found = {
        name: [places[own] for own in Column.model_validate(said).features(name) if own in places]
        for name, said in data.profile["columns"].items()
    }
    return {name: own for name, own in found.items() if own}


def copies_of(data: Prepared, repeats: int, networks: int) -> int:
    """Return how many copies of test rows, each with a column shuffled, are scored in all."""
    return len(columns_of(data)) * repeats * networks


def why_not(data: Prepared, repeats: int, networks: int) -> str | None:
    """Return why importances would take too long, None if they do not."""
    if copies_of(data, repeats, networks) <= COPIES:
        return None
    each = f"{count(repeats, 'time')} for each of {count(networks, 'network')}"
    return (
        f"{count(len(columns_of(data)), 'column')} shuffled {each} would take too long; together "
        f"at most {COPIES:,}"
    )


def rows_in_all(data: Prepared, repeats: int, networks: int, folds: int) -> int:
    """Return how many test rows are looked at, of all folds together.

    Parameters
    ----------
    data : Prepared
    repeats : int
        Permutations of each column.
    networks, folds : int
        Networks of all seeds and folds, and folds.
    """
    wide = NUMBERS // (len(columns_of(data)) * data.X.shape[1] * repeats * networks // folds)
    return max(min(ROWS, wide), FEWEST * folds)


def importances(
    fits: Sequence[Sequence[FoldFit]], data: Prepared, chooser: str, repeats: int, seed: int
) -> tuple[pd.DataFrame, int]:
    """Return the importances, and of how many test rows they are.

    Parameters
    ----------
    fits : sequence of sequence of FoldFit
        For each seed of the search its folds; importances are means over seeds.
    data : Prepared
    chooser : str
        The name of the scorer.
    repeats : int
    seed : int
        Of what is drawn.

    Returns
    -------
    DataFrame
        ``feature``, ``fold``, ``repeat``, ``drop``: the score of the test rows as they are minus
        that of those in which the column is shuffled.
    int
    """
    folds = len(fits[0])
    most = rows_in_all(data, repeats, folds * len(fits), folds)
    chosen = _chosen([fit.rows for fit in fits[0]], data, most, seed)
    columns, done, parts = columns_of(data), 0, []
    for fold, rows in enumerate(chosen):
        tested = data.rows(rows)
        orders = permutations(len(rows), repeats, (seed + fold) % 2**32)
        drops = np.zeros(len(columns) * repeats)
        for of_seed in fits:
            one = _of_fold(of_seed[fold].estimator, tested, columns, chooser, orders)
            for number, own in enumerate(one):
                drops[number] += own / len(fits)
                done += 1
                progress(done)
        parts.append(_table(columns, fold, drops.reshape(len(columns), repeats)))
    table = pd.concat(parts).sort_values("place", kind="stable", ignore_index=True)
    return table.drop(columns="place"), sum(map(len, chosen))


def _table(columns: Mapping[str, Any], fold: int, drops: NDArray[np.float64]) -> pd.DataFrame:
    places, repeats = np.indices(drops.shape)
    table = pd.DataFrame({"feature": np.repeat(list(columns), drops.shape[1])})
    # Of a score in float32 more digits depend on how many rows go through the network at once.
    drop = drops.round(6).ravel() + 0.0
    return table.assign(fold=fold, repeat=repeats.ravel(), drop=drop, place=places.ravel())


def _chosen(
    tests: Sequence[NDArray[np.int64]], data: Prepared, most: int, seed: int
) -> list[NDArray[np.int64]]:
    """Return the test rows of each fold that are looked at, in their order.

    Of too many a share of each fold is drawn, of a classification as many of each class.
    """
    total = sum(map(len, tests))
    if total <= most:
        return list(tests)
    shares = [
        resample(
            rows,
            replace=False,
            n_samples=max(1, len(rows) * most // total),
            stratify=data.y.iloc[rows] if data.task == "classification" else None,
            random_state=seed,
        )
        for rows in tests
    ]
    return [np.sort(rows) for rows in shares]


def _of_fold(
    estimator: Any,
    tested: Prepared,
    columns: Mapping[str, Sequence[int]],
    chooser: str,
    orders: Sequence[NDArray[np.int64]],
) -> Iterator[float]:
    """Yield for each column, and each order of it, what the score loses."""
    classes = estimator.classes_ if tested.task == "classification" else None
    whole = score(chooser, outputs_by(chooser, estimator, tested.X, tested.task), classes, tested)
    copies = [*itertools.product(columns.values(), orders)]
    at_once = max(1, AT_ONCE // max(1, tested.X.size))
    for first in range(0, len(copies), at_once):
        some = copies[first : first + at_once]
        said = outputs_by(chooser, estimator, _shuffled(tested.X, some), tested.task)
        for own in np.split(said, len(some)):
            yield whole - score(chooser, own, classes, tested)


def _shuffled(X: pd.DataFrame, copies: Sequence[Any]) -> pd.DataFrame:
    """Return copies of rows below each other, each with its own columns in another order."""
    stack = X.iloc[np.tile(np.arange(len(X)), len(copies))].reset_index(drop=True)
    for number, (places, order) in enumerate(copies):
        rows = slice(number * len(X), (number + 1) * len(X))
        for place in places:
            stack.iloc[rows, place] = X.iloc[order, place].array
    return stack


def permutations(rows: int, repeats: int, seed: int) -> list[NDArray[np.int64]]:
    """Return the orders in which scikit-learn puts a column, the same for each column."""
    drawn = np.random.RandomState(np.random.RandomState(seed).randint(2**31))
    order, shuffled, orders = np.arange(rows), np.arange(rows), []
    for _ in range(repeats):
        # It shuffles again what it has shuffled, and so is the column.
        drawn.shuffle(shuffled)
        order = order[shuffled]
        orders.append(order)
    return orders
