"""Predict new rows with the winner of the grid search.

    python -m stages.predict models/best NEW.csv --out predictions.csv

NEW.csv has the model's columns in any order, named in its first line, and not the target. The
predictions stand in the order of its rows, one a row.
"""

import argparse
import difflib
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.artifacts import FLOAT_FORMAT
from stages.errors import InputError, reporting
from stages.tables import CELLS, numbers, open_table
from stages.winner import Signature, Winner, load_network, read_winner

#: Exit status of a command that was interrupted.
INTERRUPTED = 130


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m stages.predict",
        description=(__doc__ or "").strip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", type=Path, help="folder of the winner, such as models/best")
    parser.add_argument("table", type=Path, help="the new rows, as CSV")
    parser.add_argument("--out", type=Path, required=True, help="where to write, as CSV")
    given = parser.parse_args()
    with reporting():
        try:
            rows = predict(given.model, given.table, given.out)
        except KeyboardInterrupt:
            print(f"interrupted; {given.out} is as it was", file=sys.stderr)
            sys.exit(INTERRUPTED)
    print(f"{rows} rows predicted: {given.out}")


def predict(folder: Path, table: Path, out: Path, cells: int = CELLS) -> int:
    """Write a prediction for each row of a table, and return how many there are.

    Parameters
    ----------
    folder : Path
        Of the winner.
    table, out : Path
    cells : int
        How much is in memory at once.

    Raises
    ------
    InputError
        Then ``out`` is as it was.
    """
    check_out(out, [table, *(folder.iterdir() if folder.is_dir() else [])])
    winner = read_winner(folder)
    network, rows = None, 0
    try:
        with open_table(table) as text, bar(table) as show, replacing(out) as file:
            check_columns(text.header, winner.signature, table)
            for chunk in text.chunks(cells):
                X = features(chunk, winner.signature, table)
                values = filled(winner, X, table)
                network = load_network(folder) if network is None else network
                answer = winner.answer(network, values)
                check_answer(answer, X, table)
                answer.to_csv(
                    file,
                    index=False,
                    header=not rows,
                    float_format=FLOAT_FORMAT,
                    lineterminator="\n",
                )
                rows += len(answer)
                show(text.position)
    except FileNotFoundError:
        raise InputError(f"{table}: no such file") from None
    return rows


def check_out(out: Path, others: Sequence[Path]) -> None:
    """Check that a file can be written without harm to those that are read."""
    try:
        out.resolve().exists()
    except (OSError, RuntimeError) as error:
        raise InputError(f"{out}: cannot be written: {error}") from None
    if not out.parent.is_dir():
        raise InputError(f"{out}: the folder {out.parent} does not exist")
    if out.exists() and not out.is_file():
        raise InputError(f"{out}: must be a file")
    for other in others:
        if out.exists() and other.exists() and out.samefile(other):
            raise InputError(f"--out {out}: is {other}, which is read; name another file")


def check_columns(header: list[str], signature: Signature, path: Path) -> None:
    """Check that a table has the model's columns, in any order, and no others."""
    takes = ", ".join(signature.features[:12]) + (", ..." if len(signature.features) > 12 else "")
    extra = [name for name in header if name not in signature.features]
    for name in signature.features:
        if name not in header:
            near = difflib.get_close_matches(name, extra, n=1)
            hint = f"; is {near[0]!r} meant?" if near else ""
            raise InputError(f"{path}: line 1: no column {name!r}{hint}\nThe model takes: {takes}")
    if signature.target in extra:
        raise InputError(
            f"{path}: line 1: column {signature.target!r} is what is predicted; leave it out"
        )
    if extra:
        raise InputError(
            f"{path}: line 1: column {extra[0]!r} is none of the model's; leave it out\n"
            f"The model takes: {takes}"
        )


def features(chunk: pd.DataFrame, signature: Signature, path: Path) -> pd.DataFrame:
    """Return text as the features of the model, in its order, NaN where a value is missing."""
    columns = {}
    for name in signature.features:
        markers = signature.missing.get(name, [])
        shown = " or ".join(map(repr, markers))
        hint = f"\nMissing is an empty cell{f', or {shown}' if shown else ''}."
        columns[name] = numbers(chunk[name], path, markers, hint)
    return pd.DataFrame(columns)


def filled(winner: Winner, X: pd.DataFrame, path: Path) -> NDArray[np.float64]:
    """Return rows as the network takes them, checked for gaps."""
    rows = winner.network_rows(X)
    gaps = np.isnan(rows).any(axis=1) & X.isna().any(axis=1).to_numpy()
    if gaps.any():
        row = int(gaps.argmax())
        name = X.columns[int(X.iloc[row].isna().to_numpy().argmax())]
        raise InputError(
            f"{path}: line {X.index[row]}, column {name!r}: missing, and the model has no imputer "
            "that could fill it"
        )
    return rows


def check_answer(answer: pd.DataFrame, X: pd.DataFrame, path: Path) -> None:
    """Check that the network came to a number for each row."""
    bad = ~np.isfinite(answer.select_dtypes("number").to_numpy()).all(axis=1)
    if bad.any():
        raise InputError(
            f"{path}: line {X.index[int(bad.argmax())]}: the network's answer is not a finite "
            "number; a value may be far beyond those that it was trained on"
        )


@contextmanager
def replacing(path: Path) -> Iterator[Any]:
    """Give a text file to write into, which takes its place when all is written.

    After an error or an interrupt ``path`` is as it was.
    """
    goal = path.resolve()
    try:
        folder = Path(tempfile.mkdtemp(prefix=".partial-", dir=goal.parent))
        try:
            with (folder / goal.name).open("w", encoding="utf-8", newline="") as file:
                yield file
            if goal.exists():
                shutil.copymode(goal, folder / goal.name)
            (folder / goal.name).replace(goal)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from None


@contextmanager
def bar(path: Path) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how far a file is read; yields what is to be told of the bytes."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    columns = (DownloadColumn(), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=path.stat().st_size)
        yield lambda position: progress.update(task, completed=position)


if __name__ == "__main__":
    main()
