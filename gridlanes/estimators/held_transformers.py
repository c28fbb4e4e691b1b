"""Parameters of the transformers that an estimator holds, as ``preprocessing__name``."""

from collections.abc import Iterable
from typing import Any

from sklearn.base import clone

from gridlanes.errors import ParameterError
from gridlanes.networks.parameters import TRANSFORMERS


def check_holders(estimator: Any, names: Iterable[str]) -> None:
    """Check that no parameter of a transformer was given beside it to the constructor.

    Raises
    ------
    ParameterError
    """
    for name in names:
        holder, _, inner = name.partition("__")
        if holder in TRANSFORMERS and inner and hasattr(estimator, holder):
            transformer = getattr(estimator, holder)
            if transformer is None or isinstance(transformer, str):
                raise _without_transformer(holder, inner, transformer)
            raise ParameterError(
                f"parameter {name!r} would reach nothing: give {inner!r} to "
                f"{type(transformer).__name__} in {holder}=, or set it by set_params()"
            )


def set_inner(holder: str, transformer: Any, params: dict[str, Any]) -> Any:
    """Return a clone of a transformer with parameters set."""
    if transformer is None or isinstance(transformer, str):
        raise _without_transformer(holder, next(iter(params)), transformer)
    try:
        return clone(transformer).set_params(**params)
    except ValueError as error:
        raise ParameterError(f"{holder}: {' '.join(str(error).split())}") from None


def _without_transformer(holder: str, name: str, transformer: Any) -> ParameterError:
    return ParameterError(
        f"parameter '{holder}__{name}' would reach nothing: {holder} is {transformer!r}"
    )
