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
