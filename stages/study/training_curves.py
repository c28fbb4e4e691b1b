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


def last_epochs(curves: pd.DataFrame) -> pd.DataFrame:
    """Return the last row of each fit; some may have stopped early."""
    fits = [name for name in ("candidate", "seed", "fold") if name in curves]
    return curves[~curves.duplicated(fits, keep="last")]


def ends_apart(curves: pd.DataFrame) -> bool:
    """Return whether some folds stopped earlier than others of the same candidate."""
    ends = last_epochs(curves)
    own = ends["candidate"] if "candidate" in ends else pd.Series(0, ends.index)
    lasted = ends.groupby(own)["epoch"]
    return bool((lasted.max() != lasted.min()).any())


def measures(curves: pd.DataFrame) -> list[str]:
    """Return the measured columns of a table of training curves, the loss first."""
    columns = curves.columns.drop(["candidate", "seed", "fold", "epoch"], errors="ignore")
    return sorted((str(name) for name in columns), key=lambda name: (name != "loss", name))
