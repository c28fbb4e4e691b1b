"""New rows for a winner: checked as ``preprocess`` checks a table, and its answers to them."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import ValidationError

from stages.study.errors import InputError, note
from stages.study.sections.data import Reading
from stages.study.signature import Signature
from stages.study.tables.cells import markers_of, with_numbers
from stages.study.tables.kinds import as_features
from stages.study.tables.table import Table, place
from stages.study.tables.text_format import is_beyond_ascii_in_utf8
from stages.study.tables.thousands import without
from stages.study.tables.unknown import spelling
from stages.study.winner import Winner
from stages.study.yaml_sections import in_words


def reading(signature: Signature, how: Mapping[str, str], path: Path) -> Reading:
    """Return how a file is read: as the study's table, but for what is said of it, or seen."""
    study = signature.reading.model_dump(exclude_defaults=True)
    other = study.get("encoding", "utf-8")
    if "encoding" not in how and not other.startswith("utf") and is_beyond_ascii_in_utf8(path):
        note(f"{path}: read as utf-8, which it is; the study's table was {other}")
        study["encoding"] = "utf-8"
    try:
        return Reading.model_validate({**study, **how})
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"--{first['loc'][0]}: {in_words(first)}") from None


def features(chunk: pd.DataFrame, signature: Signature, table: Table) -> pd.DataFrame:
    """Return text as the features of the model, in its order, NaN where a value is missing.

    Parameters
    ----------
    chunk : DataFrame
    signature : Signature
    table : Table
        Of which it is a piece.
    """
    made: dict[str, pd.Series] = {}
    for name, kind in signature.columns.items():
        markers, own = markers_of(name, signature), signature.missing.get(name, [])
        hint = _hint(own, markers[len(own) :])
        column = chunk[name]
        if kind.kind == "number" and table.form.startswith("text"):
            hint += f"\nThe decimal mark is {table.decimal!r}; --decimal names another, "
            hint += "--thousands one between thousands."
            column = without(column, table.decimal, table.thousands)
        # They are written as the study's table is, which the new one need not be.
        known = with_numbers(markers, signature.reading.decimal)
        made.update(as_features(column, kind, table.path, known, hint, table.decimal))
    return pd.DataFrame(made)[signature.features]


def readable(
    winner: Winner, chunk: pd.DataFrame, table: Table
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the rows that can be predicted, their features, and what the network gets of them.

    A row without a target that cannot be read, such as one of sums at the end, is passed over if
    the study left out such rows.

    Raises
    ------
    InputError
        If another row cannot be read.
    """

    def read(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        X = respelled(winner, features(rows, winner.signature, table), table.decimal)
        return X, filled(winner, X, table.path)

    try:
        return chunk, *read(chunk)
    except InputError:
        bad = _unreadable(read, chunk[_without_target(chunk, winner.signature)])
        rest = chunk.drop(index=bad)
        if not bad or rest.empty:
            raise
        return rest, *read(rest)


def _without_target(chunk: pd.DataFrame, signature: Signature) -> NDArray[np.bool_]:
    if signature.target not in chunk:
        return np.zeros(len(chunk), bool)
    return np.asarray(chunk[signature.target].isin(signature.target_missing))


def _unreadable(read: Callable[[pd.DataFrame], object], rows: pd.DataFrame) -> list[int]:
    """Return the places of rows that cannot be read, found by halves: mostly all can."""
    if rows.empty:
        return []
    try:
        read(rows)
    except InputError:
        if len(rows) == 1:
            return [int(rows.index[0])]
        half = len(rows) // 2
        return _unreadable(read, rows[:half]) + _unreadable(read, rows[half:])
    return []


def respelled(winner: Winner, X: pd.DataFrame, decimal: str = ".") -> pd.DataFrame:
    """Return features, with categories that are numbers spelled as the training had them."""
    made, own = X.copy(), winner.signature.reading.decimal
    for name, unknown in winner.unknown(X).items():
        found = spelling(unknown, winner.categories[name], own, decimal)
        made.loc[found.index, name] = found.to_numpy(object)
    return made


def _hint(own: Sequence[Any], everywhere: Sequence[Any]) -> str:
    of_column = f", or {' or '.join(map(repr, own))}" if own else ""
    of_all = f"; in any column also {', '.join(map(str, everywhere))}" if everywhere else ""
    return f"\nMissing is an empty cell{of_column}{of_all}."


def filled(winner: Winner, X: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return rows as the network takes them, checked for gaps."""
    rows = winner.network_rows(X)
    numbers = X.select_dtypes("number")
    gaps = rows.isna().any(axis=1).to_numpy() & numbers.isna().any(axis=1).to_numpy()
    if gaps.any():
        row = int(gaps.argmax())
        name = numbers.columns[int(numbers.iloc[row].isna().to_numpy().argmax())]
        raise InputError(
            f"{path}: {place(X[name], row)}: missing, and the model has no imputer "
            "that could fill it"
        )
    return rows


def check_answer(answer: pd.DataFrame, X: pd.DataFrame, path: Path) -> None:
    """Check that the network came to a number for each row."""
    bad = ~np.isfinite(answer.select_dtypes("number").to_numpy()).all(axis=1)
    if bad.any():
        where = f"{path}: {X.index.name} {X.index[int(bad.argmax())]}"
        raise InputError(
            f"{where}: the network's answer is not a finite number; a value may be far "
            "beyond those that it was trained on"
        )
