"""Scores of baselines in the store of finished fits, so that another network waits for none.

A row each for a model, a fold and a scorer, under a digest of all that the score depends on: the
rows of the table, those of the fold, the pipeline, the scorer, the code that fits and scores, and
the versions of what computes. What cannot be told for certain is computed anew each time, and so
is a score that is missing.
"""

import math
import platform
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from gridlanes.errors import StoreError, StoreWarning
from gridlanes.store.content_digest import content
from gridlanes.store.digests import NoContentError, array_content, digest
from gridlanes.store.record import Record
from gridlanes.store.store import Key, Store
from stages.study import baseline_folds
from stages.study.baseline_folds import Cell, Fit
from stages.study.errors import warn
from stages.study.prepared import ROLES, Prepared
from stages.study.scorers import scorers

#: The packages that compute.
LIBRARIES = ("scikit-learn", "pandas", "numpy", "scipy")

#: The name of a score in its row.
SCORE = "score"

Scores = dict[str, float]


class KeptScores:
    """Scores that are in a store, and those that come into it.

    A store that cannot be used is a warning, and from then on there is none.

    Parameters
    ----------
    path : Path or None
        None keeps nothing.
    fits : mapping of (str, int) to Fit
        See :func:`stages.study.baseline_folds.scored`.
    data : Prepared
    scoring : sequence of str
    """

    def __init__(
        self, path: Path | None, fits: Mapping[Cell, Fit], data: Prepared, scoring: Sequence[str]
    ) -> None:
        self._store = Store(path) if path is not None else None
        self._scoring = list(scoring)
        self._keys = dict(_keys(fits, data, scoring)) if path is not None else {}

    def close(self) -> None:
        """Leave the store."""
        if self._store is not None:
            self._store.close()

    def find(self) -> dict[Cell, Scores]:
        """Return the scores of those fits of which all are there."""
        records: Mapping[Key, Record] = {}
        with self._giving_up():
            if self._store is not None:
                records = self._store.find([key for own in self._keys.values() for key in own])
        found = {}
        for cell, own in self._keys.items():
            scores = [_score(records.get(key)) for key in own]
            if all(map(math.isfinite, scores)):
                found[cell] = dict(zip(self._scoring, scores, strict=True))
        return found

    def keep(self, scores: Mapping[Cell, Scores]) -> None:
        """Put scores into the store."""
        records = {
            key: Record(f"baseline {cell[0]}", 0.0, {SCORE: [score]}, ())
            for cell, of_cell in scores.items()
            for key, score in zip(self._keys.get(cell, ()), of_cell.values(), strict=False)
            if math.isfinite(score)
        }
        with self._giving_up():
            if self._store is not None:
                self._store.keep(records)

    @contextmanager
    def _giving_up(self) -> Iterator[None]:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always", StoreWarning)
            try:
                yield
            except StoreError as error:
                warn(f"{error}; going on without it")
                self._store = None
        for warning in said:
            warn(str(warning.message))


def _score(record: Record | None) -> float:
    """Return the number in a row, NaN if that is not as :meth:`KeptScores.keep` writes it."""
    values = record.history.get(SCORE, []) if record is not None else []
    return float(values[0]) if len(values) == 1 else math.nan


def _keys(
    fits: Mapping[Cell, Fit], data: Prepared, scoring: Sequence[str]
) -> Iterator[tuple[Cell, list[Key]]]:
    """Yield for each fit a key for each scorer; nothing for a fit that cannot be told."""
    found = scorers(scoring, data)
    named = [found[name] if isinstance(found, dict) else name for name in scoring]
    try:
        judges = [content(judge) for judge in named]
        common = digest(_table(data), _versions(), content(baseline_folds.fit_and_score))
        for cell, fit in fits.items():
            rows = (array_content(np.asarray(own, "int64")) for own in fit.split)
            own = digest(common, content(fit.pipeline), *rows)
            yield cell, [(digest(own, judge), 0) for judge in judges]
    except NoContentError:
        return


def _versions() -> bytes:
    own = [f"{name} {version(name)}" for name in LIBRARIES]
    return digest(*own, f"python {platform.python_version()}", platform.machine())


def _table(data: Prepared) -> bytes:
    """Return a digest of all that a table says of its rows."""
    roles = {role: getattr(data, role) for role in ROLES}
    columns = [*data.X.items(), ("", data.y), *roles.items()]
    told = [str(data.positive), data.task]
    return digest(*told, *(part for name, own in columns for part in _column(str(name), own)))


def _column(name: str, own: pd.Series | None) -> Iterator[bytes | str]:
    yield name
    if own is None:
        return
    yield str(own.dtype)
    values = own.to_numpy()
    if isinstance(own.dtype, np.dtype) and not own.dtype.hasobject:
        yield array_content(values)
    else:
        yield array_content(pd.util.hash_pandas_object(own, index=False).to_numpy())
