"""The portfolio of searches: what is estimated and summed up by hand, and the page about it."""

import ast
from typing import Any

import pytest
from tiny import ROOT

from benchmarks.portfolio import HEAVY, NAMES, QUICK
from benchmarks.portfolio.figures import portfolio as drawn_portfolio
from benchmarks.portfolio.figures import shapes as drawn_shapes
from benchmarks.portfolio.parts import SHAPES
from benchmarks.portfolio.report import portfolio, shapes
from benchmarks.portfolio.sampling import drawn, estimate
from benchmarks.portfolio.summary import SpeedUp, speed_up


def test_every_name_is_a_search() -> None:
    tree = ast.parse((ROOT / "benchmarks/portfolio/searches.py").read_text())
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    growing = {f"distinct_{shape}" for shape in SHAPES}
    assert {name for name in functions if name[0] != "_"} == {*NAMES, *growing}
    assert {*HEAVY, *QUICK} < {*NAMES}


def test_a_sample_is_spread_over_the_steps() -> None:
    steps = {(number, 0): 10.0 * number for number in range(1, 10)}
    first, *others = drawn(steps, 3, [7, 0])
    assert first == (1, 0)
    assert sorted(others)[::2] == [(2, 0), (9, 0)]
    assert len(others) == 3
    assert sorted(drawn(steps, None, [7, 0])) == sorted(steps)


def test_what_was_not_made_takes_a_share_and_its_steps() -> None:
    steps = {(number, 0): 10.0 * number for number in range(1, 6)}
    made = {(1, 0): 9.0, (2, 0): 1 + 20.0, (5, 0): 1 + 50.0}
    assert estimate(made, steps, refit=60) == pytest.approx(9 + 21 + 51 + 31 + 41 + 61)


def test_equal_steps_take_the_mean() -> None:
    steps = {(number, 0): 10.0 for number in range(4)}
    assert estimate({(0, 0): 5.0, (1, 0): 2.0, (2, 0): 4.0}, steps, refit=12) == 5 + 2 + 4 + 3 + 3


def measured(seconds: float, *, riding: int = 6) -> dict[str, Any]:
    peers = {
        name: {"seconds": own, "processor": 2 * own, "memory": 2**20, "phases": {"run": 1.0}}
        for name, own in {"gridlanes": 1.0, "scikeras": seconds, "keras": seconds / 2}.items()
    }
    agreed = {"fits": 2, "agree": 2, "difference": "1e-07"}
    facts = {"candidates": 2, "fits": 6, "riding": riding, "programs": 1, "reasons": ["a reason"]}
    forecast = {"forecast seconds": 1.0, "forecast bytes": 2**21}
    return {
        "facts": facts | forecast | {"audits": {"float32": agreed, "float64": agreed}},
        "peers": peers,
    }


@pytest.fixture
def result() -> dict[str, Any]:
    failed = measured(50)
    failed["peers"]["scikeras"] = {"error": "no such module"}
    searches = {"widths": measured(4), "depths": measured(16), "text": measured(2)}
    return {
        "rounds": 1,
        "searches": searches | {"images": measured(1, riding=0), "schedule": failed},
    }


def test_the_mean_is_of_what_rides_and_is_not_heavy(result: dict[str, Any]) -> None:
    assert speed_up(result, "scikeras", "seconds") == SpeedUp(2, pytest.approx(8), 4, "widths")


def test_the_page_and_its_figures_cope_with_failures(result: dict[str, Any]) -> None:
    page = portfolio("portfolio", result)
    assert "takes 8.0 times as long" in page
    assert "schedule, SciKeras failed: `no such module`" in page
    assert "<svg" in drawn_portfolio(result)
    unplanned = {"facts": {"error": "none"}, "peers": {"gridlanes": {"error": "none"}}}
    assert "gridlanes failed: `none`" in portfolio(
        "portfolio", {**result, "searches": {"a": unplanned}}
    )
    points = [
        {"shape": shape, "count": count, **measured(count)}
        for shape, counts in SHAPES.items()
        for count in counts
    ]
    assert "| widths   | 200 " in shapes("shapes", {"rounds": 1, "points": points})
    assert "<svg" in drawn_shapes({"points": points})
