"""Results as Markdown tables."""

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.growth_report import growth, scale
from benchmarks.honesty_report import honesty
from benchmarks.machine import told
from benchmarks.peers import LOOP, OURS, PEERS
from benchmarks.portfolio.report import portfolio, shapes
from benchmarks.tables import table

MEGABYTE = 2**20


def markdown(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Return all parts that there are as one page."""
    shown = [part for part in RENDERERS if part in results]
    machines = [told(results[part]["machine"]) for part in shown]
    # Said once where all parts were measured alike.
    top = machines[:1] if len(set(machines)) == 1 else []
    text = ["# Benchmarks", INTRODUCTION, *top]
    for part, machine in zip(shown, machines, strict=True):
        text.append(RENDERERS[part](part, results[part]))
        text += [] if top else [machine]
    return "\n\n".join(text) + "\n"


INTRODUCTION = (
    "Written by `make bench`; `benchmarks/` says what each peer is, what is sampled and how it is "
    "scaled up. Times are in seconds, memory is the peak of all processes of a peer, libraries "
    "included; `import` is apart from `search`, and the curves show `search`. A time with "
    "~ is an estimate from a sample of the fits; a ratio is a peer's time "
    "divided by that of `gridlanes.GridSearchCV`."
)


def _peers(_: str, result: Mapping[str, Any]) -> str:
    peers = result["peers"]
    ours = peers[OURS]
    rows = [_peer_row(peer, ours) for peer in peers.values()]
    headers = ["peer", "fits made", "search", "ratio", "import", "with import", "ratio"]
    about = f"The tutorial's grid, {result['fits']} fits; medians over {result['rounds']} round(s)."
    text = ["## Peers", about, table(rows, [*headers, "memory (MB)"])]
    text += [_phases(peer) for peer in peers.values() if peer.get("phases")]
    text += [_failed(peer["label"], peer["error"]) for peer in peers.values() if "error" in peer]
    return "\n\n".join(text)


def _phases(peer: Mapping[str, Any]) -> str:
    phases = {"import": peer["imports"], **peer["phases"]}
    phases["all else"] = max(0.0, peer["total"] - sum(phases.values()))
    shown = table([[phase, _seconds(spent)] for phase, spent in phases.items()], ["phase", "s"])
    return f"Where the time of {peer['label']} goes:\n\n{shown}"


def _peer_row(peer: Mapping[str, Any], ours: Mapping[str, Any]) -> list[Any]:
    if "error" in peer:
        return [peer["label"], "failed"]
    mark = "~" if peer["sampled"] else ""
    return [
        peer["label"],
        peer["fits"],
        mark + _seconds(peer["search"]),
        _ratio(peer, ours, "search"),
        _seconds(peer["imports"]),
        mark + _seconds(peer["total"]),
        _ratio(peer, ours, "total"),
        round(peer["memory"] / MEGABYTE),
    ]


def _curve(name: str, result: Mapping[str, Any]) -> str:
    points = result["points"]
    rows = [[point[name], point["fits"], *_sides(point)] for point in points]
    headers = [name, "fits", "gridlanes", "loop", "ratio", "gridlanes (MB)", "loop (MB)"]
    text = [f"## Time against {name}", result["settings"], table(rows, headers)]
    text += [
        _failed(f"{PEERS[side].label}, {name} {point[name]}", point[side]["error"])
        for point in points
        for side in (OURS, LOOP)
        if "error" in point[side]
    ]
    return "\n\n".join(text)


def _sides(point: Mapping[str, Any]) -> list[Any]:
    """Return the cells of a point: two times, their ratio, two peaks."""
    ours, loop = point[OURS], point[LOOP]
    times = [_seconds(side["search"]) if "search" in side else "failed" for side in (ours, loop)]
    if loop.get("fits", point["fits"]) != point["fits"]:
        times[1] = f"~{times[1]}"
    memory = [round(side["memory"] / MEGABYTE) if "memory" in side else "" for side in (ours, loop)]
    return [*times, _ratio(loop, ours, "search"), *memory]


def _agreement(_: str, result: Mapping[str, Any]) -> str:
    if "error" in result:
        return "## Agreement\n\n" + _failed(PEERS[OURS].label, result["error"])
    rows = [
        [*cell["candidate"].values(), cell["fold"], cell[OURS], cell["keras"]]
        for cell in result["cells"]
        if not cell["agrees"]
    ]
    counted = (
        f"{result['agree']} of {len(result['cells'])} random fits of the tutorial's grid have the "
        "out-of-fold accuracy of the contract in plain Keras."
    )
    text = ["## Agreement", counted]
    if rows:
        headers = [*result["cells"][0]["candidate"], "fold", "gridlanes", "plain Keras"]
        text += ["The others:", table(rows, headers, floatfmt=".4f")]
    return "\n\n".join(text)


def _store(_: str, result: Mapping[str, Any]) -> str:
    sections = {"searches": _stored_searches, "stage": _stage, "lookup": _lookup}
    text = ["## Store"]
    for name, section in sections.items():
        failed = result[name].get("error")
        text += [_failed(name, failed)] if failed else section(result)
    return "\n\n".join(text)


def _stored_searches(result: Mapping[str, Any]) -> list[str]:
    unchanged, changes = result["searches"]["unchanged"], result["searches"]["changes"]
    without, cold, warm = (unchanged[name] for name in ("without", "cold", "warm"))
    about = (
        f"The tutorial's search with refit, {result['fits']} fits; medians over "
        f"{result['rounds']} round(s). Storing costs "
        f"{100 * (cold['search'] / without['search'] - 1):.0f} % of a search. With nothing "
        f"changed, a search takes {_seconds(warm['search'])} s over importing TensorFlow, Keras "
        f"and scikit-learn, which takes {_seconds(warm['imports'])} s."
    )
    headers = ["store", "search", "import", "with import", "asked", "found", "trained", "refit"]
    rows = [
        [one["label"], *(_seconds(one[name]) for name in ("search", "imports", "total"))]
        + _counts(one)
        for one in unchanged.values()
    ]
    return [about, table(rows, headers), _phases_beside(unchanged), *_changes(changes)]


def _phases_beside(searches: Mapping[str, Mapping[str, Any]]) -> str:
    names = list(dict.fromkeys(name for one in searches.values() for name in one["phases"]))
    rows = [
        [name, *(_seconds(one["phases"].get(name, 0.0)) for one in searches.values())]
        for name in names
    ]
    shown = table(rows, ["phase", *(one["label"] for one in searches.values())])
    return f"Where the time goes:\n\n{shown}"


def _changes(changes: Mapping[str, Mapping[str, Any]]) -> list[str]:
    about = (
        "The same search with one thing changed, each time from a copy of its store. `new` are "
        "the fits that it had not made."
    )
    rows = [
        [label, _seconds(one["search"]), one["new"], *_counts(one)]
        for label, one in changes.items()
    ]
    return [about, table(rows, ["change", "search", "new", "asked", "found", "trained", "refit"])]


def _counts(one: Mapping[str, Any]) -> list[Any]:
    return [one["counts"][name] for name in ("asked", "found", "trained", "refit")]


def _stage(result: Mapping[str, Any]) -> list[str]:
    stage = result["stage"]
    about = (
        f"The stage `grid_search` of the study, run again with nothing changed "
        f"({stage['said']}), takes {_seconds(stage['beyond'])} s more than "
        "importing TensorFlow and Keras:"
    )
    labels = {"first": "first run", "again": "run again", "imports": "imports only"}
    rows = [[label, _seconds(stage[name])] for name, label in labels.items()]
    return [about, table(rows, ["process", "s"])]


def _lookup(result: Mapping[str, Any]) -> list[str]:
    lookup = result["lookup"]
    about = f"A store of {lookup['fits']:,.0f} fits, {lookup['bytes']:,.0f} bytes each, by itself:"
    labels = {"keep": "keep", "find": "find", "miss": "look for what is not there"}
    rows = [[label, f"{lookup[name]:,.0f}"] for name, label in labels.items()]
    return [about, table(rows, ["for each fit", "µs"])]


def _nested(_: str, result: Mapping[str, Any]) -> str:
    about = (
        "The stage `nested_cv` of the study as a process, from an empty store: the search inside "
        "10 outer folds, or on 20 permutations of the labels. "
        f"Medians of {result['rounds']} rounds."
    )
    rows = [
        [name, f"{own['fits']:,}", _seconds(own["seconds"]), _seconds(own["imports"])]
        for name, own in result["cases"].items()
    ]
    shown = table(rows, ["stage", "fits", "s", "s of which imports"])
    return "\n\n".join(["## Nested", about, shown])


def _page(_: str, result: Mapping[str, Any]) -> str:
    about = (
        f"The report of the study takes {_seconds(result['report seconds'])} s as a process. A "
        f"page of {result['cells']:,} cells has {result['bytes'] / 1e6:.1f} MB; milliseconds in "
        "headless Chromium from an action to what the browser has drawn of it, of a brush its "
        "slowest step (in units of 8 ms)."
    )
    rows = [[name, round(own)] for name, own in result["milliseconds"].items()]
    return f"## Page\n\n{about}\n\n{table(rows, ['action', 'ms'])}"


def _planning(_: str, result: Mapping[str, Any]) -> str:
    rows = [
        [
            f"{own['workers']:,}" if own["workers"] > 1 else "threads",
            "asks for meta" if own["network"] == "meta" else "does not",
            *(f"{own[name]:,}" for name in ("fits", "runs")),
            _seconds(own["seconds"]),
            f"{own['bytes'] / 2**30:.2f}",
            f"{own['bytes before'] / 2**30:.2f}",
        ]
        for own in result["cases"]
    ]
    head = ["workers", "build function", "fits", "runs", "s", "GB at most", "GB before"]
    about = "A search prepared and planned, nothing trained; memory is that of the whole process."
    return f"## Planning\n\n{about}\n\n{table(rows, head)}"


RENDERERS: dict[str, Callable[[str, Mapping[str, Any]], str]] = {
    "peers": _peers,
    "candidates": _curve,
    "rows": _curve,
    "width": _curve,
    "agreement": _agreement,
    "portfolio": portfolio,
    "shapes": shapes,
    "store": _store,
    "nested": _nested,
    "page": _page,
    "honesty": honesty,
    "scale": scale,
    "growth": growth,
    "planning": _planning,
}


def _seconds(seconds: float) -> str:
    return f"{seconds:,.2f}" if seconds < 10 else f"{seconds:,.1f}"


def _ratio(peer: Mapping[str, Any], ours: Mapping[str, Any], key: str) -> str:
    return f"{peer[key] / ours[key]:,.1f}" if key in peer and key in ours else ""


def _failed(label: str, error: str) -> str:
    return f"{label} failed: `{error}`"
