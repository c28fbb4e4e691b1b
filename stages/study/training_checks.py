"""What can be checked of the entries of a network that say how it is trained."""

import copy
import difflib
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gridlanes.networks.lane import Lane, Request
from stages.study.errors import InputError
from stages.study.params import PATH
from stages.study.sections.training import (
    MAPPINGS,
    SCHEDULES,
    EarlyStopping,
    ReduceOnPlateau,
    Watching,
    schedule_of,
)
from stages.study.training_entries import TrainedAsSaid
from stages.study.yaml_sections import read_part

#: What mappings are to be, but for schedules, of which each kind has its own.
SECTIONS: dict[str, type[Watching]] = {
    "early_stopping": EarlyStopping,
    "reduce_on_plateau": ReduceOnPlateau,
}

#: Rows that are enough to see what Keras logs.
ROWS = 8


def check_entry(
    estimator: TrainedAsSaid, name: str, settings: Mapping[str, Any], key_path: str
) -> None:
    """Check one entry of settings, before they are set.

    Parameters
    ----------
    estimator : TrainedAsSaid
        As it is without them.
    name : str
        Of the entry, or of one key of it: ``early_stopping__patience``.
    settings : mapping
    key_path : str
        Where it stands.

    Raises
    ------
    InputError
    """
    entry, _, key = name.partition("__")
    where, value = f"{PATH}: {key_path}", settings[name]
    if entry == "class_weight":
        _check_weights(estimator, value, where)
    if entry not in MAPPINGS or estimator.asks_for(entry):
        return
    if key:
        own = settings.get(entry, getattr(estimator, entry))
        if not isinstance(own, Mapping):
            found = "null" if own is None else own
            raise InputError(f"{where}: would reach nothing, since {entry} is {found}")
        try:
            _check_mapping(entry, {**own, key: value}, where)
        except InputError as error:
            # The path is that of the key already.
            raise InputError(str(error).replace(f"{where}.{key}: ", f"{where}: ")) from None
    elif isinstance(value, Mapping):
        _check_mapping(entry, value, where)
    elif value is not None:
        _check_no_mapping(entry, value, where)


def _check_mapping(entry: str, value: Mapping[str, Any], where: str) -> None:
    if entry == "learning_rate":
        # A schedule of no kind cannot be told more.
        value = value if value.get("schedule") in SCHEDULES else _kind_alone(value)
        read_part(value, schedule_of(value), where)
    else:
        read_part(value, SECTIONS[entry], where)


def _kind_alone(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: own for name, own in value.items() if name == "schedule"}


def _check_no_mapping(entry: str, value: Any, where: str) -> None:
    if entry != "learning_rate":
        keys = ", ".join(SECTIONS[entry].model_fields)
        raise InputError(f"{where}: must be a mapping of {keys}, or null; found {value!r}")
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not 0 < value < math.inf:
        raise InputError(
            f"{where}: must be a number above 0, or a mapping whose schedule is cosine, "
            f"exponential, inverse_time, piecewise or polynomial; found {value!r}"
        )


def _check_weights(estimator: TrainedAsSaid, value: Any, where: str) -> None:
    labels = estimator.known.labels if estimator.known is not None else {}
    if not labels:
        raise InputError(f"{where}: a regression has no classes to weigh")
    if value is None or value == "balanced":
        return
    if not isinstance(value, Mapping) or not value:
        raise InputError(
            f"{where}: must be balanced, null, or a mapping of classes to weights; found {value!r}"
        )
    for label, weight in value.items():
        if label not in labels:
            raise InputError(
                f"{where}.{label}: no class of the target; they are "
                f"{', '.join(map(repr, sorted(labels)))}"
            )
        number = isinstance(weight, (int, float)) and not isinstance(weight, bool)
        if not number or not 0 <= weight < math.inf:
            raise InputError(f"{where}.{label}: must be a number of at least 0; found {weight!r}")


def check_together(estimator: TrainedAsSaid, key_path: str) -> None:
    """Check what entries mean for each other.

    Raises
    ------
    InputError
    """
    where, watching = f"{PATH}: {key_path}", estimator.watching()
    said = {own.validation for own in watching if own.validation is not None}
    if len(said) > 1:
        raise InputError(
            f"{where}: early_stopping and reduce_on_plateau watch the same rows; their validation "
            f"must be one share; found {' and '.join(map(str, sorted(said)))}"
        )
    if watching and any(estimator.get_params().get(name) for name in KERAS_SPLITS):
        raise InputError(
            f"{where}: validation_split holds out the last rows; beside early_stopping and "
            "reduce_on_plateau it must be 0, and their validation says how many"
        )
    if estimator.reduce_on_plateau is not None and isinstance(estimator.learning_rate, Mapping):
        raise InputError(
            f"{where}: reduce_on_plateau cannot set the learning_rate of a schedule; leave out one "
            "of them"
        )


#: Both spellings of the share that Keras holds out.
KERAS_SPLITS = ("validation_split", "fit__validation_split")


def check_monitors(lane: Lane, key_path: str) -> None:
    """Check that what callbacks watch is something that the network logs, and Keras can judge.

    Raises
    ------
    InputError
    """
    for callback in lane.callbacks:
        name = callback.monitor.removeprefix("val_")
        if name == "loss":
            continue
        logged = _logged(lane)
        if name not in logged:
            near = difflib.get_close_matches(
                callback.monitor, [*logged, *(f"val_{own}" for own in logged)], n=1
            )
            hint = f"; did you mean {near[0]!r}?" if near else "."
            raise InputError(
                f"{PATH}: {_monitor(callback, key_path)}: the network logs no "
                f"{callback.monitor!r}{hint} It logs {', '.join(logged)}, and with val_ before "
                "them those of rows held out"
            )
        own = copy.deepcopy(callback)
        own.monitor = name
        try:
            _logged(lane, own)
        except ValueError:
            raise InputError(
                f"{PATH}: {_monitor(callback, key_path)}: Keras does not know whether "
                f"{callback.monitor!r} is to rise or to fall"
            ) from None


def _monitor(callback: Any, key_path: str) -> str:
    """Return where it says what a callback watches, as far as a key path tells."""
    stops = type(callback).__name__ == "EarlyStopping"
    entry = "early_stopping" if stops else "reduce_on_plateau"
    if key_path.endswith(".network"):
        return f"{key_path}.{entry}.monitor"
    if re.search(rf"\.{entry}\[\d+\]$", key_path):
        return f"{key_path}.monitor"
    return key_path if "monitor" in key_path else f"{key_path}: {entry}.monitor"


def _logged(lane: Lane, *callbacks: Any) -> list[str]:
    """Return what ``model.fit`` logs of rows that are trained on, by a step of it."""
    from gridlanes.networks import reference

    def eager() -> Any:
        model = lane.build()
        model.run_eagerly = True
        return model

    weights = None if lane.sample_weight is None else lane.sample_weight[:ROWS]
    short: Any = replace(
        lane,
        build=eager,  # type: ignore[arg-type]
        X=lane.X[:ROWS],
        y=lane.y[:ROWS],
        sample_weight=weights,
        epochs=1,
        validation=None,
        callbacks=callbacks,
    )
    return sorted(reference.run(Request(short)).history)
