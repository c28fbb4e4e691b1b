"""What the report's explorer shows: all cells of the search, column by column."""

import math
from typing import Any

import numpy as np
import pandas as pd

from gridlanes.errors import ParameterError
from gridlanes.statistics import indistinguishable
from stages.reporting.evidence import known
from stages.reporting.parameter_values import in_order
from stages.reporting.verdict import fold_scores, hyperparameters, of_candidates
from stages.reporting.words import score_label

#: Lines of the chart; of more cells the best ones are drawn and a share of the others.
LINES, BEST = 1500, 500


def cells(content: dict[str, Any]) -> dict[str, Any]:
    """Return all candidates column by column, values of hyperparameters by their number.

    Returns
    -------
    dict
        ``names`` of the hyperparameters; ``values``, the texts of each; ``codes``, by
        hyperparameter, which value each cell has; ``mean``, ``sd``, ``rank``, ``alike`` (whether
        it cannot be told from the best, None if that was not tested), ``folds``, the scores by
        fold; ``drawn``, the cells that the chart shows; ``scoring``, a label.
    """
    table, best = content["candidates"], content["best"]
    names = hyperparameters(table)
    values = [in_order(table[name]) for name in names]
    scores = fold_scores(table)
    return {
        "names": names,
        "values": [[str(value) for value in own] for own in values],
        "codes": [
            table[name].map({value: code for code, value in enumerate(own)}).tolist()
            for name, own in zip(names, values, strict=True)
        ],
        "mean": _rounded(table["mean_test_score"]),
        "sd": _rounded(table["std_test_score"]),
        "rank": table["rank_test_score"].tolist(),
        "alike": _alike(scores, of_candidates(content)),
        "folds": [_rounded(own) for own in scores.T],
        "drawn": _drawn(table),
        "scoring": score_label(best["scoring"]),
    }


def _rounded(column: Any) -> list[float | None]:
    """Return scores of six digits, None where a cell has none."""
    return [None if math.isnan(own) else round(float(own), 6) for own in column]


def _alike(scores: np.ndarray, of_folds: float | None) -> list[int] | None:
    try:
        return [int(own) for own in indistinguishable(scores, known(of_folds))]
    except ParameterError:
        return None


def _drawn(table: pd.DataFrame) -> list[int]:
    ranked = table["rank_test_score"].to_numpy().argsort(kind="stable")
    if len(ranked) <= LINES:
        return sorted(ranked.tolist())
    rest = ranked[BEST:]
    some = rest[np.linspace(0, len(rest) - 1, LINES - BEST).astype(int)]
    return sorted([*ranked[:BEST].tolist(), *some.tolist()])
