"""What can be checked of the entries of a network that say how it is trained, by an estimator."""

import math
import re
from collections.abc import Mapping
from typing import Any

from gridlanes.errors import did_you_mean
from stages.study.errors import InputError
from stages.study.params import PATH
from stages.study.sections.training import MAPPINGS
from stages.study.training_entries import TrainedAsSaid
from stages.study.training_forms import check_form


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
    own = settings.get(entry, getattr(estimator, entry))
    if key and not isinstance(own, Mapping):
        found = "null" if own is None else own
        raise InputError(f"{where}: would reach nothing, since {entry} is {found}")
    check_form(name, value, own, where)


def _check_weights(estimator: TrainedAsSaid, value: Any, where: str) -> None:
    labels = estimator.known.labels if estimator.known is not None else {}
    if not labels:
        # Whatever it says, so that none of several values is to blame.
        entry = re.sub(r"\[\d+\]$", "", where)
        raise InputError(f"{entry}: a regression has no classes to weigh; leave it out")
    if value is None or value == "balanced":
        return
    if not isinstance(value, Mapping) or not value:
        raise InputError(
            f"{where}: must be balanced, null, or a mapping of classes to weights; found {value!r}"
            f"{did_you_mean(value, ['balanced'])}"
        )
    for label, weight in value.items():
        if label not in labels:
            raise InputError(
                f"{where}.{label}: no class of the target{did_you_mean(label, labels) or '.'} "
                f"They are {', '.join(map(repr, sorted(labels)))}"
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
