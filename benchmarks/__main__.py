"""Measure this project beside its peers, how its time grows, and what its store costs and saves.

Last comes how honest its statistics are. With no options the tables and their JSON in
benchmarks/results/ are written anew, which takes about 38 minutes on two cores; the portfolio and
its shapes come on top. A part run by itself replaces its own results only. How the search grows
with its workers is measured and simulated only if asked for, by --only scale --only growth, in
about 6 minutes.
"""

import argparse
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import (
    agreement,
    compare,
    curves,
    growth,
    growth_page,
    honesty,
    nested,
    page,
    planning,
    scale,
    store,
)
from benchmarks.machine import machine
from benchmarks.options import Options
from benchmarks.portfolio import NAMES, figures, parts
from benchmarks.report import markdown

RESULTS = Path(__file__).parent / "results"
PARTS: dict[str, Callable[[Options], dict[str, Any]]] = {
    "peers": compare.run,
    **{name: partial(curves.run, name) for name in curves.CURVES},
    "agreement": agreement.run,
    "portfolio": parts.run,
    "shapes": parts.run_shapes,
    "store": store.run,
    "nested": nested.run,
    "page": page.run,
    "honesty": honesty.run,
    "scale": scale.run,
    "growth": growth.run,
    "planning": planning.run,
}
#: Not run unless asked for.
APART = "scale", "growth", "planning"


def main() -> int:
    """Run the parts asked for; return 1 if a measurement failed."""
    options = _options()
    results: dict[str, Any] = {}
    for part in options.parts:
        results[part] = {"machine": machine(), "quick": options.quick} | PARTS[part](options)
        if options.output is not None:
            _write(options.output, part, results[part])
    print(markdown(results))
    return int('"error"' in json.dumps(results))


def _options() -> Options:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", choices=PARTS, action="append", metavar="NAME", help=f"a part: {', '.join(PARTS)}"
    )
    parser.add_argument(
        "--repeats",
        type=int,
        help="rounds of peers, portfolio, shapes, store, nested, page, scale (default 3; quick 1)",
    )
    parser.add_argument(
        "--search",
        choices=NAMES,
        action="append",
        metavar="NAME",
        help=f"only this search of the portfolio; only printed: {', '.join(NAMES)}",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="smaller samples and one point of each curve, in about 10 minutes; only printed",
    )
    parser.add_argument(
        "--full", action="store_true", help="no samples: an hour a round of peers alone"
    )
    parser.add_argument("--cells", type=int, help="fits in agreement (default 20; quick 5)")
    parser.add_argument("--seed", type=int, default=7, help="of the samples (default 7)")
    parser.add_argument("--output", type=Path, help="folder of the results")
    given = parser.parse_args()
    everything = [part for part in PARTS if part not in APART]
    some = given.quick or given.search
    return Options(
        parts=tuple(given.only or (["portfolio"] if given.search else everything)),
        repeats=given.repeats or (1 if given.quick else 3),
        quick=given.quick,
        full=given.full,
        cells=given.cells or (5 if given.quick else 20),
        seed=given.seed,
        output=given.output or (None if some else RESULTS),
        searches=tuple(given.search or ()),
    )


def _write(folder: Path, part: str, result: dict[str, Any]) -> None:
    """Write a part's JSON, and the pages of all parts whose JSON is there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{part}.json").write_text(json.dumps(_rounded(result), indent=2) + "\n")
    everything = {path.stem: json.loads(path.read_text()) for path in folder.glob("*.json")}
    (folder / "README.md").write_text(markdown(everything))
    figures.write(everything, folder)
    if folder == RESULTS and part in APART:
        growth_page.write(everything)


def _rounded(value: Any) -> Any:
    """Return plain data with floats cut to a tenth of a millisecond."""
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    raise SystemExit(main())
