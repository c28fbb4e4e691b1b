"""New rows for a winner: checked as ``preprocess`` checks a table, and its answers to them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.errors import InputError, warn
from stages.study.signature import Signature
from stages.study.tables.cells import absent_and_numbers
from stages.study.tables.kinds import as_features
from stages.study.tables.table import Table, check_unique, nearest, place
from stages.study.winner import Winner


def check_columns(table: Table, signature: Signature) -> None:
    """Check that a table has the model's columns, in any order, and no others."""
    header, where = table.header, table.where
    names = list(signature.columns)
    takes = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    extra = [name for name in header if name not in signature.columns]
    for name in names:
        if name not in header:
            near = nearest(name, extra)
            hint = f"; is {near!r} meant?" if near else ""
            raise InputError(f"{where}: no column {name!r}{hint}\nThe model takes: {takes}")
    if signature.target in extra:
        raise InputError(f"{where}: column {signature.target!r} is what is predicted; leave it out")
    if extra:
        raise InputError(
            f"{where}: column {extra[0]!r} is none of the model's; leave it out\n"
            f"The model takes: {takes}"
        )
    check_unique(names, header, where)


def features(
    chunk: pd.DataFrame, signature: Signature, path: Path, decimal: str = "."
) -> pd.DataFrame:
    """Return text as the features of the model, in its order, NaN where a value is missing.

    Parameters
    ----------
    chunk : DataFrame
    signature : Signature
    path : Path
        For messages.
    decimal : str
        The decimal mark of the file.
    """
    made: dict[str, pd.Series] = {}
    everywhere = signature.missing_default
    for name, kind in signature.columns.items():
        own = signature.missing.get(name, [])
        markers, hint = [*own, *everywhere], _hint(own, everywhere)
        made.update(as_features(chunk[name], kind, path, markers, hint, decimal))
    return pd.DataFrame(made)[signature.features]


def respelled(winner: Winner, X: pd.DataFrame, decimal: str = ".") -> pd.DataFrame:
    """Return features, with categories that are numbers spelled as the training had them.

    A column of whole numbers is written as ``1.0`` as soon as one is missing. A spelling that is
    known stays, and so does what could be several: ``1.0`` where ``1`` and ``01`` are known.
    """
    made = X.copy()
    for name, unknown in winner.unknown(X).items():
        # A gap that the training had is a category too.
        known = pd.Series(winner.categories[name], dtype=object).dropna()
        known.index = pd.Index(_values(known, winner.signature.reading.decimal))
        known = known[known.index.notna() & ~known.index.duplicated(keep=False)]
        found = pd.Series(_values(unknown, decimal), unknown.index).map(known).dropna()
        made.loc[found.index, name] = found.to_numpy(object)
    return made


def _values(column: pd.Series, decimal: str) -> NDArray[np.float64]:
    return absent_and_numbers(column, (), decimal)[1]


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


class Unknown:
    """Counts the categories that a model has not seen, over the pieces of a table."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._first: dict[str, str] = {}

    def count(self, found: Mapping[str, pd.Series]) -> None:
        """Add those of one piece: by column, the categories with their lines as the index."""
        for name, own in found.items():
            if len(own):
                self._rows[name] = self._rows.get(name, 0) + len(own)
                first = f"{own.iloc[0]!r} in {own.index.name} {own.index[0]}"
                self._first.setdefault(name, first)

    def tell(self, path: Path) -> None:
        """Say in a line for each column what was found."""
        for name, rows in self._rows.items():
            hold = "row holds" if rows == 1 else "rows hold"
            warn(
                f"{path}: column {name!r}: {rows} {hold} a category that the model has not seen, "
                f"the first {self._first[name]}; it is taken as any unknown one"
            )


def check_answer(answer: pd.DataFrame, X: pd.DataFrame, path: Path) -> None:
    """Check that the network came to a number for each row."""
    bad = ~np.isfinite(answer.select_dtypes("number").to_numpy()).all(axis=1)
    if bad.any():
        where = f"{path}: {X.index.name} {X.index[int(bad.argmax())]}"
        raise InputError(
            f"{where}: the network's answer is not a finite number; a value may be far "
            "beyond those that it was trained on"
        )
