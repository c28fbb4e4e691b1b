"""Rows in the forms in which people have them, as one table that scikit-learn can index."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse, vstack

from gridlanes.compat.load_keras import float_type
from gridlanes.compat.sklearn import check_pandas_support
from gridlanes.errors import ParameterError
from gridlanes.networks.listed import in_list

#: Bytes of a sparse table as a dense one above which a warning says how many.
SAID_WHEN_DENSE = 2**28


def as_table(X: Any, y: Any = None, columns: int | None = None) -> Any:
    """Return arrays of one input each as a table; others as they are.

    Parameters
    ----------
    X : array-like, or dict or list of array-like of shape (rows,) or (rows, columns)
        A column of an array in a dict has its name in the table; of several they are ``name[0]``,
        ``name[1]``... Those of a list have none.
    y : array-like, optional
    columns : int, optional
        Of the table. Either tells a list of arrays from a list of rows.

    Raises
    ------
    ValueError
        For a dict of something else, and for data sets, of which no rows can be drawn.
    """
    if hasattr(X, "element_spec") or any(own.__name__ == "PyDataset" for own in type(X).__mro__):
        raise ParameterError(
            f"X must be arrays or a table, from which scikit-learn draws rows; found {type(X)}: "
            "data sets of Keras and TensorFlow are not taken"
        )
    # A sparse matrix may be a dict of its entries.
    if isinstance(X, Mapping) and not issparse(X):
        return _of_dict(X)
    if _is_list_of_inputs(X, y, columns):
        return beside(X)
    return X


def in_order(table: Any, names: Sequence[str]) -> Any:
    """Return a table with its columns in an order of names; as it is if it has others."""
    same = hasattr(table, "columns") and {*table.columns} == {*names}
    return table[list(names)] if same and len(table.columns) == len(names) else table


class SideBySide(np.ndarray):
    """A table made of a list of arrays, whose rows know how many columns each array has.

    Attributes
    ----------
    widths : tuple of int
        Empty of what has been made of such a table with other columns.
    """

    widths: tuple[int, ...] = ()

    def __array_finalize__(self, made_of: Any) -> None:
        widths = getattr(made_of, "widths", ())
        self.widths = widths if self.shape[1:] == (sum(widths),) else ()


def beside(parts: Any) -> NDArray:
    """Return arrays of as many rows as one table, side by side."""
    arrays = [np.asarray(own).reshape(len(own), -1) for own in parts]
    table = np.hstack(arrays).view(SideBySide)
    table.widths = tuple(own.shape[1] for own in arrays)
    return table


def widths_of(table: Any) -> tuple[int, ...]:
    """Return the columns of each array in the list that a table was made of, none of another."""
    return table.widths if isinstance(table, SideBySide) else ()


def as_array(X: Any) -> NDArray:
    """Return any table as an array."""
    return np.asarray(as_dense(X))


def stacked(first: Any, second: Any) -> Any:
    """Return the rows of two tables of one kind, one below the other, as such a table."""
    if issparse(first):
        return vstack([first, second]).tocsr()
    if hasattr(first, "vstack"):
        return first.vstack(second)
    both = np.concatenate([np.asarray(first), np.asarray(second)])
    return type(first)(both, columns=first.columns) if hasattr(first, "iloc") else both


def as_dense(X: Any) -> Any:
    """Return a sparse table as a dense one, and say so if that is large; others as they are.

    Of a data frame of which columns are sparse, a data frame.
    """
    columns = _sparse_columns(X)
    if not issparse(X) and not columns:
        return X
    size = X.shape[0] * X.shape[1] * (X.dtype.itemsize if issparse(X) else 8)
    if size > SAID_WHEN_DENSE:
        warnings.warn(
            f"X is sparse and networks take dense rows: {X.shape[0]} x {X.shape[1]} numbers take "
            f"{size / 2**30:.1f} GB; fewer columns, as by TruncatedSVD, would take less",
            UserWarning,
            stacklevel=2,
        )
    return X.toarray() if issparse(X) else X.astype(columns)


def _sparse_columns(X: Any) -> dict[Any, Any]:
    """Return the columns of a data frame that are sparse, and the types of what they hold."""
    if not hasattr(X, "iloc") or np.ndim(X) != 2:
        return {}
    sparse = {name: own for name, own in X.dtypes.items() if hasattr(own, "fill_value")}
    return {name: own.subtype for name, own in sparse.items()}


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


def column_names(names: Any, widths: Sequence[int] = ()) -> tuple[str, ...]:
    """Return the names of columns; of a list of arrays of some widths, what tells these apart."""
    return tuple(in_list(widths) if names is None else names)


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
    table.columns = [
        name if part.shape[1] == 1 else f"{name}[{place}]"
        for name, part in zip(columns, parts, strict=True)
        for place in range(part.shape[1])
    ]
    return table


def _is_list_of_inputs(X: Any, y: Any, columns: int | None) -> bool:
    if not isinstance(X, (list, tuple)) or not X or not all(hasattr(own, "shape") for own in X):
        return False
    shapes = [np.shape(own) for own in X]
    if any(len(own) not in (1, 2) for own in shapes) or len({own[0] for own in shapes}) > 1:
        return False
    if y is None:
        widths = sum(own[1] if len(own) == 2 else 1 for own in shapes)
        return bool(widths == columns != shapes[0][-1])
    return bool(len(X) != len(y) == shapes[0][0])
