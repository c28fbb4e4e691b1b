"""What a search shows of its candidates and hyperparameters, in sentences."""

from typing import Any

from stages.reporting.evidence.verdict import highest_mean
from stages.reporting.spelling.formats import number, percent
from stages.reporting.spelling.values import settings_in_words
from stages.study.counts import count

#: Hyperparameters that a sentence names.
NAMED = 12

#: Effects that three hyperparameters and their pairs have.
THREE = 6

#: Shares of variance below this are not worth a word.
SLIGHT = 0.01


def shown_shares(shares: dict[str, Any]) -> list[tuple[str, float]]:
    """Return rows of a table of shares of variance: the ten largest effects, then what is left."""
    if "missing" in shares:
        return []
    effects = list(shares["hyperparameters"].items())
    named = {
        "higher": "three hyperparameters or more together",
        "fold": "the fold",
        "candidate_by_fold": "candidates that do well on some folds only",
        "seed": "the seed alone",
    }
    others = [("other hyperparameters and pairs", sum(own for _, own in effects[10:]))]
    if len(effects) < THREE:
        del named["higher"]
    rest = [(said, shares[name]) for name, said in named.items() if name in shares]
    return effects[:10] + others * (len(effects) > 10) + rest


def cheapest(verdict: dict[str, Any], best: dict[str, Any]) -> list[str]:
    """Return which candidate is the cheapest of those as good as the best, or why that is open."""
    if best["candidates"] == 1:
        return ["There is no other candidate to compare it with."]
    if best["mean"] is None:
        return []
    own = verdict["cheapest"]
    if "missing" in own:
        return [f"The cheapest was not chosen: {own['missing']}."]
    return [_cheapest(own, best)]


def _cheapest(own: dict[str, Any], best: dict[str, Any]) -> str:
    most = "at most " * own.get("may_stop", False)
    size = f"{count(own['weights'], 'weight')} and {most}{count(own['steps'], 'training step')}"
    if own["candidate"] == best["candidate"]:
        itself = "the winner" if "rule" in best else "the best itself"
        return f"The cheapest within one standard error of the best is {itself}: {size}."
    return (
        f"The cheapest within one standard error of the best is candidate {own['candidate']}: "
        f"{settings_in_words(own['params'], NAMED)}, with {number(own['mean'])}, {size}."
    )


def shares(found: dict[str, Any]) -> list[str]:
    """Return what the scores vary with most: what the table of shares cannot say by itself."""
    if "missing" in found:
        return [f"What matters among the hyperparameters was not computed: {found['missing']}."]
    of_folds = found["fold"] + found["candidate_by_fold"]
    name, largest = max(found["hyperparameters"].items(), key=lambda item: item[1])
    if largest < SLIGHT:
        none = "No hyperparameter, nor any pair, comes with more than one percent"
        return [f"{none} of the scores' variance."]
    more = f"; the folds matter more ({percent(of_folds)})" * (of_folds > largest)
    variance = f"{percent(largest)} of the scores' variance"
    return [f"Of what was searched {name} matters most ({variance}){more}."]


def chance(found: dict[str, Any] | None, best: dict[str, Any]) -> list[str]:
    """Return how high the best score climbs on permuted labels, if that was asked for."""
    if found is None:
        return []
    n = found["permutations"]
    can = f", the least that {count(n, 'permutation')} can show"
    least = can if found["pvalue"] < 1.5 / (n + 1) else ""
    said = (
        f"On {count(n, 'permutation')} of the labels the best score climbs to "
        f"{number(found['mean'])} on average and {number(found['highest'])} at most, against "
        f"{number(highest_mean(best))} on the real ones "
        f"(one-sided p = {found['pvalue']:.3f}{least})."
    )
    return [said]
