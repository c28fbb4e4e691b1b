"""Tables whose files have types, Parquet and Feather: each cell as it would be written."""

import io
import re
from collections import Counter
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
        self._schema = self._opened.schema_arrow if kind == "parquet" else self._opened.schema
        # So pandas calls an index without a name.
        self.header = [re.sub(r"^__index_level_\d+__$", "", name) for name in self._schema.names]
        self._check_header()

    @property
    def position(self) -> int:
        """See :class:`Table`."""
        return 0 if self._file.closed else self._file.tell()

    def _pieces(self, rows: int) -> Iterator[tuple[pd.Index, list[NDArray[np.object_]]]]:
        before = 0
        try:
            whole = self._whole_units(rows)
            for batch in self._batches(rows):
                places = numbered(range(before + 1, before + 1 + len(batch)), "row")
                before += len(batch)
                cells = [_decoded(column) for column in batch.columns]
                yield places, [as_text(*own) for own in zip(cells, whole, strict=True)]
        except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
            raise InputError(f"{self.path}: cannot be read: {in_a_line(error)}") from None

    def _whole_units(self, rows: int) -> list[str]:
        """Return for each column in what units its times are whole, told of all rows.

        A piece may hold nothing but midnights of a column that another has hours of, and one time
        written in two ways would be two groups.
        """
        units = ["D"] * len(self.header)
        # Columns that share a name are left out.
        often = Counter(self._schema.names)
        times = [own.name for own in self._schema if _holds_times(own.type) and often[own.name] < 2]
        for batch in self._batches(rows, times) if times else ():
            for name in times:
                place = self._schema.names.index(name)
                units[place] = _whole(_decoded(batch.column(name)), units[place])
        return units

    def _batches(self, rows: int, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
        if isinstance(self._opened, pq.ParquetFile):
            yield from self._opened.iter_batches(rows, columns=columns)
            return
        for number in range(self._opened.num_record_batches):
            batch = self._opened.get_batch(number)
            for start in range(0, len(batch), rows):
                yield batch.slice(start, rows)


#: In what units times may be whole, and how those are written.
FORMS = {"D": (pa.date32(), "%Y-%m-%d"), "s": (pa.timestamp("s"), "%Y-%m-%d %H:%M:%S")}


def as_text(column: pa.Array, whole: str) -> NDArray[np.object_]:
    """Return the cells of a column as they would be written; what is missing as an empty text.

    Times are written as dates where all of the column are midnight, ``whole`` being ``D``, without
    fractions of seconds where none has any (``s``), else to the digit of their unit. Those of a
    time zone are written in UTC, as text with an offset is read.
    """
    kind = column.type
    if pa.types.is_boolean(kind):
        text = pc.if_else(column, "True", "False")
    elif pa.types.is_float16(kind):
        return as_text(column.cast(pa.float32()), whole)
    elif pa.types.is_floating(kind):
        text = pc.if_else(pc.is_nan(column), None, column).cast(pa.string())
    elif pa.types.is_duration(kind):
        return as_text(_seconds(column), whole)
    elif pa.types.is_timestamp(kind):
        plain = _plain(column)
        coarse, form = FORMS.get(whole, (plain.type, FORMS["s"][1]))
        text = pc.strftime(plain.cast(coarse, safe=False), form)
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


def _decoded(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _holds_times(kind: pa.DataType) -> bool:
    own = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_timestamp(own))


def _plain(times: pa.Array) -> pa.Array:
    """Return times without their zone."""
    return times.cast(pa.timestamp(times.type.unit))


def _whole(times: pa.Array, so_far: str) -> str:
    """Return the largest unit in which times are whole, and those before them: empty for none."""
    plain = _plain(times)
    for unit in [*FORMS][[*FORMS].index(so_far) :] if so_far else ():
        coarse = plain.cast(FORMS[unit][0], safe=False)
        if pc.all(pc.equal(coarse.cast(plain.type), plain), min_count=0).as_py():
            return unit
    return ""
