"""What takes long to make is made once, also if that ends in an error."""

from collections.abc import Callable, Hashable
from types import TracebackType
from typing import Any, NamedTuple


class _Failure(NamedTuple):
    """What was raised, and where: raising it again adds to its own traceback."""

    error: Exception
    traceback: TracebackType | None


class Once:
    """Remembers what was made, by key."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what ``make`` returns, or raise what it raises; it is called once for each key."""
        if key not in self._known:
            try:
                self._known[key] = make()
            except Exception as error:
                self._known[key] = _Failure(error, error.__traceback__)
        known = self._known[key]
        if isinstance(known, _Failure):
            raise known.error.with_traceback(known.traceback)
        return known
