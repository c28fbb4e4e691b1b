"""The parts ``portfolio`` and ``shapes`` as sections of the results."""

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.portfolio import HEAVY, LABELS, LOOP, OURS, SCIKERAS
from benchmarks.portfolio.summary import CLOCKS, ratio, sentence, speed_up
from benchmarks.tables import seconds_told, table

MEGABYTE = 2**20

HOW = (
    "Each peer from a process of its own, imports apart; medians over {rounds} interleaved "
    "round(s). gridlanes makes whole searches with the refit of the winner; the peers make a "
    "sample of the fits, from which their times are estimated by steps "
    "(`benchmarks/portfolio/`). `s` is wall time and `CPU` processor time; memory is the peak "
    "beyond what is held when libraries and table are loaded."
)


def portfolio(_: str, result: Mapping[str, Any]) -> str:
    """Return the searches beside each other."""
    searches = result["searches"]
    text = ["## Portfolio", HOW.format(rounds=result["rounds"]), sentence(result)]
    text += [_means(result), "![Times as long as gridlanes](portfolio.svg)", _times(searches)]
    text += ["What plans forecast, and what came of it:", _forecasts(searches)]
    text += [_agreements(searches), *_not_riding(searches), *_failures(searches)]
    return "\n\n".join(part for part in text if part)


def shapes(_: str, result: Mapping[str, Any]) -> str:
    """Return seconds against the number of distinct shapes."""
    about = (
        "The table of breast cancer, 20 epochs, three folds: as many candidates as distinct "
        "widths, whose mean is the same for each number of them; or six candidates of each depth."
    )
    rows = []
    for point in result["points"]:
        ours = point["peers"][OURS]
        rows.append(
            [
                point["shape"],
                point["count"],
                *_facts(point, "fits", "programs"),
                *(_told(point, OURS, clock) for clock in CLOCKS),
                seconds_told(ours["seconds"] / point["count"]) if "seconds" in ours else "",
                *(_told(point, SCIKERAS, clock) for clock in CLOCKS),
                *(_ratio(point, SCIKERAS, clock) for clock in CLOCKS),
            ]
        )
    headers = ["shapes", "distinct", "fits", "programs", "s", "CPU", "s a shape"]
    headers += ["SciKeras s", "SciKeras CPU", "times s", "times CPU"]
    named = {f"{own['shape']} {own['count']}": own for own in result["points"]}
    text = ["## Shapes", about, HOW.format(rounds=result["rounds"]), table(rows, headers)]
    text += ["![Seconds against distinct shapes](shapes.svg)", *_failures(named)]
    return "\n\n".join(text)


AGREEMENT = (
    "Random fits trained again by plain Keras: how many agree to what rounding explains, and the "
    "largest difference of their outputs. Where a fit's arithmetic is chaotic float32 ends in "
    "other digits on any change of their order, and float64 says whether it is the same fit."
)


def _means(result: Mapping[str, Any]) -> str:
    rows = []
    for peer in (SCIKERAS, LOOP):
        for clock, named in zip(CLOCKS, ("s", "CPU"), strict=True):
            own = speed_up(result, peer, clock)
            if own is not None:
                lowest = f"{own.lowest:,.1f} (`{own.slowest}`)"
                rows.append([LABELS[peer], named, own.searches, f"{own.mean:,.1f}", lowest])
    if not rows:
        return ""
    apart = ", ".join(f"`{name}`" for name in HEAVY)
    about = f"Times as long as gridlanes; without {apart}, whose steps are long:"
    headers = ["peer", "of", "searches", "geometric mean", "lowest"]
    return f"{about}\n\n{table(rows, headers)}"


def _times(searches: Mapping[str, Any]) -> str:
    rows = [
        [
            name,
            *_facts(own, "candidates", "fits", "riding", "programs"),
            *(_told(own, peer, clock) for peer in LABELS for clock in CLOCKS),
            *(_ratio(own, peer, clock) for peer in (SCIKERAS, LOOP) for clock in CLOCKS),
        ]
        for name, own in searches.items()
    ]
    headers = ["search", "candidates", "fits", "ride", "programs"]
    headers += [f"{label} {clock}" for label in LABELS.values() for clock in ("s", "CPU")]
    headers += [f"{LABELS[peer]} times {c}" for peer in (SCIKERAS, LOOP) for c in ("s", "CPU")]
    return table(rows, headers)


def _forecasts(searches: Mapping[str, Any]) -> str:
    """Return forecasts beside the seconds of tracing and training, and beside peaks of memory."""
    rows = []
    for name, own in searches.items():
        phases, facts = own["peers"][OURS].get("phases", {}), own["facts"]
        trained = phases.get("trace", 0.0) + phases.get("run", 0.0)
        rows.append(
            [
                name,
                seconds_told(facts["forecast seconds"]) if "forecast seconds" in facts else "",
                seconds_told(trained) if phases else "",
                _megabytes(facts["forecast bytes"]) if "forecast bytes" in facts else "",
                *map(_memory, own["peers"].values()),
            ]
        )
    memory = [f"{LABELS[peer]} (MB)" for peer in next(iter(searches.values()))["peers"]]
    return table(rows, ["search", "forecast (s)", "traced and run (s)", "forecast (MB)", *memory])


def _agreements(searches: Mapping[str, Any]) -> str:
    rows = []
    for name, own in searches.items():
        audits = [audit for audit in own["facts"].get("audits", {}).values() if audit["fits"]]
        told = [[f"{one['agree']} of {one['fits']}", one["difference"]] for one in audits]
        rows += [[name, *(cell for pair in told for cell in pair)]] * bool(told)
    if not rows:
        return ""
    shown = table(rows, ["search", "float32", "difference", "float64", "difference"])
    return f"{AGREEMENT}\n\n{shown}"


def _not_riding(searches: Mapping[str, Any]) -> Iterator[str]:
    for name, own in searches.items():
        for reason in own["facts"].get("reasons", []):
            yield f"In `{name}` not all ride: {reason}"


def _failures(searches: Mapping[str, Any]) -> Iterator[str]:
    for name, own in searches.items():
        for label, part in [("plan", own["facts"]), *own["peers"].items()]:
            if "error" in part:
                yield f"{name}, {LABELS.get(label, label)} failed: `{part['error']}`"


def _facts(search: Mapping[str, Any], *names: str) -> list[Any]:
    return [search["facts"].get(name, "") for name in names]


def _told(search: Mapping[str, Any], peer: str, clock: str) -> str:
    own = search["peers"].get(peer, {})
    if clock not in own:
        return "failed"
    mark = "" if peer == OURS else "~"
    return mark + seconds_told(own[clock])


def _ratio(search: Mapping[str, Any], peer: str, clock: str) -> str:
    own = ratio(search, peer, clock)
    return "" if own is None else f"{own:,.1f}"


def _memory(peer: Mapping[str, Any]) -> str:
    return _megabytes(peer["memory"]) if "memory" in peer else ""


def _megabytes(size: float) -> str:
    return f"{size / MEGABYTE:,.0f}"
