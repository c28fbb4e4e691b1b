"""A sheet of a workbook as a table of text, each cell as it would be written."""

import datetime
import io
import itertools
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from stages.study.counts import count
from stages.study.errors import InputError, warn
from stages.study.tables.failed_formulas import failed_formulas
from stages.study.tables.table import Table, numbered
from stages.study.tables.titles import sheet_without_title

#: Beyond, a number may stand for several whole ones.
WHOLE = 2**53


class WorkbookTable(Table):
    """A sheet of an Excel or OpenDocument workbook; see :class:`Table`.

    Parameters
    ----------
    path : Path
        For messages.
    file : binary file
    name : str or None
        Of the sheet; without it there must be only one that is not empty.
    """

    def __init__(self, path: Path, file: io.BufferedReader, name: str | None) -> None:
        self.path = path
        try:
            content = file.read()
            book = CalamineWorkbook.from_filelike(io.BytesIO(content))
            self._size = len(content)
            sheet = _sheet(path, book, name)
        except CalamineError as error:
            raise InputError(f"{path}: cannot be read as a workbook: {error}") from None
        failed = failed_formulas(content, sheet.name)
        _warn_of_formulas(f"{path}: sheet {sheet.name!r}", failed)
        self._rows = _filled_rows(sheet, failed)
        first, self.header = next(self._rows, (1, []))
        self.where = f"{path}: sheet {sheet.name!r}, row {first}"
        self._sheet = sheet.name
        self.form = f"workbook, sheet {sheet.name!r}"
        options = {"sheet_name": sheet.name, "engine": "calamine"}
        self.pandas = {"reader": "read_excel", "options": options}
        # A title stands in one cell, and the names in all.
        self._named = partial(_filled_rows, sheet, {})
        self._check_header()

    def _untitled(self) -> str:
        return sheet_without_title(self.path, self._named(), self._sheet)

    @property
    def position(self) -> int:
        """See :class:`Table`."""
        return self._size

    def _pieces(self, rows: int) -> Iterator[tuple[pd.Index, list[tuple[str, ...]]]]:
        while piece := list(itertools.islice(self._rows, rows)):
            places, cells = zip(*piece, strict=True)
            yield numbered(list(places), "row"), list(zip(*cells, strict=True))


def _sheet(path: Path, book: CalamineWorkbook, name: str | None) -> CalamineSheet:
    names = book.sheet_names
    if name is not None:
        if name not in names:
            raise InputError(
                f"{path}: no sheet {name!r}, which data.sheet (of init and predict: --sheet) "
                f"names; the sheets are: {', '.join(names)}"
            )
        return book.get_sheet_by_name(name)
    sheets = [book.get_sheet_by_name(own) for own in names]
    filled = [sheet for sheet in sheets if sheet.width] or sheets
    if not filled:
        raise InputError(f"{path}: a workbook without a sheet")
    if len(filled) > 1:
        shown = ", ".join(sheet.name for sheet in filled)
        raise InputError(
            f"{path}: several sheets; data.sheet (of init and predict: --sheet) says which is the "
            f"table, of: {shown}"
        )
    return filled[0]


def _warn_of_formulas(where: str, failed: Mapping[tuple[int, int], str]) -> None:
    """Say so if formulas never ran: whoever opens the file sees numbers."""
    found = {place: text for place, text in failed.items() if text.startswith("=")}
    if found:
        (row, _), formula = next(iter(found.items()))
        warn(
            f"{where}: {count(len(found), 'cell')} with a formula that was never computed, such as "
            f"{formula!r} in row {row}; a spreadsheet program that opens and saves the file "
            "computes them"
        )


def _filled_rows(
    sheet: CalamineSheet, failed: Mapping[tuple[int, int], str]
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, each with its number in the sheet.

    Without the columns at the right that are empty throughout, if only of blanks.
    """
    rows = sheet.to_python(skip_empty_area=False)
    for (line, column), shown in failed.items():
        if line <= len(rows) and column <= len(rows[line - 1]):
            rows[line - 1][column - 1] = shown
    # What is empty is an empty text.
    width = max((n for row in rows for n, cell in enumerate(row, 1) if cell != ""), default=0)
    for number, row in enumerate(rows, 1):
        cells = [as_text(cell) for cell in row[:width]]
        if any(cells):
            yield number, cells


def as_text(cell: Any) -> str:
    """Return a cell as it would be written."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < WHOLE else repr(cell)
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time()
        return str(cell.date() if midnight else cell.replace(microsecond=0))
    return str(cell).strip()
