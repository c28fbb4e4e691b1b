"""New rows for a winner: checked as ``preprocess`` checks a table, and its answers to them."""

import difflib
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.study.errors import InputError
from stages.study.tables.cells import numbers
from stages.study.winner import Signature, Winner


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
