"""What a stage says when its input is not usable, and how it ends."""

import argparse
import sys
import textwrap
from collections.abc import Callable

from gridlanes.errors import GridlanesError

#: How much of a message is shown: a value found in a file may be of any length.
LINES, WIDTH = 3, 500


class InputError(GridlanesError, ValueError):
    """A file or parameter that a stage cannot work with.

    The message is one to three lines: where (file, key path, row or column), what is wrong, what
    is allowed and what was found.
    """


def warn(message: str) -> None:
    """Say something on standard error without stopping."""
    print(f"warning: {message}", file=sys.stderr)


def run(stage: Callable[[], None], description: str | None) -> None:
    """Run a stage as a command: an expected error becomes its message and exit status 1."""
    summary = (description or "").strip()
    argparse.ArgumentParser(
        description=summary, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    try:
        stage()
    except GridlanesError as error:
        lines = [textwrap.shorten(line, WIDTH) for line in str(error).splitlines()]
        sys.exit("error: " + "\n".join(lines[:LINES]))
