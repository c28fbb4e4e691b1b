"""What the best candidate is worth, beside what needs no search: rows of a table with a drawing.

The table is HTML and its drawings SVG with places in percent, so that they grow with the page.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from matplotlib.ticker import MaxNLocator

from stages.reporting.spelling.formats import decimals, number, pvalue, signed, title

#: Space beside the outermost mark, as a share of all.
EDGE = 0.04

ENDS = ("low", "mean", "high")

Estimate = tuple[str, dict[str, float]]


class Row(NamedTuple):
    """A model with its score; places are percents of a drawing's width."""

    name: str
    kind: str
    mean: str
    interval: str
    place: float
    low: float | None = None
    high: float | None = None


class Tick(NamedTuple):
    """A place on the axis with its number."""

    place: float
    label: str


def estimates(verdict: dict[str, Any], best: dict[str, Any]) -> list[Estimate]:
    """Return the estimates of the best candidate that there are, the most flattering first."""
    corrected, nested = verdict["bootstrap_corrected"], verdict["nested_cv"]
    found: list[Estimate] = []
    if best["mean"] is not None:
        chosen = f"best of {best['candidates']}, as chosen"
        only = "the only candidate"
        found.append((chosen if best["candidates"] > 1 else only, {"mean": best["mean"]}))
    if "missing" not in corrected:
        found.append(("bootstrap-corrected", corrected | {"mean": corrected["estimate"]}))
    if nested is not None:
        found.append(("nested cross-validation", nested))
    if verdict["holdout"] is not None and "mean" in verdict["holdout"]:
        found.append(("on rows set aside", verdict["holdout"]))
    compared = verdict["baselines"]
    if not compared["searched"] and compared["scoring"] == best["scoring"]:
        found.append(("base model, not searched", {"mean": compared["network"]}))
    return found


def baselines(compared: dict[str, Any], best: dict[str, Any]) -> list[Estimate]:
    """Return the means of the baselines that could be fitted, the best first.

    None where they were scored otherwise than the search.
    """
    if compared["scoring"] != best["scoring"]:
        return []
    nothing = next(iter(compared["models"]))
    models: list[Estimate] = [
        (_baseline(name, nothing), {"mean": own["mean"]})
        for name, own in compared["models"].items()
        if "missing" not in own
    ]
    return sorted(models, key=lambda item: -item[1]["mean"])


def answer_table(verdict: dict[str, Any], best: dict[str, Any]) -> dict[str, Any] | None:
    """Return the rows of the answer's table and the ticks of its axis; None without any row."""
    of_network = estimates(verdict, best)
    shown = [("network", *own) for own in of_network]
    shown += [("baseline", *own) for own in baselines(verdict["baselines"], best)]
    if not shown:
        return None
    known = [places for _, own in of_network if (places := decimals(own)) is not None]
    places = min(known) if known else None
    place, ticks = _axis([own[end] for _, _, own in shown for end in ENDS if end in own])
    rows = [
        Row(
            name,
            kind,
            number(own["mean"], places if kind == "network" else _at_least(places, own["mean"])),
            _interval(own, places),
            place(own["mean"]),
            *((place(own["low"]), place(own["high"])) if "low" in own else ()),
        )
        for kind, name, own in shown
    ]
    return {"rows": rows, "ticks": ticks, "scoring": title(best["scoring"])}


def _baseline(name: str, nothing: str) -> str:
    return f"always the {title(name)}" if name == nothing else title(name)


def _at_least(places: int | None, mean: float) -> int | None:
    """Return the decimals of a baseline, which are those of the network or what tells it from 0."""
    return max(places, 2) if places is not None and abs(mean) < 10 else places


def _interval(own: dict[str, float], places: int | None) -> str:
    if "low" not in own:
        return ""
    return f"{number(own['low'], places)} to {number(own['high'], places)}"


def differences(compared: dict[str, Any]) -> dict[str, Any] | None:
    """Return the network's differences from the baselines as rows, and where their axis has zero.

    None where no baseline could be fitted; one that could not has its reason as ``missing``.
    """
    models, nothing = compared["models"], next(iter(compared["models"]))
    there = [own for own in models.values() if "missing" not in own]
    if not there:
        return None
    keys = ("low", "difference", "high")
    place, ticks = _axis([0.0, *(own[key] for own in there for key in keys if key in own)])
    rows = []
    for name, own in models.items():
        row = {"name": _baseline(name, nothing), "interval": "", "p": "", **own}
        if "missing" not in own:
            places = decimals(own)
            row |= {"mean": number(own["mean"], places), "place": place(own["difference"])}
            row |= {"difference": signed(own["difference"], places)}
        if "low" in own:
            low, high = signed(own["low"], places), signed(own["high"], places)
            row |= {"interval": f"{low} to {high}", "p": pvalue(own["pvalue"])}
            row |= {"low": place(own["low"]), "high": place(own["high"])}
        rows.append(row)
    return {"rows": rows, "ticks": ticks, "zero": place(0.0)}


def _axis(values: list[float]) -> tuple[Callable[[float], float], list[Tick]]:
    """Return a function from values to percents of a drawing, and a few round numbers on it."""
    low, high = min(values), max(values)
    edge = EDGE * (high - low) or EDGE * max(abs(low), 1.0)
    low, high = low - edge, high + edge

    def place(value: float) -> float:
        return round(100 * (value - low) / (high - low), 2)

    found = MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return place, [Tick(place(own), f"{own:.10g}") for own in found if low <= own <= high]
