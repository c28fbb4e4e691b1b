"""Checks the parameters of a fit that are numbers, before TensorFlow is loaded."""

import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np

from gridlanes.errors import ParameterError


def check_numbers(parameters: Mapping[str, Any]) -> None:
    """Check those parameters of a fit that are numbers.

    Parameters
    ----------
    parameters : mapping
        May hold ``epochs``, ``batch_size``, ``validation_batch_size``, ``random_state``,
        ``validation_split``, which may be a splitter, and ``shuffle``; others are passed over.

    Raises
    ------
    ParameterError
        Naming the parameter, what is allowed and what was found. ``16.0`` is a whole number,
        True is not. Seeds end where NumPy's do, at 2**32.
    """
    for name, minimum in (
        ("epochs", 1), ("batch_size", 1), ("validation_batch_size", 1), ("random_state", 0)
    ):  # fmt: skip
        value = parameters.get(name, minimum)
        if name == "random_state" and (value is None or hasattr(value, "randint")):
            continue
        all_rows = name.endswith("batch_size")
        if all_rows and (value is None or (_is_number(value) and value == -1)):
            continue
        if not (_is_number(value) and minimum <= value < 2**32 and value == value // 1):
            others = ", or -1 for all rows" if all_rows else ""
            if name == "random_state":
                others = " and below 2**32, a numpy.random.RandomState or None"
            elif _is_number(value) and value >= 2**32:
                others = f" and below 2**32{others}"
            raise ParameterError(
                f"{name} must be a whole number of at least {minimum}{others}; found {value!r}"
            )
    share: Any = parameters.get("validation_split", 0.0)
    splits = hasattr(share, "split") and hasattr(share, "get_n_splits")
    if not splits and not (_is_number(share) and 0 <= share < 1):
        raise ParameterError(
            "validation_split must be a number from 0 to below 1, or a splitter of scikit-learn; "
            f"found {share!r}"
        )
    if not isinstance(parameters.get("shuffle", True), (bool, np.bool_)):
        raise ParameterError(f"shuffle must be True or False; found {parameters['shuffle']!r}")


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)
