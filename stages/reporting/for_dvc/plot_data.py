"""The small tables that ``dvc plots`` draws with the templates of ``.dvc/plots``.

They are tracked by git, so each stays small whatever the size of the search: of more values,
candidates or epochs than a plot can show, those at evenly spaced places of their order are kept,
the first and the last among them.
"""

import itertools
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from stages.reporting.evidence.drawn_values import Span, in_parts, is_number
from stages.reporting.evidence.verdict import hyperparameters
from stages.reporting.spelling.formats import title
from stages.reporting.spelling.parameters import in_order
from stages.study.artifacts import write_csv

#: The most that a plot shows: values of a hyperparameter, lines of candidates, points of
#: candidates, epochs.
VALUES, LINES, POINTS, EPOCHS = 12, 250, 1000, 200

#: Looks like ``<`` and opens nothing.
LIKE_LESS_THAN = "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"

#: Points of the outline of a violin, candidates that have one, and the width of a bar of fewer.
OUTLINE, MANY, BAR = 41, 10, 0.15


def write_plot_data(content: dict[str, Any], folder: Path) -> None:
    """Write all tables, of what ``stages.report`` has read."""
    folder.mkdir()
    candidates, axes = content["candidates"], content.get("spans")
    counted, scores = in_parts(candidates, axes), content["scores"]
    which = [name for name in ("fold", "repeat", "rows") if name in scores]
    tables = {
        "estimates": estimates(content["verdict"], content["best"]),
        "folds": scores.melt(which, var_name="scorer", value_name="score"),
        "curves": curves(content["curves"]),
        "candidates": ranked(candidates.filter(regex=r"^(?!split\d)"), POINTS),
        "violins": violins(counted),
        "pairs": pairs(counted),
        "parallel": parallel(candidates.assign(**_short(candidates, axes or {}))),
    }
    for name, table in tables.items():
        write_csv(_harmless(table), folder / f"{name}.csv")


def estimates(verdict: Mapping[str, Any], best: Mapping[str, Any]) -> pd.DataFrame:
    """Return what the search is worth, the estimate to trust most first, and the baselines.

    Each has a mean by a scorer and, where one is known, a 95 % interval.
    """
    corrected, compared = verdict["bootstrap_corrected"], verdict["baselines"]
    named = {
        "nested cross-validation": verdict["nested_cv"],
        "winner on rows set aside": verdict["holdout"],
        "corrected by the bootstrap": corrected | {"mean": corrected.get("estimate")},
        "best candidate, as chosen": {"mean": best["mean"]},
    }
    rows = [(name, best["scoring"], own) for name, own in named.items()]
    if not compared["searched"]:
        rows.append(("base model", compared["scoring"], {"mean": compared["network"]}))
    rows += [(title(name), compared["scoring"], own) for name, own in compared["models"].items()
             if "missing" not in own]  # fmt: skip
    known = [
        (name, scorer, place, own["mean"], *_ends(own))
        for place, (name, scorer, own) in enumerate(rows)
        if own is not None and own.get("mean") is not None
    ]
    return pd.DataFrame(known, columns=["estimate", "scorer", "place", "mean", "low", "high"])


def curves(history: pd.DataFrame) -> pd.DataFrame:
    """Return the mean over folds and the lowest and highest fold of each measure and epoch."""
    kept = evenly(history["epoch"].drop_duplicates().sort_values(), EPOCHS)
    by_epoch = history[history["epoch"].isin(kept)].groupby("epoch")
    tables = [
        by_epoch[measure].agg(["mean", "min", "max"]).reset_index().assign(measure=measure)
        for measure in history.columns.drop(["seed", "fold", "epoch"], errors="ignore")
    ]
    table = pd.concat(tables).rename(columns={"min": "lowest", "max": "highest"})
    return table[["measure", "epoch", "mean", "lowest", "highest"]]


def _ends(own: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return the ends of an estimate's interval; those of a baseline are of a difference."""
    return (None, None) if "difference" in own else (own.get("low"), own.get("high"))


def ranked(candidates: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return so many candidates at most, evenly spaced by rank, in the order of the table."""
    order = candidates.sort_values(["rank_test_score", "candidate"], kind="stable")
    kept: pd.DataFrame = evenly(order, most)
    return kept.sort_index()


def violins(candidates: pd.DataFrame) -> pd.DataFrame:
    """Return outlines of the mean scores of all candidates that share a value.

    Returns
    -------
    DataFrame
        A row for each point of an outline, from the lowest score to the highest: the width there,
        of a widest of 1, and of how many candidates it is and their median.
    """
    columns = ["hyperparameter", "value", "score", "width", "median", "candidates"]
    rows = [
        (name, value, score, width, float(np.median(scores)), len(scores))
        for name, texts, scored in _by_hyperparameter(candidates)
        for value in _values(scored[name])
        for scores in [scored.loc[texts == value, "mean_test_score"].to_numpy(float)]
        for score, width in _spread(scores)
    ]
    return pd.DataFrame(rows, columns=columns)


def pairs(candidates: pd.DataFrame) -> pd.DataFrame:
    """Return the best score of the candidates that share two values, or one with itself.

    What no candidate has, or none that could be scored, has no row.
    """
    columns = ["x", "x_value", "y", "y_value", "score", "candidates"]
    named = {name: (texts, scored) for name, texts, scored in _by_hyperparameter(candidates)}
    rows = []
    for x, y in itertools.combinations_with_replacement(sorted(named), 2):
        (x_texts, scored), (y_texts, _) = named[x], named[y]
        scores = scored["mean_test_score"].groupby([x_texts.to_numpy(), y_texts.to_numpy()])
        found = {texts: (group.max(), len(group)) for texts, group in scores}
        rows += [
            (x, texts[0], y, texts[1], *found[texts])
            for texts in itertools.product(_values(scored[x]), _values(scored[y]))
            if texts in found
        ]
    return pd.DataFrame(rows, columns=columns)


def parallel(candidates: pd.DataFrame) -> pd.DataFrame:
    """Return the values of candidates, a row for each hyperparameter and a last one for the score.

    In the last the hyperparameter is empty, as none can be called, and the value is the score.
    """
    scored = ranked(candidates.dropna(subset="mean_test_score"), LINES)
    names = hyperparameters(scored)
    rows = [
        (own["candidate"], name, value, own["mean_test_score"])
        for own in scored.to_dict("records")
        for name, value in [
            *((name, str(own[name])) for name in names),
            ("", f"{own['mean_test_score']:.10g}"),
        ]
    ]
    return pd.DataFrame(rows, columns=["candidate", "hyperparameter", "value", "score"])


def _short(candidates: pd.DataFrame, axes: Mapping[str, Span]) -> dict[str, Any]:
    """Return numbers that were drawn with as many digits as a label has room for."""
    return {
        name: candidates[name].map(lambda own: float(f"{own:.3g}") if is_number(own) else own)
        for name, span in axes.items()
        if name in candidates and not span.whole
    }


def evenly(items: Any, most: int) -> Any:
    """Return so many rows at most at evenly spaced places, the first and the last among them."""
    if len(items) <= most:
        return items
    return items.iloc[np.linspace(0, len(items) - 1, most).round().astype(int)]


def _by_hyperparameter(candidates: pd.DataFrame) -> Iterator[tuple[str, pd.Series, pd.DataFrame]]:
    """Give each hyperparameter, its values as texts and the candidates that could be scored."""
    scored = candidates.dropna(subset="mean_test_score")
    for name in hyperparameters(scored):
        yield name, scored[name].map(str), scored


def _values(column: pd.Series) -> list[str]:
    """Return the values that are shown, numbers by size before texts by letter."""
    return [str(value) for value in evenly(pd.Series(in_order(column), dtype=object), VALUES)]


def _spread(scores: np.ndarray) -> list[tuple[float, float]]:
    """Return an outline of many scores, of fewer a bar from the lowest to the highest."""
    if len(scores) >= MANY:
        return _outline(scores)
    ends = dict.fromkeys([float(scores.min()), float(scores.max())])
    return [(end, BAR if len(ends) > 1 else 1.0) for end in ends]


def _outline(scores: np.ndarray) -> list[tuple[float, float]]:
    """Return scores and the density of a Gaussian kernel there, of a highest of 1.

    The bandwidth is Scott's rule, and the outline ends at the lowest and the highest score, as in
    Seaborn with ``cut=0``. Equal scores have no density: they are one line.
    """
    low, high = scores.min(), scores.max()
    # As low a spread as rounding makes is none.
    if math.isclose(low, high, rel_tol=1e-9):
        return [(float(low), 1.0)]
    bandwidth = scores.std(ddof=1) * len(scores) ** -0.2
    places = np.linspace(low, high, OUTLINE)
    density = np.exp(-0.5 * ((places[:, None] - scores) / bandwidth) ** 2).sum(axis=1)
    return [
        (float(place), round(float(width), 4))
        for place, width in zip(places, density / density.max(), strict=True)
    ]


def _harmless(table: pd.DataFrame) -> pd.DataFrame:
    """Replace what opens a tag: DVC writes names and values into a script as they are."""

    def text(cell: Any) -> Any:
        return cell.replace("<", LIKE_LESS_THAN) if isinstance(cell, str) else cell

    return table.map(text).rename(columns=text)
