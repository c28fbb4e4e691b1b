"""What the winner leans on, and whether more rows would help: from what ``diagnose`` left."""

from contextlib import suppress
from typing import Any

import pandas as pd

from gridlanes.errors import ParameterError
from gridlanes.statistics import corrected_t_test
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
        ``high``est mean of a fold; ``of``, how many there are; ``leans``, the mean drops of those
        that can be told from noise: above 0 on every fold, and larger than what any column gains
        by being shuffled.
    """
    table = content["importance"]
    if table is None or table.empty:
        return None
    # Features of one mean in the order of their names.
    by_fold = by_feature(table)
    means = by_fold.mean(axis=1).sort_values(ascending=False, kind="stable")
    noise = max(0.0, -means.min())
    leans = means[(by_fold.loc[means.index] > 0).all(axis=1) & (means > noise)]
    columns = {
        str(name): rounded(
            {"mean": means[name], "low": by_fold.loc[name].min(), "high": by_fold.loc[name].max()}
        )
        for name in means.index[:DRAWN]
    }
    return {"columns": columns, "of": len(means), "leans": rounded(leans.to_dict())}


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
