"""For whom the winner misses the class that is asked for, and for whom it raises false alarms.

Where few rows are of the class, the share of all rows that is wrong says little of either.
"""

from typing import Any

import pandas as pd

from gridlanes.statistics import holm
from stages.reporting.evidence.subgroups import (
    ALPHA,
    clusters_of,
    found_groups,
    groups_in_figures,
    significant,
)
from stages.reporting.evidence.winner_rows import drawn

#: Classes are unbalanced where the smaller one has less than this share of the rows.
UNBALANCED = 1 / 3


def class_errors(content: dict[str, Any], table: pd.DataFrame, label: Any) -> dict[str, Any] | None:
    """Return in which groups more rows of a class are missed, or more others taken for it.

    Parameters
    ----------
    content : dict
        What the stages left.
    table : DataFrame
        The winner's predictions.
    label : int, str or None
        A class of two.

    Returns
    -------
    dict or None
        ``missed`` and ``false_alarms``, each with ``rows`` that could be, ``wrong`` ones, and
        groups as ``worse``: those with a larger share than the rest by more than chance among all
        ``looked_at`` of both (p below 0.05, by Holm). None where classes are balanced, where there
        are not two, and in the order of time, for which no test is known.
    """
    truth = table["truth"] == label
    if label is None or "time" in content["profile"]:
        return None
    if not 0 < min(truth.mean(), 1 - truth.mean()) < UNBALANCED:
        return None
    sides, seen, groups = {}, {}, []
    for name, side in (("missed", table[truth]), ("false_alarms", table[~truth])):
        rows, wrong = side["row"].to_numpy(), (side["truth"] != side["predicted"]).to_numpy(float)
        sides[name] = wrong
        some = drawn(len(rows))
        seen[name], looked = wrong[some], rows[some]
        if len(rows) > 1:
            found = found_groups(content, looked, seen[name], clusters_of(content, looked))
            groups += [(name, group) for group in found]
    for (_, group), pvalue in zip(groups, holm([of.pvalue for _, of in groups]), strict=True):
        group.pvalue = float(pvalue)
    return {"looked_at": len(groups)} | {
        name: {
            "rows": len(wrong),
            "wrong": int(wrong.sum()),
            "share": significant(float(wrong.mean())) if len(wrong) else 0.0,
            "worse": groups_in_figures(
                [of for which, of in groups if which == name and of.pvalue < ALPHA], seen[name]
            ),
        }
        for name, wrong in sides.items()
    }
