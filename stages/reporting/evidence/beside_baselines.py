"""The network beside the baselines, on the same folds: the whole search, or the base model."""

from typing import Any

import pandas as pd

from stages.reporting.evidence.intervals import compared, interval, ratio
from stages.study.predictions import repeats_in
from stages.study.rivals import RIVALS


def baselines(content: dict[str, Any]) -> dict[str, Any]:
    """Return each baseline's mean beside the network's, paired fold by fold.

    The network is the whole search if there was a nested cross-validation, else the base model.
    """
    if content["outer"] is not None:
        scoring, scores = content["nested"]["scoring"], content["outer"]["score"]
        table = content["outer_baselines"].rename(columns={"score": scoring})
    else:
        scoring = next(iter(content["summary"]))
        scores, table = content["scores"][scoring], content["baselines"]
    own = content["outer"] if content["outer"] is not None else content["scores"]
    return {
        "scoring": scoring,
        "searched": content["outer"] is not None,
        "network": round(float(scores.mean()), 6),
        **divided(own),
        "rival": RIVALS[content["profile"]["task"]],
        "models": _models(table, scoring, scores, ratio(content["profile"], *_sizes(own))),
    }


def base_model(content: dict[str, Any]) -> dict[str, Any]:
    """Return the base model's scores by scorer with their intervals, and the baselines beside."""
    scores = content["scores"]
    of_folds = ratio(content["profile"], *_sizes(scores))
    return {
        scorer: {
            **summary,
            **interval(scores[scorer], scorer, of_folds),
            "models": _models(content["baselines"], scorer, scores[scorer], of_folds),
        }
        for scorer, summary in content["summary"].items()
    }


def divided(table: pd.DataFrame) -> dict[str, int]:
    """Return how many folds a table has and, if they were drawn several times, how often."""
    repeats = repeats_in(table)
    return {"folds": len(table)} | ({"repeats": repeats} if repeats > 1 else {})


def _sizes(table: pd.DataFrame) -> tuple[int, Any, int]:
    """Return how many folds a table has, their test rows, and how often they were drawn."""
    return len(table), table.get("rows"), repeats_in(table)


def _models(
    table: pd.DataFrame, scoring: str, scores: pd.Series, of_folds: float | None
) -> dict[str, Any]:
    return {
        str(name): compared(scores.to_numpy(), group[scoring].to_numpy(), scoring, of_folds)
        for name, group in table.groupby("model", sort=False)
    }
