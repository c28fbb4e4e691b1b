"""Which rows a search has tested in which fold, and their targets: what says that folds are equal.

Whatever decides it, be it a seed, a marker for missing values or the groups, ends here.
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from pyarrow.parquet import ParquetFile

#: Columns of a table of ``stages.study.predictions``, and those that tell its runs apart.
COLUMNS, RUN = ["row", "fold", "truth"], ["candidate", "seed"]


def read_tested(file: Any) -> pd.DataFrame:
    """Return the columns ``COLUMNS`` of a file of predictions: of one run, since all test the same.

    Parameters
    ----------
    file : file of bytes
        Of a large search it is not read to its end.

    Raises
    ------
    ValueError, KeyError
        If it is not what a search writes.
    """
    table = pd.concat(_of_the_first_run(ParquetFile(file)), ignore_index=True)
    return table.astype({"row": "int64", "fold": "int64"})


def _of_the_first_run(file: ParquetFile) -> Iterator[pd.DataFrame]:
    run = [name for name in RUN if name in file.schema_arrow.names]
    first = None
    for batch in file.iter_batches(columns=[*COLUMNS, *run]):
        rows = batch.to_pandas()
        first = rows[run].iloc[0] if first is None else first
        own = (rows[run] == first).all(axis="columns")
        yield rows.loc[own, COLUMNS]
        if not own.all():
            return


def shared_folds(then: pd.DataFrame, now: pd.DataFrame) -> list[tuple[int, int]]:
    """Return the numbers of the folds that both have, if that are all of either; else nothing.

    Parameters
    ----------
    then, now : DataFrame
        As :func:`read_tested` gives them, of the same table.
    """
    old, new = _by_rows(then), _by_rows(now)
    shared = [(fold, new[rows]) for rows, fold in old.items() if rows in new]
    return shared if len(shared) in (then["fold"].nunique(), now["fold"].nunique()) else []


def _by_rows(tested: pd.DataFrame) -> dict[bytes, int]:
    """Return the number of each fold by the rows that it tests, with their targets."""
    ordered = tested.sort_values("row")
    told = pd.util.hash_pandas_object(ordered[["row", "truth"]], index=False)
    folds = told.groupby(ordered["fold"])
    return {own.to_numpy().tobytes(): int(str(fold)) for fold, own in folds}
