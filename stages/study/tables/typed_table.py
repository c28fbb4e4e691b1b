"""Tables whose files have types, Parquet and Feather: each cell as it would be written."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from gridlanes.errors import in_a_line
from stages.study.errors import InputError
from stages.study.tables.table import Table, numbered


class ArrowTable(Table):
    """A Parquet or Feather file as a table of text; see :class:`Table`.

    Parameters
    ----------
    path : Path
        For messages.
    file : binary file
    kind : str
        ``parquet`` or ``feather``.
    """

    def __init__(self, path: Path, file: io.BufferedReader, kind: str) -> None:
        self.path, self.where = path, str(path)
        self.form = kind.capitalize()
        self.pandas = {"reader": f"read_{kind}", "options": {}}
        self._file = file
        self._opened: Any = (pq.ParquetFile if kind == "parquet" else pa.ipc.open_file)(file)
        schema = self._opened.schema_arrow if kind == "parquet" else self._opened.schema
        # So pandas calls an index without a name.
        self.header = [re.sub(r"^__index_level_\d+__$", "", name) for name in schema.names]
        self._check_header()

    @property
    def position(self) -> int:
        """See :class:`Table`."""
        return 0 if self._file.closed else self._file.tell()

    def _pieces(self, rows: int) -> Iterator[tuple[pd.Index, list[NDArray[np.object_]]]]:
        before = 0
        try:
            for batch in self._batches(rows):
                places = numbered(range(before + 1, before + 1 + len(batch)), "row")
                before += len(batch)
                yield places, [as_text(column) for column in batch.columns]
        except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
            raise InputError(f"{self.path}: cannot be read: {in_a_line(error)}") from None

    def _batches(self, rows: int) -> Iterator[pa.RecordBatch]:
        if isinstance(self._opened, pq.ParquetFile):
            yield from self._opened.iter_batches(rows)
            return
        for number in range(self._opened.num_record_batches):
            batch = self._opened.get_batch(number)
            for start in range(0, len(batch), rows):
                yield batch.slice(start, rows)


def as_text(column: pa.Array) -> NDArray[np.object_]:
    """Return the cells of a column as they would be written; what is missing as an empty text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary_decode())
    if pa.types.is_boolean(kind):
        text = pc.if_else(column, "True", "False")
    elif pa.types.is_float16(kind):
        return as_text(column.cast(pa.float32()))
    elif pa.types.is_floating(kind):
        text = pc.if_else(pc.is_nan(column), None, column).cast(pa.string())
    elif pa.types.is_duration(kind):
        return as_text(_seconds(column))
    elif pa.types.is_timestamp(kind):
        text = _times(column)
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind) or _is_simple(kind):
        text = column.cast(pa.string())
    else:
        text = pa.array([None if own is None else str(own) for own in column.to_pylist()])
    filled = pc.fill_null(text.cast(pa.string()), "")
    return np.asarray(pc.utf8_trim_whitespace(filled).to_numpy(zero_copy_only=False), object)


def _is_simple(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_date(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_null(kind)
    )


def _seconds(column: pa.Array) -> pa.Array:
    parts = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[column.type.unit]
    return pc.divide(column.cast(pa.int64()).cast(pa.float64()), float(parts))


def _times(column: pa.Array) -> pa.Array:
    """Write times as dates where all of them are midnight, without fractions of seconds if none.

    Those of a time zone are written in UTC, as text with an offset is read.
    """
    plain = column.cast(pa.timestamp(column.type.unit))
    for unit, form in ((pa.date32(), "%Y-%m-%d"), (pa.timestamp("s"), "%Y-%m-%d %H:%M:%S")):
        coarse = plain.cast(unit, safe=False)
        if pc.all(pc.equal(coarse.cast(plain.type), plain), min_count=0).as_py():
            return pc.strftime(coarse, form)
    # To the digit of the column's unit.
    return pc.strftime(plain, "%Y-%m-%d %H:%M:%S")
