"""What the winner says of rows that it was not trained on: out of fold, each row once."""

from typing import Any

import numpy as np
import pandas as pd

from stages.study.measures import measure
from stages.study.predictions import PROBABILITY, seeds_in
from stages.study.scorers import is_of_a_class
from stages.study.thresholds import class_at

#: Rows or groups that are looked at, at most, where each costs time.
DRAWN = 50_000


def winner_rows(content: dict[str, Any]) -> pd.DataFrame | None:
    """Return the out-of-fold predictions of the candidate that won; None if none did.

    Returns
    -------
    DataFrame
        Columns ``row``, ``fold``, ``truth``, ``predicted`` and, of a classification,
        ``probability_LABEL`` for each class. Where folds are drawn several times it is of the first
        repeat. With several seeds probabilities and numbers are means over them, and at tuned
        thresholds the class is the one that most seeds name.
    """
    best, table = content["best"], content["predictions"]
    if best["candidate"] is None:
        return None
    own = table[table["candidate"].to_numpy() == best["candidate"]]
    own = own[own["repeat"] == 0] if "repeat" in own else own
    own = own.drop(columns=["candidate", "repeat"], errors="ignore")
    said = [str(name) for name in own if str(name).startswith(PROBABILITY)] or ["predicted"]
    if own.empty or not np.isfinite(own[said].to_numpy("float64")).all():
        return None
    seeds = seeds_in(own)
    return _named(_of_all_seeds(own, seeds, said), content, own, seeds)


def _of_all_seeds(own: pd.DataFrame, seeds: int, said: list[str]) -> pd.DataFrame:
    first = own.iloc[: len(own) // seeds]
    means = own[said].to_numpy("float64").reshape(seeds, len(first), -1).mean(axis=0)
    table = first[["row", "fold", "truth"]].reset_index(drop=True)
    return table.assign(**dict(zip(said, means.T, strict=True)))


def _named(
    table: pd.DataFrame, content: dict[str, Any], own: pd.DataFrame, seeds: int
) -> pd.DataFrame:
    """Return a table of predictions with the class that the winner names, if it is of classes."""
    names = [str(name) for name in table if str(name).startswith(PROBABILITY)]
    if not names:
        return table
    labels = classes(table)
    likeliest = labels[table[names].to_numpy().argmax(axis=1)]
    if measure(content["best"]["scoring"]).tuned and "predicted" in own:
        votes = own["predicted"].to_numpy().reshape(seeds, len(table))
        counts = np.array([(votes == label).sum(axis=0) for label in labels])
        tie = (counts == counts.max(axis=0)).sum(axis=0) > 1
        likeliest = np.where(tie, likeliest, labels[counts.argmax(axis=0)])
    return table.assign(predicted=likeliest)


def classes(table: pd.DataFrame) -> np.ndarray:
    """Return the classes of a table of predictions, in their order and of the truth's type."""
    names = [str(name) for name in table if str(name).startswith(PROBABILITY)]
    labels = [name.removeprefix(PROBABILITY) for name in names]
    return np.array(labels, dtype=table["truth"].to_numpy().dtype)


def drawn(many: int) -> np.ndarray:
    """Return places: all of them, or of very many some that are drawn, the same in every run."""
    if many <= DRAWN:
        return np.arange(many)
    return np.sort(np.random.default_rng(0).choice(many, DRAWN, replace=False))


def of_interest(content: dict[str, Any], table: pd.DataFrame) -> Any:
    """Return the class of two that figures are of; None if there are not two.

    The one whose threshold was tuned, that ``data.positive`` names, that the scorer singles out,
    or else the second.
    """
    labels = classes(table).tolist()
    if len(labels) != 2:
        return None
    best, positive = content["best"], content["profile"].get("positive")
    wanted = best["threshold"]["class"] if best.get("threshold") else positive
    if wanted is None and is_of_a_class(best["scoring"]):
        wanted = class_at(best["scoring"], labels, positive)
    return wanted if wanted in labels else labels[1]
