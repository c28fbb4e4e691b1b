"""Tables of out-of-fold predictions: what networks say of rows that they were not trained on.

Their columns: ``row`` and ``fold``, counted from 0; where folds are drawn several times also
``repeat``, in each of which a row is tested; where networks are trained with several seeds also
``seed``; of a classification ``probability_LABEL`` for each class; of a regression ``predicted``.
The truth stands beside.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.prepared import Prepared
from stages.study.splits import repeats_of

#: What stands before a class in the name of its column of probabilities.
PROBABILITY = "probability_"


def of_folds(
    estimators: Sequence[Any], tests: Sequence[NDArray[np.int64]], data: Prepared, repeats: int = 1
) -> pd.DataFrame:
    """Return what each fold's estimator predicts of its test rows, in the order of the rows.

    A classification has a column ``predicted`` too, the likeliest class.
    """
    tables = [
        _of_fold(estimator, data, rows).assign(fold=fold, row=rows)
        for fold, (estimator, rows) in enumerate(zip(estimators, tests, strict=True))
    ]
    table = pd.concat(tables).sort_values(["row", "fold"], ignore_index=True)
    table = table[["row", "fold", *table.columns.drop(["row", "fold"])]]
    return with_repeats(table, len(tests), repeats)


def with_repeats(table: pd.DataFrame, folds: int, repeats: int) -> pd.DataFrame:
    """Return a table with a column that says which repeat a fold is of, if there are several.

    Parameters
    ----------
    table : DataFrame
        With a column ``fold``.
    folds : int
        Of all repeats together.
    repeats : int
    """
    if repeats > 1:
        own = (table["fold"] // (folds // repeats)).astype("int16")
        table.insert(list(table).index("fold") + 1, "repeat", own)
    return table


def _of_fold(estimator: Any, data: Prepared, rows: NDArray[np.int64]) -> pd.DataFrame:
    X = data.X.iloc[rows]
    columns = {"truth": data.y.iloc[rows].to_numpy(), "predicted": estimator.predict(X)}
    if data.task == "classification":
        probabilities = estimator.predict_proba(X)
        columns |= by_class(probabilities, estimator.classes_)
    return pd.DataFrame(columns)


def of_candidates(search: Any, data: Prepared) -> pd.DataFrame:
    """Return what every candidate of a search predicts, candidate by candidate, seed by seed.

    Columns besides those of all tables: ``candidate`` and, with several seeds, ``seed``. What a
    failed fit would have said is missing.
    """
    said = search.predictions_
    candidates, seeds, rows, width = said.outputs.shape
    runs = candidates * seeds
    columns = {
        "candidate": np.repeat(np.arange(candidates, dtype="int32"), seeds * rows),
        "row": np.tile(said.rows.astype("int32"), runs),
        "fold": np.tile(said.splits.astype("int16"), runs),
        "truth": np.tile(data.y.to_numpy()[said.rows], runs),
    }
    if search.seeds is not None:
        columns["seed"] = np.tile(np.repeat(search.seeds, rows), candidates)
    values = said.outputs.reshape(-1, width)
    if said.classes is None:
        columns["predicted"] = values[:, 0]
    else:
        columns |= by_class(values, said.classes)
    return with_repeats(pd.DataFrame(columns), search.n_splits_, repeats_of(search.cv))


def repeats_in(table: pd.DataFrame) -> int:
    """Return how often the folds of a table were drawn."""
    return int(table["repeat"].max()) + 1 if "repeat" in table else 1


def seeds_in(table: pd.DataFrame) -> int:
    """Return with how many seeds the networks of a table were trained."""
    return table["seed"].nunique() if "seed" in table else 1


def each_row_once(table: pd.DataFrame) -> pd.DataFrame:
    """Return what a table has of the first repeat and the first seed: each row once."""
    for name in ("repeat", "seed"):
        table = table[table[name] == table[name].iloc[0]] if name in table else table
    return table


def by_class(probabilities: NDArray, classes: NDArray) -> dict[str, NDArray]:
    """Return a column of probabilities for each class."""
    return dict(zip(probability_names(classes), probabilities.T, strict=True))


def probability_names(classes: Iterable[Any]) -> list[str]:
    """Return the names of the columns of probabilities."""
    return [f"{PROBABILITY}{label}" for label in classes]
