"""What the report's explorer shows: all candidates of the search, column by column."""

import math
from typing import Any

import numpy as np
import pandas as pd

from stages.reporting.evidence.beside_best import STANDINGS, beside_best, in_words
from stages.reporting.evidence.drawn_values import Span, in_parts, is_number
from stages.reporting.evidence.verdict import fold_scores, hyperparameters
from stages.reporting.figures.search import between_values, telling
from stages.reporting.spelling.formats import score_label, title
from stages.reporting.spelling.parameters import in_order

#: Lines of the chart; of more candidates the best ones are drawn and a share of the others.
LINES, BEST = 1500, 500

#: The share of an axis of numbers that a value takes which is none, such as null.
OTHER = 0.1


def cells(content: dict[str, Any]) -> dict[str, Any]:
    """Return all candidates column by column, values of hyperparameters by their number.

    Returns
    -------
    dict
        ``names`` of the hyperparameters; ``values``, the texts of each; ``codes``, by
        hyperparameter, which value each candidate has; ``places``, by
        hyperparameter, how high on its axis each value stands, 0 to 1; ``ticks``, the places and
        labels of an axis of drawn numbers, None of any other; ``mean``, ``sd``, ``rank``;
        ``others``, the names and means of the scorers that did not choose; ``behind``, ``seen``
        and ``standing`` as :func:`stages.reporting.evidence.beside_best.beside_best` returns them,
        with ``standings``, their names, and ``said``, sentences; ``folds``, the scores by fold;
        ``drawn``, the candidates that the chart shows; ``telling``, the numbers of the
        hyperparameters that figures show; ``scoring``, a label.
    """
    table, best = content["candidates"], content["best"]
    names = hyperparameters(table)
    values = [in_order(table[name]) for name in names]
    scores, axes = fold_scores(table), content.get("spans") or {}
    beside = beside_best(content)
    shown = telling(names, between_values(in_parts(table, axes), names))
    return {
        "names": names,
        "values": [[str(value) for value in own] for own in values],
        "codes": [
            table[name].map({value: code for code, value in enumerate(own)}).tolist()
            for name, own in zip(names, values, strict=True)
        ],
        "places": [_places(own, axes.get(name)) for name, own in zip(names, values, strict=True)],
        "ticks": [_ticks(own, axes.get(name)) for name, own in zip(names, values, strict=True)],
        "mean": _rounded(table["mean_test_score"]),
        "sd": _rounded(table["std_test_score"]),
        "rank": table["rank_test_score"].tolist(),
        "others": [
            (title(name), _rounded(table[f"mean_test_{name}"])) for name in best.get("others", ())
        ],
        "behind": _rounded(beside["behind"]),
        "seen": _rounded(beside["seen"]),
        "standing": beside["standing"].tolist(),
        "standings": list(STANDINGS),
        "said": in_words(beside, best),
        "folds": [_rounded(own) for own in scores.T],
        "drawn": _drawn(table),
        "telling": [axis for axis, name in enumerate(names) if name in shown],
        "scoring": score_label(best["scoring"]),
    }


def _places(values: list[Any], span: Span | None) -> list[float]:
    """Return how high each value stands: evenly spaced, numbers that were drawn as on their axis.

    What is no number stands below those.
    """
    if span is None:
        return [round((code + 0.5) / len(values), 4) for code in range(len(values))]
    # Numbers come first.
    others = [value for value in values if not is_number(value)]
    room = min(OTHER * len(others), 0.5)
    numbers = values[: len(values) - len(others)]
    return [round(room + (1 - room) * span.place(value), 4) for value in numbers] + [
        round(room * (place + 0.5) / len(others), 4) for place in range(len(others))
    ]


def _ticks(values: list[Any], span: Span | None) -> list[tuple[float, str]] | None:
    """Return the places and labels of an axis of drawn numbers."""
    if span is None:
        return None
    others = [value for value in values if not is_number(value)]
    shown = [*span.edges, *others]
    labels = [f"{own:.3g}" if is_number(own) else str(own) for own in shown]
    return list(zip(_places(shown, span), labels, strict=True))


def _rounded(column: Any) -> list[float | None]:
    """Return scores of six digits, None where a candidate has none."""
    return [None if math.isnan(own) else round(float(own), 6) for own in column]


def _drawn(table: pd.DataFrame) -> list[int]:
    ranked = table["rank_test_score"].to_numpy().argsort(kind="stable")
    if len(ranked) <= LINES:
        return sorted(ranked.tolist())
    rest = ranked[BEST:]
    some = rest[np.linspace(0, len(rest) - 1, LINES - BEST).astype(int)]
    return sorted([*ranked[:BEST].tolist(), *some.tolist()])
