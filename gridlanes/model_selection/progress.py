"""How far a search has come: told to whoever asked for it, or else shown as a bar."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from gridlanes.compat.notebook import in_notebook, updated_line

#: Seconds between two changes of the line in a notebook, each of which is a message.
PACE = 0.1

#: Characters of the bar in that line.
WIDTH = 30


class Listener(Protocol):
    """Is told what is done now, and how much of it is done already; from any thread."""

    def __call__(self, what: str, done: float, total: float | None, note: str) -> None:
        """Take notice.

        Parameters
        ----------
        what : str
        done, total : float
            Of which the share that is done can be told, if there is a total.
        note : str
            How much, in words.
        """


_LISTENER: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def telling(listener: Listener | None) -> Iterator[None]:
    """Tell somebody how far searches come that this thread begins; they show no bar then."""
    before = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(before)


def tell(what: str, done: float = 0, total: float | None = None, note: str = "") -> None:
    """Tell whoever asked for it; see :class:`Listener`."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(what, done, total, note)


@contextmanager
def bar(lane_epochs: int, fits: int, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """Show how far the lanes of a search have come.

    Parameters
    ----------
    lane_epochs : int
        Epochs of all lanes together.
    fits : int
    shown : bool
        Even then nothing is shown but in a notebook, or if standard error is a terminal.

    Yields
    ------
    callable
        To be told of the lane-epochs and fits that are done, from any thread.
    """
    listener = _LISTENER.get()
    if listener is not None:
        yield _counting(listener, lane_epochs, fits)
        return
    if shown and in_notebook():
        with _line_in_notebook(lane_epochs, fits) as report:
            yield report
        return
    if not shown or not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.fields[done]}/{task.fields[fits]} fits"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f} lane-epochs"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=lane_epochs, done=0, fits=fits)

        def report(epochs: int, ended: int) -> None:
            done = progress.tasks[task].fields["done"] + ended
            progress.update(task, advance=epochs, done=done)

        yield report


@contextmanager
def _line_in_notebook(lane_epochs: int, fits: int) -> Iterator[Callable[[int, int], None]]:
    """Draw the bar in a line under the cell; how many were trained stays there."""
    line, begun, last = updated_line(f"training: 0 of {fits:,} fits"), time.monotonic(), 0.0
    ended = ""

    def draw(what: str, done: float, total: float | None, note: str) -> None:
        nonlocal last, ended
        ended, now = f"{what}: {note}, {done:,.0f} lane-epochs", time.monotonic()
        if done and total and now - last >= PACE:
            last = now
            full = int(WIDTH * done / total)
            left = (now - begun) * (total - done) / done
            drawn = "█" * full + "░" * (WIDTH - full)
            line(f"{drawn} {note}, {done:,.0f} of {total:,.0f} lane-epochs, {left:.0f} s left")

    try:
        yield _counting(draw, lane_epochs, fits)
    finally:
        line(ended)


def _counting(listener: Listener, lane_epochs: int, fits: int) -> Callable[[int, int], None]:
    """Return what adds lane-epochs and fits up for a listener, who is told at once of none."""
    done, lock = [0, 0], threading.Lock()

    def report(epochs: int, ended: int) -> None:
        with lock:
            done[0] += epochs
            done[1] += ended
            listener("training", done[0], lane_epochs, f"{done[1]:,} of {fits:,} fits")

    report(0, 0)
    return report
