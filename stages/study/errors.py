"""What a stage says when its input is not usable, and how it ends."""

import argparse
import gc
import inspect
import os
import signal
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from gridlanes.errors import GridlanesError, in_a_line, printable
from stages import end_loading
from stages.study.progress import aside, shown

#: How much of a message is shown: a value found in a file may be of any length.
LINES, WIDTH = 3, 500


class InputError(GridlanesError, ValueError):
    """A file or parameter that a stage cannot work with.

    The message is one to three lines: where (file, key path, row or column), what is wrong, what
    is allowed and what was found.
    """

    #: How many lines of it are shown.
    lines = LINES


def warn(message: str) -> None:
    """Say something on standard error without stopping."""
    with aside():
        print(f"warning: {printable(message)}", file=sys.stderr)


def note(message: str) -> None:
    """Say on standard error what was done, beside what is written."""
    with aside():
        print(printable(message), file=sys.stderr)


def say(message: object) -> None:
    """Print, unless nobody reads what is printed, as behind ``| head``: that is no error.

    Raises
    ------
    InputError
        If what is printed goes to a file that cannot be written.
    """
    try:
        with aside():
            print(printable(str(message)), flush=True)
    except OSError as error:
        # Python would try once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise InputError(f"standard output: cannot be written: {error.strerror}") from None


@contextmanager
def reporting() -> Iterator[None]:
    """Have a command end in a line, not in a traceback.

    An expected error becomes its message and exit status 1, and so does a lack of memory; an
    interrupt becomes a word and the status that shells give it.
    """
    before = signal.signal(signal.SIGTERM, _interrupt)
    loaded = signal.getsignal(signal.SIGINT) is end_loading
    if not gc.isenabled():
        # What has been loaded stays.
        gc.freeze()
        gc.enable()
    try:
        if loaded:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        yield
    except GridlanesError as error:
        lines = [*map(_shortened, printable(str(error)).splitlines())]
        sys.exit("error: " + "\n".join(lines[: getattr(error, "lines", LINES)]))
    except MemoryError as error:
        said = textwrap.shorten(in_a_line(error), WIDTH)
        sys.exit("error: there is not enough memory" + f": {said}" * bool(said))
    except KeyboardInterrupt as interrupt:
        number = interrupt.args[0] if interrupt.args else signal.SIGINT
        print("interrupted; no file is half written", file=sys.stderr)
        sys.exit(128 + number)
    finally:
        signal.signal(signal.SIGTERM, before)
        if loaded:
            # All is said; what Python still tidies up may be interrupted without a word.
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def _shortened(line: str) -> str:
    """Return a line of bounded length, as far in as it was."""
    within = len(line) - len(line.lstrip())
    return " " * within + textwrap.shorten(line, WIDTH)


def _interrupt(number: int, _: FrameType | None) -> None:
    raise KeyboardInterrupt(signal.Signals(number))


def run(stage: Callable[[], None], description: str | None, *others: Callable[..., None]) -> None:
    """Run a stage as a command: an expected error becomes its message and exit status 1.

    Parameters
    ----------
    stage : callable
    description : str
        For ``--help``.
    *others : callable
        What can be asked for in the stage's place: each is an option of its name and first line.
        One that takes an argument is given a whole number.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m {stage.__globals__['__spec__'].name}",
        description=(description or "").strip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    # A group of nothing breaks argparse's help.
    group = parser.add_mutually_exclusive_group() if others else parser
    for other in others:
        arguments = list(inspect.signature(other).parameters)
        flag: dict[str, Any] = {"action": "store_true"}
        number: dict[str, Any] = {"type": int, "metavar": "".join(arguments).upper()}
        summary = (other.__doc__ or "").splitlines()[0]
        group.add_argument(f"--{other.__name__}", help=summary, **(number if arguments else flag))
    given = vars(parser.parse_args())
    with reporting(), shown(stage):
        for other in others:
            value = given[other.__name__]
            if value not in (None, False):
                return other() if value is True else other(value)
        return stage()
