"""Writes all of an output or nothing: what was there stays until the new is whole."""

import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from stages.study.errors import InputError
from stages.study.progress import phase


@contextmanager
def writing(folder: Path) -> Iterator[Path]:
    """Give a folder to write into, whose entries move to ``folder`` when all are written.

    After an error ``folder`` is as it was. Entries replace those of the same name; others stay.
    What a process that was killed has left is removed.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    phase(f"writing {folder}")
    with _writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _remove_left(folder)
        with _partial(folder) as partial:
            yield partial
            for entry in sorted(partial.iterdir()):
                goal = folder / entry.name
                if entry.is_dir() and goal.is_dir():
                    shutil.rmtree(goal)
                entry.replace(goal)


@contextmanager
def _partial(goal: Path) -> Iterator[Path]:
    """Give a folder beside a goal, which says whose it is, and is removed at the end."""
    prefix = f".partial-{goal.name}-{os.getpid()}-"
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=goal.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_left(goal: Path) -> None:
    """Remove the partial folders of a goal whose processes have ended."""
    prefix = f".partial-{goal.name}-"
    for left in goal.parent.glob(f"{glob.escape(prefix)}*"):
        process = left.name.removeprefix(prefix).partition("-")[0]
        if process.isdigit() and not psutil.pid_exists(int(process)):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from None


@contextmanager
def replacing(path: Path) -> Iterator[Any]:
    """Give a text file to write into, which takes its place when all is written.

    After an error or an interrupt ``path`` is as it was.
    """
    goal = path.resolve()
    with _writing(path):
        _remove_left(goal)
        with _partial(goal) as folder:
            with (folder / goal.name).open("w", encoding="utf-8", newline="") as file:
                yield file
            if goal.exists():
                shutil.copymode(goal, folder / goal.name)
            (folder / goal.name).replace(goal)
