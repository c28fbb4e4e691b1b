"""What the nested cross-validation estimates, with its interval: from rows, else from folds."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridlanes.statistics import score_interval
from stages.reporting.evidence.intervals import inside, interval, ratio, rounded
from stages.reporting.evidence.scoring import row_scores, said
from stages.study.measures import measure
from stages.study.predictions import repeats_in
from stages.study.prepared import ROLES


def nested_estimate(content: dict[str, Any]) -> dict[str, Any]:
    """Return the mean over outer folds, and the ends of its interval or why there is none."""
    outer, scoring, profile = content["outer"], content["nested"]["scoring"], content["profile"]
    table = content["outer_predictions"]
    own = said(table, 1, profile.get("positive"), tuned=measure(scoring).tuned)
    # Rows are evidence by themselves only where each counts as one.
    alike = not any(role in profile for role in ROLES)
    rows = row_scores(scoring, own) if alike else None
    if rows is None:
        of_folds = ratio(profile, len(outer), outer["rows"], repeats_in(outer))
        return interval(outer["score"], scoring, of_folds)
    _, low, high = score_interval(*by_row(rows[0], table))
    return rounded({"mean": content["nested"]["mean"], **inside(low, high, scoring)})


def by_row(
    scores: NDArray[np.float64], table: pd.DataFrame
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return what each row scores, the mean over its repeats, and its fold in the first of them.

    Parameters
    ----------
    scores : ndarray
        Of each row of the table.
    table : DataFrame
        Predictions, as ``stages.study.predictions`` has them, in the order of the rows.
    """
    rows = pd.DataFrame({"row": table["row"], "fold": table["fold"], "score": scores})
    by = rows.groupby("row", sort=False)
    return by["score"].mean().to_numpy(), by["fold"].first().to_numpy()
