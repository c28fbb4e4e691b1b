"""How a text file is written, found by its beginning: encoding and separator."""

import codecs
import csv
import io
import itertools
import re
from functools import partial
from pathlib import Path

from stages.study.errors import InputError
from stages.study.tables.compression import DAMAGED, SAMPLE, unpacked

#: Between values, the likeliest first.
SEPARATORS = ",;\t|"

#: Rows by which a separator is found.
ROWS = 100

#: A byte order mark, and the encoding that it tells of; the longer ones first.
MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def encoding_of(path: Path, sample: bytes, said: str | None) -> str:
    """Return the encoding that a mark at the beginning tells of, else the one said, else UTF-8.

    Raises
    ------
    InputError
        Of bytes that are no text.
    """
    for mark, encoding in MARKS.items():
        if sample.startswith(mark):
            return encoding
    encoding = said or "utf-8"
    if b"\0" in sample and not encoding.startswith(("utf-16", "utf-32")):
        hint = "data.encoding: utf-16-le or utf-16-be reads UTF-16 without a mark"
        raise InputError(f"{path}: cannot be read: it holds zero bytes, as text does not; {hint}")
    return encoding


def is_beyond_ascii_in_utf8(path: Path) -> bool:
    """Return whether a file is of text with other letters than ASCII's, and valid as UTF-8.

    Hardly any text in another encoding is.
    """
    if not path.is_file():
        return False
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            source, _ = unpacked(path, file)
            for block in iter(partial(source.read, SAMPLE), b""):
                text = decoder.decode(block)
                if "\0" in text:
                    return False
                if not text.isascii():
                    return True
    except (*DAMAGED, ValueError, InputError):
        # Whoever reads the file as a table says what is wrong with it.
        return False
    return False


def said_separator(begin: str) -> str | None:
    """Return the separator that a first line such as ``sep=;`` names, as spreadsheets write it."""
    found = re.match(r'"?sep=([^\r\n"])"?[ ,;\t]*(\r|\n|$)', begin.lstrip("\ufeff"), re.IGNORECASE)
    return found[1] if found else None


def find_separator(
    begin: str, comment: str | None, likely: str | None = None, named: str | None = None
) -> str:
    """Return the separator by which the first rows are the most columns, equally many each.

    Without a look at them the one that is likely, if it stands in the first, else the one that the
    file names.
    """
    # Cut as files are: texts are cut at more characters.
    lines = list(io.StringIO(begin.lstrip("\ufeff"), newline=""))
    # The last one may be cut off.
    lines = lines[:-1] if len(lines) > 1 else lines
    lines = [line for line in lines if not (comment and line.startswith(comment))]
    if likely and likely in "".join(lines[:1]):
        return likely
    return named or max(SEPARATORS, key=lambda separator: _quality(lines, separator))


def _quality(lines: list[str], separator: str) -> tuple[bool, int]:
    try:
        rows = filter(None, csv.reader(lines, delimiter=separator))
        widths = [len(row) for row in itertools.islice(rows, ROWS)]
    except csv.Error:
        return False, 0
    return bool(widths) and widths[0] > 1 and len(set(widths)) == 1, max(widths[:1], default=0)
