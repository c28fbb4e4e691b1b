"""Everything that gridlanes raises on purpose.

::

    GridlanesError
    ├── ParameterError    a parameter that would reach nothing, or has a value out of range
    │   ├── UnknownParameterError    the former; a TypeError too, as of a function of Python's
    │   └── WatchedRowsError         rows to watch that the network or the loss cannot be given
    ├── ModelError        the build function did not return a model that fits the task
    ├── DivergedError     the loss of a fit is not a finite number
    ├── CannotRideError   a fit that needs the reference path, where lanes were asked for
    ├── BackendError      where programs were to run cannot be used, or has gone away
    └── StoreError        a store of finished fits that cannot be used

    UserWarning
    └── StoreWarning      the same, where a search goes on without the store

All but the last three errors are also the built-in error that scikit-learn raises in the same
places.
"""

import difflib
import re
from collections.abc import Iterable

#: What a terminal may take for a command, and XML cannot hold: controls, halves of surrogate pairs
#: and the two that are no characters. Tabs and line breaks are not among them.
UNPRINTABLE = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufffe\\uffff]"
)


def printable(text: str) -> str:
    r"""Return a text with an escape, such as ``\x1b``, for what is :data:`UNPRINTABLE`."""
    return UNPRINTABLE.sub(lambda found: ascii(found[0])[1:-1], text)


def text_of(error: BaseException) -> str:
    """Return what an exception says; also one whose text cannot be made says something."""
    try:
        return printable(str(error).strip())
    except KeyboardInterrupt:
        raise
    # Whoever wrote the text may have raised anything there, SystemExit too.
    except BaseException as another:
        return f"(its text raises {type(another).__name__})"


def in_a_line(error: BaseException) -> str:
    """Return what an exception says, in one line."""
    return " ".join(text_of(error).split())


def nearest(name: object, allowed: Iterable[str], most: int = 1) -> list[str]:
    """Return the names that may be meant by one that is not allowed, whatever its case.

    Of names that differ in their case alone, the first.
    """
    folded: dict[str, str] = {}
    for own in filter(None, allowed):
        folded.setdefault(own.casefold(), own)
    near = difflib.get_close_matches(str(name).strip().casefold(), folded, n=most)
    return [folded[own] for own in near]


def did_you_mean(name: object, allowed: Iterable[str], most: int = 1) -> str:
    """Return a question after the names that may be meant, as the end of what is said of one."""
    near = nearest(name, allowed, most)
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else ""


class GridlanesError(Exception):
    """The root of the tree: ``except GridlanesError`` catches whatever is raised on purpose."""


class ParameterError(GridlanesError, ValueError):
    """A parameter that would reach nothing, or has a value out of its range."""


class UnknownParameterError(ParameterError, TypeError):
    """A parameter that would reach nothing, where a function of Python's raises a TypeError."""


class WatchedRowsError(ParameterError):
    """The rows of ``validation_data`` are not such as those that are trained on."""


class ModelError(GridlanesError, ValueError):
    """The build function did not return a Keras model that fits the task."""


class DivergedError(GridlanesError, ArithmeticError):
    """The loss of a fit became NaN or infinite."""


class CannotRideError(GridlanesError):
    """A fit cannot be trained in a lane; the message says which part of it."""


class BackendError(GridlanesError):
    """Where programs were to run cannot be reached, refuses them, or has gone away."""


class StoreError(GridlanesError):
    """A store of finished fits cannot be opened, read or written."""


class StoreWarning(UserWarning):
    """A search goes on without its store of finished fits, or without a part of it."""
