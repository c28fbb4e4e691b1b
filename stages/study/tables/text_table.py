"""A table of text in a CSV file, read piece by piece: that of a study, and new rows."""

import csv
import io
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pandas as pd

from gridlanes.errors import UNPRINTABLE
from stages.study.errors import InputError

#: Cells in one piece: bounds the memory whatever the width of the table.
CELLS = 500_000


class TextTable:
    """A CSV file as text, each cell stripped of the blanks around it; see :func:`open_table`.

    Attributes
    ----------
    header : list of str
        The names of the columns, each there once.
    """

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self.path = path
        self._file = file
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        self._reader = csv.reader(text, strict=True)
        self.header = next(self._lines(), [])
        self._check_header()

    @property
    def position(self) -> int:
        """Bytes of the file that were read; 0 of a pipe, which cannot tell."""
        return self._file.tell() if self._file.seekable() else 0

    def chunks(self, cells: int = CELLS) -> Iterator[pd.DataFrame]:
        """Yield the rows below the header, so many cells at a time; at least one row.

        The index holds each row's line in the file, that of its end should a quoted cell hold line
        breaks. Empty lines are passed over.

        Raises
        ------
        InputError
            At the first row that is not as wide as the header, or if there is none at all.
        """
        rows, size = self._rows(), max(1, cells // len(self.header))
        found = False
        while chunk := dict(itertools.islice(rows, size)):
            found = True
            columns = dict(zip(self.header, zip(*chunk.values(), strict=True), strict=True))
            yield pd.DataFrame(columns, index=list(chunk), dtype=str)
        if not found:
            raise InputError(f"{self.path}: a header with no rows below it")

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        width = len(self.header)
        for row in filter(None, self._lines()):
            if len(row) != width:
                raise InputError(
                    f"{self.path}: line {self._reader.line_num}: must have {width} values, as the "
                    f"header has; found {len(row)}; values are separated by commas"
                )
            yield self._reader.line_num, [cell.strip() for cell in row]

    def _lines(self) -> Iterator[list[str]]:
        """Yield rows as they stand, and say in which line one begins that cannot be read."""
        read = self._reader.line_num
        try:
            for row in self._reader:
                read = self._reader.line_num
                yield row
        except UnicodeDecodeError:
            line = _line_not_utf8(self._file)
            raise _unreadable(self.path, line, "not UTF-8 text") from None
        except csv.Error as error:
            raise _unreadable(self.path, f"line {read + 1}: ", error) from None
        except OSError as error:
            raise _unreadable(self.path, "", error) from None

    def _check_header(self) -> None:
        if not any(self.header):
            raise InputError(
                f"{self.path}: line 1: no header; the file is empty or starts with a blank line"
            )
        first: dict[str, int] = {}
        for number, name in enumerate(self.header, 1):
            if not name.strip():
                raise InputError(f"{self.path}: line 1: column {number} has no name")
            if UNPRINTABLE.search(name):
                raise InputError(
                    f"{self.path}: line 1: the name of column {number} holds a control character: "
                    f"{name!r}"
                )
            if first.setdefault(name, number) < number:
                raise InputError(
                    f"{self.path}: line 1: columns {first[name]} and {number} are both {name!r}"
                )


@contextmanager
def open_table(path: Path) -> Iterator[TextTable]:
    """Open a CSV file and read its header.

    Raises
    ------
    InputError
        If the file cannot be read or has no usable header.
    FileNotFoundError
        The caller knows who named the file.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise _unreadable(path, "", error) from None
    with file:
        yield TextTable(path, file)


def read_text_table(path: Path) -> pd.DataFrame:
    """Return all rows of a CSV file as text; see :meth:`TextTable.chunks`."""
    with open_table(path) as table:
        return pd.concat(list(table.chunks()))


def _unreadable(path: Path, where: str, why: object) -> InputError:
    return InputError(f"{path}: {where}cannot be read as CSV: {why}")


def _line_not_utf8(file: IO[bytes]) -> str:
    """Name the first line that is not UTF-8; text is decoded far ahead of the line in hand."""
    if not file.seekable():
        return ""
    file.seek(0)
    for number, line in enumerate(file, 1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            return f"line {number}: "
    return ""
