"""What is to be said of new rows: counted piece by piece, and told in a line for each matter."""

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from stages.study.column_kinds import Column
from stages.study.counts import count, listed
from stages.study.tables.unknown import Unknown
from stages.study.winner import Winner

#: So many columns are named.
COLUMNS = 5


class Tally:
    """Counts what a model meets in new rows that its training may not have had.

    Parameters
    ----------
    winner : Winner
    """

    def __init__(self, winner: Winner) -> None:
        self._winner, signature = winner, winner.signature
        self._columns, self._ranges = signature.columns, signature.ranges
        # Of a date all parts are missing together, and its days tell how far it is away.
        self._features = {name: own.features(name)[-1] for name, own in self._columns.items()}
        self._missing: Counter[str] = Counter()
        self._outside: Counter[str] = Counter()
        self._unknown: dict[str, Unknown] = {}
        self._target = signature.target
        self._unreadable: list[str] = []

    def pass_over(self, places: pd.Index) -> None:
        """Add rows without a target that cannot be read."""
        self._unreadable += [f"{places.name} {place}" for place in places]

    def count(self, X: pd.DataFrame, unknown: Mapping[str, pd.Series]) -> None:
        """Add one piece of the rows.

        Parameters
        ----------
        X : DataFrame
            The features, each row's place in the file as the index.
        unknown : mapping of str to Series
            By column the categories that the training had not.
        """
        gaps = X[[*self._features.values()]].isna().to_numpy().sum(axis=0)
        self._missing.update(dict(zip(self._features, gaps.tolist(), strict=True)))
        numbers = X[[self._features[name] for name in self._ranges]].to_numpy("float64")
        least, most = np.array([*self._ranges.values()]).reshape(-1, 2).T
        outside = ((numbers < least) | (numbers > most)).sum(axis=0)
        self._outside.update(dict(zip(self._ranges, outside.tolist(), strict=True)))
        for name, own in unknown.items():
            if len(own):
                self._unknown.setdefault(name, Unknown(own)).count(own)

    def lines(self) -> Iterator[str]:
        """Yield what there is to be said."""
        if self._unreadable:
            number, places = len(self._unreadable), listed(self._unreadable, COLUMNS)
            yield (
                f"passed over: {count(number, 'row')} without {self._target!r} that cannot be read "
                f"({places}); the study left out rows without it too"
            )
        yield from self._gaps()
        if self._unknown:
            own = [f"{name!r} in {unknown}" for name, unknown in self._unknown.items()]
            yield f"never seen in the training, and taken as unknown: {listed(own, COLUMNS)}"
        outside = [
            f"{name!r} in {count(own, 'row')} (trained on {self._range(name)})"
            for name, own in (+self._outside).items()
        ]
        if outside:
            yield f"outside of what the training had: {listed(outside, COLUMNS)}"

    def _gaps(self) -> Iterator[str]:
        """Yield what becomes of what is missing."""
        how, values = self._winner.fills
        known = {
            name for name, own in self._winner.categories.items() if pd.Series(own).isna().any()
        }
        became: dict[str, list[str]] = {
            f"missing, and filled {how}": [],
            "missing, a category of its own as in the training": [],
            "missing, as never in the training, and taken as unknown": [],
        }
        filled, own, unknown = became.values()
        for name, number in (+self._missing).items():
            said = f"{name!r} in {count(number, 'row')}"
            if self._columns[name].kind == "category":
                (own if name in known else unknown).append(said)
            else:
                value = values.get(self._features[name])
                shown = "" if value is None else f" ({_shown(value, self._columns[name])})"
                filled.append(said + shown)
        yield from (f"{what}: {listed(names, COLUMNS)}" for what, names in became.items() if names)

    def _range(self, name: str) -> str:
        return " to ".join(_shown(value, self._columns[name]) for value in self._ranges[name])


def _shown(value: float, own: Column) -> str:
    if own.kind == "date":
        return str(pd.Timestamp(1970, 1, 1) + pd.Timedelta(days=value)).removesuffix(" 00:00:00")
    if own.kind == "boolean" and value in (0, 1):
        return own.yes if value else own.no
    return f"{value:.10g}"
