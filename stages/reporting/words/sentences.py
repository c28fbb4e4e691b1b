"""The verdict of a study in sentences that a reader can act on, by where the page has them."""

from typing import Any

from stages.reporting.evidence.decision import WORTHLESS
from stages.reporting.spelling.formats import between, decimals, decimals_of, number, title
from stages.reporting.spelling.values import settings_in_words
from stages.reporting.words import candidates, choice
from stages.reporting.words.candidates import NAMED
from stages.reporting.words.decision import decided
from stages.reporting.words.held_out import held_out
from stages.study.counts import count, folds_in_words

#: A standard deviation over folds that is less is no noise to write more digits for.
LEAST_NOISE = 0.01


def sentences(verdict: dict[str, Any], best: dict[str, Any]) -> list[str]:
    """Return what to say of a study, the decision first."""
    parts = (answer, worth, winner, search)
    told = [sentence for part in parts for sentence in part(verdict, best)]
    return told + candidates.shares(verdict["shares"])


def answer(verdict: dict[str, Any], best: dict[str, Any]) -> list[str]:
    """Return what to do, and what to expect of new rows and of those that were set aside."""
    return [
        str(decided(verdict["decision"])),
        *_expect(verdict, best),
        *held_out(verdict["holdout"]),
    ]


def worth(verdict: dict[str, Any], best: dict[str, Any]) -> list[str]:
    """Return what else there is to know of the estimates."""
    said = choice.scorers([best["scoring"], *best.get("others", ())])
    if verdict["nested_cv"] is not None:
        said.append(_stability(verdict["nested_cv"]))
    return said + candidates.chance(verdict["chance"], best)


def winner(verdict: dict[str, Any], best: dict[str, Any]) -> list[str]:
    """Return which candidate was chosen, and how."""
    return [_won(verdict, best), *choice.others(best), *choice.threshold(best)]


def search(verdict: dict[str, Any], best: dict[str, Any]) -> list[str]:
    """Return what there is to know of the search before its candidates are looked at."""
    return choice.seeds(best) + candidates.cheapest(verdict, best)


def has_winner(verdict: dict[str, Any], best: dict[str, Any]) -> bool:
    """Return whether a candidate can be called the winner: not one that learned nothing.

    Of a base model that learned nothing the others are asked whether they are above nothing.
    """
    own, compared = verdict["decision"], verdict["baselines"]
    if best["mean"] is None or own["decision"] not in WORTHLESS:
        return best["mean"] is not None
    above: bool = best["mean"] > compared["models"][own["against"]]["mean"]
    return not own["searched"] and compared["scoring"] == best["scoring"] and above


def _won(verdict: dict[str, Any], best: dict[str, Any]) -> str:
    if best["mean"] is None:
        return f"No candidate won: none could be trained and scored on all {_folds(best)}."
    verb = "won" if has_winner(verdict, best) else "is ranked first"
    among = choice.won(best, verdict["ties"], drawn=verdict["drawn"])
    settings = f": {settings_in_words(best['params'], NAMED)}" if best["params"] else ""
    places = decimals_of(max(best["sd"], LEAST_NOISE))
    chose = f"the {_folds(best)} that chose it" if best["candidates"] > 1 else _folds(best)
    return (
        f"Candidate {best['candidate']} {verb}, {among}{settings}; its mean "
        f"{title(best['scoring'])} is {number(best['mean'], places)} over {chose} (standard "
        f"deviation {number(best['sd'], places)})."
    )


def _expect(verdict: dict[str, Any], best: dict[str, Any]) -> list[str]:
    """Return what the search is worth on new rows, and what is not known of that."""
    nested, corrected = verdict["nested_cv"], verdict["bootstrap_corrected"]
    if best["mean"] is None:
        return []
    scoring = title(best["scoring"])
    if nested is not None:
        repeated = f"the whole search was repeated inside {_folds(nested, 'outer fold')}"
        return [
            f"Expect {scoring} {_estimate(nested, 'mean')} of the network on new rows: {repeated}."
        ]
    unknown = "Baselines were set beside the base model, not beside the winner: no nested "
    unknown += "cross-validation was asked for (nested_cv.outer: 0)."
    if "missing" in corrected:
        return [unknown, "What the winner is worth on new rows is not known."]
    why = "there was nothing to choose"
    if best["candidates"] > 1:
        why = "the bootstrap takes out that it was chosen"
    return [
        f"Expect {scoring} {_estimate(corrected, 'estimate')} of the winner on new rows: {why}.",
        unknown,
    ]


def _estimate(own: dict[str, Any], name: str) -> str:
    return f"{number(own[name], decimals(own))} {between(own)}"


def _folds(own: dict[str, Any], noun: str = "fold") -> str:
    return folds_in_words(own["folds"], own.get("repeats", 1), noun)


def _stability(nested: dict[str, Any]) -> str:
    same = nested["distinct"] == 1
    agreed = [
        settings_in_words({name: own["value"]}) + f" in {own['folds']}" * (not same)
        for name, own in sorted(nested["chosen"].items(), key=lambda item: -item[1]["folds"])
    ]
    chosen = "the same candidate" if same else count(nested["distinct"], "different candidate")
    return f"The {_folds(nested, 'outer fold')} chose {chosen}: {', '.join(agreed)}."
