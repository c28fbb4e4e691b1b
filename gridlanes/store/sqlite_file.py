"""The SQLite file of a store: opened whatever its state, and kept within its size."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from urllib.parse import quote

from gridlanes.errors import StoreError

#: In the head of the file: what it is, and in which format.
APPLICATION, FORMAT = 0x67726C6E, 1

#: Seconds that a write waits for that of another process.
PATIENCE = 10.0

#: Bytes of a page.
PAGE = 4096

_TABLES = f"""
PRAGMA page_size = {PAGE};
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS fits (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    epochs INTEGER NOT NULL,
    architecture TEXT NOT NULL,
    created REAL NOT NULL,
    checksum BLOB NOT NULL,
    data BLOB NOT NULL,
    UNIQUE (key, epochs)
);
CREATE TABLE IF NOT EXISTS uses (fit INTEGER PRIMARY KEY, at REAL NOT NULL);
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {FORMAT};
COMMIT;
"""


def connect(file: Path, journal: int) -> sqlite3.Connection:
    """Return a connection to a store, a new one if there is none, and bytes for its journal."""
    if file.exists() and 0 < file.stat().st_size < PAGE:
        raise sqlite3.DatabaseError("file is not a database")
    if not _can_write(file):
        return _checked(_read_only(file), file)
    file.parent.mkdir(parents=True, exist_ok=True)
    connection = _checked(_opened(file.absolute()), file)
    try:
        _patiently(connection, _prepare)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA wal_autocheckpoint = {1 + journal // PAGE // 2}")
        connection.execute(f"PRAGMA journal_size_limit = {journal}")
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables if there are none, and have the file keep a journal."""
    if not _format(connection):
        connection.executescript(_TABLES)
    connection.execute("PRAGMA journal_mode = WAL")


def _patiently(connection: sqlite3.Connection, act: Callable[[sqlite3.Connection], None]) -> None:
    """Wait for other processes where SQLite does not: when they open a new file at once."""
    patience = time.monotonic() + PATIENCE
    while True:
        try:
            return act(connection)
        except sqlite3.OperationalError as error:
            if connection.in_transaction:
                connection.rollback()
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > patience:
                raise
        time.sleep(0.01)


def _can_write(file: Path) -> bool:
    return not file.exists() or (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK))


def _opened(file: Path | str, *, uri: bool = False) -> sqlite3.Connection:
    # Statements are committed one by one unless a transaction is asked for. One thread at a time
    # uses a connection, but not always the one that made it.
    connection = sqlite3.connect(
        file, timeout=PATIENCE, isolation_level=None, check_same_thread=False, uri=uri
    )
    # What a damaged text says is the checksum's to find out.
    connection.text_factory = partial(str, encoding="utf-8", errors="replace")
    return connection


def _read_only(file: Path) -> sqlite3.Connection:
    """Return a connection that only reads, without the journal if that cannot be opened."""
    address = f"file:{quote(str(file.absolute()))}"
    connection = _opened(f"{address}?mode=ro", uri=True)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError:
        connection.close()
        connection = _opened(f"{address}?mode=ro&immutable=1", uri=True)
    except BaseException:
        connection.close()
        raise
    return connection


def _checked(connection: sqlite3.Connection, file: Path) -> sqlite3.Connection:
    """Return the connection to a store or an empty file.

    Raises
    ------
    StoreError
        If the file is a database of something else, or of a newer format.
    """
    try:
        wrong = _wrong(connection)
    except BaseException:
        connection.close()
        raise
    if wrong:
        connection.close()
        raise StoreError(f"store {file}: {wrong}")
    return connection


def _wrong(connection: sqlite3.Connection) -> str:
    """Return why this database cannot be used, "" if it can."""
    # In this order: another process may just be making the tables, and both with them.
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    if application != APPLICATION and (application or tables):
        return "a database, but not a store of gridlanes"
    others = connection.execute(
        "SELECT type, name FROM sqlite_master WHERE type IN ('trigger', 'view')"
    ).fetchone()
    if others is not None:
        return "a store of gridlanes has no {} {!r}".format(*others)
    if _format(connection) > FORMAT:
        return (
            f"of format {_format(connection)}, written by a newer version of gridlanes; this one "
            f"reads format {FORMAT}"
        )
    return ""


def _format(connection: sqlite3.Connection) -> int:
    """Return the format of a store, 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all that the block does, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def make_room(connection: sqlite3.Connection, room: int) -> int:
    """Drop what was not used for longest until the rest takes so many bytes; return how many."""
    dropped = 0
    while (taken := _taken(connection)) > room:
        fits = connection.execute("SELECT count(*) FROM fits").fetchone()[0]
        gone = connection.execute(
            "DELETE FROM fits WHERE id IN (SELECT id FROM fits LEFT JOIN uses ON fit = id "
            "ORDER BY coalesce(at, created) LIMIT ?)",
            (1 + (taken - room) * fits // taken,),
        ).rowcount
        if not gone:
            # There is no fit left, or none that a damaged file can name.
            break
        dropped += gone
    if dropped:
        connection.execute("DELETE FROM uses WHERE fit NOT IN (SELECT id FROM fits)")
    return dropped


def _taken(connection: sqlite3.Connection) -> int:
    """Return the bytes of the pages in use."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def shrink(connection: sqlite3.Connection) -> None:
    """Give free pages back to the file system."""
    # A script steps through all pages, a single statement through one.
    connection.executescript("PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE);")
