"""The part ``page``: how long the report takes, and how fast its explorer answers.

The report of the study as it lies here, as a process; then a page of 10,000 cells made up, in
headless Chromium: milliseconds from a click on a filter, a sort or a step of a brush until the
browser has drawn what follows.
"""

import shutil
import sys
import tempfile
from contextlib import chdir
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import run_python
from benchmarks.options import Options
from benchmarks.study import ROOT, copy_study

#: Ten values of each of four hyperparameters.
GRID = {name: [f"{name}{value}" for value in range(10)] for name in "abcd"}

#: Runs in the page: how long an action and the drawing after it take.
TIMED = """async ([selector, kind]) => {
  const start = performance.now();
  document.querySelector(selector)[kind]();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - start;
}"""

ACTIONS = {
    "filter": ("#filters fieldset[data-axis='1'] input", "click"),
    "sort": ("#cells-table th:nth-child(4) button", "click"),
    "next page": ("#next", "click"),
}

#: Steps of a brush along an axis.
STEPS = 20


def run(options: Options) -> dict[str, Any]:
    """Measure both."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_study(folder)
        for output in ("data", "models"):
            shutil.copytree(ROOT / output, folder / output, dirs_exist_ok=True)
        report = [run_python("-m", "stages.report", cwd=folder)[0] for _ in range(options.repeats)]
    return {"report seconds": median(report), "cells": 10**4, **_explorer(options.repeats)}


def _explorer(repeats: int) -> dict[str, Any]:
    # The tests know how to make up a study and open a page.
    sys.path.append(str(ROOT / "tests/helpers"))
    from browser import Chromium
    from made_up import make_up
    from playwright.sync_api import sync_playwright

    from stages import report

    with tempfile.TemporaryDirectory() as name, chdir(name), sync_playwright() as playwright:
        make_up(Path(name), GRID)
        report.main()
        path = Path("reports/report.html")
        chromium = Chromium(playwright)
        with chromium.visit(path, viewport={"width": 1280, "height": 900}) as visit:
            found = {
                name: [visit.page.evaluate(TIMED, list(action)) for _ in range(2 * repeats)]
                for name, action in ACTIONS.items()
            }
            found["step of a brush"] = [_brush_step(visit.page) for _ in range(repeats)]
        size = path.stat().st_size
        chromium.browser.close()
    return {"bytes": size, "milliseconds": {name: median(own) for name, own in found.items()}}


def _brush_step(page: Any) -> float:
    """Return the milliseconds of the slowest step of a brush, as the browser saw the events."""
    page.evaluate(
        """() => {
          window.slow = [];
          new PerformanceObserver((list) => slow.push(...list.getEntries().map((e) => e.duration)))
            .observe({ type: "event", durationThreshold: 16 });
        }"""
    )
    page.locator("#chart").scroll_into_view_if_needed()
    box = page.locator("#chart canvas").bounding_box()
    across, top = box["x"] + 60, box["y"] + 60
    page.mouse.move(across, top)
    page.mouse.down()
    for step in range(1, STEPS + 1):
        page.mouse.move(across, top + 200 * step / STEPS)
        page.wait_for_timeout(60)
    page.mouse.up()
    page.wait_for_timeout(200)
    return float(page.evaluate("Math.max(0, ...slow)"))
