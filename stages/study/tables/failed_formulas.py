"""Cells of an Excel sheet whose formula failed, which calamine reads as empty ones."""

import io
import re
import zipfile
from pathlib import PurePosixPath
from xml.etree import ElementTree

from stages.study.tables.compression import DAMAGED

#: A cell that holds an error: its column, its row, and what is shown, such as ``#DIV/0!``.
_FAILED = re.compile(
    rb'<(?:\w+:)?c (?=[^>]*\bt="e")[^>]*\br="([A-Z]+)([0-9]+)"[^>]*>'
    rb"(?:<(?:\w+:)?f\b[^>]*/>|<(?:\w+:)?f\b.*?</(?:\w+:)?f>)?<(?:\w+:)?v>([^<]*)</(?:\w+:)?v>",
    re.DOTALL,
)

_NAMES = {
    "main": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "id": "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
}


def failed_formulas(content: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """Return what is shown where a formula failed, by row and column, counted from 1.

    Nothing is found in a file that is no ``.xlsx``.

    Parameters
    ----------
    content : bytes
        Of the file.
    sheet : str
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            cells = archive.read(_path_of(archive, sheet))
    except (*DAMAGED, KeyError, ElementTree.ParseError):
        return {}
    if b't="e"' not in cells:
        return {}
    return {
        (int(row), _number(column)): shown.decode("utf-8", "replace")
        for column, row, shown in _FAILED.findall(cells)
    }


def _path_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return where a sheet stands in the archive; ``KeyError`` if nowhere."""
    book, relations = (
        # Expat fetches nothing, and bounds what entities may grow to.
        ElementTree.fromstring(archive.read(f"xl/{part}"))  # noqa: S314
        for part in ("workbook.xml", "_rels/workbook.xml.rels")
    )
    own = {one.get("name"): one.get(_NAMES["id"]) for one in book.findall(".//main:sheet", _NAMES)}
    found = {one.get("Id"): one.get("Target") or "" for one in relations}[own[sheet]]
    return str(PurePosixPath("/xl", found)).removeprefix("/")


def _number(letters: bytes) -> int:
    """Return the number of a column, such as 28 of ``AB``."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number
