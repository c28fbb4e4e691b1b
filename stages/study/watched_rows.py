"""Rows that a fit holds out of its training to watch: whole groups, the latest times, or strata."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from sklearn.model_selection import (
    BaseCrossValidator,
    GroupShuffleSplit,
    ShuffleSplit,
    StratifiedShuffleSplit,
)

from stages.study.drawn_shares import why_not_drawn
from stages.study.errors import InputError
from stages.study.params import PATH
from stages.study.prepared import Prepared
from stages.study.sections.training import SHARE
from stages.study.splits import Split, split_by

#: Entries of a network that hold rows out.
WATCHING = ("early_stopping", "reduce_on_plateau")

Kind = Literal["groups", "time", "classes", "rows"]


class LatestTimes(BaseCrossValidator):
    """One split: the latest of the different times are held out.

    Parameters
    ----------
    share : float
        Of the different times, at least one.
    """

    # The times come in the place of groups, as of folds in the order of time.
    __metadata_request__split = {"groups": True}  # noqa: RUF012

    def __init__(self, share: float) -> None:
        self.share = share

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Split]:  # noqa: ARG002
        """Yield the rows to train on and those to watch; ``groups`` are the times."""
        times = np.unique(np.asarray(groups))
        latest = np.isin(groups, times[len(times) - math.ceil(len(times) * self.share) :])
        yield np.flatnonzero(~latest), np.flatnonzero(latest)

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:  # noqa: ARG002
        """Return the number of splits."""
        return 1


@dataclass(frozen=True)
class Known:
    """What a network has to know of its study to read its entries.

    Attributes
    ----------
    kind : str
        What decides which rows are held out.
    seed : int
        Draws them.
    labels : dict of str to label
        The classes by their text in params.yaml; empty for a regression.
    """

    kind: Kind
    seed: int
    labels: Mapping[str, Any]

    def holding_out(self, share: float) -> Any:
        """Return a splitter that holds out a share of the rows, of the groups, or of the times."""
        if self.kind == "time":
            return LatestTimes(share)
        kinds = {
            "groups": GroupShuffleSplit,
            "classes": StratifiedShuffleSplit,
            "rows": ShuffleSplit,
        }
        return kinds[self.kind](1, test_size=share, random_state=self.seed)


def known_of(data: Prepared, seed: int) -> Known:
    """Return what a network has to know of a study."""
    classes = data.task == "classification"
    kind: Kind = "classes" if classes else "rows"
    if data.groups is not None:
        kind = "groups"
    if data.time is not None:
        kind = "time"
    labels = data.y.unique().tolist() if classes else []
    return Known(kind, seed, {_text(label): label for label in labels})


def _text(label: Any) -> str:
    """Return a label as a key of params.yaml has it."""
    return str(label).lower() if isinstance(label, bool) else str(label)


def rows_to_watch(data: Prepared, known: Known, share: float) -> int:
    """Return how many rows a fit to all of them holds out of its training."""
    if not share:
        return 0
    by = split_by(data) if known.kind in ("groups", "time") else None
    _, watched = next(known.holding_out(share).split(data.X.iloc[:, :0], data.y, by))
    return len(watched)


def shares(said: Mapping[str, Any], key_path: str) -> dict[str, float]:
    """Return the shares that settings of a network, or lists of them, hold out, by key paths."""
    found: dict[str, float] = {}
    for name, values in said.items():
        entry, _, key = name.partition("__")
        if entry not in WATCHING or key not in ("", "validation"):
            continue
        for number, value in enumerate(values if isinstance(values, list) else [values]):
            place = f"{key_path}.{name}" + (f"[{number}]" if isinstance(values, list) else "")
            found[place] = _share(value)
    return {place: share for place, share in found.items() if share}


def _share(value: Any) -> float:
    """Return the share that an entry, or its key ``validation``, holds out."""
    if not isinstance(value, Mapping):
        return float(value or 0)
    usual = SHARE if str(value.get("monitor", "val_")).startswith("val_") else 0.0
    said = value.get("validation")
    return usual if said is None else float(said)


def check_held_out(
    data: Prepared, seed: int, held_out: Mapping[str, float], folds: Sequence[Any]
) -> None:
    """Check that the training rows of every fold can spare those that are to be watched.

    Parameters
    ----------
    seed : int
        Of the study.
    held_out : mapping of str to float
        From :func:`shares`.
    folds : sequence of cross-validators
        Each cuts the training rows of the one before it.

    Raises
    ------
    InputError
    """
    if not held_out:
        return
    known = known_of(data, seed)
    # Splitters ask for no features, which are large.
    slim = replace(data, X=data.X.iloc[:, :0])
    for where, training in _training(slim, folds):
        by = split_by(training) if known.kind in ("groups", "time") else None
        for key_path, share in held_out.items():
            _check(training, known.holding_out(share), by, f"{PATH}: {key_path}: {where}")


def _training(data: Prepared, folds: Sequence[Any], where: str = "") -> Iterator[tuple[str, Any]]:
    if not folds:
        yield where, data
        return
    first, *others = folds
    for number, (rows, _) in enumerate(first.split(data.X, data.y, split_by(data))):
        inside = f"{where}, fold {number} inside" if where else f"fold {number}"
        yield from _training(data.rows(rows), others, inside)


def _check(data: Prepared, splitter: Any, by: Any, where: str) -> None:
    try:
        training, held_out = next(splitter.split(data.X, data.y, by))
    except ValueError:
        things, what = (len(data.y), "row") if by is None else (len(np.unique(by)), "group")
        classes = data.y if isinstance(splitter, StratifiedShuffleSplit) else None
        why = why_not_drawn(splitter.test_size, things, what, classes)
        raise InputError(f"{where}: no rows can be held out to watch: {why}") from None
    if not (len(training) and len(held_out)):
        raise InputError(
            f"{where}: {len(training)} rows would be left to train on, and {len(held_out)} to watch"
        )
