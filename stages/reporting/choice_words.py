"""How the winner was chosen, in words: by which scorer, and by which rule."""

from typing import Any

from stages.reporting.formats import number, title


def won(best: dict[str, Any], ties: int, *, drawn: bool) -> str:
    """Return what the winner is among all candidates, which may be drawn at random."""
    if best["candidates"] == 1:
        return "the only one"
    among = f"{best['candidates']}{' drawn at random' * drawn}"
    if "rule" in best:
        return f"the cheapest within one standard error of the best of {among}"
    if ties > 1:
        return f"the first of {ties} that are equally good among {among}"
    return f"the best of {among}"


def winner(best: dict[str, Any]) -> str:
    """Return the winner as the subject of a sentence."""
    if best["candidates"] == 1:
        return "The only candidate"
    if "rule" in best:
        return (
            "The winner, the cheapest within one standard error of the best of "
            f"{best['candidates']} candidates ({number(best['rule']['highest'])}),"
        )
    return f"The best of {best['candidates']} candidates"


def threshold(best: dict[str, Any]) -> list[str]:
    """Return a sentence on the threshold of the winner, if one was tuned."""
    if "threshold" not in best:
        return []
    own = best["threshold"]
    where = f"The winner says {own['class']} where its probability is at least {number(own['at'])}"
    return [f"{where}, a threshold tuned on training rows, as it was for all that were scored."]


def highest(best: dict[str, Any]) -> float:
    """Return the highest mean score of all candidates: the winner's, unless a rule chose."""
    score: float = best["rule"]["highest"] if "rule" in best else best["mean"]
    return score


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
