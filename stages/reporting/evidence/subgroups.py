"""For whom the winner is wrong: groups of rows with more errors than the others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridlanes.statistics import cluster_interval, holm, score_interval, subgroup_errors
from stages.reporting.evidence.intervals import rounded
from stages.reporting.evidence.row_kinds import Kinds, kinds, of_texts
from stages.reporting.evidence.winner_leaning import by_feature
from stages.reporting.evidence.winner_rows import drawn

#: Columns that are looked at.
COLUMNS = 100

#: Rows of a group that is looked at, at least.
FEWEST = 10

#: Groups that are told, and the probability to tell any by chance.
TOLD, ALPHA = 10, 0.05


@dataclass
class _Group:
    """Rows that are of one kind by a column, their error and the p-value of it."""

    column: str
    kind: str
    error: float
    pvalue: float
    of_rows: NDArray[np.int64]
    number: int
    clusters: Any


def columns_to_look_at(profile: Mapping[str, Any], importance: pd.DataFrame | None) -> list[str]:
    """Return the features by which rows are grouped: of very many those that matter most."""
    names = list(profile["features"])
    if len(names) <= COLUMNS or importance is None:
        return names[:COLUMNS]
    drops = by_feature(importance).mean(axis=1)
    order = {name: -drops.get(_source(profile, name), -np.inf) for name in names}
    return sorted(names, key=lambda name: order[name])[:COLUMNS]


def _source(profile: Mapping[str, Any], name: str) -> str:
    """Return the column of the table that a feature was made of."""
    return str(profile["features"][name].get("from", name))


def subgroups(content: dict[str, Any], table: pd.DataFrame, label: Any = None) -> dict[str, Any]:
    """Return the groups of rows with more errors than all others, the worst first.

    Parameters
    ----------
    content : dict
        What the stages left, with ``features``, the prepared columns that are looked at.
    table : DataFrame
        The winner's predictions.
    label : int, str or None
        A class of two, whose share of each group is told.

    Returns
    -------
    dict
        ``error``, of all rows: the share that is wrong, or the mean absolute error. ``looked_at``,
        groups; ``columns``, of so many ``of_columns``; ``rows``, of so many ``of_rows``. ``worse``,
        those whose error is larger than that of the others by more than chance among all that were
        looked at (p below 0.05, by Holm), each with ``column``, ``kind``, ``rows``, ``error``, its
        interval, ``share`` of the class and ``pvalue``; ``highest``, the group of the largest
        error. Rows in the order of time have no test: all groups are in ``worse`` that have more
        errors than the rest, without intervals.
    """
    some = drawn(len(table))
    errors = _errors(table, content["profile"])[some]
    rows = table["row"].to_numpy()[some]
    found = list(found_groups(content, rows, errors, clusters_of(content, rows)))
    for own, pvalue in zip(found, holm([own.pvalue for own in found]), strict=True):
        own.pvalue = float(pvalue)
    found = sorted(found, key=lambda own: (-own.error, own.pvalue))
    tested = "time" not in content["profile"]
    mean = float(errors.mean())
    worse = [own for own in found if (own.pvalue < ALPHA if tested else own.error > mean)]
    of_label = None if label is None else (table["truth"] == label).to_numpy()[some]
    told = [_told(own, errors, of_label, tested) for own in worse[:TOLD]]
    return {
        "error": significant(mean),
        "looked_at": len(found),
        "columns": content["features"].shape[1],
        "of_columns": len(content["profile"]["features"]),
        "rows": len(some),
        "of_rows": len(table),
        "tested": tested,
        "worse": told,
        "more": len(worse) - len(told),
        "highest": _told(found[0], errors, of_label, tested) if found else None,
    }


def clusters_of(content: dict[str, Any], rows: NDArray[np.int64]) -> Any:
    """Return which of the rows repeat each other; None if all are apart."""
    if "groups" not in content["profile"]:
        return None
    return pd.factorize(content["rows"]["groups"].iloc[rows])[0]


def groups_in_figures(found: list[Any], errors: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Return groups of tested rows in figures, the worst first."""
    worst = sorted(found, key=lambda own: (-own.error, own.pvalue))
    return [_told(own, errors, None, tested=True) for own in worst]


def _errors(table: pd.DataFrame, profile: Mapping[str, Any]) -> NDArray[np.float64]:
    if profile["task"] == "classification":
        wrong = table["truth"].to_numpy() != table["predicted"].to_numpy()
        return np.asarray(wrong, dtype=np.float64)
    return np.asarray((table["truth"] - table["predicted"]).abs(), dtype=np.float64)


def found_groups(
    content: dict[str, Any], rows: NDArray[np.int64], errors: NDArray[np.float64], clusters: Any
) -> Iterator[_Group]:
    """Return all groups that are large enough, with their error and a p-value."""
    for column, own, of in _columns(content, rows, clusters):
        told = subgroup_errors(errors, own.of_rows, of)
        for number, name in enumerate(own.names[: len(told.rows)]):
            if told.rows[number] >= FEWEST and np.isfinite(told.pvalue[number]):
                error, pvalue = float(told.mean[number]), float(told.pvalue[number])
                yield _Group(column, name, error, pvalue, own.of_rows, number, of)


def _columns(
    content: dict[str, Any], rows: NDArray[np.int64], clusters: Any
) -> Iterator[tuple[str, Kinds, Any]]:
    """Return what tells rows apart, and which rows repeat each other by that."""
    profile = content["profile"]
    for name in content["features"]:
        column = content["features"][name].iloc[rows]
        values = profile["columns"][_source(profile, name)]
        yield str(name), kinds(column, profile["features"][name], values), clusters
    if "groups" in profile:
        # All rows of a group are in it, which is one by its own.
        yield profile["groups"]["column"], of_texts(content["rows"]["groups"].iloc[rows]), None


def _told(
    own: _Group, errors: NDArray[np.float64], of_label: NDArray[np.bool_] | None, tested: bool
) -> dict[str, Any]:
    """Return a group in figures, if there is a test with the interval of its error."""
    member = own.of_rows == own.number
    found = {"column": own.column, "kind": own.kind, "rows": int(member.sum())}
    found |= {"error": significant(own.error)}
    found |= {} if of_label is None else rounded({"share": of_label[member].mean()})
    if not tested:
        return found
    ends = _interval(errors[member], None if own.clusters is None else own.clusters[member])
    return found | ends | rounded({"pvalue": own.pvalue})


def significant(value: float, digits: int = 6) -> float:
    """Return a number of so many digits, be it ever so small."""
    return float(f"{value:.{digits}g}")


def _interval(errors: NDArray[np.float64], clusters: Any) -> dict[str, float]:
    """Return the ends of an interval of the mean: of shares, as long as rows are apart, Wilson's.

    Of rows in clusters, and of distances, Student's.
    """
    if clusters is None and np.isin(errors, (0, 1)).all():
        _, low, high = score_interval(errors)
    else:
        by = np.arange(len(errors)) if clusters is None else np.asarray(clusters)
        _, low, high = cluster_interval(errors, by)
    highest = 1.0 if np.isin(errors, (0, 1)).all() else np.inf
    ends = {"low": max(0.0, float(low)), "high": min(highest, float(high))}
    return {name: significant(end) for name, end in ends.items() if np.isfinite(end)}
