"""The decision of a study in one sentence: the same on the page, in a comparison and a terminal."""

from typing import Any, NamedTuple

from stages.reporting.evidence.decision import Decision
from stages.reporting.spelling.formats import decimals, decimals_of, number, signed, title
from stages.study.counts import count

#: What is said of a network (N) and what it is held against (B), with the figures (F).
SAID = {
    Decision.NOT_COMPARED: "Not decided: {B} could not be fitted or scored on every fold.",
    Decision.WORSE_THAN_NOTHING: "{N} is worse than {B}: do not use it ({F}).",
    Decision.NO_BETTER_THAN_NOTHING: "{N} is no better than {B}: do not use it ({F}).",
    Decision.WORSE: "Use {B}: {n} is worse ({F}).",
    Decision.NO_BETTER: "Use {B}: {n} is no better ({F}).",
    Decision.TOO_FEW_ROWS: (
        "Too few {few} to tell whether {n} is better than {B} ({F}): until more do, use {B}."
    ),
    Decision.WORTH_IT: "{N} is worth it: it beats {B} ({F}).",
    Decision.NOT_ABOVE: "Use {B}: {n} is not above it ({F}).",
    Decision.ABOVE: "Not decided: {n} is above {B}, which may be chance ({F}).",
}

#: The same where the baseline is the one that learns nothing, which nobody would use; with the
#: linear model that is ahead (A), if it is.
OF_NOTHING = {
    Decision.TOO_FEW_ROWS: (
        "Too few {few} to tell whether {n} is better than {B} ({F}): do not use it yet{A}."
    ),
    Decision.NOT_ABOVE: "{N} is not above {B}: do not use it ({F}){A}.",
}

#: The same of a base model: the winner, which is to be used or not, was not compared.
OF_BASE = {
    Decision.WORSE_THAN_NOTHING: "Not decided: {n} is worse than {B} ({F}).",
    Decision.NO_BETTER_THAN_NOTHING: "Not decided: {n} is no better than {B} ({F}).",
    Decision.WORSE: "Not decided: {n} is worse than {B} ({F}).",
    Decision.NO_BETTER: "Not decided: {n} is no better than {B} ({F}).",
    Decision.TOO_FEW_ROWS: "Too few {few} to tell whether {n} is better than {B} ({F}).",
    Decision.NOT_ABOVE: "Not decided: {n} is not above {B} ({F}).",
}

#: Decisions by how large an advantage may be.
BY_MARGIN = (Decision.NO_BETTER_THAN_NOTHING, Decision.NO_BETTER, Decision.TOO_FEW_ROWS)


class Told(NamedTuple):
    """A sentence with figures in brackets, none of them where there are none."""

    before: str
    figures: str
    after: str

    def __str__(self) -> str:
        figures = f" ({self.figures})" if self.figures else ""
        return self.before + figures + self.after


def decided(own: dict[str, Any]) -> Told:
    """Return what to do, and the difference that it rests on."""
    if own["decision"] == Decision.ALL_FAILED:
        which = f"All {count(own['candidates'], 'candidate')}"
        if own["candidates"] == 1:
            which = "The only candidate"
        return Told(f"{which} failed: there is no network to use.", "", "")
    network = "the network" if own["searched"] else "the base model"
    said = OF_NOTHING.get(own["decision"]) if own["nothing"] else None
    if not own["searched"]:
        said = OF_BASE.get(own["decision"])
    before, figures, after = (said or SAID[own["decision"]]).partition(" ({F})")
    names = {
        "N": network.capitalize(),
        "n": network,
        "B": baseline(own["against"], nothing=own["nothing"]),
        "few": own.get("few", "rows"),
        "A": _ahead(own),
    }
    shown = gap(own, own["scoring"]) + _margin(own) if figures else ""
    return Told(before.format(**names), shown, after.format(**names))


def _ahead(own: dict[str, Any]) -> str:
    """Return that the linear model scores more, if it does."""
    if "ahead" not in own:
        return ""
    mean = number(own["ahead"]["mean"], decimals(own))
    return f"; {title(own['ahead']['name'])} has {mean}, more than the network"


def _margin(own: dict[str, Any]) -> str:
    """Return up to where an advantage counts as none, where that decides."""
    margin, places = own["margin"], decimals(own)
    if own["decision"] not in BY_MARGIN or places is None or margin <= 0:
        return ""
    shown = number(margin, max(places, decimals_of(margin) or 0))
    return f"; an advantage of up to {shown} counts as none"


def baseline(name: str, *, nothing: bool) -> str:
    """Return a baseline as part of a sentence."""
    return f"always predicting the {title(name)}" if nothing else title(name)


def gap(own: dict[str, Any], scoring: str) -> str:
    """Return a difference with its interval; nothing of a baseline that is missing."""
    if "missing" in own:
        return ""
    places = decimals(own)
    said = f"difference in {title(scoring)} {signed(own['difference'], places)}"
    if "low" in own:
        low, high = (signed(own[end], places) for end in ("low", "high"))
        return f"{said}, 95 % interval {low} to {high}"
    return f"{said}; {own.get('unknown', 'the folds hold no estimate of noise')}"
