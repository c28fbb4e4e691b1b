"""How the winner was chosen, in words: by which scorer, and by which rule."""

from collections.abc import Iterable
from typing import Any

from stages.reporting.spelling.formats import number, title
from stages.study.counts import count
from stages.study.measures import Measure, measure


def won(best: dict[str, Any], ties: int, *, drawn: bool) -> str:
    """Return what the winner is among all candidates, which may be drawn at random."""
    if best["candidates"] == 1:
        return "the only one"
    among = f"{best['candidates']}{' drawn at random' * drawn}"
    if "rule" in best and _is_highest(best):
        return f"the best of {among} and the cheapest within one standard error of it"
    if "rule" in best:
        return f"the cheapest within one standard error of the best of {among}"
    if ties > 1:
        return f"the first of {ties} that are equally good among {among}"
    return f"the best of {among}"


def _is_highest(best: dict[str, Any]) -> bool:
    """Return whether the candidate that a rule chose has the highest mean besides."""
    same: bool = best["mean"] == best["rule"]["highest"]
    return same


def threshold(best: dict[str, Any]) -> list[str]:
    """Return a sentence on the threshold of the winner, if one was tuned."""
    if "threshold" not in best:
        return []
    own = best["threshold"]
    where = f"The winner says {own['class']} where its probability is at least {number(own['at'])}"
    return [f"{where}, a threshold tuned on training rows, as it was for all that were scored."]


def others(best: dict[str, Any]) -> list[str]:
    """Return a sentence on the scorers that did not choose, if there are any."""
    if "others" not in best:
        return []
    said = [
        f"{title(name)} {number(own['mean'])} (rank {own['rank']})"
        for name, own in best["others"].items()
        if own["mean"] is not None
    ]
    chooser = title(best["scoring"])
    return [f"It is {chooser} that chose; by other scorers the winner has {', '.join(said)}."]


def seeds(best: dict[str, Any]) -> list[str]:
    """Return a sentence on the seeds of the search, if it has several."""
    own = best["seeds"] or []
    if len(own) < 2:
        return []
    which = ", ".join(map(str, own))
    return [
        f"Each score of a candidate on a fold is a mean over {count(len(own), 'seed')} ({which})."
    ]


def scorers(names: Iterable[str]) -> list[str]:
    """Return a sentence on what scorers are that are not scikit-learn's, if there are any."""
    own = {name: _meaning(measure(name)) for name in dict.fromkeys(names)}
    said = [f"{title(name)} is {meaning}" for name, meaning in own.items() if meaning]
    text = "; ".join(said)
    return [f"{text[0].upper()}{text[1:]}."] if text else []


def _meaning(own: Measure) -> str:
    """Return what a scorer is in words, nothing of one of scikit-learn's."""
    of = {name: f"{value:.10g}" for name, value in own.numbers.items()}
    said = title(own.kind) if own.tuned else ""
    if own.kind == "cost":
        said = (
            f"minus the mean cost of a row, where a false positive costs {of['fp']} and a false "
            f"negative {of['fn']}"
        )
    if own.kind == "fbeta":
        said = f"F-beta, where recall weighs {of['beta']} times as much as precision"
    tuned = ", " * (own.kind in ("cost", "fbeta")) or " "
    if own.kind.startswith("neg_"):
        said = f"minus the {title(own.kind.removeprefix('neg_'))}: more is better"
    return said + f"{tuned}at a threshold tuned on training rows" * own.tuned
