"""New rows for a winner: checked as ``preprocess`` checks a table, and its answers to them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.errors import InputError
from stages.study.tables.cells import numbers
from stages.study.tables.table import Table, check_unique, nearest, place
from stages.study.winner import Signature, Winner


def check_columns(table: Table, signature: Signature) -> None:
    """Check that a table has the model's columns, in any order, and no others."""
    header, where = table.header, table.where
    takes = ", ".join(signature.features[:12]) + (", ..." if len(signature.features) > 12 else "")
    extra = [name for name in header if name not in signature.features]
    for name in signature.features:
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
    check_unique(signature.features, header, where)


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
    columns = {}
    for name in signature.features:
        own, everywhere = signature.missing.get(name, []), signature.missing_default
        hint = _hint(own, everywhere)
        columns[name] = numbers(chunk[name], path, [*own, *everywhere], hint, decimal)
    return pd.DataFrame(columns)


def _hint(own: Sequence[Any], everywhere: Sequence[Any]) -> str:
    of_column = f", or {' or '.join(map(repr, own))}" if own else ""
    of_all = f"; in any column also {', '.join(map(str, everywhere))}" if everywhere else ""
    return f"\nMissing is an empty cell{of_column}{of_all}."


def filled(winner: Winner, X: pd.DataFrame, path: Path) -> NDArray[np.float64]:
    """Return rows as the network takes them, checked for gaps."""
    rows = winner.network_rows(X)
    gaps = np.isnan(rows).any(axis=1) & X.isna().any(axis=1).to_numpy()
    if gaps.any():
        row = int(gaps.argmax())
        name = X.columns[int(X.iloc[row].isna().to_numpy().argmax())]
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
