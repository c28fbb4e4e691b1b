"""The part ``honesty`` as Markdown."""

from collections.abc import Mapping
from typing import Any

from benchmarks.tables import table


def honesty(_: str, result: Mapping[str, Any]) -> str:
    """Return the part as a section."""
    scenarios = result["scenarios"]
    about = (
        "What the statistics say of the accuracy in simulated studies whose truth is known "
        f"(`benchmarks/simulation.py`), {result['studies']} studies each, searched with 10 outer "
        "and 3 inner folds. `bias` is the mean of estimate minus truth ± its Monte Carlo standard "
        "error; the uncorrected estimate is the score of the best candidate."
    )
    estimates = ("uncorrected", "bootstrap", "nested")
    rows = [
        [name, one["rows"], one["candidates"], *(_biased(one, own) for own in estimates)]
        for name, one in scenarios.items()
    ]
    rows = [[*row[:3], _truth(scenarios[row[0]]), *row[3:]] for row in rows]
    headers = ["study", "rows", "candidates", "truth"]
    shown = table(rows, [*headers, *(f"bias, {own}" for own in estimates)])
    return "\n\n".join(["## Honesty", about, shown, *_covered(result), *_positives(result)])


def _truth(one: Mapping[str, Any]) -> str:
    return f"{one['estimates']['nested']['truth']:.3f}"


def _biased(one: Mapping[str, Any], name: str) -> str:
    estimate = one["estimates"][name]
    return f"{estimate['bias']:+.4f} ± {estimate['error']:.4f}"


def _covered(result: Mapping[str, Any]) -> list[str]:
    scenarios = result["scenarios"]
    names = list(next(iter(scenarios.values()))["coverage"])
    rows = [
        [name, *(f"{100 * one['coverage'][own]['share']:.1f}" for own in names)]
        for name, one in scenarios.items()
    ]
    fold = result["correlated"]
    share = f"{100 * fold['coverage']['share']:.1f}"
    about = (
        "How many 95 % intervals hold the truth, in %: of the nested estimate by "
        "`score_interval`, by the same with `correlation=0`, and by `corrected_interval` from the "
        "fold scores; of the bootstrap-corrected estimate; of one candidate that nobody chose. "
        f"Of {fold['folds']} normal fold scores with the correlation 1/{fold['folds']}, "
        f"`corrected_interval` holds the truth in {share} %."
    )
    return [about, table(rows, ["study", *names])]


def _positives(result: Mapping[str, Any]) -> list[str]:
    kinds = {**result["scenarios"], "correlated normal fold scores": result["correlated"]}
    rows = [
        [name, *(f"{100 * one['positives'][own]:.1f}" for own in ("corrected", "plain"))]
        for name, one in kinds.items()
    ]
    about = "How often two equally good candidates are told apart at the 5 % level, in %:"
    return [about, table(rows, ["study", "corrected t-test", "paired t-test"])]
