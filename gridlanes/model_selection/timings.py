"""What time is spent on: told while it is, and added up."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from gridlanes.model_selection.progress import tell

#: What is told of it.
SAID = {
    "find": "looking fits up",
    "plan": "building networks",
    "prepare": "preparing rows",
    "refit": "refitting the best",
    "score": "scoring",
}


class Timed:
    """Knows what its time is spent on.

    Attributes
    ----------
    timings : dict of str to float
        Seconds by what they were spent on.
    """

    def __init__(self) -> None:
        self.timings: dict[str, float] = {}
        self._doing: list[str] = []

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the time of a block to one of the timings, less what the block adds to others."""
        started, others = time.perf_counter(), sum(self.timings.values())
        self._doing.append(SAID[name])
        tell(SAID[name])
        try:
            yield
        finally:
            self._doing.pop()
            self.tell_on()
            inside = sum(self.timings.values()) - others
            self.add(name, max(0.0, time.perf_counter() - started - inside))

    def tell_on(self) -> None:
        """Tell what goes on where something within it has ended."""
        if self._doing:
            tell(self._doing[-1])

    def add(self, name: str, seconds: float) -> None:
        """Add to one of the timings."""
        self.timings[name] = self.timings.get(name, 0.0) + seconds
