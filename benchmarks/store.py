"""The part ``store``: what keeping finished fits costs, and what it saves.

The tutorial's search runs without a store, with an empty one and again with nothing changed, then
with one thing changed, each time from a copy of the store that the unchanged search has left. The
study's stage runs again in a copy of the repository. Last, the store alone is asked for many fits.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.compare import summary
from benchmarks.measure import Measurement, MeasurementError, measure, run_python
from benchmarks.options import Options
from benchmarks.peers import OURS, PEERS
from benchmarks.study import copy_study
from benchmarks.tasks import TUTORIAL_GRID, Task

#: The search of the tutorial, by what the store is like before it.
UNCHANGED = {"without": "no store", "cold": "empty store", "warm": "nothing changed"}

ADDED = {
    "activation": ["elu"],
    "optimizer": ["adagrad"],
    "init": ["he_uniform"],
    # Between the epochs that were searched, and beyond them.
    "epochs": [15, 50],
    "batch_size": [32],
}

#: The search with one thing changed.
CHANGES: dict[str, Task] = {
    **{
        f"{name} + {value}": Task({**TUTORIAL_GRID, name: [*TUTORIAL_GRID[name], value]})
        for name, values in ADDED.items()
        for value in values
    },
    "optimizer - sgd": Task({**TUTORIAL_GRID, "optimizer": ["rmsprop", "adam"]}),
    "reordered": Task({name: values[::-1] for name, values in reversed(TUTORIAL_GRID.items())}),
    "5 folds": Task(folds=5),
    # Of the folds and of the fits.
    "another seed": Task(seed=8),
}


def run(options: Options) -> dict[str, Any]:
    """Measure searches, the stage and look-ups; one that fails leaves its error."""
    sections = {"searches": _searches, "stage": _stage, "lookup": _lookup}
    return {
        "fits": len(Task().cells()),
        "rounds": options.repeats,
        **{name: _or_error(section, options) for name, section in sections.items()},
    }


def _or_error(section: Callable[[Options], dict[str, Any]], options: Options) -> dict[str, Any]:
    try:
        return section(options)
    except MeasurementError as error:
        return {"error": str(error)}


def _searches(options: Options) -> dict[str, Any]:
    """Measure the search unchanged and changed, interleaved over the rounds."""
    rounds = [_round(number, options) for number in range(options.repeats)]
    return {
        "unchanged": {
            name: {"label": label, **_summary([own[name] for own in rounds])}
            for name, label in UNCHANGED.items()
        },
        "changes": {
            label: {"new": _new_fits(task), **_summary([own[label] for own in rounds])}
            for label, task in CHANGES.items()
        },
    }


def _round(number: int, options: Options) -> dict[str, Measurement]:
    random = np.random.default_rng([options.seed, number])
    # What is warm was cold before; the search without a store may come at any time.
    order = ["cold", "warm"]
    order.insert(int(random.integers(3)), "without")
    measured = {}
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        for name in order:
            memory = None if name == "without" else store
            measured[name] = _search(UNCHANGED[name], Task(), memory, number, options)
        for label in map(str, random.permutation(list(CHANGES))):
            copy = shutil.copytree(store, Path(folder) / "copy")
            measured[label] = _search(label, CHANGES[label], copy, number, options)
            shutil.rmtree(copy)
    return measured


def _search(
    label: str, task: Task, store: Path | None, number: int, options: Options
) -> Measurement:
    """Measure one search with the store in a folder, and the refit of the winner."""
    options.say(f"store, round {number + 1} of {options.repeats}: {label}")
    memory = None if store is None else str(store / "fits.sqlite")
    return measure(replace(PEERS[OURS], options={"memory": memory, "refit": True}), task)


def _summary(rounds: list[Measurement]) -> dict[str, Any]:
    """Return the medians over rounds, and the counts of the round that trained most."""
    most = max(rounds, key=lambda own: own.counts["trained"])
    return {**summary(rounds), "counts": most.counts}


def _new_fits(task: Task) -> int:
    """Return how many fits of a task the unchanged search has not made."""
    before = Task()
    if (task.folds, task.seed) != (before.folds, before.seed):
        return len(task.cells())
    known = before.candidates()
    return task.folds * sum(candidate not in known for candidate in task.candidates())


def _stage(options: Options) -> dict[str, Any]:
    """Measure the stage ``grid_search``, run again with nothing changed."""
    stage = "-m", "stages.grid_search"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_study(folder)
        options.say("store: the stage grid_search, for the first time")
        first, _ = run_python(*stage, cwd=folder)
        rounds = []
        for number in range(options.repeats):
            options.say(f"store, round {number + 1} of {options.repeats}: the stage again")
            again, said = run_python(*stage, cwd=folder)
            imports, _ = run_python("-c", "import tensorflow, keras", cwd=folder)
            said = said.strip().rpartition("\n")[2]
            rounds.append(
                {"again": again, "imports": imports, "beyond": again - imports, "said": said}
            )
    names = ("again", "imports", "beyond")
    medians = {name: median(own[name] for own in rounds) for name in names}
    return {"first": first, **medians, "said": rounds[-1]["said"], "rounds": rounds}


def _lookup(options: Options) -> dict[str, Any]:
    """Measure the store by itself, in a process of its own."""
    fits = 10_000 if options.quick else 100_000
    rounds: list[Mapping[str, float]] = []
    for number in range(options.repeats):
        options.say(f"store, round {number + 1} of {options.repeats}: {fits:,} fits looked up")
        rounds.append(json.loads(run_python("-m", "benchmarks.lookup", str(fits))[1]))
    return {name: median(own[name] for own in rounds) for name in rounds[0]}
