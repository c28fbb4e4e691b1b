"""Read the raw table, check it against params.yaml, and write it typed, with a profile.

Nothing is fitted here: scaling and imputing happen inside each training fold.
"""

from pathlib import Path

from stages.study import params
from stages.study.artifacts import PREPARED, Prepared, write_prepared, writing
from stages.study.errors import InputError, run, say, warn
from stages.study.params import Data, Preprocess
from stages.study.tables.columns import feature_columns, feature_table, kinds
from stages.study.tables.file_profile import file_profile, left_out_in_words
from stages.study.tables.kinds import check_kinds
from stages.study.tables.open_table import read_table
from stages.study.tables.profile import features_in_words, profile
from stages.study.tables.rows import check_roles, roles, row_columns, row_profile
from stages.study.tables.table import check_unique
from stages.study.tables.targets import read_target

#: What to do about a column without a name of its own.
UNNAMED = f"\nGive it a name of its own, or leave it out by data.exclude in {params.PATH}."


def main() -> None:
    """Run the stage."""
    settings = params.load()
    prepared = prepare(settings.data, settings.preprocess)
    with writing(PREPARED) as folder:
        write_prepared(prepared, folder)
    say(features_in_words(prepared.profile))


def prepare(data: Data, expected: Preprocess) -> Prepared:
    """Return the checked table of the study.

    Raises
    ------
    InputError
        If the file is not what params.yaml says.
    """
    path = Path(data.path)
    try:
        table = read_table(path, data)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; data.path in {params.PATH} names it") from None
    check_roles(data, table.header)
    others = roles(data).values()
    features = feature_columns(data, table.header, others)
    check_unique([data.target, *features, *others], table.header, table.where, UNNAMED)
    check_kinds(data, features)
    target = read_target(table.rows[data.target], data, expected)
    y = target.y
    # The index of either names the rows of the file.
    rows = table.rows.loc[y.index] if target.left_out else table.rows
    own = row_columns(rows, data)
    columns = kinds(rows, features, data)
    X = feature_table(rows, columns, data, expected)
    used = {*features, data.target, *others}
    unused = [name for name in table.header if name not in used]
    whole = profile(X, y, data, columns, unused) | row_profile(own, data)
    whole |= file_profile(table, rows, X, target, data, expected)
    for said in filter(None, [left_out_in_words(target.left_out), *whole["doubts"]]):
        warn(f"{path}: {said}")
    return Prepared(X, y, whole, **own)


if __name__ == "__main__":
    run(main, __doc__)
