"""What the winner leans on, and whether more rows would help: from what ``diagnose`` left."""

from contextlib import suppress
from typing import Any

import numpy as np
import pandas as pd

from gridlanes.errors import ParameterError
from gridlanes.statistics import corrected_t_test, holm, shuffling_pvalue
from stages.reporting.evidence.intervals import known, rounded
from stages.reporting.evidence.verdict import of_candidates

#: p-values below this are called evidence.
ALPHA = 0.05

#: Columns that are drawn and told.
DRAWN = 20


def by_feature(table: pd.DataFrame) -> pd.DataFrame:
    """Return mean drops, features down and folds across; a column may be called by a number."""
    named = table.assign(feature=table["feature"].astype(str))
    return named.pivot_table("drop", "feature", "fold")


def importance(content: dict[str, Any]) -> dict[str, Any] | None:
    """Return by how much the score drops where a column is shuffled; None if it was not asked.

    Returns
    -------
    dict
        ``columns``, the first of them by mean drop, each with ``mean`` and the ``low``est and the
        ``high``est mean of a fold; ``of``, how many there are; ``folds`` and ``shuffles`` of each.
        ``tested``, whether rows are apart and tested once, so that the test holds; if so
        ``leans``, the mean drops of those columns whose loss is more than chance among all (p
        below 0.05, by Holm), and ``enough``, how many shuffles could show one.
    """
    table = content["importance"]
    if table is None or table.empty:
        return None
    # Features of one mean in the order of their names.
    by_fold = by_feature(table)
    means = by_fold.mean(axis=1).sort_values(ascending=False, kind="stable")
    columns = {
        str(name): rounded(
            {"mean": means[name], "low": by_fold.loc[name].min(), "high": by_fold.loc[name].max()}
        )
        for name in means.index[:DRAWN]
    }
    folds = by_fold.shape[1]
    sizes = {"of": len(means), "folds": folds, "shuffles": int(table["repeat"].nunique())}
    again = content["best"].get("repeats", 1) > 1
    tested = not ({"groups", "time"} & set(content["profile"]) or again)
    leans = {"leans": rounded(_leans(table, means))} if tested else {}
    enough = {"enough": _enough(len(means), folds)} if tested else {}
    return {"columns": columns, **sizes, "tested": tested, **leans, **enough}


def _leans(table: pd.DataFrame, means: pd.Series) -> dict[str, float]:
    """Return the mean drops of columns that lose more than chance would take from any."""
    named = table.assign(feature=table["feature"].astype(str))
    drops = named.pivot_table("drop", ["feature", "fold"], "repeat")
    found = {name: drops.loc[name].to_numpy() for name in means.index}
    # A score that is not defined for some shuffle compares with none.
    pvalues = holm(
        [shuffling_pvalue(own) if np.isfinite(own).all() else 1.0 for own in found.values()]
    )
    return dict(means[pvalues < ALPHA])


def _enough(columns: int, folds: int) -> int:
    """Return how many shuffles it takes until the smallest p-value times columns is below ALPHA."""
    shuffles = 1
    while columns >= ALPHA * (1 + shuffles) ** folds:
        shuffles += 1
    return shuffles


def learning_curve(content: dict[str, Any]) -> dict[str, Any] | None:
    """Return the score by training rows, and whether the last step still brought something.

    Returns
    -------
    dict or None
        ``points``, each with ``share``, ``rows`` and ``mean``; if there are two and folds have a
        test, ``difference`` of the last two, and its ``pvalue``.
    """
    table = content["learning_curve"]
    if table is None or table.empty:
        return None
    scores = table.pivot_table("score", "share", "fold", dropna=False)
    rows = table.groupby("share")["rows"].mean()
    points = [
        {"share": share, "rows": round(rows[share]), **rounded({"mean": scores.loc[share].mean()})}
        for share in scores.index.tolist()
    ]
    if len(points) < 2:
        return {"points": points}
    gained = (scores.iloc[-1] - scores.iloc[-2]).to_numpy()
    found = {"difference": gained.mean()}
    # Folds in the order of time have no test.
    with suppress(ParameterError):
        found["pvalue"] = corrected_t_test(gained, known(of_candidates(content))).pvalue
    return {"points": points, **rounded(found)}
