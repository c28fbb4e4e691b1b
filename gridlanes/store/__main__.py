"""Show what a store of finished fits holds, and prune it.

Trust a store of somebody else's as you would their code: checksums tell damage, not who made it.
"""

import argparse
import os
import re
import sys
import textwrap
import time
from pathlib import Path

from gridlanes.errors import StoreError, printable
from gridlanes.store.holdings import Holding
from gridlanes.store.store import Store

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_BYTES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


def main() -> None:
    """Run the command; what is wrong is one line and exit status 1.

    Nobody reading what is printed, as behind ``| head``, is nothing wrong.
    """
    try:
        print(printable(answer()), flush=True)
    except StoreError as error:
        sys.exit(f"error: {printable(str(error))}")
    except OSError as error:
        # Python would try once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            sys.exit(f"error: standard output: cannot be written: {error.strerror}")
    except KeyboardInterrupt:
        sys.exit(130)


def answer() -> str:
    """Do what the command line asks for, and return what is to be said of it.

    Raises
    ------
    StoreError
    """
    parser = argparse.ArgumentParser(prog="python -m gridlanes.store", description=__doc__)
    parser.add_argument("path", metavar="PATH", type=Path, help="the file, or the folder it is in")
    parser.add_argument(
        "--drop-older-than",
        metavar="AGE",
        type=age,
        help="drop fits that were not used for so long: 30d, 12h, 2w",
    )
    parser.add_argument(
        "--max-size",
        metavar="SIZE",
        type=size,
        help="drop the fits that were not used for longest until no more is left: 2GB, 500MB",
    )
    given = parser.parse_args()
    store = Store(given.path)
    # Unlike pathlib's, this raises nothing, whatever the path.
    if not os.path.isfile(store.file):  # noqa: PTH113
        raise StoreError(f"store {store.file}: no such file")
    lines = []
    with store:
        if given.drop_older_than is not None or given.max_size is not None:
            before = time.time() - (given.drop_older_than or time.time())
            dropped = store.prune(before, given.max_size)
            lines.append(f"dropped {dropped} fit{'s' * (dropped != 1)}")
        lines.append(as_table(store, store.holdings(), time.time()))
    return "\n".join(lines)


def age(text: str) -> float:
    """Return seconds from a text such as ``30d``.

    Raises
    ------
    argparse.ArgumentTypeError
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhdw])", text.strip().lower())
    if match is None:
        raise argparse.ArgumentTypeError(
            f"must be a number and one of s, m, h, d, w, such as 30d; found {text!r}"
        )
    return float(match[1]) * _SECONDS[match[2]]


def size(text: str) -> int:
    """Return bytes from a text such as ``2GB``; ``i`` as in ``GiB`` counts by 1024.

    Raises
    ------
    argparse.ArgumentTypeError
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b", text.strip().lower())
    # More digits than a float has are no size of a file.
    if match is None or (match[3] and not match[2]) or float(match[1]) > 1e18:
        raise argparse.ArgumentTypeError(
            f"must be a number and one of B, kB, MB, GB, TB, such as 2GB; found {text!r}"
        )
    power = "kmgt".find(match[2]) + 1 if match[2] else 0
    return int(float(match[1]) * (1024**power if match[3] else _BYTES[match[2]]))


def as_table(store: Store, holdings: list[Holding], now: float) -> str:
    """Return what a store holds as a table."""
    fits = sum(holding.fits for holding in holdings)
    journal = store.file.with_name(store.file.name + "-wal")
    on_disk = sum(file.stat().st_size for file in (store.file, journal) if file.exists())
    lines = [f"{store.file}: {fits} fit{'s' * (fits != 1)}, {_in_words(on_disk)}"]
    rows = [("fits", "size", "oldest", "last used", "architecture")] if holdings else []
    rows += [
        (
            str(holding.fits),
            _in_words(holding.size),
            _ago(now - holding.created),
            _ago(now - holding.used),
            textwrap.shorten(holding.architecture, 100),
        )
        for holding in holdings
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for *cells, architecture in rows:
        padded = [cell.rjust(width) for cell, width in zip(cells, widths, strict=False)]
        lines.append("  ".join([*padded, architecture]))
    return "\n".join(lines)


def _in_words(size: float) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} GB"


def _ago(seconds: float) -> str:
    """Return a time in the past in the largest unit that fits."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit} ago"
    return "now"


if __name__ == "__main__":
    main()
