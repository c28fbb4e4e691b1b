"""A table in a text file: values between separators, read row by row."""

import csv
import io
import itertools
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import pandas as pd

from stages.study.counts import count
from stages.study.errors import InputError
from stages.study.sections.data import Reading
from stages.study.tables.compression import DAMAGED, unpacked
from stages.study.tables.file_kinds import refuse
from stages.study.tables.headers import refuse_blanks
from stages.study.tables.table import ABOVE, SHOWN, Table, numbered
from stages.study.tables.text_format import encoding_of, find_separator, said_separator
from stages.study.tables.titles import without_title

#: Separators as messages call them.
NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}


class TextTable(Table):
    """A text file as a table; see :class:`Table`.

    Parameters
    ----------
    path : Path
        For messages.
    file : binary file
        Buffered, at its beginning.
    how : Reading
        What is not found by looking at the file.
    """

    separator: str

    def __init__(self, path: Path, file: io.BufferedReader, how: Reading) -> None:
        self.path = path
        self._file = file
        source, packed = unpacked(path, file)
        sample = source.peek()
        refuse(path, sample, packed)
        self._encoding = encoding_of(path, sample, how.encoding)
        begin = sample.decode(self._encoding, "replace")
        named = said_separator(begin)
        text = io.TextIOWrapper(source, encoding=self._encoding, newline="")
        self._lines = _Lines(text, how.comment)
        self.decimal, self.thousands = how.decimal, how.thousands
        self.separator = find_separator(begin, how.comment, how.separator, named)
        if how.separator is None:
            refuse_blanks(path, begin, self.separator)
        self._reader = csv.reader(self._lines, strict=True, delimiter=self.separator)
        rows = itertools.islice(self._rows_as_they_stand(), int(named is not None), None)
        self.header = next(rows, [])
        self.where = f"{path}: line {max(1, self._lines.number)}"
        self._begin = "" if how.comment or begin[:1] in ("#", "%") else begin
        if len(self.header) == 1 and (way := self._untitled()):
            title = self.header[0].strip()
            raise InputError(f"{self.where}: no names of columns, but a title, {title!r}{way}")
        self._check_header()
        known = f"values between {NAMES.get(self.separator, repr(self.separator))}"
        self.pandas = {"reader": "read_csv", "options": self._options(how, named, packed)}
        self.form = ", ".join(filter(None, [f"text, {known}", self._encoding, packed]))

    @property
    def position(self) -> int:
        """See :class:`Table`."""
        return self._file.tell() if self._file.seekable() else 0

    def _options(self, how: Reading, named: str | None, packed: str) -> dict[str, Any]:
        """Return what pandas has to be told, without what it takes for granted."""
        options = {
            "sep": (self.separator, ","),
            "decimal": (how.decimal, "."),
            "thousands": (how.thousands, None),
            "encoding": (self._encoding, "utf-8"),
            "comment": (how.comment, None),
            "compression": ("bz2" if packed == "bzip2" else packed, ""),
            "skiprows": (int(named is not None), 0),
        }
        return {name: own for name, (own, usual) in options.items() if own != usual}

    def _pieces(self, rows: int) -> Iterator[tuple[pd.Index, list[tuple[str, ...]]]]:
        checked = self._rows()
        while chunk := dict(itertools.islice(checked, rows)):
            yield numbered(list(chunk), "line"), list(zip(*chunk.values(), strict=True))

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        width = len(self.header)
        for row in filter(None, self._rows_as_they_stand()):
            if len(row) != width:
                raise self._odd_width(row)
            yield self._lines.number, [cell.strip() for cell in row]

    def _odd_width(self, row: list[str]) -> InputError:
        """Return what to say of a row that is not as wide as the header, and of those after it."""
        line, hint, others = self._lines.number, self._comment_hint(row), []
        with suppress(InputError):
            others = [*self.odd_rows()]
        named = [f"{width} in {number}" for number, width in others[: SHOWN - 1]]
        said = f", also {', '.join(named)}" if named else ""
        said += f" and {len(others) - SHOWN + 1} more" if len(others) >= SHOWN else ""
        if len(others) > 1 and {width for _, width in others} == {len(row)}:
            said = f", as in {len(others)} rows more"
            if len(row) > len(self.header):
                hint = hint or self._untitled() or ABOVE.replace("; ", "\nIf need be, ")
        return InputError(
            f"{self.path}: line {line}: must have {count(len(self.header), 'value')}, as the "
            f"header has; found {len(row)}{said}; values are separated by "
            f"{NAMES.get(self.separator, repr(self.separator))}{hint}"
        )

    def odd_rows(self) -> Iterator[tuple[int, int]]:
        """Yield the line of each row that is not as wide as the header, and how wide it is."""
        for row in filter(None, self._rows_as_they_stand()):
            if len(row) != len(self.header):
                yield self._lines.number, len(row)

    def _untitled(self) -> str:
        return without_title(self.path, self._begin, self._encoding)

    def _comment_hint(self, row: list[str]) -> str:
        for first in (self.header[0], row[0]):
            if first[:1] in ("#", "%"):
                return (
                    f"\nIf lines that begin with {first[0]} are comments, "
                    "data.comment (for new rows --comment) says so."
                )
        return ""

    def _rows_as_they_stand(self) -> Iterator[list[str]]:
        """Yield rows, and say in which line one begins that cannot be read."""
        try:
            while True:
                self._lines.within = False
                row = next(self._reader, None)
                if row is None:
                    return
                yield row
        except UnicodeDecodeError:
            raise self._not_text() from None
        except csv.Error as error:
            raise InputError(
                f"{self.path}: line {self._lines.first}: cannot be read as CSV: {error}"
            ) from None
        except DAMAGED as error:
            raise InputError(f"{self.path}: cannot be read: {error}") from None

    def _not_text(self) -> InputError:
        hint = ""
        if self._encoding.startswith("utf-8"):
            hint = (
                "; if it is of another encoding, such as latin-1, "
                "data.encoding (for new rows --encoding) says which"
            )
        where = f"{self.path}: {self._line_not_text()}"
        return InputError(f"{where}cannot be read: not text in {self._encoding}{hint}")

    def _line_not_text(self) -> str:
        """Name the first such line; text is decoded far ahead of the line in hand."""
        if not self._file.seekable() or self._encoding.startswith(("utf-16", "utf-32")):
            return ""
        self._file.seek(0)
        for number, line in enumerate(unpacked(self.path, self._file)[0], 1):
            try:
                line.decode(self._encoding)
            except UnicodeDecodeError:
                return f"line {number}: "
        return ""


class _Lines:
    """Lines of a file without those of comments, which may stand within a quoted cell all the same.

    Attributes
    ----------
    number, first : int
        The line in hand, and the one in which its row begins.
    within : bool
        Whether the next line belongs to the row that has begun.
    """

    def __init__(self, text: IO[str], comment: str | None) -> None:
        self._text, self._comment = text, comment
        self.number = self.first = 0
        self.within = False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if self.within:
            self.number += 1
            return _checked(next(self._text))
        self.first = self.number = self.number + 1
        line = next(self._text)
        while self._comment and line.startswith(self._comment):
            self.first = self.number = self.number + 1
            line = next(self._text)
        self.within = True
        return _checked(line)


def _checked(line: str) -> str:
    """Return a line if it is text; only how the file begins was looked through for zeros."""
    if "\0" in line:
        raise csv.Error("it holds a zero byte, as text does not")
    return line
