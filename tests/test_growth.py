"""How the search grows: the simulation by hand, the planner's tasks in it, and the page about it."""

import itertools
import json
from typing import Any

import pytest
from tiny import ROOT

from benchmarks.growth_page import BEGIN, END, section
from benchmarks.makespan import BATCH_SIZES, Ended, Slice, grow, run, work_of
from benchmarks.slices import chosen, compared, lanes_of

RESULTS = ROOT / "benchmarks/results"


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    return json.loads((RESULTS / "scale.json").read_text())


@pytest.fixture(scope="module")
def growth() -> dict[str, Any]:
    return json.loads((RESULTS / "growth.json").read_text())


def idle(count: int) -> list[float]:
    return [0.0] * count


def test_one_worker_takes_the_sum() -> None:
    assert run([3, 2, 1], idle(3), idle(3), 1) == Ended(6, 0)


def test_equal_tasks_go_round_by_round() -> None:
    assert run([2] * 9, idle(9), idle(9), 3).seconds == 6
    assert run([2] * 10, idle(10), idle(10), 3).seconds == 8


def test_the_longest_go_first_to_who_is_free() -> None:
    # 3 and 2 on one side, 3, 2 and then 2 on the other.
    assert run([3, 3, 2, 2, 2], idle(5), idle(5), 2).seconds == 7


def test_each_worker_starts_once() -> None:
    assert run([1] * 4, idle(4), idle(4), 2, begin=5).seconds == 7
    assert run([1], idle(1), idle(1), 100, begin=5).seconds == 6


def test_the_way_there_and_back() -> None:
    assert run([1], [0.25], [0.5], 1, latency=2) == Ended(0.25 + 2 + 1 + 2 + 0.5, 0.75)
    # A worker has its next task when it is done with one.
    assert run([1] * 3, idle(3), idle(3), 1, latency=0.25).seconds == 3.5


def test_the_caller_bounds_many_workers() -> None:
    """All four tasks are out before the first is taken back, and that takes longest."""
    assert run([1] * 4, [2] * 4, [3] * 4, 1000) == Ended(20, 20)
    # With one worker, two are: out at 2 and 4; the first is done at 3, the third out at 6.
    assert run([1] * 3, [2] * 3, [3] * 3, 1).seconds == 15


COSTS: dict[str, Any] = {
    **dict.fromkeys(["prepare", "find", "plan", "take", "keep", "score"], 1e6),
    **dict.fromkeys(["pack", "task", "parcel", "kilobyte", "result", "latency"], 0),
    "start": 20,
    "trace": 10,
    "run": 1e6,
    "snapshot": 0,
    "batch sizes": {str(size): {"step": 0, "lane": 1e6 / 64} for size in BATCH_SIZES},
}


def test_a_search_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.makespan.NOISE", 0)
    # 64 steps of batch size 8 are one epoch.
    slices = [Slice(8, 2, epochs=5), Slice(8, 1, epochs=5)]
    assert [work_of(own, COSTS) for own in slices] == [11, 6]
    # Of 9 fits: planned, each in 3 s; the first worker takes 30 + 11, and 6 fits are taken back
    # in 12 s, after the 3 of the other worker in 6; then all are scored.
    two = grow(slices, COSTS, 2)
    assert two.seconds == 27 + 41 + (42 - 41) + 12 + 9
    assert two.bounds == {"work": 8.5, "start": 30, "caller": 54, "slowest task": 11}
    assert two.bound == "caller"
    # The results of the first are taken back meanwhile.
    assert grow(slices, COSTS, 1, cold=False).seconds == 27 + 11 + 12 + 6 + 9
    assert grow(slices, COSTS, 1, crowding=2, cold=False).training == 22 + 12 + 6


def test_it_is_the_same_each_time(measured: dict[str, Any]) -> None:
    slices = chosen(10_000, 10, measured["costs"])
    first = grow(slices, measured["costs"], 10)
    assert grow(slices[::-1], measured["costs"], 10) == first
    assert grow(slices, measured["costs"], 10, seed=1) != first


@pytest.mark.parametrize("workers", [1, 7, 1000])
def test_the_planner_slices_all_lanes(measured: dict[str, Any], workers: int) -> None:
    slices = chosen(10_000, workers, measured["costs"])
    lanes = {size: sum(own.lanes for own in slices if own.batch_size == size) for size in (8, 16)}
    assert lanes == dict.fromkeys((8, 16), lanes_of(10_000))


@pytest.mark.parametrize(
    ("fits", "workers"),
    [
        *itertools.product([1_000, 10_000], [1, 10, 100, 1_000]),
        (100_000, 1_000),
        *(pytest.param(100_000, own, marks=pytest.mark.soak) for own in (1, 10, 100)),
    ],
)
def test_the_planners_tasks_are_near_the_best(
    measured: dict[str, Any], fits: int, workers: int
) -> None:
    assert compared(fits, workers, measured["costs"])["beyond best"] < 0.15


def test_the_results_are_those_of_the_costs(
    measured: dict[str, Any], growth: dict[str, Any]
) -> None:
    """The simulation has not changed since, nor has the planner."""
    few = [own for own in growth["searches"] if own["fits"] == 1_000 and own["epochs"] == 25]
    for own in few:
        again = compared(1_000, own["workers"], measured["costs"])
        assert again["tasks"] == own["tasks"]
        assert again["seconds"] == pytest.approx(own["seconds"], rel=1e-3)


def test_the_page_says_what_was_found(measured: dict[str, Any], growth: dict[str, Any]) -> None:
    text = (ROOT / "docs/explain/scale.md").read_text()
    assert text.split(f"{BEGIN}\n")[1].split(END)[0].strip() == section(measured, growth)
