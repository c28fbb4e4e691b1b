"""What a search shows of its candidates, in sentences."""

from typing import Any

from stages.reporting.choice_words import highest
from stages.reporting.decision_words import FEW
from stages.reporting.formats import number, percent
from stages.reporting.scoring import limits
from stages.reporting.value_words import settings_in_words
from stages.study.counts import count, folds_in_words

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
    rest = [(said, shares[name]) for name, said in named.items() if name in shares]
    return effects[:10] + others * (len(effects) > 10) + rest


def candidates(verdict: dict[str, Any], best: dict[str, Any]) -> list[str]:
    """Return how far the candidates can be told apart, and which of them is the cheapest."""
    alike, cheapest = verdict["not_distinguishable"], verdict["cheapest"]
    said = _one_class(verdict["one_class"], best) if verdict["one_class"] else []
    if best["candidates"] == 1:
        return [*said, "There is no other candidate to compare it with."]
    if "missing" in alike:
        return [*said, f"Candidates were not compared: {alike['missing']}."]
    said.append(_told_apart(alike, best))
    if "missing" in cheapest:
        return [*said, f"The cheapest was not chosen: {cheapest['missing']}."]
    return [*said, _cheapest(cheapest, best)]


def _one_class(number: int, best: dict[str, Any]) -> list[str]:
    all_ = count(best["candidates"], "candidate")
    verb = "predicts" if number == 1 else "predict"
    return [f"{number} of {all_} {verb} one class, whatever a row holds."]


def _told_apart(alike: dict[str, Any], best: dict[str, Any]) -> str:
    """Return how many candidates are told from the best, and what difference would tell one."""
    others = best["candidates"] - 1
    said = f"{alike['told'] or 'None'} of the other {others} candidates can be told from the best"
    if others == 1:
        said = f"The other candidate can{'not' * (not alike['told'])} be told from the best"
    how = f"(corrected t-test on {folds_in_words(best['folds'], best.get('repeats', 1))}"
    how += ", Holm)" if others > 1 else ")"
    return f"{said} {how}{_needed(alike, best, others)}."


def _needed(alike: dict[str, Any], best: dict[str, Any], others: int) -> str:
    """Return how large a difference would have been seen; nothing where no noise was."""
    if "told_alone" not in alike:
        return ""
    lowest, most = limits(best["scoring"])
    alone, among = alike["told_alone"], alike["told_among_all"]
    said = f": between two alone a difference of {_size(alone)} would show"
    if others == 1:
        said = f": a difference of {_size(alone)} would show"
    elif among > most - lowest:
        said += f", among all {best['candidates']} none, however large"
    else:
        said += f", among all {best['candidates']} one of {_size(among)}"
    return f"{said}{'; more folds tell more' * (best['folds'] < FEW)}"


def _size(gap: float) -> str:
    """Return a difference that is an estimate itself in two digits."""
    return f"{gap:.2g}" if gap < 100 else f"{gap:.0f}"


def _cheapest(cheapest: dict[str, Any], best: dict[str, Any]) -> str:
    itself = "the winner" if "rule" in best else "the best itself"
    same = f" ({itself})" if cheapest["candidate"] == best["candidate"] else ""
    most = "at most " * cheapest.get("may_stop", False)
    return (
        f"The cheapest within one standard error of the best is candidate "
        f"{cheapest['candidate']}{same}: {settings_in_words(cheapest['params'])}, with "
        f"{number(cheapest['mean'])}, {count(cheapest['weights'], 'weight')} and {most}"
        f"{count(cheapest['steps'], 'training step')}."
    )


def shares(found: dict[str, Any]) -> list[str]:
    """Return what the scores vary with most: what the table of shares cannot say by itself."""
    if "missing" in found:
        return [f"What matters among the hyperparameters was not computed: {found['missing']}."]
    of_folds = found["fold"] + found["candidate_by_fold"]
    name, largest = max(found["hyperparameters"].items(), key=lambda item: item[1])
    if largest < SLIGHT:
        return ["No hyperparameter, nor any pair, comes with one percent of the scores' variance."]
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
        f"{number(highest(best))} on the real ones (one-sided p = {found['pvalue']:.3f}{least})."
    )
    return [said]
