"""The part ``agreement``: how many fits of the tutorial's grid equal those of plain Keras."""

from typing import Any

import numpy as np

from benchmarks.measure import MeasurementError, measure
from benchmarks.options import Options
from benchmarks.peers import CONTRACT, OURS, PEERS
from benchmarks.tasks import Task


def run(options: Options) -> dict[str, Any]:
    """Compare the accuracy of random cells, each a candidate on a fold, with the contract's."""
    task = Task()
    cells = task.cells()
    random = np.random.default_rng(options.seed)
    chosen = sorted(random.choice(len(cells), size=options.cells, replace=False).tolist())
    try:
        options.say(f"agreement: {PEERS[OURS].label}")
        ours = measure(PEERS[OURS], task).scores
        options.say(f"agreement: {CONTRACT.label}")
        theirs = measure(CONTRACT, task, cells=[cells[number] for number in chosen]).scores
    except MeasurementError as error:
        return {"error": str(error)}
    accuracy = {(number, fold): score for number, fold, score in ours}
    candidates = task.candidates()
    compared = [
        {
            "candidate": candidates[number],
            "fold": fold,
            OURS: accuracy[number, fold],
            "keras": score,
            # Both divide a count of rows by the rows of the fold, far apart beside this.
            "agrees": bool(abs(accuracy[number, fold] - score) < 1e-9),
        }
        for number, fold, score in theirs
    ]
    return {"agree": sum(cell["agrees"] for cell in compared), "cells": compared}
