"""Predict new rows with the winner of the grid search.

    python -m stages.predict models/best NEW.csv --out predictions.csv

NEW.csv has the model's columns in any order, named in its first line, and not the target. It may be
any file that a study takes, such as a workbook or Parquet. The predictions stand in the order of
its rows, one a row.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from stages.study.artifacts import replacing, write_csv
from stages.study.errors import InputError, reporting, say
from stages.study.tables.new_rows import (
    Unknown,
    check_answer,
    check_columns,
    features,
    filled,
    respelled,
)
from stages.study.tables.open_table import open_table
from stages.study.tables.table import CELLS
from stages.study.tables.text_table import TextTable
from stages.study.winner import load_network, read_winner


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m stages.predict",
        description=(__doc__ or "").strip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", type=Path, help="folder of the winner, such as models/best")
    parser.add_argument("table", type=Path, help="the new rows")
    parser.add_argument("--out", type=Path, required=True, help="where to write, as CSV")
    parser.add_argument("--sheet", help="of a workbook; without it that of the study")
    given = parser.parse_args()
    with reporting():
        rows = predict(given.model, given.table, given.out, sheet=given.sheet)
        say(f"{rows} rows predicted: {given.out}")


def predict(
    folder: Path, table: Path, out: Path, cells: int = CELLS, sheet: str | None = None
) -> int:
    """Write a prediction for each row of a table, and return how many there are.

    Parameters
    ----------
    folder : Path
        Of the winner.
    table, out : Path
    cells : int
        How much is in memory at once.
    sheet : str or None
        Of a workbook, the one that holds the rows; None for that of the study.

    Raises
    ------
    InputError
        Then ``out`` is as it was.
    """
    # Unlike pathlib's, this raises nothing, whatever the path.
    inside = folder.iterdir() if os.path.isdir(folder) else []  # noqa: PTH112
    check_out(out, [table, *inside])
    winner = read_winner(folder)
    reading = winner.signature.reading
    reading = reading if sheet is None else reading.model_copy(update={"sheet": sheet})
    network, rows, unknown = None, 0, Unknown()
    try:
        with open_table(table, reading) as text, bar(table) as show, replacing(out) as file:
            if sheet is not None and not text.form.startswith("workbook"):
                raise InputError(f"--sheet: reaches nothing, as {table} is {text.form}")
            check_columns(text, winner.signature)
            # Of files with types the numbers are written with a point.
            decimal = reading.decimal if isinstance(text, TextTable) else "."
            for chunk in text.chunks(cells):
                X = features(chunk, winner.signature, table, decimal)
                X = respelled(winner, X, decimal)
                values = filled(winner, X, table)
                unknown.count(winner.unknown(X))
                network = load_network(folder) if network is None else network
                answer = winner.answer(network, values)
                check_answer(answer, X, table)
                write_csv(answer, file, header=not rows)
                rows += len(answer)
                show(text.position)
    except FileNotFoundError:
        raise InputError(f"{table}: no such file") from None
    unknown.tell(table)
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
        if out.exists() and os.path.exists(other) and out.samefile(other):  # noqa: PTH110
            raise InputError(f"--out {out}: is {other}, which is read; name another file")


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
