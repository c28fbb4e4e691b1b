"""Read the raw table, check it against params.yaml, and write it typed, with a profile.

Nothing is fitted here: scaling and imputing happen inside each training fold.
"""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from stages.study import params
from stages.study.artifacts import PREPARED, SET_ASIDE
from stages.study.errors import InputError, run, say, warn
from stages.study.findings import Findings
from stages.study.prepared import Divided, Prepared, write_prepared, write_set_aside
from stages.study.progress import phase
from stages.study.sections.data import Data, Preprocess
from stages.study.tables.aside_rows import Learnt, read_aside
from stages.study.tables.centuries import after_today
from stages.study.tables.columns import check_names, feature_columns, feature_table, kinds
from stages.study.tables.file_profile import file_profile, left_out_in_words
from stages.study.tables.kinds import check_kinds
from stages.study.tables.open_table import read_table
from stages.study.tables.profile import features_in_words, profile
from stages.study.tables.rows import (
    check_roles,
    no_features,
    roles,
    row_column,
    row_doubts,
    row_profile,
)
from stages.study.tables.set_aside import (
    aside_in_words,
    aside_profile,
    check_apart,
    check_holdout,
    set_aside,
)
from stages.study.tables.table import RawTable, called, check_unique
from stages.study.tables.targets import Target, positive_label, read_target
from stages.study.writing import writing

#: What to do about a column without a name of its own.
UNNAMED = f"\nGive it a name of its own, or leave it out by data.exclude in {params.PATH}."


def main() -> None:
    """Run the stage."""
    settings = params.load()
    prepared = prepare(settings.data, settings.preprocess)
    with writing(PREPARED) as folder:
        write_prepared(prepared, folder)
    with writing(SET_ASIDE) as folder:
        write_set_aside(prepared.aside, folder)
    say(features_in_words(prepared.profile))
    for said in aside_in_words(prepared.profile):
        say(said)


def prepare(data: Data, expected: Preprocess) -> Divided:
    """Return the checked table of the study, with the rows that are set aside apart.

    Whatever is told of the table is told of the rows that the study learns from.

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
    findings = Findings(path)
    features = _named_features(table, data, expected, findings)
    away, text = set_aside(table.rows, data, expected), None
    if away.any():
        # A large table is not copied for nothing.
        text, table = table.rows[away], replace(table, rows=table.rows[~away])
    found = _learnt(table, features, data, expected, findings)
    aside = None
    if text is not None:
        aside = read_aside(text, found, data, expected)
        check_apart(found.data, aside, data, expected.holdout)
    whole = _profile(table, found, data, expected)
    # Those set aside are rows of the file too.
    whole["rows_read"] += int(away.sum())
    whole |= aside_profile(expected.holdout, away)
    late = after_today(found.rows, found.columns, data)
    for said in filter(None, [left_out_in_words(whole["left_out"]), *whole["doubts"], *late]):
        warn(f"{path}: {said}")
    if aside is not None:
        aside = replace(aside, profile=dict(whole))
        # It would tell of the rows set aside, and run again what has not seen them.
        del whole["sha256"]
    left = found.data
    return Divided(left.X, left.y, whole, left.groups, left.time, left.weights, aside)


def _learnt(
    table: RawTable, features: list[str], data: Data, expected: Preprocess, findings: Findings
) -> Learnt:
    """Return the rows of a table as what they are taken for, checked."""
    target = Target(table.rows[data.target], {})
    with findings.gather():
        target = read_target(target.y, data, expected)
        positive_label(target.y, data)
    # The index of either names the rows of the file.
    rows = table.rows.loc[target.y.index] if target.left_out else table.rows
    own = {}
    for role in roles(data):
        with findings.gather():
            own[role] = row_column(rows, role, data)
    columns = kinds(rows, features, data, findings)
    X = feature_table(rows, columns, data, expected, findings)
    findings.check()
    return Learnt(rows, Prepared(X, target.y, {}, **own), columns, target)


def _profile(table: RawTable, found: Learnt, data: Data, expected: Preprocess) -> dict[str, Any]:
    """Return what a table holds, in figures."""
    phase("describing the table")
    left = found.data
    own = {role: getattr(left, role) for role in roles(data)}
    used = {*found.columns, data.target, *roles(data).values()}
    unused = [called(name, n) for n, name in enumerate(table.header, 1) if name not in used]
    whole = profile(left.X, left.y, data, found.columns, unused) | row_profile(own, data)
    whole |= file_profile(table, found.rows, left.X, found.columns, found.target, data, expected)
    whole["doubts"] += row_doubts(own)
    return whole


def _named_features(
    table: RawTable, data: Data, expected: Preprocess, findings: Findings
) -> list[str]:
    """Return the columns of the features, after what params.yaml says of any was checked."""
    check_names(data, table.header, findings)
    with findings.gather():
        check_roles(data)
        check_holdout(expected.holdout, data, table.header)
    # What is said of cells means nothing of other columns than were meant.
    findings.check()
    named = [own for own in [expected.holdout.column] if own is not None]
    others = [*roles(data).values(), *named]
    features = feature_columns(data, table.header, [*no_features(data), *named])
    times = Counter(table.header)
    for name in dict.fromkeys([data.target, *features, *others]):
        if not name or times[name] > 1:
            with findings.gather():
                check_unique([name], table.header, table.where, UNNAMED)
    with findings.gather():
        check_kinds(data, features)
    findings.check()
    return features


if __name__ == "__main__":
    run(main, __doc__)
