"""From the tables of the stages to figures that say what the best candidate is really worth.

Every figure is there or is a sentence that says why not: see :func:`verdict`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from gridlanes.errors import ParameterError
from gridlanes.statistics import (
    bootstrap_corrected,
    full_grid,
    indistinguishable,
    one_standard_error,
    permutation_pvalue,
    variance_shares,
)
from stages.reporting.evidence.beside_baselines import base_model, baselines, divided
from stages.reporting.evidence.decision import decide
from stages.reporting.evidence.held_out import held_out
from stages.reporting.evidence.intervals import inside, known, ratio, rounded
from stages.reporting.evidence.nested_estimate import nested_estimate
from stages.reporting.evidence.one_class import says_one_class
from stages.reporting.evidence.resampling import resampled
from stages.reporting.evidence.scoring import Said, said
from stages.reporting.spelling.parameters import LACKING
from stages.reporting.spelling.values import may_stop
from stages.study.artifacts import SCORES
from stages.study.measures import measure
from stages.study.prepared import ROLES

#: Test rows by training rows of a fold of the search, in a table with groups.
SIZES = "test_by_training_rows"

#: Draws of the bootstrap; of a scorer that is called once for each candidate and draw, fewer.
DRAWS, SLOW_DRAWS = 1000, 50


def hyperparameters(candidates: pd.DataFrame) -> list[str]:
    """Return the columns of a table of candidates that are hyperparameters."""
    return [str(name) for name in candidates.columns[~candidates.columns.str.match(SCORES)]]


def verdict(content: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a study.

    Parameters
    ----------
    content : dict
        The tables of the stages, as ``stages.report`` reads them.

    Returns
    -------
    dict
        ``decision``, ``bootstrap_corrected``, ``nested_cv``, ``base_model``, ``baselines``,
        ``not_distinguishable``, ``drawn`` (whether candidates were drawn at random), ``ties``
        (how many are ranked first), ``one_class`` (how many say the same class of every row),
        ``cheapest``, ``shares``, ``chance``, ``holdout``. An entry that cannot be computed is
        ``{"missing": reason}``; one that was not asked for is None. Of a table with groups also
        ``SIZES``.
    """
    candidates = content["candidates"]
    sizes = {}
    if "groups" in content["profile"]:
        sizes = {SIZES: round(known(of_candidates(content)), 6)}
    compared = baselines(content)
    return {
        **sizes,
        "decision": decide(compared, content["best"]),
        "bootstrap_corrected": _or_why(lambda: _bootstrap(content)),
        "nested_cv": nested(content) if content["outer"] is not None else None,
        "base_model": base_model(content),
        "baselines": compared,
        "not_distinguishable": _or_why(lambda: {"candidates": _not_distinguishable(content)}),
        "drawn": content.get("spans") is not None,
        "ties": int((candidates["rank_test_score"] == 1).sum()),
        "one_class": _one_class(content),
        "cheapest": _or_why(lambda: _cheapest(content)),
        "shares": _or_why(lambda: _shares(content)),
        "chance": _chance(content) if content["permutations"] is not None else None,
        "holdout": held_out(content),
    }


def fold_scores(candidates: pd.DataFrame) -> np.ndarray:
    """Return the scores of each candidate on each fold, averaged over seeds."""
    return candidates.filter(regex=r"^split\d+_test_score$").to_numpy()


def nested(content: dict[str, Any]) -> dict[str, Any]:
    """Return the nested estimate, and how much its choices vary."""
    outer, summary = content["outer"], content["nested"]
    chosen = {name: outer[name].astype(str).value_counts() for name in hyperparameters(outer)}
    return {
        **nested_estimate(content),
        "sd": summary["sd"],
        **divided(outer),
        "inner_minus_outer": round(float((outer["inner_score"] - outer["score"]).mean()), 6),
        "distinct": int(outer["candidate"].nunique()),
        "chosen": {
            name: {"value": counts.index[0], "folds": int(counts.iloc[0])}
            for name, counts in chosen.items()
        },
    }


def of_candidates(content: dict[str, Any]) -> float | None:
    """Return the ratio of the folds of the search.

    See :func:`stages.reporting.evidence.intervals.ratio`.
    """
    best, table = content["best"], content["predictions"]
    first = table["fold"].iloc[: len(table) // (best["candidates"] * len(best["seeds"] or [0]))]
    return ratio(content["profile"], best["folds"], np.bincount(first), _repeats(best))


def _repeats(best: dict[str, Any]) -> int:
    """Return how often the folds of the search were drawn."""
    return int(best.get("repeats", 1))


def _bootstrap(content: dict[str, Any]) -> dict[str, Any]:
    best = content["best"]
    if "rule" in best:
        raise ParameterError(
            "the rule of one standard error chose, and the bootstrap chooses by the highest mean"
        )
    seeds = len(best["seeds"] or [0])
    known(of_candidates(content))
    positive, tuned = content["profile"].get("positive"), measure(best["scoring"]).tuned
    own = said(content["predictions"], best["candidates"] * seeds, positive, tuned=tuned)
    score, things, quick = resampled(best["scoring"], own, _rows(content, own))

    def averaged(weights: Any) -> Any:
        return score(weights).reshape(len(weights), -1, seeds).mean(axis=2)

    draws = DRAWS if quick else SLOW_DRAWS
    found = bootstrap_corrected(averaged, things, draws)
    ends = inside(found.low, found.high, best["scoring"])
    return rounded({"estimate": found.estimate, **ends}) | {
        "draws": draws,
        "chosen": int((found.chosen > 0).sum()),
    }


def _rows(content: dict[str, Any], own: Said) -> pd.DataFrame:
    """Return what is known of the rows that were predicted, and which are repeats of one."""
    positions = content["predictions"]["row"].iloc[: len(own.truth)]
    rows = pd.DataFrame()
    if any(role in content["profile"] for role in ROLES):
        rows = content["rows"].iloc[positions]
    # A row is drawn with all its repeats, as a group is with all its rows.
    if _repeats(content["best"]) > 1 and "groups" not in rows:
        rows = rows.assign(groups=positions.to_numpy())
    return rows


def _one_class(content: dict[str, Any]) -> int | None:
    """Return how many do; None for a regression."""
    alike = says_one_class(content)
    return None if alike is None else int(alike.sum())


def _not_distinguishable(content: dict[str, Any]) -> int:
    scores = fold_scores(content["candidates"])
    return int(indistinguishable(scores, known(of_candidates(content))).sum())


def _cheapest(content: dict[str, Any]) -> dict[str, Any]:
    # The standard error takes folds to be alike, as the tests do.
    known(of_candidates(content))
    candidates = content["candidates"]
    results = {str(name): candidates[name].to_numpy() for name in candidates}
    (row,) = candidates.iloc[[one_standard_error(results, _repeats(content["best"]))]].to_dict(
        "records"
    )
    params = {name: row[name] for name in hyperparameters(candidates) if row[name] != LACKING}
    stops = may_stop({**content.get("network", {}), **params})
    return {
        "candidate": row["candidate"],
        "params": params,
        **({"may_stop": True} if stops else {}),
        "mean": round(row["mean_test_score"], 6),
        "weights": int(row["n_weights"]),
        "steps": int(row["n_steps"]),
    }


def _shares(content: dict[str, Any]) -> dict[str, Any]:
    """Return shares of variance, the largest of the hyperparameters and their pairs first."""
    candidates, best = content["candidates"], content["best"]
    names = hyperparameters(candidates)
    scores = fold_scores(candidates)
    if content.get("spans") is not None:
        raise ParameterError(
            "shares of variance need a full grid, and candidates drawn at random are none"
        )
    if (candidates[names] == LACKING).any(axis=None):
        raise ParameterError("shares of variance need one full grid, and there are several")
    if np.isnan(scores).any():
        raise ParameterError("shares of variance need all scores, and there are failed fits")
    if best["seeds"]:
        columns = [
            [f"split{fold}_seed{seed}_test_score" for seed in best["seeds"]]
            for fold in range(best["folds"])
        ]
        scores = np.stack([candidates[own].to_numpy() for own in columns], axis=1)
    grid = full_grid({name: candidates[name].tolist() for name in names}, scores)
    found = variance_shares(grid.scores, grid.names)
    ordered = sorted(found.hyperparameters.items(), key=lambda item: (-item[1], item[0]))
    return {
        "hyperparameters": {" with ".join(of): round(share, 6) for of, share in ordered},
        **rounded({"higher": found.higher, "fold": found.fold}),
        **rounded({"candidate_by_fold": found.candidate_by_fold}),
        **(rounded({"seed": found.seed}) if best["seeds"] else {}),
    }


def _chance(content: dict[str, Any]) -> dict[str, Any]:
    # On permuted labels it is the highest mean that is kept, whatever chose.
    reached, real = content["permutations"]["best_score"], highest_mean(content["best"])
    pvalue = permutation_pvalue(real, reached)
    figures = {"mean": reached.mean(), "highest": reached.max(), "pvalue": pvalue}
    return rounded(figures) | {"permutations": len(reached)}


def _or_why(figures: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return figures()
    except ParameterError as error:
        return {"missing": str(error)}


def highest_mean(best: dict[str, Any]) -> float:
    """Return the highest mean score of all candidates: the winner's, unless a rule chose."""
    score: float = best["rule"]["highest"] if "rule" in best else best["mean"]
    return score
