"""How something public goes: it works for one minor version more, and warns."""

import sys
import warnings

#: The package whose own frames are passed over: the warning names the line that has to change.
PACKAGE = __name__.partition(".")[0]


def warn_deprecated(old: str, instead: str, *, since: str, until: str) -> None:
    """Warn that something public is going to be removed.

    A :class:`FutureWarning`, as in scikit-learn: Python shows it to everybody, a
    DeprecationWarning to hardly anyone who runs a script that imports another.

    Parameters
    ----------
    old : str
        What goes, as its user writes it: ``"GridSearchCV(memory_size=...)"``.
    instead : str
        What to write in its place.
    since, until : str
        The versions from which on it warns, and in which it is gone. A test fails when the
        latter has come.
    """
    message = f"{old} is deprecated since gridlanes {since} and goes in {until}; use {instead}"
    warnings.warn(message, FutureWarning, stacklevel=_level_of_the_user() + 1)


def _level_of_the_user() -> int:
    """Return how many calls up, from the caller of this function, the code of the user is."""
    level, frame = 1, sys._getframe(1)  # noqa: SLF001
    while frame.f_back is not None and _is_own(str(frame.f_globals.get("__name__"))):
        level, frame = level + 1, frame.f_back
    return level - 1


def _is_own(module: str) -> bool:
    return module == PACKAGE or module.startswith(f"{PACKAGE}.")
