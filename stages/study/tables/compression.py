"""A compressed file as what is in it."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from stages.study.errors import InputError

#: What is looked at to find out how a file is written: a wide table's header is long.
SAMPLE = 2**18

#: What reading a damaged file raises.
DAMAGED = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError)

OPENERS: dict[bytes, tuple[str, Callable[[IO[bytes]], Any]]] = {
    b"\x1f\x8b": ("gzip", lambda file: gzip.GzipFile(fileobj=file)),
    b"BZh": ("bzip2", bz2.BZ2File),
    b"\xfd7zXZ\0": ("xz", lzma.LZMAFile),
}


def unpacked(path: Path, file: io.BufferedReader) -> tuple[io.BufferedReader, str]:
    """Return a file of text, and by what it was compressed; empty if it was not.

    Raises
    ------
    InputError
        Of an archive that holds several files, or none.
    OSError, EOFError and others
        See ``DAMAGED``.
    """
    start = file.peek()
    for magic, (name, opened) in OPENERS.items():
        if start.startswith(magic):
            return io.BufferedReader(opened(file), SAMPLE), name
    if start.startswith(b"PK\x03\x04"):
        member: Any = _only_member(path, file)
        return io.BufferedReader(member, SAMPLE), "zip"
    return file, ""


def _only_member(path: Path, file: io.BufferedReader) -> IO[bytes]:
    archive = zipfile.ZipFile(file)
    members = [
        one.filename
        for one in archive.infolist()
        # What macOS adds.
        if not (one.is_dir() or one.filename.startswith("__MACOSX/"))
    ]
    if len(members) != 1:
        shown = ", ".join(members[:5]) + (", ..." if len(members) > 5 else "")
        raise InputError(
            f"{path}: a zip archive must hold one file, the table; found {len(members)}: {shown}\n"
            "Unpack it, and name the table by data.path."
        )
    return archive.open(members[0])
