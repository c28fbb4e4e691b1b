"""What a stage says when its input is not usable, and how it ends."""

import argparse
import sys
from collections.abc import Callable

from gridlanes.errors import GridlanesError


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
        sys.exit(f"error: {error}")
