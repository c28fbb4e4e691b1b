"""Cells of an Excel sheet whose formula failed or never ran, which calamine reads as empty ones."""

import io
import re
import zipfile
from pathlib import PurePosixPath
from xml.etree import ElementTree
from xml.sax.saxutils import unescape

from stages.study.tables.compression import DAMAGED

#: A cell that holds an error: its column, its row, and what is shown, such as ``#DIV/0!``.
_FAILED = re.compile(
    rb'<(?:\w+:)?c (?=[^>]*\bt="e")[^>]*\br="([A-Z]+)([0-9]+)"[^>]*>'
    rb"(?:<(?:\w+:)?f\b[^>]*/>|<(?:\w+:)?f\b.*?</(?:\w+:)?f>)?<(?:\w+:)?v>([^<]*)</(?:\w+:)?v>",
    re.DOTALL,
)

#: A cell with a formula and no value: its column, its row, and the formula. One that came to an
#: empty text (``t="str"``) has run.
_NEVER_RUN = re.compile(
    rb'<(?:\w+:)?c (?=[^>]*\br="([A-Z]+)([0-9]+)")(?![^>]*\bt="str")[^>]*>'
    rb"(?:<(?:\w+:)?f\b[^>]*/>|<(?:\w+:)?f\b[^>]*>([^<]*)</(?:\w+:)?f>)"
    rb"(?:<(?:\w+:)?v ?/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)

_NAMES = {
    "main": "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "id": "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
}


def failed_formulas(content: bytes, sheet: str) -> dict[tuple[int, int], str]:
    """Return what is shown where a formula failed, by row and column, counted from 1.

    Where it never ran, as programs write it that compute nothing, that is the formula: ``=A2*2``.
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
    found = _FAILED.findall(cells) if b't="e"' in cells else []
    if re.search(rb"<(\w+:)?f[ />]", cells):
        found += [(*where, b"=" + formula) for *where, formula in _NEVER_RUN.findall(cells)]
    return {
        (int(row), _number(column)): unescape(shown.decode("utf-8", "replace"))
        for column, row, shown in found
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
