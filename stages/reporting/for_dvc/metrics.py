"""The figures of a study as the two files that other programs read.

``metrics.json`` has the few that ``dvc metrics diff`` puts beside those of another revision,
``verdict.json`` all of them.
"""

from typing import Any

from stages.reporting.evidence.verdict import SIZES, hyperparameters
from stages.reporting.words.sentences import sentences

#: Scorers of the base model that are among the metrics; ``verdict.json`` has all.
SCORERS = 6

#: Entries of the verdict that are of what not every study asks for.
WHERE_ASKED = ("nested_cv", "chance", "holdout")


def metrics(content: dict[str, Any]) -> dict[str, Any]:
    """Return what a person compares between revisions: 15 numbers at most, 18 with a holdout.

    DVC subtracts whatever is a number, so there are no counts or numbers of candidates. It lists
    groups in alphabetical order: what to expect of the search comes first.

    Returns
    -------
    dict of str to dict of str to number
        ``answer``: the nested estimate, its 95 % interval, and the difference from a linear model
        on the same folds; with rows set aside, the score on these and its interval.
        ``base_model``: its mean scores; without a nested estimate, the difference too. ``chance``:
        the p-value of the permutations. ``search``: the best mean score, its standard deviation
        over folds, the score corrected for the choice by the bootstrap, and the fits that failed.
        What could not be computed is left out.
    """
    best, found = content["best"], content["verdict"]
    nested, compared = found["nested_cv"] or {}, found["baselines"]
    aside = found["holdout"] or {}
    gap = {f"minus_{compared['rival']}": compared["models"][compared["rival"]].get("difference")}
    base = {scorer: own["mean"] for scorer, own in list(found["base_model"].items())[:SCORERS]}
    groups = {
        "answer": {
            "expected": nested.get("mean"),
            "expected_from": nested.get("low"),
            "expected_to": nested.get("high"),
            **(gap if compared["searched"] else {}),
            "held_out": aside.get("mean"),
            "held_out_from": aside.get("low"),
            "held_out_to": aside.get("high"),
        },
        "base_model": base | ({} if compared["searched"] else gap),
        "chance": {"pvalue": (found["chance"] or {}).get("pvalue")},
        "search": {
            "best": best["mean"],
            "best_sd": best["sd"],
            "corrected": found["bootstrap_corrected"].get("estimate"),
            "failed_fits": best["failed_fits"],
        },
    }
    known = {
        group: {name: own for name, own in figures.items() if own is not None}
        for group, figures in groups.items()
    }
    return {group: figures for group, figures in known.items() if figures}


def all_figures(content: dict[str, Any]) -> dict[str, Any]:
    """Return the verdict in words, the decision and all figures; none that cannot be computed."""
    best, found = content["best"], content["verdict"]
    search = {
        "best_mean": best["mean"],
        "best_sd": best["sd"],
        "bootstrap_corrected": found["bootstrap_corrected"],
        "not_distinguishable": found["not_distinguishable"],
        "one_class": found["one_class"] if found["one_class"] is not None else {"missing": ""},
        "cheapest": found["cheapest"],
        "variance": _few_shares(found["shares"], hyperparameters(content["candidates"])),
    }
    return {
        "in_words": sentences(found, best),
        "decision": found["decision"],
        "cross_validate": found["base_model"],
        "grid_search": {
            **{name: own for name, own in search.items() if not _is_missing(own)},
            "candidates": best["candidates"],
            "failed_fits": best["failed_fits"],
            **{name: best[name] for name in ("rule", "others") if name in best},
            **{name: found[name] for name in (SIZES,) if name in found},
        },
        "compared": found["baselines"],
        **_of_winner(content["winner"]),
        **{name: found[name] for name in WHERE_ASKED if found[name] is not None},
    }


def _of_winner(own: dict[str, Any] | None) -> dict[str, Any]:
    """Return what is short of the winner's figures; nothing if none won."""
    if own is None:
        return {}
    names = ("rows", "right", "areas", "distances", "threshold", "importance", "learning_curve")
    groups = own["groups"]
    few = {name: own[name] for name in names if own.get(name) is not None}
    return {"winner": few | {"worse_for": groups["worse"], "groups": groups["looked_at"]}}


def _few_shares(shares: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Return shares of variance with those of all pairs of hyperparameters as one."""
    if _is_missing(shares):
        return shares
    effects = shares["hyperparameters"]
    pairs = sum(share for name, share in effects.items() if name not in names)
    own = {name: share for name, share in effects.items() if name in names}
    rest = {name: share for name, share in shares.items() if name != "hyperparameters"}
    return {"hyperparameters": own, "pairs": round(pairs, 6), **rest}


def _is_missing(figures: Any) -> bool:
    return isinstance(figures, dict) and "missing" in figures
