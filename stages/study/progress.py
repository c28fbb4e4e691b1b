"""A line on a terminal that says what a stage does, how much of it is done, and how long still.

It changes as the stage goes on, and is gone when it ends; without a terminal there is none.
"""

import inspect
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gridlanes.errors import printable

#: Characters that bar and time take.
BESIDE = 26

#: What is shown of the command that runs, if it is.
_line: "Line | None" = None


@contextmanager
def shown(command: Callable[..., None]) -> Iterator[None]:
    """Show a line while a command runs, if standard error is a terminal."""
    global _line  # noqa: PLW0603
    # A terminal without control characters draws no line anew.
    if not sys.stderr.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        yield
        return
    _line = Line(Path(inspect.getfile(command)).stem)
    try:
        yield
    finally:
        _line.stop()
        _line = None


def phase(what: str, total: float | None = None) -> None:
    """Say what is done from now on, and of how much if that is known."""
    if _line is not None:
        _line.phase(what, total)


def progress(done: float, note: str = "") -> None:
    """Say how much of it is done."""
    if _line is not None:
        _line.progress(done, note)


def listener() -> Any:
    """Return what is to be told of a search's progress, None where nobody sees it."""
    return _line.part if _line is not None else None


@contextmanager
def aside() -> Iterator[None]:
    """Take the line away while something else is printed."""
    if _line is None:
        yield
        return
    with _line.away():
        yield


class Line:
    """A line that is drawn anew ten times a second.

    Parameters
    ----------
    name : str
        Of the command.
    """

    def __init__(self, name: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn
        from rich.table import Column

        self._name, self._phase, self._part = name, "", ""
        self._lock = threading.Lock()
        # Neither breaks into a second line on a narrow terminal.
        text = Column(no_wrap=True, overflow="ellipsis", ratio=1)
        self._shown = Progress(
            TextColumn("{task.description}", markup=False, table_column=text),
            BarColumn(bar_width=12),
            _time(),
            console=Console(stderr=True, highlight=False),
            transient=True,
            expand=True,
            # What is printed meanwhile is printed by `aside`, as it is.
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._shown.add_task(name, total=None)
        self._shown.start()

    def stop(self) -> None:
        """Take the line away."""
        self._shown.stop()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Take the line away for a while."""
        self._shown.stop()
        try:
            yield
        finally:
            self._shown.start()

    def phase(self, what: str, total: float | None) -> None:
        """Say what is done from now on."""
        with self._lock:
            self._phase, self._part = what, ""
            self._begin(total)

    def progress(self, done: float, note: str) -> None:
        """Say how much of a phase is done."""
        with self._lock:
            self._set(done, note)

    def part(self, what: str, done: float, total: float | None, note: str) -> None:
        """Say which part of a phase is done now; as gridlanes tells it, from any thread."""
        with self._lock:
            if what != self._part:
                self._part = what
                self._begin(total)
            elif total is None:
                # The same still goes on.
                return
            self._shown.update(self._task, total=total)
            self._set(done, note)

    def _begin(self, total: float | None) -> None:
        self._shown.reset(self._task, total=total, description=self._words(""))

    def _set(self, done: float, note: str) -> None:
        self._shown.update(self._task, completed=done, description=self._words(note))

    def _words(self, note: str) -> str:
        """Return as much of what is done as there is room for, the end of it first."""
        part = " ".join(filter(None, [self._part, note])) if self._part else note
        said = [", ".join(filter(None, [self._phase, part])), part or self._phase]
        room = self._shown.console.width - BESIDE
        words = [printable(f"{self._name}: {own}" if own else self._name) for own in said]
        return words[0] if len(words[0]) <= room else words[1]


def _time() -> Any:
    """Return a column that says how long it takes still, or for how long it has been."""
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class Time(ProgressColumn):
        def render(self, task: Task) -> Text:
            left = task.time_remaining
            if task.total is not None and left is not None:
                return Text(f"{_clock(left)} left")
            return Text(f"for {_clock(task.elapsed or 0)}")

    return Time()


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
