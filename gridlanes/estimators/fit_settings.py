"""What a fit is given besides rows: in its call, as ``fit__name``, or as an estimator's own."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gridlanes.errors import ParameterError
from gridlanes.networks.number_checks import check_numbers
from gridlanes.networks.parameters import FIT, check_call, nested

#: Rows in a mini-batch where nobody says how many, as in Keras.
BATCH_SIZE = 32


@dataclass(frozen=True)
class FitSettings:
    """What ``keras.Model.fit`` would be given.

    Attributes
    ----------
    epochs : int
    batch_size, validation_batch_size : int or None
        None stands for Keras' own, -1 for all rows.
    shuffle : bool
    validation_split : float or splitter
    validation_data : tuple or None
        Rows, targets and perhaps weights as in ``fit``.
    class_weight : dict, "balanced" or None
    callbacks : Any
        Objects or classes, one or a list or dict of them.
    verbose : int or str
    held_out : int or None
        How many rows a splitter holds out, which stand last; None where there is none.
    """

    epochs: int
    batch_size: int | None
    shuffle: bool
    validation_split: Any
    validation_batch_size: int | None
    validation_data: tuple | None
    class_weight: Any
    callbacks: Any
    verbose: Any
    held_out: int | None = None


def settings_of(estimator: Any, given: Mapping[str, Any]) -> FitSettings:
    """Return the settings of an estimator's fit.

    Of their numbers only those are looked at which decide what rows are trained on: the others may
    be another candidate's, which is given the same rows.

    Parameters
    ----------
    estimator : KerasEstimator
    given : mapping
        In the call of ``fit``; goes before the estimator's own.

    Raises
    ------
    ParameterError
        For one that would reach nothing, or is not what it has to be.
    """
    routed = nested(estimator.get_params(deep=False), "fit")
    check_call("fit", {**routed, **given}, _allowed(estimator))
    values: dict[str, Any] = dict.fromkeys(FIT) | own_settings(estimator) | dict(given)
    check_numbers({"validation_split": values["validation_split"]})
    data = values["validation_data"]
    _check_watched(data)
    # Keras, too, leaves the share alone where it is given the rows.
    split = values["validation_split"] if data is None else 0.0
    values["validation_split"] = split
    return FitSettings(**values)


def own_settings(estimator: Any) -> dict[str, Any]:
    """Return the settings that an estimator brings to each of its fits, None left out."""
    own = {name: getattr(estimator, name, None) for name in FIT}
    implied = estimator.implied_parameters()
    own |= {name: implied[name] for name in own if name in implied}
    settings = own | nested(estimator.get_params(deep=False), "fit")
    return {name: value for name, value in settings.items() if value is not None}


def check_given(estimator: Any, given: Mapping[str, Any]) -> None:
    """Check what all fits of an estimator are to be given besides rows, before the first of them.

    Raises
    ------
    ParameterError
        For what would reach nothing, and for numbers that cannot work.
    """
    named = [*inspect.signature(estimator.prepare).parameters]
    classes = ["classes"] if hasattr(estimator, "class_weight") else []
    others = [name for name in given if name not in (*named, *classes)]
    check_call("fit", others, _allowed(estimator))
    check_numbers({name: given[name] for name in others})
    _check_watched(given.get("validation_data"))


def _check_watched(data: Any) -> None:
    """Raise unless rows to watch are given as ``keras.Model.fit`` takes them."""
    if data is not None and not (isinstance(data, (tuple, list)) and len(data) in (2, 3)):
        raise ParameterError(
            f"validation_data must be (X, y) or (X, y, sample_weight); found {type(data).__name__}"
        )


def check_class_weight(weights: Any) -> None:
    """Raise unless weights of classes are given as scikit-learn takes them."""
    balanced = isinstance(weights, str) and weights == "balanced"
    if not balanced and not isinstance(weights, Mapping):
        raise ParameterError(
            "class_weight must be a dict of a weight for each label, as dict(zip(numpy.unique(y), "
            f"weights)), 'balanced' or None; found {weights!r}"
        )


def _allowed(estimator: Any) -> list[str]:
    """Return what an estimator's fit takes besides rows."""
    return [name for name in FIT if name != "class_weight" or hasattr(estimator, name)]


def rows_at_once(size: int | None, rows: int) -> int:
    """Return the rows of a mini-batch, given a batch size and the number of all rows."""
    if size is None:
        return BATCH_SIZE
    return max(rows, 1) if size == -1 else int(size)


def callbacks_of(estimator: Any, callbacks: Any) -> tuple[Any, ...]:
    """Return callbacks as objects, those given as classes made with ``callbacks__name``.

    Raises
    ------
    ParameterError
        For what is no callback, and for parameters that would reach nothing.
    """
    settings = nested(estimator.get_params(deep=False), "callbacks")
    if callbacks is None and not settings:
        return ()
    if settings or inspect.isclass(callbacks) or not isinstance(callbacks, (list, tuple)):
        callbacks = _made(callbacks, settings)
    elif any(map(inspect.isclass, callbacks)):
        callbacks = _made(callbacks, {})
    for callback in callbacks:
        if not hasattr(callback, "on_epoch_end"):
            raise ParameterError(
                "callbacks must be a keras.callbacks.Callback, or a list or dict of them; "
                f"found {callback!r}"
            )
    return tuple(callbacks)


def _made(callbacks: Any, settings: Mapping[str, Any]) -> list[Any]:
    from gridlanes.networks.routed import made

    found = made(callbacks, settings, "callbacks", lambda _: None)
    return _flat(found)


def _flat(found: Any) -> list[Any]:
    if isinstance(found, Mapping):
        found = list(found.values())
    if not isinstance(found, (list, tuple)):
        return [found]
    return [one for entry in found for one in _flat(entry)]
