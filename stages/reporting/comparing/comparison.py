"""Two outcomes of the grid search side by side: which cells are new, gone, better or worse.

Pure: from what ``revisions`` reads to what ``rendering`` shows. A cell is a candidate of
the search with its scores.

Cells are joined by their hyperparameters, 16 and 16.0 being alike. A hyperparameter that is on
one side's grid only is joined by the value that the other side fixes in ``grid_search.network``
or ``model.network``. If the other side leaves it to the default of ``create_model()``, which no
output holds, none of its cells has a partner: all are new or gone. So is a hyperparameter that a
cell lacks, because its grid of several does not have it.

How the scores of joined cells are compared depends on what else has changed:

- The same rows of the same table, with the same targets, tested in the same folds, whatever the
  network, the scaler or the features. Scores are compared fold by fold: corrected t-test.
- More repeats of the same folds: scores are compared on the folds that both have, fold by fold.
- Other folds: means are compared as of independent folds: corrected Welch test.
- Groups make folds of different sizes: both tests take test rows by training rows from the
  report, and without them scores are not compared.
- Folds in the order of time: no test is known for them, and scores are not compared.
- Another scorer, target or task, other classes, another positive class of a scorer of one class,
  or other weights: scores are not compared.

p-values are adjusted by Holm for the cells that differ at all; below 0.05 a cell is better or
worse beyond noise.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gridlanes.statistics import corrected_t_test, corrected_welch_test, holm
from stages.reporting.comparing.comparability import Test, comparability, folds_of_both
from stages.reporting.comparing.snapshot import Snapshot
from stages.reporting.spelling.parameters import Change, at, canonical, changes

#: Adjusted p-values below this are beyond noise.
ALPHA = 0.05

Status = Literal["same", "better", "worse", "within", "failed", "uncompared", "new", "gone"]


class Cell(NamedTuple):
    """A cell on either side or both; a mean that is not there is NaN."""

    params: dict[str, str]
    status: Status
    then: float
    now: float
    pvalue: float

    @property
    def difference(self) -> float:
        """The mean now minus the mean then."""
        return self.now - self.then


@dataclass(frozen=True)
class Comparison:
    """What has changed between two snapshots.

    Attributes
    ----------
    then, now : Snapshot
    changes : list of Change
    files : list of str
        Code that differs.
    cells : list of Cell
        Every cell of either side once: those of `now` in their order, then those that are gone.
    test : "paired", "shared", "unpaired", "unknown" or "none"
    because : list of str
        What is not the same, if the test is not paired; of an unknown one the sides that do not
        say how large their folds are.
    unfixed : dict of str to str
        Hyperparameters by which nothing can be joined, with the side that leaves them open.
    """

    then: Snapshot
    now: Snapshot
    changes: list[Change]
    files: list[str]
    cells: list[Cell]
    test: Test
    because: list[str]
    unfixed: dict[str, str]

    @property
    def counts(self) -> Counter[Status]:
        """How many cells there are of each status."""
        return Counter(cell.status for cell in self.cells)

    @property
    def largest(self) -> list[Cell]:
        """The cells whose means differ, the largest differences first."""
        moved = [cell for cell in self.cells if cell.status in ("better", "worse", "within")]
        return sorted(moved, key=lambda cell: -abs(cell.difference))


def compare(then: Snapshot, now: Snapshot) -> Comparison:
    """Join the cells of two snapshots and compare those that both have."""
    test, because = comparability(then, now)
    old, new = _keys(then, now), _keys(now, then)
    place = {key: row for row, key in enumerate(old)}
    rows = np.array([(place[key], row) for row, key in enumerate(new) if key in place], dtype=int)
    left, right = rows.reshape(-1, 2).T
    before, after, ratios = then.scores[left], now.scores[right], (_ratio(then), _ratio(now))
    if test == "shared":
        folds = np.array(folds_of_both(then, now))
        before, after = before[:, folds[:, 0]], after[:, folds[:, 1]]
        # All folds of the one that has fewer.
        ratios = (_ratio(min(then, now, key=lambda side: side.scores.shape[1])),) * 2
    statuses, pvalues = _tested(before, after, test, ratios)
    joined = {
        row: Cell(now.cells[row], status, *map(float, figures))
        for row, status, *figures in zip(
            right, statuses, before.mean(axis=1), after.mean(axis=1), pvalues, strict=True
        )
    }
    kept = set(new)
    gone = [row for row, key in enumerate(old) if key not in kept]
    return Comparison(
        then,
        now,
        changes=changes(then.params, now.params),
        files=sorted(
            path for path in {*then.code, *now.code} if then.code.get(path) != now.code.get(path)
        ),
        cells=[*_of_now(now, joined), *_of_then(then, gone)],
        test=test,
        because=because,
        unfixed={
            name: one.name for one, two in ((then, now), (now, then)) for name in _open(one, two)
        },
    )


def _of_now(now: Snapshot, joined: Mapping[int, Cell]) -> Iterator[Cell]:
    """Yield the cells of the later side, those that are new without a difference."""
    for row, (params, mean) in enumerate(zip(now.cells, now.scores.mean(axis=1), strict=True)):
        yield joined.get(row) or Cell(params, "new", math.nan, float(mean), math.nan)


def _of_then(then: Snapshot, gone: Sequence[int]) -> Iterator[Cell]:
    """Yield the cells that the earlier side alone has."""
    means = then.scores.mean(axis=1)
    for row in gone:
        yield Cell(then.cells[row], "gone", float(means[row]), math.nan, math.nan)


def _tested(
    before: NDArray[np.float64], after: NDArray[np.float64], test: str, ratios: tuple[float, float]
) -> tuple[list[Status], NDArray[np.float64]]:
    """Return the status of each joined cell and its adjusted p-value, NaN where none is."""
    pvalues = np.full(len(before), np.nan)
    if test in ("none", "unknown"):
        return ["uncompared"] * len(before), pvalues
    whole = np.isfinite(before).all(axis=1) & np.isfinite(after).all(axis=1)
    same = np.zeros(len(before), dtype=bool)
    if before.shape == after.shape:
        same = (before == after).all(axis=1)
    moved = whole & ~same
    if test in ("paired", "shared"):
        # The table and its folds are those of both.
        found = corrected_t_test(after[moved] - before[moved], ratios[0])
    else:
        found = corrected_welch_test(after[moved], before[moved], *ratios[::-1])
    pvalues[moved] = holm(found.pvalue)
    rises = after.mean(axis=1) > before.mean(axis=1)
    names: list[Status] = ["better", "worse", "within", "same", "failed"]
    kinds = np.select([~whole, same, ~(pvalues < ALPHA), rises], [4, 3, 2, 0], default=1)
    return [names[kind] for kind in kinds], pvalues


def _ratio(side: Snapshot) -> float:
    """Return test rows by training rows of a fold."""
    folds: int = side.scores.shape[1] // side.repeats
    return 1 / (folds - 1) if side.ratio is None else side.ratio


def best(snapshot: Snapshot) -> tuple[dict[str, str], float, float] | None:
    """Return the best cell's hyperparameters, mean and standard deviation over folds."""
    means = snapshot.scores.mean(axis=1)
    if not np.isfinite(means).any():
        return None
    row = int(np.nanargmax(means))
    return snapshot.cells[row], float(means[row]), float(snapshot.scores[row].std())


def only_here(cells: list[dict[str, str]], others: list[dict[str, str]]) -> dict[str, list[str]]:
    """Return the values, by hyperparameter, that none of the others has."""
    found: dict[str, list[str]] = {}
    for name in sorted({name for cell in cells for name in cell}):
        known = {cell.get(name) for cell in others}
        values = dict.fromkeys(cell[name] for cell in cells if name in cell)
        new = [value for value in values if value not in known]
        if new and known != {None}:
            found[name] = new
    return found


def _axes(snapshot: Snapshot) -> set[str]:
    return set().union(*snapshot.cells)


def _fixed(snapshot: Snapshot) -> dict[str, str]:
    """Return what every cell of a search has in common, as far as params.yaml says."""
    sections = [
        at(snapshot.params, path) or {} for path in ("model.network", "grid_search.network")
    ]
    return {name: canonical(value) for own in sections for name, value in own.items()}


def _open(own: Snapshot, other: Snapshot) -> list[str]:
    """Return the axes of the other that this side neither searches nor fixes."""
    return sorted(_axes(other) - _axes(own) - set(_fixed(own)))


def _keys(own: Snapshot, other: Snapshot) -> list[tuple]:
    """Return what each cell is joined by. Cells of one side that are alike are counted."""
    fixed = _fixed(own)
    added = {name: fixed[name] for name in _axes(other) | _axes(own) if name in fixed}
    alike = [tuple(sorted({**added, **cell}.items())) for cell in own.cells]
    seen: Counter[tuple] = Counter()
    keys = []
    for key in alike:
        keys.append((key, seen[key]))
        seen[key] += 1
    return keys
