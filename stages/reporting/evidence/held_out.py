"""What the winner scores on the rows that were set aside, and the linear model beside it."""

from typing import Any

import numpy as np
import pandas as pd

from gridlanes.errors import ParameterError
from gridlanes.statistics import bootstrap_interval, score_interval
from stages.reporting.evidence.intervals import apart, inside, rounded
from stages.reporting.evidence.resampling import resampled
from stages.reporting.evidence.scoring import Said, row_scores, said
from stages.study.measures import measure

#: The roles of which a table of predictions tells.
KNOWN = ["groups", "weights"]

NO_INTERVAL = "no interval is known for rows that follow each other in time"
NO_NOISE = "these rows hold no estimate of noise"

#: Draws of the bootstrap; of a scorer that is called once for each of them, fewer.
DRAWS, SLOW_DRAWS = 1000, 200


def held_out(content: dict[str, Any]) -> dict[str, Any] | None:
    """Return the figures of the rows that were set aside; None if none were.

    Returns
    -------
    dict
        ``rows``, ``scoring``, the search's, and ``mean`` by it with its interval; ``rival`` and
        ``models``, which has its ``mean`` and the difference; ``scorers``, the same by every scorer
        of the study. A score that is not defined is left out.
    """
    if content["held_out"] is None:
        return None
    summary, table = content["held_out"]["summary"], content["held_out"]["predictions"]
    models, positive = table["model"].nunique(), content["profile"].get("positive")
    roles = [role for role in KNOWN if role in table]
    rows = table.loc[: len(table) // models - 1, roles]
    in_time = "time" in content["profile"]

    def told(scorer: str) -> Said | None:
        tuned = measure(scorer).tuned
        return None if in_time else said(table, models, positive, tuned=tuned)

    scorers = {
        scorer: _figures(scorer, scores, summary["rival"], told(scorer), rows)
        for scorer, scores in summary["scores"].items()
    }
    return {
        **{name: summary[name] for name in ("rows", "scoring", "rival")},
        **scorers[summary["scoring"]],
        "scorers": scorers,
    }


def _figures(
    scorer: str, scores: dict[str, Any], rival: str, own: Said | None, rows: pd.DataFrame
) -> dict[str, Any]:
    """Return a score with its interval, and the difference from that of the rival."""
    known = {name: score for name, score in scores.items() if score is not None}
    network, other = known.get("network"), known.get(rival)
    if network is None:
        return {"missing": "it is not defined on the rows set aside", "models": {}}
    ends = None if own is None else _intervals(scorer, own, rows)
    found: dict[str, Any] = {"mean": network, "models": {}}
    found |= _ends({} if ends is None else inside(ends[0][0], ends[1][0], scorer))
    if other is None:
        return found
    gap = rounded({"mean": other, "difference": network - other})
    gap |= _ends({} if ends is None else apart(ends[0][1], ends[1][1], scorer))
    return found | {"models": {rival: gap}}


def _ends(ends: dict[str, Any]) -> dict[str, Any]:
    """Return the ends of an interval, or why there is none."""
    return rounded(ends) or {"unknown": NO_NOISE if ends else NO_INTERVAL}


def _intervals(scorer: str, own: Said, rows: pd.DataFrame) -> tuple[Any, Any]:
    """Return the ends of the intervals of the network, and of its difference from the rival."""
    score, things, quick = resampled(scorer, own, rows)

    def both(weights: Any) -> Any:
        found = score(weights)
        return np.column_stack([found[:, 0], found[:, 0] - found[:, -1]])

    try:
        _, low, high = bootstrap_interval(both, things, DRAWS if quick else SLOW_DRAWS)
    except ParameterError:
        # One group is no sample of groups.
        low, high = np.full(2, np.nan), np.full(2, np.nan)
    low, high = np.array(low), np.array(high)
    by_row = None if len(rows.columns) else row_scores(scorer, own)
    if by_row is not None:
        _, low[0], high[0] = score_interval(by_row[0])
    return low, high
