"""Suggest what params.yaml says of a table, and of how it is scored.

    python -m stages.init data/raw/TABLE.csv --target NAME

Shows what it would change, with the reasons as comments; --write does it. Then `dvc repro` runs.
What params.yaml says already of the same table and target stays, and so do the network, its grid
and all comments. Without --target it names the columns that there are.
"""

import argparse
import difflib
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from stages.study import params
from stages.study.errors import reporting, say
from stages.study.params import PATH
from stages.study.sections.data import Reading
from stages.study.suggest import params_file
from stages.study.suggest.reasons import forced, without_reasons
from stages.study.suggest.suggestion import Suggestion, suggest
from stages.study.writing import replacing
from stages.study.yaml_sections import in_words

#: Where the tables of a study are.
RAW = Path("data/raw")

#: What can be told of a file, as in params.yaml.
FILE = {
    "sheet": "the sheet of a workbook",
    "separator": "what stands between values",
    "decimal": '"." or ","',
    "thousands": "what stands between thousands, such as .",
    "encoding": "of text, such as latin-1",
    "comment": "how lines begin that are passed over",
}

#: So many lines of a kind are shown.
SHOWN = 10


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m stages.init",
        description=(__doc__ or "").strip(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("table", help="the table, of any kind that a study reads")
    parser.add_argument("--target", metavar="NAME", help="the column to predict")
    parser.add_argument("--write", action="store_true", help=f"change {PATH}")
    file = parser.add_argument_group("how the file is read, where it is not found")
    for key, words in FILE.items():
        file.add_argument(f"--{key}", type=partial(_checked, key), help=words)
    given = parser.parse_args()
    told = {key: value for key in FILE if (value := getattr(given, key)) is not None}
    with reporting():
        # What a terminal cannot show is no reason to show nothing.
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
        init(given.table, given.target, told, write=given.write)


def _checked(key: str, value: str) -> Any:
    """Return what is told of a file as params.yaml would have it."""
    try:
        # A point between thousands goes with another decimal mark.
        other = {"decimal": ","} if value == "." else {}
        return getattr(Reading.model_validate({**other, key: value}), key)
    except ValidationError as error:
        raise argparse.ArgumentTypeError(in_words(error.errors()[0])) from None


def init(
    table: str,
    target: str | None,
    told: Mapping[str, Any] | None = None,
    *,
    write: bool = False,
) -> None:
    """Show what params.yaml would say of a table, and write it if asked to.

    Parameters
    ----------
    table : str
        Its path, as params.yaml is to name it.
    target : str or None
    told : mapping of str to object, optional
        How the file is read, by the names of :class:`stages.study.sections.data.Reading`.
    write : bool

    Raises
    ------
    InputError
        If nothing can be suggested; params.yaml is as it was then.
    """
    current = params.load()
    before = PATH.read_text(encoding="utf-8")
    suggestion = suggest(table, target, current, told, forced(before))
    kept = without_reasons(before) if suggestion.new else before
    after = params_file.changed(kept, suggestion.changes)
    params_file.check(after)
    diff = "".join(_diff(before, after))
    said = [*suggestion.facts, diff, *_lists(suggestion), *_outside(table)]
    say("\n".join(filter(None, said)))
    if not diff:
        say(f"{PATH}: nothing to change")
    elif write:
        with replacing(PATH) as file:
            file.write(after)
        say(f"{PATH}: written")
    else:
        say(f"{PATH} is as it was; --write changes it")


def _diff(before: str, after: str) -> Iterator[str]:
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return difflib.unified_diff(old, new, str(PATH), f"{PATH} as suggested")


def _lists(suggestion: Suggestion) -> Iterator[str]:
    if suggestion.undecided:
        yield "Left out until you decide:"
        yield from _shown(suggestion.undecided)
    if suggestion.doubts:
        yield "To look at:"
        yield from _shown(suggestion.doubts)
    if suggestion.pastes:
        yield "If so, to paste below data, each line in the place of the entry of its name:"
        yield from (f"  {line}" for line in suggestion.pastes)


def _shown(lines: Sequence[str]) -> Iterator[str]:
    yield from (f"  {line}" for line in lines[:SHOWN])
    if len(lines) > SHOWN:
        yield f"  and {len(lines) - SHOWN} more"


def _outside(table: str) -> Iterator[str]:
    """Say what to do with a table that no clone of the study would have."""
    path = Path(table)
    if RAW.resolve() not in path.resolve().parents:
        yield (
            f"{table} is outside of {RAW}, so that git and DVC do not keep it with the study: "
            f"cp {table} {RAW}/ and name that"
        )


if __name__ == "__main__":
    main()
