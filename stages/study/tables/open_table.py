"""Opens a raw table, whatever its file is."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from stages.study.errors import InputError
from stages.study.params import PATH
from stages.study.progress import phase, progress
from stages.study.sections.data import Data, Reading
from stages.study.tables.compression import DAMAGED, SAMPLE
from stages.study.tables.file_kinds import kind_of
from stages.study.tables.table import RawTable, Table
from stages.study.tables.text_table import TextTable
from stages.study.tables.thousands import without

#: What is said of files of text only.
OF_TEXT = ("separator", "decimal", "thousands", "encoding", "comment")


@contextmanager
def open_table(path: Path, how: Reading) -> Iterator[Table]:
    """Open a table and read its header.

    Parameters
    ----------
    path : Path
        Of a file of text with values between separators, as it is or compressed, of Parquet,
        Feather or a workbook.
    how : Reading
        What the file's content does not tell.

    Raises
    ------
    InputError
        If the file cannot be read or has no usable header.
    FileNotFoundError
        The caller knows who named the file.
    """
    try:
        file = io.BufferedReader(path.open("rb", buffering=0), SAMPLE)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    with file:
        try:
            table = _opened(path, file, how)
        except InputError:
            raise
        except (*DAMAGED, pa.ArrowException) as error:
            raise _unreadable(path, error) from None
        yield table


def _opened(path: Path, file: Any, how: Reading) -> Table:
    kind = kind_of(file)
    if kind == "text":
        return TextTable(path, file, how)
    # Only they need these libraries.
    if kind == "workbook":
        from stages.study.tables.workbook import WorkbookTable

        return WorkbookTable(path, file, how.sheet)
    from stages.study.tables.typed_table import ArrowTable

    return ArrowTable(path, file, kind)


def read_table(path: Path, how: Reading) -> RawTable:
    """Return all rows of a table as text; see :func:`open_table`.

    Raises
    ------
    InputError
        Also if something is said of the file that does not apply to its kind.
    """
    with open_table(path, how) as table:
        given = how.model_dump(include=set(Reading.model_fields), exclude_defaults=True)
        check_reading(table, given, f"{PATH}: data.")
        rows = pd.concat(list(_shown(table)))
        if how.thousands is not None:
            texts = _texts(how)
            rows = rows.apply(
                lambda column: (
                    column if column.name in texts else without(column, how.decimal, how.thousands)
                )
            )
        return RawTable(rows, table.header, table.where, table.form, table.pandas)


def _shown(table: Table) -> Iterator[pd.DataFrame]:
    """Yield the rows of a table, and show how much of it is read."""
    phase(f"reading {table.path}", total=table.path.stat().st_size)
    rows = 0
    for chunk in table.chunks():
        rows += len(chunk)
        progress(table.position, f"{rows:,} rows")
        yield chunk
    phase(f"reading {table.path}")


def _texts(how: Reading) -> set[str | None]:
    """Return the columns whose cells are names, whatever they look like."""
    if not isinstance(how, Data):
        return set()
    named = set() if how.categorical == "auto" else {*how.categorical}
    return named | {how.groups} | ({how.target} if how.task == "classification" else set())


def check_reading(table: Table, said: Mapping[str, Any], where: str) -> None:
    """Check that what is said of a file is so, and applies to its kind.

    Parameters
    ----------
    table : Table
    said : mapping of str to object
        By the names of :class:`Reading`.
    where : str
        What stands before such a name in a message.

    Raises
    ------
    InputError
    """
    for key in ("sheet",) if isinstance(table, TextTable) else OF_TEXT:
        if key in said:
            raise InputError(f"{where}{key}: reaches nothing, as {table.path} is {table.form}")
    if said.get("separator", table.separator) != table.separator:
        raise InputError(
            f"{where}separator: {said['separator']!r} is not in the first line of {table.path}, "
            f"which is {table.form}"
        )


def _unreadable(path: Path, why: object) -> InputError:
    return InputError(f"{path}: cannot be read: {getattr(why, 'strerror', None) or why}")
