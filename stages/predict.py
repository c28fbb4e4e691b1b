"""Predict new rows with the winner of the search.

    python -m stages.predict models/best NEW.csv --out predictions.csv

NEW.csv has the model's columns in any order, named in its first line; what else the study's table
had is passed over, if it is there. It may be any file that a study takes, such as a workbook or
Parquet. The predictions stand in the order of its rows, one a row; rows without a target that
cannot be read are passed over if the study left out such. What was done is said on standard error.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

from stages.study.artifacts import write_csv
from stages.study.counts import count, listed
from stages.study.errors import InputError, note, reporting
from stages.study.sections.data import Reading
from stages.study.tables.new_columns import SHOWN, check_columns, check_kept
from stages.study.tables.new_rows import check_answer, readable, reading
from stages.study.tables.open_table import check_reading, open_table
from stages.study.tables.table import CELLS, Table
from stages.study.tables.tally import Tally
from stages.study.winner import Winner, load_network, read_winner
from stages.study.writing import replacing

#: How a file of new rows may differ from that of the study where its content does not tell.
HELP = {
    "separator": "between values",
    "decimal": "mark, . or ,",
    "thousands": "mark between thousands, such as .",
    "encoding": "of text",
    "comment": "with which lines that are none begin",
    "sheet": "of a workbook",
}


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
    parser.add_argument(
        "--keep",
        nargs="+",
        action="extend",
        default=[],
        metavar="COLUMN",
        help="columns of the new rows to write in front of the predictions, as they stand",
    )
    group = parser.add_argument_group("how the new rows are written, where not as the study's were")
    for name in Reading.model_fields:
        group.add_argument(f"--{name}", metavar="TEXT", help=HELP[name])
    given = parser.parse_args()
    how = {name: getattr(given, name) for name in HELP if getattr(given, name) is not None}
    with reporting():
        number = predict(given.model, given.table, given.out, keep=given.keep, how=how)
        note(f"{count(number, 'row')} predicted: {given.out}")


def predict(
    folder: Path,
    table: Path,
    out: Path,
    cells: int = CELLS,
    *,
    keep: Sequence[str] = (),
    how: Mapping[str, str] | None = None,
) -> int:
    """Write a prediction for each row of a table, say what was done, and return how many there are.

    Parameters
    ----------
    folder : Path
        Of the winner.
    table, out : Path
    cells : int
        How much is in memory at once.
    keep : sequence of str
        Columns of the table to write too.
    how : mapping of str to str, optional
        How the table is written where not as that of the study, by the names of
        :class:`stages.study.sections.data.Reading`.

    Raises
    ------
    InputError
        Then ``out`` is as it was.
    """
    # Unlike pathlib's, this raises nothing, whatever the path.
    inside = folder.iterdir() if os.path.isdir(folder) else []  # noqa: PTH112
    check_out(out, [table, *inside])
    winner, how = read_winner(folder), how or {}
    tally, number = Tally(winner), 0
    try:
        with (
            open_table(table, reading(winner.signature, how, table)) as text,
            replacing(out) as file,
        ):
            check_reading(text, how, "--")
            check_kept(keep, text, winner.signature)
            passed_over = check_columns(text, winner.signature, keep)
            for kept, answer in answers(winner, text, cells, tally):
                write_csv(answer, file, header=not number, beside=kept[[*dict.fromkeys(keep)]])
                number += len(answer)
    except FileNotFoundError:
        raise InputError(f"{table}: no such file") from None
    if passed_over:
        note(f"passed over: {listed(passed_over, SHOWN)}")
    for line in tally.lines():
        note(line)
    return number


def answers(
    winner: Winner, table: Table, cells: int, tally: Tally
) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Yield the rows of a table as text with what the winner says of them, piece by piece."""
    network = None
    with bar(table.path) as show:
        for chunk in table.chunks(cells):
            kept, X, values = readable(winner, chunk, table)
            tally.pass_over(chunk.index.difference(kept.index))
            tally.count(X, winner.unknown(X))
            network = load_network(winner.folder) if network is None else network
            answer = winner.answer(network, values)
            check_answer(answer, X, table.path)
            yield kept.reset_index(drop=True), answer
            show(table.position)


def check_out(out: Path, others: Sequence[Path]) -> None:
    """Check that a file can be written without harm to those that are read."""
    try:
        # Unlike `exists`, this raises the same for names that no file can have in every Python.
        out.stat()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
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
