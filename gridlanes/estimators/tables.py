"""Rows in the forms in which people have them, as one table that scikit-learn can index."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from gridlanes.compat.load_keras import float_type
from gridlanes.compat.sklearn import check_pandas_support


def as_table(X: Any, y: Any = None) -> Any:
    """Return a dict of arrays as a table; anything else as it is.

    Parameters
    ----------
    X : array-like, or dict of str to array-like of shape (rows,) or (rows, columns)
        All columns of an array have its name in the table.
    y : array-like, optional

    Raises
    ------
    ValueError
        For a dict of something else, and for a list of one array for each input.
    """
    # A sparse matrix may be a dict of its entries.
    if isinstance(X, Mapping) and not issparse(X):
        return _of_dict(X)
    if _is_list_of_inputs(X, y):
        raise ValueError(
            f"X is a list of {len(X)} arrays of {len(y)} rows each: give the inputs of a network "
            "as a dict of their names to arrays, or as a table with columns of their names"
        )
    return X


def as_column(X: Any) -> Any:
    """Return texts in one dimension as a column."""
    return X if np.ndim(X) != 1 else np.asarray(X, dtype=object).reshape(-1, 1)


def has_text(X: Any) -> bool:
    """Return whether there is text among what a table holds."""
    if hasattr(X, "columns") and {getattr(own, "kind", "O") for own in X.dtypes} <= set("biuf"):
        return False
    try:
        array = np.asarray(X)
    except (TypeError, ValueError):
        # Scikit-learn says what is wrong.
        return False
    if array.dtype.kind != "O":
        return array.dtype.kind in "SU"
    return any(isinstance(one, (str, bytes)) for one in array.flat)


def for_network(X: NDArray) -> NDArray:
    """Return rows in the float type of networks.

    As they are if there is text, or a whole number which that type does not have: it may be a key
    that a layer looks up, as what it is.
    """
    if X.dtype.hasobject:
        return X
    floats = X.astype(float_type(), copy=False)
    if np.abs(floats).max(initial=0) * np.finfo(floats.dtype).eps < 2:
        return floats
    return X if ((floats != X) & (np.rint(X) == X)).any() else floats


def column_names(names: Any) -> tuple[str, ...]:
    """Return the names of columns, none of a table without."""
    return () if names is None else tuple(names)


def _of_dict(X: Mapping[str, Any]) -> Any:
    pd: Any = check_pandas_support("a dict as X")
    columns = {name: np.asarray(own) for name, own in X.items()}
    for name, own in columns.items():
        if own.ndim not in (1, 2) or not isinstance(name, str):
            raise ValueError(
                f"a dict as X has to name arrays of shape (rows,) or (rows, columns); found "
                f"{name!r}: {own.shape}"
            )
    if len({len(own) for own in columns.values()}) != 1:
        lengths = ", ".join(f"{name!r}: {len(own)}" for name, own in columns.items())
        raise ValueError(f"the arrays of a dict as X must have as many rows; found {lengths}")
    parts = [pd.DataFrame(own.reshape(len(own), -1)) for own in columns.values()]
    table = pd.concat(parts, axis=1)
    widths = [part.shape[1] for part in parts]
    table.columns = pd.Index(np.repeat(np.array(list(columns), dtype=object), widths))
    return table


def _is_list_of_inputs(X: Any, y: Any) -> bool:
    if not isinstance(X, (list, tuple)) or not isinstance(y, (Sequence, np.ndarray)):
        return False
    arrays = len(X) != len(y) and all(hasattr(own, "shape") for own in X)
    return arrays and all(np.shape(own)[:1] == (len(y),) for own in X)
