"""The verdict of a study in sentences that a reader can act on."""

from typing import Any

from stages.reporting import choice_words
from stages.reporting.choice_words import highest
from stages.reporting.formats import between, number, percent, title
from stages.reporting.held_out_words import held_out
from stages.reporting.value_words import settings_in_words
from stages.study.counts import count, folds_in_words

#: Shares of variance below this are not worth a word.
SLIGHT = 0.01

#: With fewer folds than this a test among many candidates finds hardly any difference.
FEW = 5

#: p-values below this are called evidence.
ALPHA = 0.05


def sentences(verdict: dict[str, Any], best: dict[str, Any]) -> list[str]:
    """Return what to say of a study, the most important first."""
    said = [_against_rival(verdict["baselines"]), _worth(verdict, best)]
    names = [best["scoring"], *best.get("others", ()), *verdict["base_model"]]
    said += choice_words.scorers(names) + choice_words.seeds(best)
    said += choice_words.others(best) + choice_words.threshold(best)
    said += held_out(verdict["holdout"])
    if verdict["nested_cv"] is not None:
        said.append(_stability(verdict["nested_cv"]))
    said.append(_choice(verdict, best))
    if verdict["one_class"]:
        said.append(_one_class(verdict["one_class"], best))
    said.append(_shares(verdict["shares"]))
    if verdict["chance"] is not None:
        said.append(_chance(verdict["chance"], best))
    return said


def answer(verdict: dict[str, Any], best: dict[str, Any]) -> list[str]:
    """Return what won, what it is worth, also on rows set aside, and whether a linear model does.

    A sentence each.
    """
    expected = [_expect(verdict, best), *held_out(verdict["holdout"])]
    return [_won(verdict, best), *expected, _against_rival(verdict["baselines"])]


def _won(verdict: dict[str, Any], best: dict[str, Any]) -> str:
    if best["mean"] is None:
        return (
            f"No candidate won: not one of {count(best['candidates'], 'candidate')} could be "
            f"trained and scored on all {_folds(best)}."
        )
    settings = settings_in_words(best["params"])
    among = choice_words.won(best, verdict["ties"], drawn=verdict["drawn"])
    return (
        f"Candidate {best['candidate']} won, {among}: {settings}, with a mean "
        f"{title(best['scoring'])} of {number(best['mean'])} over {_folds(best)}."
    )


def _expect(verdict: dict[str, Any], best: dict[str, Any]) -> str:
    nested, corrected = verdict["nested_cv"], verdict["bootstrap_corrected"]
    if nested is not None:
        return (
            f"Expect {number(nested['mean'])} {between(nested)} on new rows: so much is left when "
            f"the whole search is repeated inside {_folds(nested, 'outer fold')}."
        )
    if "missing" not in corrected and best["candidates"] == 1:
        return (
            f"Expect {number(corrected['estimate'])} {between(corrected)} on new rows: there was "
            "nothing to choose."
        )
    if "missing" not in corrected and best["mean"] is not None:
        return (
            f"Corrected for having been chosen it is {number(corrected['estimate'])} "
            f"{between(corrected)}, by the bootstrap; no nested cross-validation was asked for."
        )
    return "What it is worth on new rows is not known: no nested cross-validation was asked for."


def _folds(own: dict[str, Any], noun: str = "fold") -> str:
    return folds_in_words(own["folds"], own.get("repeats", 1), noun)


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


def _against_rival(found: dict[str, Any]) -> str:
    rival = found["models"][found["rival"]]
    name, scoring = title(found["rival"]), title(found["scoring"])
    network = "The searched network" if found["searched"] else "The base model, not searched,"
    if "missing" in rival:
        return f"{network} could not be compared with {name}: {rival['missing']}."
    folds = f"on the same {_folds(found)}"
    scores = f"{scoring} {number(found['network'])} against {number(rival['mean'])} {folds}"
    gap = f"{scores}, a difference of {rival['difference']:+.3f} {between(rival)}"
    gap += _against_others(found) + _against_nothing(found["models"])
    if "unknown" in rival and rival["difference"] > 0:
        return f"{network} is above {name}, which may be chance: {gap}."
    if rival["difference"] < 0 and rival.get("pvalue", 1) < ALPHA:
        return f"{network} does not beat {name}, it is worse: {gap}."
    if rival["difference"] <= 0:
        return f"{network} does not beat {name}: {gap}."
    if rival["pvalue"] >= ALPHA:
        return f"{network} does not beat {name} by more than chance would: {gap}."
    return f"{network} beats {name}: {gap}."


def _against_others(found: dict[str, Any]) -> str:
    """Return what to add where another baseline is above both."""
    means = {name: own["mean"] for name, own in found["models"].items() if "mean" in own}
    name = max(means, key=lambda name: means[name])
    if means[name] <= max(found["network"], means[found["rival"]]):
        return ""
    # What is said of it next.
    if name == next(iter(found["models"])) and _against_nothing(found["models"]):
        return ""
    return f"; {title(name)} reaches {number(means[name])}"


def _against_nothing(models: dict[str, Any]) -> str:
    """Return what to add where a network is no better than one that learned nothing."""
    name = next(iter(models))
    nothing = models[name]
    # The interval tells too where all folds differ by the same amount, which no test can judge.
    if "missing" in nothing or nothing.get("low", nothing["difference"]) > 0:
        return ""
    worse = nothing.get("high", nothing["difference"]) < 0
    told = "it is worse than" if worse else "nor can it be told from"
    if "unknown" in nothing:
        told = "it is not above"
    return f"; {told} always predicting the {title(name)}, {number(nothing['mean'])}"


def _worth(verdict: dict[str, Any], best: dict[str, Any]) -> str:
    several = best["candidates"] > 1
    if best["mean"] is None:
        return f"All of {count(best['candidates'], 'candidate')} failed, so none has a score."
    said = (
        f"{choice_words.winner(best)} has a mean {title(best['scoring'])} of "
        f"{number(best['mean'])} over {_folds(best)} (standard deviation {number(best['sd'])})"
    )
    said += ", on the folds that chose it, which flatters it" if several else ""
    corrected, nested = verdict["bootstrap_corrected"], verdict["nested_cv"]
    if "missing" not in corrected:
        said += (
            f"; corrected for the choice by the bootstrap it is {number(corrected['estimate'])} "
            f"{between(corrected)}"
        )
    if nested is None:
        return f"{said}. No nested cross-validation was asked for (nested_cv.outer: 0)."
    return (
        f"{said}. Searching again inside each of {_folds(nested, 'outer fold')} gives "
        f"{number(nested['mean'])} {between(nested)}: expect that on new rows."
    )


def _stability(nested: dict[str, Any]) -> str:
    agreed = [
        f"{settings_in_words({name: own['value']})} in {own['folds']}"
        for name, own in sorted(nested["chosen"].items(), key=lambda item: -item[1]["folds"])
    ]
    chosen = count(nested["distinct"], "different candidate")
    if nested["distinct"] == 1:
        chosen = "the same candidate"
    return f"The {_folds(nested, 'outer fold')} chose {chosen}: {', '.join(agreed)}."


def _choice(verdict: dict[str, Any], best: dict[str, Any]) -> str:
    alike, cheapest = verdict["not_distinguishable"], verdict["cheapest"]
    if best["candidates"] == 1:
        return "There is no other candidate to compare it with."
    if "missing" in alike:
        return f"Candidates were not compared: {alike['missing']}."
    others, like_it = best["candidates"] - 1, alike["candidates"] - 1
    which = f"{like_it} of {count(others, 'other candidate')} cannot be told from the best"
    if not like_it:
        which = f"The best can be told from {'each of ' * (others > 1)}{count(others, 'other')}"
    said = f"{which} (corrected t-test on {_folds(best)}, Holm"
    few = "; so few folds tell little apart, which does not make them as good)"
    said += few if best["folds"] < FEW else ")"
    if "missing" in cheapest:
        return f"{said}; the cheapest was not chosen: {cheapest['missing']}."
    settings = settings_in_words(cheapest["params"])
    itself = "the winner" if "rule" in best else "the best itself"
    same = f" ({itself})" if cheapest["candidate"] == best["candidate"] else ""
    most = "at most " * cheapest.get("may_stop", False)
    return (
        f"{said}; the cheapest within one standard error of it is candidate "
        f"{cheapest['candidate']}{same}: {settings}, with {number(cheapest['mean'])}, "
        f"{count(cheapest['weights'], 'weight')} and {most}"
        f"{count(cheapest['steps'], 'training step')}."
    )


def _one_class(candidates: int, best: dict[str, Any]) -> str:
    return (
        f"{candidates} of {count(best['candidates'], 'candidate')} "
        f"{'predicts' if candidates == 1 else 'predict'} one class, whatever a row holds."
    )


def _shares(shares: dict[str, Any]) -> str:
    if "missing" in shares:
        return f"What matters among the hyperparameters was not computed: {shares['missing']}."
    ordered = shares["hyperparameters"]
    largest = [f"{of} ({percent(own)})" for of, own in list(ordered.items())[:3] if own >= SLIGHT]
    of_folds = shares["fold"] + shares["candidate_by_fold"]
    rest = f"the folds, by themselves and by which candidates they favour, {percent(of_folds)}"
    if "seed" in shares:
        rest += f", the seed alone {percent(shares['seed'])}"
    if not largest:
        return (
            "No hyperparameter, nor any pair, comes with one percent of the scores' variance; "
            f"{rest}."
        )
    if of_folds > max(ordered.values()):
        return (
            f"What the scores vary with most: {rest} of their variance; of what was searched "
            f"{', '.join(largest)}."
        )
    return f"What the scores vary with most: {', '.join(largest)} of their variance; {rest}."


def _chance(chance: dict[str, Any], best: dict[str, Any]) -> str:
    n = chance["permutations"]
    can = f", the least that {count(n, 'permutation')} can show"
    least = can if chance["pvalue"] < 1.5 / (n + 1) else ""
    return (
        f"On {count(chance['permutations'], 'permutation')} of the labels the best score climbs to "
        f"{number(chance['mean'])} on average and {number(chance['highest'])} at most, against "
        f"{number(highest(best))} on the real ones (p = {chance['pvalue']:.3f}{least})."
    )
