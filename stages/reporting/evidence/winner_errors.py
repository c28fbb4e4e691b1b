"""How wrong the winner is on rows that it was not trained on, and what it leans on: in figures."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, roc_auc_score

from stages.reporting.evidence.class_errors import class_errors
from stages.reporting.evidence.intervals import rounded
from stages.reporting.evidence.subgroups import significant, subgroups
from stages.reporting.evidence.winner_leaning import importance, learning_curve
from stages.reporting.evidence.winner_rows import classes, of_interest, winner_rows
from stages.reporting.evidence.winner_threshold import threshold
from stages.study.measures import measure
from stages.study.predictions import PROBABILITY


def winner(content: dict[str, Any]) -> dict[str, Any] | None:
    """Return the figures of the candidate that won; None if none did.

    Parameters
    ----------
    content : dict
        What the stages left, as ``stages.report`` reads it.

    Returns
    -------
    dict
        ``rows``; ``class``, of two the one that figures are of; ``repeats`` and ``seeds``; of a
        classification ``right``, ``most``, ``classes`` and ``areas``, of a regression
        ``distances``; ``no_better``, whether one answer for all rows does as well; ``groups``,
        ``of_class``, ``threshold``, ``importance`` and ``learning_curve``, which may be None.
    """
    table = winner_rows(content)
    if table is None:
        return None
    best = content["best"]
    of_classes = content["profile"]["task"] == "classification"
    label = of_interest(content, table) if of_classes else None
    return {
        "rows": len(table),
        **({"class": label} if label is not None else {}),
        "repeats": int(best.get("repeats", 1)),
        "seeds": len(best["seeds"] or [0]),
        **(_right(table, label) if of_classes else _distances(table)),
        "no_better": _no_better(table, best["scoring"]),
        "groups": subgroups(content, table, label),
        "of_class": class_errors(content, table, label),
        "threshold": threshold(content, table) if of_classes else None,
        "importance": importance(content),
        "learning_curve": learning_curve(content),
    }


def _right(table: pd.DataFrame, label: Any) -> dict[str, Any]:
    counts = table["truth"].value_counts()
    # Equal counts in the order of the names.
    most = min(counts.index[counts == counts.max()])
    right = int((table["truth"].to_numpy() == table["predicted"].to_numpy()).sum())
    return {
        "right": right,
        "most": {"label": most, "rows": int(counts.max())},
        "classes": by_class(table),
        "areas": areas(table, label),
    }


def by_class(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return of each class that was tested how much of it is found, and what it is taken for.

    Returns
    -------
    list of dict
        ``label``, ``rows``, ``found``, ``named`` (rows that are said to be of it), ``taken_for``
        (the class that its rows are most often taken for, None if they are not) and ``times``.
    """
    crossed = pd.crosstab(table["truth"].to_numpy(), table["predicted"].to_numpy())
    labels = [label for label in classes(table).tolist() if label in crossed.index]
    found = []
    for label in labels:
        own = crossed.loc[label]
        wrong = own.drop(label, errors="ignore")
        times = int(wrong.max()) if len(wrong) else 0
        found.append(
            {
                "label": label,
                "rows": int(own.sum()),
                "found": int(own.get(label, 0)),
                "named": int(crossed[label].sum()) if label in crossed else 0,
                "taken_for": wrong.idxmax() if times else None,
                "times": times,
            }
        )
    return found


def areas(table: pd.DataFrame, label: Any) -> dict[str, float] | None:
    """Return the areas under the curves of a class of two: of all rows, and the mean over folds.

    The mean is left out where a fold has rows of one class only. None if there are not two classes.
    """
    truth = (table["truth"] == label).to_numpy()
    if label is None or truth.all() or not truth.any():
        return None
    said, folds = table[f"{PROBABILITY}{label}"].to_numpy(), table["fold"].to_numpy()
    found = {}
    for name, area in (("roc", roc_auc_score), ("precision_recall", average_precision_score)):
        found[name] = area(truth, said)
        of_folds = [folds == fold for fold in np.unique(folds)]
        if all(0 < truth[own].mean() < 1 for own in of_folds):
            found[f"{name}_folds"] = np.mean([area(truth[own], said[own]) for own in of_folds])
    return rounded(found)


def _no_better(table: pd.DataFrame, scoring: str) -> bool:
    """Return whether one answer for all rows, which needs no network, does as well.

    Fewer right answers may be what was asked for, where a scorer other than accuracy chose. Of
    numbers the median has to be as near, and the mean by squares.
    """
    truth = table["truth"].to_numpy()
    if f"{PROBABILITY}{truth[0]}" in table:
        right = (truth == table["predicted"].to_numpy()).sum()
        most = table["truth"].value_counts().max()
        return bool(measure(scoring).kind == "accuracy" and right <= most)
    far = np.abs(truth - table["predicted"].to_numpy())
    nearer = np.abs(truth - np.median(truth)).mean() <= far.mean()
    return bool(nearer and np.var(truth) <= (far**2).mean())


def _distances(table: pd.DataFrame) -> dict[str, Any]:
    """Return how far predictions are from the truth, and how far one number for all would be."""
    truth = table["truth"].to_numpy("float64")
    far = np.abs(truth - table["predicted"].to_numpy("float64"))
    figures = {
        "mean": far.mean(),
        "half": np.median(far),
        "most": np.quantile(far, 0.9),
        "median_says": np.abs(truth - np.median(truth)).mean(),
    }
    return {"distances": {name: significant(own) for name, own in figures.items()}}
