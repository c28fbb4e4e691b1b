"""A bar over a whole search."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(lane_epochs: int, fits: int, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """Show how far the lanes of a search have come.

    Parameters
    ----------
    lane_epochs : int
        Epochs of all lanes together.
    fits : int
    shown : bool
        Even then nothing is shown unless standard error is a terminal.

    Yields
    ------
    callable
        To be told of the lane-epochs and fits that are done, from any thread.
    """
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
