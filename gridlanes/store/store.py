"""Finished fits on disk, found again by their content.

One SQLite file, a row a fit. It knows nothing of what a key stands for, and only NumPy has to be
there to look into it. Whatever happens to the process, the machine or the file, a row is either
what was written, told by its checksum, or it is not there.
"""

import os
import sqlite3
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gridlanes.compat.notebook import Shown, table
from gridlanes.errors import StoreError, StoreWarning, in_a_line
from gridlanes.store.holdings import Holding, in_html
from gridlanes.store.record import Record, checksum, decode, encode
from gridlanes.store.sqlite_file import PAGE, PATIENCE, connect, make_room, shrink, transaction

#: The name of the file if only a folder is given.
NAME = "fits.sqlite"

#: Bytes, if nothing else is asked for.
MAX_SIZE = 5 * 10**9

#: Bytes that are written at once, so that no other process waits for longer than moments.
CHUNK = 8 * 2**20

#: What a fit depends on besides its number of epochs, and that number.
Key = tuple[bytes, int]


class Store(Shown):
    """Finished fits in one file.

    Parameters
    ----------
    path : str or Path
        Of the file, or, if there is such a folder or with a slash at its end, of the folder that
        it is in. Made if it does not exist.
    max_size : int
        Bytes that the file and its journal may take; the fits that were not used for longest
        make room.

    Notes
    -----
    Opened when first used, and closed by ``close`` or at the end of ``with``. Copies and pickles
    are closed. Several processes may use one file at once. A file that cannot be written is read.
    """

    def __init__(self, path: str | os.PathLike[str], max_size: int = MAX_SIZE) -> None:
        self._connection: sqlite3.Connection | None = None
        # A folder that does not exist can only be told from a file by the slash at its end.
        folder = os.fspath(path).endswith(("/", os.sep))
        self.path, self.max_size = Path(path) / (NAME if folder else ""), max_size

    def __repr__(self) -> str:
        limit = "" if self.max_size == MAX_SIZE else f", max_size={self.max_size}"
        return f"Store({str(self.path)!r}{limit})"

    def _html_repr(self) -> str:
        # To look at a store that is not there yet does not make it.
        if not self.file.exists():
            return table(f"{self!r}: no file yet", [])
        try:
            held = self.holdings()
        except StoreError as error:
            return table(f"{self!r}: {error}", [])
        return in_html(repr(self), held, self.max_size)

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_connection": None}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self, is_finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        # Python warns of files that are dropped open. As it ends it takes away what closing needs.
        if not is_finalizing():
            self.close()

    @property
    def file(self) -> Path:
        """Where the file is."""
        # Unlike pathlib's, this raises nothing, whatever the path.
        return self.path / NAME if os.path.isdir(self.path) else self.path  # noqa: PTH112

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def find(self, keys: Sequence[Key]) -> dict[Key, Record]:
        """Return the fits that are there, and drop those whose rows are damaged, with a warning.

        Raises
        ------
        StoreError

        Warns
        -----
        StoreWarning
        """
        found: dict[Key, Record] = {}
        used, damaged = [], []
        with self._using("read") as connection:
            for key in dict.fromkeys(keys):
                row = connection.execute(
                    "SELECT id, architecture, checksum, data FROM fits "
                    "WHERE key = ? AND epochs = ?",
                    key,
                ).fetchone()
                if row is None:
                    continue
                number, *own = row
                record = _undamaged(key, *own)
                if record is not None:
                    found[key] = record
                    used.append((number, time.time()))
                else:
                    damaged.append((number,))
            # What was found is worth more than the note that it was: nobody waits for that.
            connection.execute("PRAGMA busy_timeout = 100")
            with suppress(sqlite3.Error), transaction(connection):
                connection.executemany("REPLACE INTO uses VALUES (?, ?)", used)
                connection.executemany("DELETE FROM fits WHERE id = ?", damaged)
            connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")
        if damaged:
            warnings.warn(
                f"store {self.file}: damaged fits: {len(damaged)} of {len(keys)} asked for; they "
                "are trained again",
                StoreWarning,
                stacklevel=2,
            )
        return found

    def keep(self, records: Mapping[Key, Record]) -> None:
        """Write fits; after an error, some of them may be there.

        A fit that would take more than an eighth of the store is left out.

        Raises
        ------
        StoreError
        """
        rows: list[tuple] = []
        size = 0
        for (key, epochs), record in records.items():
            data = encode(record)
            own = len(data) + 2 * PAGE
            if own > self.max_size // 8:
                continue
            if rows and size + own > self._chunk:
                self._write(rows, size)
                rows, size = [], 0
            own_checksum = checksum(key, epochs, record.architecture, data)
            rows.append((key, epochs, record.architecture, time.time(), own_checksum, data))
            size += own
        if rows:
            self._write(rows, size)

    def holdings(self) -> list[Holding]:
        """Return what the store holds, the architecture with most bytes first.

        Raises
        ------
        StoreError
        """
        with self._using("read") as connection:
            # A damaged file has values of any type in any column.
            rows = connection.execute(
                "SELECT cast(coalesce(architecture, '') AS TEXT), count(*), "
                "coalesce(sum(length(data)), 0), coalesce(min(cast(created AS REAL)), 0.0), "
                "coalesce(max(cast(coalesce(at, created) AS REAL)), 0.0) "
                "FROM fits LEFT JOIN uses ON fit = id GROUP BY 1 ORDER BY 3 DESC"
            ).fetchall()
        return [Holding(*row) for row in rows]

    def prune(self, before: float | None = None, max_size: int | None = None) -> int:
        """Drop fits, and return how many.

        Parameters
        ----------
        before : float, optional
            A Unix time; those that were last used before it go.
        max_size : int, optional
            Bytes to keep; those that were not used for longest go.

        Raises
        ------
        StoreError
        """
        with self._using("write") as connection:
            with transaction(connection):
                last_use = (
                    "SELECT id FROM fits LEFT JOIN uses ON fit = id WHERE coalesce(at, created)"
                )
                statement = f"DELETE FROM fits WHERE id IN ({last_use} < ?)"  # noqa: S608
                dropped = connection.execute(statement, (before or 0.0,)).rowcount
                connection.execute("DELETE FROM uses WHERE fit NOT IN (SELECT id FROM fits)")
                if max_size is not None:
                    dropped += make_room(connection, max_size)
            shrink(connection)
        return int(dropped)

    def _write(self, rows: list[tuple], size: int) -> None:
        with self._using("write") as connection:
            with transaction(connection):
                # The journal may hold what is written now once more, and what was written last.
                room = self.max_size - 2 * self._chunk
                dropped = make_room(connection, room - 2 * size)
                connection.executemany(
                    "REPLACE INTO fits (key, epochs, architecture, created, checksum, data) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    rows,
                )
            if dropped:
                shrink(connection)

    @contextmanager
    def _using(self, purpose: str) -> Iterator[sqlite3.Connection]:
        """Give the open connection; whatever goes wrong becomes an error that names the file."""
        try:
            if self._connection is None:
                self._connection = connect(self.file, self._chunk)
            yield self._connection
        except (sqlite3.Error, OSError, OverflowError, ValueError) as error:
            self.close()
            mended = "; remove it to start anew" if "malformed" in str(error) else ""
            said = in_a_line(error)
            raise StoreError(f"store {self.file}: cannot {purpose} it: {said}{mended}") from error

    @property
    def _chunk(self) -> int:
        """Bytes that are written at once."""
        return min(CHUNK, self.max_size // 8)


def _undamaged(key: Key, architecture: Any, own_checksum: Any, data: Any) -> Record | None:
    """Return what a row holds, whose columns can be of any type; None if that is not as written."""
    if not (isinstance(architecture, str) and isinstance(data, bytes)):
        return None
    if own_checksum != checksum(*key, architecture, data):
        return None
    try:
        return decode(data, architecture)
    except Exception:
        # Whoever wrote that knew how to make checksums.
        return None
