"""What to do after a study: use the network, a baseline, or neither yet.

One function decides, from the evidence that there is: the whole search beside baselines on the
folds of the nested cross-validation, or else the base model, which is not the winner.
"""

from enum import StrEnum
from math import isfinite
from typing import Any

from scipy.stats import norm, t

from gridlanes.statistics import holm
from stages.reporting.evidence.scoring import limits

#: p-values below this are called evidence.
ALPHA = 0.05

#: With fewer folds than this it is they that are too few to tell anything.
FEW = 5

#: A network is no better than a baseline if its advantage can be no larger than this share of what
#: the linear model gains on learning nothing, or of what it leaves to gain if that is less (trials
#: of non-inferiority set their margins so, at a half); or than this share of all that scores can
#: differ by (Benavoli et al., JMLR 18, 2017).
OF_GAIN, OF_RANGE = 0.15, 0.01


class Decision(StrEnum):
    """What the evidence says of a network and the baseline that it is held against."""

    ALL_FAILED = "all_failed"
    NOT_COMPARED = "not_compared"
    WORSE_THAN_NOTHING = "worse_than_nothing"
    NO_BETTER_THAN_NOTHING = "no_better_than_nothing"
    WORSE = "worse"
    NO_BETTER = "no_better"
    TOO_FEW_ROWS = "too_few_rows"
    WORTH_IT = "worth_it"
    #: Where no interval is known, as for folds in the order of time.
    NOT_ABOVE = "not_above"
    ABOVE = "above"


#: Of a network that has learned nothing nobody says that it won.
WORTHLESS = (Decision.WORSE_THAN_NOTHING, Decision.NO_BETTER_THAN_NOTHING)

#: Whether it is better than a baseline is not known.
UNKNOWN = (Decision.TOO_FEW_ROWS, Decision.NOT_ABOVE)


def decide(compared: dict[str, Any], best: dict[str, Any]) -> dict[str, Any]:
    """Return the decision with the figures that it rests on.

    Parameters
    ----------
    compared : dict
        The network beside baselines, see ``beside_baselines.baselines``.
    best : dict
        The best candidate; its mean is None where all failed.

    Returns
    -------
    dict
        ``decision``; ``searched``, whether the network is the whole search or else the base model;
        ``folds``, ``scoring``, ``network``; ``against``, the baseline that decides, with its
        ``mean``, the ``difference`` from it, ``low``, ``high`` and ``pvalue`` where there are such;
        ``nothing``, whether that baseline is the one that learns nothing; of what was compared
        ``margin``, up to which an advantage counts as none, and ``few``, of what there would have
        to be more to tell: "folds" or "rows"; where it is not known whether a network has learned
        anything, ``ahead``, the linear model and its ``mean`` if that is higher.
    """
    shared = {name: compared[name] for name in ("searched", "folds", "scoring", "network")}
    if best["mean"] is None:
        return {"decision": Decision.ALL_FAILED, **shared, "candidates": best["candidates"]}
    models, nothing = compared["models"], next(iter(compared["models"]))
    rival = compared["rival"]
    margin = _margin(models[rival], models[nothing], compared["scoring"])
    decision, against = _decided(models, nothing, rival, margin)
    figures = models[against]
    of = {"nothing": against == nothing, "against": against, "margin": round(margin, 6)}
    few = {"few": _few(figures, margin, compared["folds"])} if "low" in figures else {}
    ahead = _ahead(models, nothing, rival) if decision in UNKNOWN and against == nothing else {}
    return {"decision": decision, **shared, **of, **few, **figures, **ahead}


def _ahead(models: dict[str, Any], nothing: str, rival: str) -> dict[str, Any]:
    """Return the linear model if its mean is above those of the network and of learning nothing."""
    own = models[rival]
    if "missing" in own or own["difference"] >= 0 or own["mean"] <= models[nothing]["mean"]:
        return {}
    return {"ahead": {"name": rival, "mean": own["mean"]}}


def _decided(
    models: dict[str, Any], nothing: str, rival: str, margin: float
) -> tuple[Decision, str]:
    """Return the decision, and the baseline that it is about."""
    trivial = _beside(models[nothing], margin)
    if trivial == Decision.WORSE:
        return Decision.WORSE_THAN_NOTHING, nothing
    against = _reference(models, nothing, rival)
    own = _beside(models[against], margin)
    if own == Decision.WORSE:
        return own, against
    if trivial == Decision.NO_BETTER:
        return Decision.NO_BETTER_THAN_NOTHING, nothing
    if trivial in UNKNOWN:
        return trivial, nothing
    return own, against


def _beside(own: dict[str, Any], margin: float) -> Decision:
    """Return how a network stands beside a baseline; an advantage above the margin would count."""
    if "missing" in own:
        return Decision.NOT_COMPARED
    gap = own["difference"]
    if "low" not in own:
        # Equal on each fold needs no interval.
        equal = gap == 0 and "unknown" not in own
        return Decision.NO_BETTER if equal else Decision.ABOVE if gap > 0 else Decision.NOT_ABOVE
    if own["pvalue"] < ALPHA:
        return Decision.WORTH_IT if gap > 0 else Decision.WORSE
    return Decision.NO_BETTER if own["high"] <= margin else Decision.TOO_FEW_ROWS


def _few(own: dict[str, Any], margin: float, folds: int) -> str:
    """Return of what there are too few to tell: folds, if any number as noisy would tell enough."""
    gap, half = own["difference"], (own["high"] - own["low"]) / 2
    least = half * float(norm.ppf(0.975) / t.ppf(0.975, folds - 1))
    told = abs(gap) > least or gap + least <= margin
    return "folds" if folds < FEW or told else "rows"


def _margin(rival: dict[str, Any], nothing: dict[str, Any], scoring: str) -> float:
    """Return the advantage from which on a network would be worth its trouble."""
    lowest, highest = limits(scoring)
    least = OF_RANGE * (highest - lowest) if isfinite(highest - lowest) else 0.0
    if "missing" in rival or "missing" in nothing:
        return least
    gained, left = rival["mean"] - nothing["mean"], highest - rival["mean"]
    return max(least, OF_GAIN * float(min(gained, left)))


def _reference(models: dict[str, Any], nothing: str, rival: str) -> str:
    """Return the baseline to hold a network against: the linear one, unless another is better.

    That is one that the network is worse than, Holm over all, or that has a higher mean than a
    network which beats the linear one.
    """
    others = {
        name: own
        for name, own in models.items()
        if name not in (nothing, rival) and "missing" not in own
    }
    if "missing" in models[rival] or not others:
        return rival
    adjusted = holm([own.get("pvalue", 1.0) for own in others.values()])
    least = max(models[rival]["mean"], models[rival]["mean"] + models[rival]["difference"])
    beats = _beside(models[rival], 0.0) in (Decision.WORTH_IT, Decision.ABOVE)
    better = {
        name: own["mean"]
        for (name, own), pvalue in zip(others.items(), adjusted, strict=True)
        if own["mean"] > models[rival]["mean"]
        and ((pvalue < ALPHA and own["difference"] < 0) or (beats and own["mean"] > least))
    }
    return max(better, key=lambda name: better[name], default=rival)
