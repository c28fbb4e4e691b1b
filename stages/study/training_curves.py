"""Tables of training curves: loss and metrics of a fit by epoch, on its training rows."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

#: A fit's history, as in Keras' ``History.history``.
History = Mapping[str, Sequence[float]]


def of_fits(fits: Iterable[tuple[dict[str, Any], History]]) -> pd.DataFrame:
    """Return a row for each fit and epoch, counted from 1.

    Parameters
    ----------
    fits : iterable of (dict, history)
        What tells a fit from the others (its fold, its candidate), the first columns of the table.
    """
    tables = [
        pd.DataFrame({**named, "epoch": range(1, len(history["loss"]) + 1), **history})
        for named, history in fits
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def measures(curves: pd.DataFrame) -> list[str]:
    """Return the measured columns of a table of training curves, the loss first."""
    columns = curves.columns.drop(["candidate", "seed", "fold", "epoch"], errors="ignore")
    return sorted((str(name) for name in columns), key=lambda name: (name != "loss", name))
