"""Losses and metrics in words, as they decide which program trains a fit.

Those of Keras are told by their configuration, the user's by their code.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import keras

from gridlanes.compat.compiled_models import CompiledLoss
from gridlanes.compat.keras import axis_of, function_in, row_by_row
from gridlanes.errors import CannotRideError
from gridlanes.networks.targets import is_sparse, loss_name
from gridlanes.programs.supported import ACROSS_ROWS, LOSSES, MEASURES, REDUCTIONS
from gridlanes.store.content_digest import content
from gridlanes.store.digests import NoContentError
from gridlanes.store.keras_digest import left_out

#: What Keras makes a loss or a metric of when it sees targets and outputs.
CHOSEN_LATE = ("accuracy", "acc", "crossentropy", "ce")


class Objective(NamedTuple):
    """Losses and metrics as plain data.

    Attributes
    ----------
    loss, metrics : str
    alone : bool
        Whether any of them is called for one lane after the other.
    sized : bool
        Whether any of them may look at how many outputs there are.
    """

    loss: str
    metrics: str
    alone: bool
    sized: bool


def describe_objective(compiling: Mapping[str, Any], *, classes: bool) -> Objective:
    """Return losses and metrics as plain data.

    Parameters
    ----------
    compiling : mapping
        Arguments of ``compile``.
    classes : bool
        Whether targets are classes.

    Raises
    ------
    CannotRideError
        For one that cannot be told by its content, or computes in another float type.
    """
    plain = classes and not is_sparse(compiling["loss"])
    alone: list[bool] = []
    sized: list[bool] = []

    def loss(own: Any) -> Any:
        if own is None or own in CHOSEN_LATE:
            return own
        resolved = keras.losses.get(own)
        alone.append(not is_loss_of_rows(resolved, plain=plain))
        return _loss(resolved, alone=alone[-1])

    def metric(own: Any) -> Any:
        if own is None or own in CHOSEN_LATE:
            return own
        resolved = keras.metrics.get(own)
        alone.append(is_metric_alone(resolved, plain=plain))
        sized.append(isinstance(resolved, keras.metrics.Metric) and row_by_row(resolved) is None)
        told = _told(resolved, "metric", loss_name(own))
        return told if own is resolved else [own, told]

    losses = json.dumps(_each(compiling["loss"], loss))
    metrics = [_each(compiling.get(name), metric) for name in ("metrics", "weighted_metrics")]
    return Objective(losses, json.dumps(metrics), any(alone), any(sized) or any(alone))


def check_losses(losses: Sequence[CompiledLoss]) -> None:
    """Raise if an output has several losses."""
    outputs = [own.output for own in losses]
    if len(set(outputs)) < len(outputs):
        raise CannotRideError("several losses of one output cannot ride")


def _each(given: Any, tell: Callable[[Any], Any]) -> Any:
    """Return lists and dicts, as Keras keeps them, with what is told of each thing in them."""
    if isinstance(given, Mapping):
        return {name: _each(own, tell) for name, own in given.items()}
    return [_each(own, tell) for own in given] if isinstance(given, (list, tuple)) else tell(given)


def is_loss_of_rows(own: Any, *, plain: bool) -> bool:
    """Return whether a loss is a mean or a sum of what a function of Keras makes of each row.

    ``plain`` stands for targets that are 0 and 1 wherever they are classes.
    """
    if isinstance(own, keras.losses.Loss):
        if type(own).call is not keras.losses.MeanSquaredError.call:
            return False
        if type(own).__call__ is not keras.losses.Loss.__call__ or own.reduction not in REDUCTIONS:
            return False
        own = own if function_in(own) is not None else None
    return _is_of_rows(own, LOSSES, plain=plain)


def is_metric_alone(own: Any, *, plain: bool) -> bool:
    """Return whether a metric has to be called for one lane after the other."""
    if not isinstance(own, keras.metrics.Metric):
        return not _is_of_rows(own, MEASURES, plain=plain)
    if row_by_row(own) is not None:
        return not _is_of_rows(own, MEASURES, plain=plain)
    # Keras' own take weights, and a row that only fills up has none.
    return not _is_keras(type(own))


def _is_of_rows(own: Any, known: frozenset[str], *, plain: bool) -> bool:
    function = function_in(own) or own
    name = str(getattr(function, "__name__", "")).lower().replace("_", "")
    if not _is_keras(function) or name not in known:
        return False
    # They look whether all targets of a mini-batch are 0 or 1.
    if name in ("hinge", "squaredhinge") and not plain:
        return False
    ignored = getattr(own, "_fn_kwargs", {}).get("ignore_class")
    return axis_of(own) not in ACROSS_ROWS and ignored is None


def _loss(resolved: Any, *, alone: bool) -> str:
    name = loss_name(resolved)
    if isinstance(resolved, keras.losses.Loss):
        if resolved.dtype != keras.config.floatx():
            raise CannotRideError(f"loss {name!r} computes in {resolved.dtype}")
        if resolved.reduction not in REDUCTIONS:
            reduction = resolved.reduction
            raise CannotRideError(f"the reduction {reduction!r} of loss {name!r} cannot ride")
    return f"{'alone ' * alone}{_told(resolved, 'loss', name)}"


def _told(own: Any, what: str, name: str) -> str:
    """Return what a loss or a metric is made of."""
    parts = [type(own) if hasattr(own, "get_config") else own, function_in(own)]
    if all(_is_keras(part) for part in parts if part is not None):
        serialize = keras.losses.serialize if what == "loss" else keras.metrics.serialize
        others = left_out(own, own.get_config()) if hasattr(own, "get_config") else {}
        return json.dumps([serialize(own), others], sort_keys=True, default=str)
    try:
        return f"{name} {content(own).hex()}"
    except NoContentError as error:
        raise CannotRideError(f"{what} {name!r} cannot be told by its content: {error}") from None


def _is_keras(own: Any) -> bool:
    return str(getattr(own, "__module__", "")).startswith("keras.")
