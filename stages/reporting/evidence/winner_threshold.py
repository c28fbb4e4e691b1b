"""What the winner's threshold brings, and what another one would."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridlanes.errors import ParameterError
from gridlanes.statistics import bootstrap_interval
from stages.reporting.evidence.intervals import rounded
from stages.reporting.evidence.winner_rows import drawn, of_interest
from stages.study.measures import Measure, measure
from stages.study.predictions import PROBABILITY
from stages.study.tuning_scores import SCORES, Counts

Array = NDArray[np.float64]

#: From true and false positives, false and true negatives, shape (4, columns), to their scores.
Score = Callable[[Array], Array]

#: The threshold at which the likelier class of two is named.
USUAL = 0.5

#: Thresholds that are looked at, at most.
LOOKED_AT = 200

#: Draws of the bootstrap, and at most so many times rows.
DRAWS, LARGEST = 1000, 10_000_000


def threshold(content: dict[str, Any], table: pd.DataFrame) -> dict[str, Any] | None:
    """Return the figures of thresholds; None unless there are two classes with rows of both.

    Returns
    -------
    dict
        ``class``, whose probability it is; ``at``, the threshold that the winner has; ``tuned``;
        ``scoring``, what the curve shows besides precision and recall; ``now``, the scores at it;
        and, where it was not tuned and rows are not in the order of time, ``other``: the best
        threshold and its scores, each fold's rows named at the one that is best on the other
        folds, with the difference and its interval.
    """
    label = of_interest(content, table)
    truth = (table["truth"] == label).to_numpy()
    if label is None or truth.all() or not truth.any():
        return None
    best, said = content["best"], table[f"{PROBABILITY}{label}"].to_numpy()
    scoring, score = criterion(best["scoring"])
    own = best.get("threshold") or {"at": USUAL}
    named = (table["predicted"] == label).to_numpy()
    found = {
        "class": label,
        "at": own["at"],
        "tuned": "threshold" in best,
        "scoring": scoring,
        "now": _scores(truth, named, score),
    }
    if found["tuned"] or "time" in content["profile"]:
        return found
    cut = _out_of_fold(truth, said, table["fold"].to_numpy(), score)
    gain = _gain(truth, named, said >= cut, score, _clusters(content, table))
    at = _best(truth, said, score)
    return {**found, "other": {"at": at, **_scores(truth, said >= cut, score), **gain}}


def curve(truth: NDArray[np.bool_], said: NDArray[np.float64], scoring: str) -> pd.DataFrame:
    """Return by threshold the precision, the recall and a score by its name."""
    cuts = _cuts(said)
    counts = _counts_at(truth, said, cuts)
    return pd.DataFrame(
        {
            "threshold": cuts,
            "precision": _precision(counts),
            "recall": _recall(counts),
            scoring: criterion(scoring)[1](counts),
        }
    )


def criterion(scoring: str) -> tuple[str, Score]:
    """Return by which score thresholds are compared, and how it comes from counts of rows.

    The one that chose the winner, if a threshold can be chosen by it, else F1.
    """
    own = measure(scoring)
    own = Measure(own.kind, own.numbers) if own.kind in SCORES else Measure("f1")
    score = SCORES[own.kind]
    return own.name, lambda counts: np.array(
        [score(Counts(*column), **own.numbers) for column in counts.reshape(4, -1).T.tolist()]
    )


def _share(part: Array, of: Array) -> Array:
    return np.asarray(np.divide(part, of, out=np.zeros_like(part), where=of > 0))


def _precision(n: Array) -> Array:
    return _share(n[0], n[0] + n[1])


def _recall(n: Array) -> Array:
    return _share(n[0], n[0] + n[2])


def _counts(truth: NDArray[np.bool_], named: NDArray[np.bool_]) -> Array:
    """Return which rows are true and false positives, false negatives, true negatives."""
    both = (truth & named, ~truth & named, truth & ~named, ~truth & ~named)
    return np.array(both, dtype=np.float64)


def _scores(truth: NDArray[np.bool_], named: NDArray[np.bool_], score: Score) -> dict[str, Any]:
    counts = _counts(truth, named).sum(axis=1)
    return rounded(
        {"precision": _precision(counts), "recall": _recall(counts), "score": score(counts)[0]}
    )


def _cuts(said: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return thresholds between what was said, the same share of rows from one to the next."""
    different = np.unique(said)
    if len(different) > LOOKED_AT:
        shares = np.linspace(0, 1, LOOKED_AT)
        different = np.unique(np.quantile(said, shares, method="nearest"))
    middle = (different[1:] + different[:-1]) / 2
    return np.unique([*middle, USUAL])


def _counts_at(
    truth: NDArray[np.bool_], said: NDArray[np.float64], cuts: NDArray[np.float64]
) -> Array:
    """Return the four counts at each threshold, shape (4, thresholds)."""
    positive, negative = np.sort(said[truth]), np.sort(said[~truth])
    missed, spared = (np.searchsorted(own, cuts).astype(float) for own in (positive, negative))
    return np.array([len(positive) - missed, len(negative) - spared, missed, spared])


def _best(truth: NDArray[np.bool_], said: NDArray[np.float64], score: Score) -> float:
    """Return the best threshold, of equally good ones that nearest to the usual one."""
    cuts = _cuts(said)
    scores = score(_counts_at(truth, said, cuts))
    good = cuts[scores >= scores.max() - 1e-12]
    return float(good[np.abs(good - USUAL).argmin()])


def _out_of_fold(
    truth: NDArray[np.bool_],
    said: NDArray[np.float64],
    folds: NDArray[np.int64],
    score: Score,
) -> NDArray[np.float64]:
    """Return for each row the threshold that is best on the rows of other folds."""
    cut = np.full(len(truth), USUAL)
    for fold in np.unique(folds):
        own = folds == fold
        if truth[~own].any() and not truth[~own].all():
            cut[own] = _best(truth[~own], said[~own], score)
    return cut


def _clusters(content: dict[str, Any], table: pd.DataFrame) -> NDArray[np.int64]:
    """Return what a bootstrap draws: the number of each row's group, or of the row."""
    if "groups" not in content["profile"]:
        return np.arange(len(table))
    codes, _ = pd.factorize(content["rows"]["groups"].iloc[table["row"].to_numpy()])
    return np.asarray(codes)


def _gain(
    truth: NDArray[np.bool_],
    named: NDArray[np.bool_],
    other: NDArray[np.bool_],
    score: Score,
    clusters: NDArray[np.int64],
) -> dict[str, Any]:
    """Return how much better another naming of the rows is, with its interval."""
    counts = np.array(
        [
            np.bincount(clusters, kind)
            for of_rows in (_counts(truth, named), _counts(truth, other))
            for kind in of_rows
        ]
    )

    def differences(weights: Array) -> Array:
        now, then = (weights @ counts.T).T.reshape(2, 4, -1)
        return (score(then) - score(now))[:, None]

    counts = counts[:, drawn(counts.shape[1])]
    things = counts.shape[1]
    draws = min(DRAWS, LARGEST // things)
    try:
        ends = bootstrap_interval(differences, things, draws)
    except ParameterError:
        # One group is no sample of groups.
        return {}
    gain, low, high = (float(np.asarray(own)[0]) for own in ends)
    return rounded({"difference": gain, "low": low, "high": high})
