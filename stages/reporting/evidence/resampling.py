"""What a bootstrap draws, and how much it counts: rows or whole groups, with their weights."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from stages.reporting.evidence.scoring import Said, Score, quick_score, score_of
from stages.study.scorers import takes_weights

#: Numbers in one array of weights of rows: 32 MB.
BLOCK = 4_000_000


def resampled(scoring: str, own: Said, rows: pd.DataFrame) -> tuple[Score, int, bool]:
    """Return a scorer of draws, of how many things they are, and whether it is quick.

    Parameters
    ----------
    scoring : str
    own : Said
    rows : DataFrame
        What is known of each row that was predicted, in the order of the predictions.
    """
    counts = "weights" in rows and takes_weights(scoring)
    weights = rows["weights"].to_numpy() if counts else None
    quick = quick_score(scoring, own)
    score = quick or score_of(scoring, own, weighted=weights is not None)
    if weights is not None:
        score = _weighted(score, weights)
    if "groups" not in rows:
        return score, len(own.truth), quick is not None
    codes, names = pd.factorize(rows["groups"])
    return _of_groups(score, codes), len(names), quick is not None


def _weighted(score: Score, weights: NDArray[np.float64]) -> Score:
    return lambda drawn: score(drawn * weights)


def _of_groups(score: Score, codes: NDArray[Any]) -> Score:
    def of_rows(drawn: NDArray[np.float64]) -> NDArray[np.float64]:
        # A few groups may have millions of rows.
        blocks = np.array_split(drawn, -(-len(drawn) * len(codes) // BLOCK) or 1)
        return np.concatenate([score(block[:, codes]) for block in blocks if len(block)])

    return of_rows
