"""What is wrong with an input, gathered so that one run says all of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stages.study.errors import LINES, InputError

#: So many findings are told; the others are counted.
SHOWN = 10


class FindingsError(InputError):
    """Several things that are wrong at once, each as one error would say it."""

    lines = 2 + SHOWN * LINES


class Findings:
    """Gathers errors that do not depend on each other.

    Parameters
    ----------
    path : Path
        What most of them are about, which is then said once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: list[InputError] = []

    @contextmanager
    def gather(self) -> Iterator[None]:
        """Keep an error for later and go on behind the block."""
        try:
            yield
        except InputError as error:
            self._found.append(error)

    def check(self) -> None:
        """Raise what was gathered, if anything was.

        Raises
        ------
        InputError
            The one error, or a list of them.
        """
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            raise FindingsError("\n".join(self._told()))

    def _told(self) -> Iterator[str]:
        yield f"{self._path}: {len(self._found)} findings"
        said: set[str] = set()
        for number, error in enumerate(self._found[:SHOWN], 1):
            first, *others = str(error).removeprefix(f"{self._path}: ").splitlines()
            yield f"{number}. {first}"
            # The same advice need not be given twice.
            yield from (f"   {line}" for line in others[: LINES - 1] if line not in said)
            said.update(others)
        if len(self._found) > SHOWN:
            yield f"and {len(self._found) - SHOWN} more"
