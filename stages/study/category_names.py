"""Names of the columns that categories become, one each: of a column and its value."""

import pandas as pd


def are_alike(X: pd.DataFrame) -> bool:
    """Return whether two values would have one name, as scikit-learn puts names together.

    Such as ``b_c`` in a column ``a`` and ``c`` in ``a_b``, or ``nan`` beside a missing value.
    """
    names = [f"{name}_{value}" for name in X for value in X[name].unique()]
    return len(set(names)) < len(names)


def apart(column: str, value: object) -> str:
    """Return the name of a value so that no other has it."""
    return f"{column!r}={value!r}"
