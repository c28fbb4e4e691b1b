"""The key of a fit in a store: what its numbers depend on, and nothing else.

Nothing in it depends on the process: no ``id``, no ``repr`` of an object, no pickle.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import keras

from gridlanes.compat.tensorflow import devices
from gridlanes.networks.inputs import Input, shares
from gridlanes.networks.lane import Lane
from gridlanes.store.content_digest import content
from gridlanes.store.digests import digest
from gridlanes.store.versions import numeric_version


def fit_key(
    lane: Lane, made: bytes, inputs: Sequence[Input], digest_of: Any, *, by_reference: bool
) -> bytes:
    """Return what a fit depends on, besides its number of epochs.

    Without callbacks a run passes through all shorter ones; what a callback does may depend on
    how many epochs are to come.
    """
    callbacks = [content(callback) for callback in lane.callbacks]
    return digest(
        numeric_version(),
        f"{keras.config.floatx()} {keras.config.epsilon()} {devices()}",
        "by model.fit" if by_reference else "in a lane",
        made,
        *(digest_of(column) for column in (lane.X, lane.y, lane.sample_weight)),
        *(digest_of(column) for column in lane.validation or ()),
        f"{lane.n_classes} {lane.batch_size} {lane.seed}",
        f"{lane.validation_batch_size} {lane.shuffle}",
        *callbacks,
        str(lane.epochs) if callbacks else "",
        *_parted(lane, inputs),
    )


def _parted(lane: Lane, inputs: Sequence[Input]) -> list[str]:
    """Return which columns each input gets, nothing if that is all of them as they come.

    The names of columns decide it, but are themselves nothing that a fit depends on.
    """
    if not inputs or not lane.columns or lane.X.ndim != 2:
        return []
    found = shares(inputs, lane.X.shape, lane.columns)
    in_order = [*itertools.chain.from_iterable(found)] == list(range(lane.X.shape[1]))
    return [] if in_order else [str(found)]
