"""What can be checked of the values on a grid before any training, and which one is wrong."""

import re
from collections.abc import Mapping
from typing import Any

from sklearn.base import clone

from stages.study.artifacts import SCORES
from stages.study.checks import check_network
from stages.study.distributions import Values, place, tried
from stages.study.errors import InputError
from stages.study.estimator import set_network
from stages.study.params import PATH
from stages.study.prepared import Prepared


def check_values(estimator: Any, grid: Mapping[str, Values], key_path: str) -> None:
    """Check every value on the grid by its name, as far as no network has to be built."""
    for name in grid:
        if re.match(SCORES, name):
            raise InputError(f"{PATH}: {key_path}.{name}: a column of the results has this name")
    for name, values in grid.items():
        for number, value in enumerate(tried(values)):
            path = place(f"{key_path}.{name}", values, number)
            if value == "":
                raise InputError(
                    f"{PATH}: {path}: an empty text, which the tables of results cannot hold; "
                    "null means none"
                )
            set_network(clone(estimator), {name: value}, path)


def check_grid(estimator: Any, data: Prepared, grid: Mapping[str, Values], key_path: str) -> None:
    """Check every value on the grid by building a network with it.

    A value is tried with the first value of all others: what only fails in company becomes a
    failed fit of the search. Of a distribution its ends and its middle are tried.
    """
    first = {name: tried(values)[0] for name, values in grid.items()}
    try:
        _check(estimator, data, first, key_path)
    except InputError:
        raise _blamed(estimator, data, grid, key_path) from None
    for name, values in grid.items():
        for number, value in enumerate(tried(values)[1:], 1):
            path = place(f"{key_path}.{name}", values, number)
            _check(estimator, data, {**first, name: value}, path)


def _check(estimator: Any, data: Prepared, candidate: Mapping[str, Any], key_path: str) -> None:
    """Build the network of a candidate once; what fails is said of a key path."""
    check_network(set_network(clone(estimator), candidate, key_path), data, key_path)


def _blamed(
    estimator: Any, data: Prepared, grid: Mapping[str, Values], key_path: str
) -> InputError:
    """Return the error of the first candidate, which fails, at the value without which it does not.

    If there is no such value, the error is that of what all candidates have, or of all values.
    """
    first = {name: tried(values)[0] for name, values in grid.items()}
    for name, values in grid.items():
        others = {own: value for own, value in first.items() if own != name}
        if _error_of(estimator, data, others, key_path) is None:
            path = place(f"{key_path}.{name}", values, 0)
            error = _error_of(estimator, data, first, path)
            return InputError(f"{error}{_remedy(estimator, data, first, str(error))}")
    fixed = _error_of(estimator, data, {}, "grid_search.network")
    if fixed is not None:
        return fixed
    # Several are wrong, if not only in company.
    alone = (
        _error_of(estimator, data, {name: first[name]}, place(f"{key_path}.{name}", values, 0))
        for name, values in grid.items()
    )
    told = next(filter(None, alone), None)
    return told or _error_of(estimator, data, first, key_path) or InputError(key_path)


def _error_of(
    estimator: Any, data: Prepared, candidate: Mapping[str, Any], key_path: str
) -> InputError | None:
    """Return what is wrong with a candidate; None if its network can be built."""
    try:
        _check(estimator, data, candidate, key_path)
    except InputError as error:
        return error
    return None


def _remedy(estimator: Any, data: Prepared, candidate: Mapping[str, Any], said: str) -> str:
    """Name the entry of the network that an error is about, if it would be none without it."""
    words = re.findall(r"\w+", said)
    for name, value in estimator.get_params(deep=False).items():
        if value is None or name in candidate or name not in words or not estimator.asks_for(name):
            continue
        if _error_of(estimator, data, {**candidate, name: None}, "") is None:
            return f"; grid_search.network.{name}: null leaves it to the grid"
    return ""
