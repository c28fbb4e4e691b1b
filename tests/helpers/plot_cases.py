"""Studies of any shape, as the tables that ``dvc plots`` draws."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd

from stages.reporting.for_dvc import plot_data

HOSTILE = ["a,b", "<script>hacked=1</script>", "<!-- <script>", "it's", 'a "quote"', "rev", "field"]


def table(grid: dict[str, list], score=lambda number: 0.5 + 0.3 * ((number * 7) % 11) / 11):
    """Return all candidates of a grid as ``stages.grid_search`` writes them."""
    rows = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
    found = pd.DataFrame(rows).rename_axis("candidate").reset_index()
    found["split0_test_score"] = found["mean_test_score"] = [score(n) for n in range(len(rows))]
    found["std_test_score"] = 0.01
    ranks = found["mean_test_score"].rank(ascending=False, method="min")
    found["rank_test_score"] = ranks.fillna(len(rows)).astype(int)
    return found.assign(n_weights=221, n_steps=320)


def write(folder: Path, candidates: pd.DataFrame, epochs: int = 3) -> Path:
    """Write the tables of a study of two folds."""
    history = pd.DataFrame(
        [
            (fold, epoch, 1 / epoch + fold, 0.1 * fold)
            for fold in (0, 1)
            for epoch in range(1, epochs + 1)
        ],
        columns=["fold", "epoch", "loss", "accuracy"],
    )
    scores = pd.DataFrame({"fold": [0, 1], "rows": [5, 5], "accuracy": [0.7, 0.8]})
    verdict = {
        "bootstrap_corrected": {"missing": "folds in the order of time"},
        "nested_cv": {"mean": 0.72, "low": 0.65, "high": 0.79},
        "holdout": None,
        "baselines": {
            "searched": True,
            "scoring": "accuracy",
            "network": 0.72,
            "models": {
                "majority_class": {"mean": 0.6, "difference": 0.12, "low": 0.1, "high": 0.14},
                "logistic_regression": {"missing": "it could not be fitted"},
            },
        },
    }
    best = {"scoring": "accuracy", "mean": 0.75}
    content = {"scores": scores, "curves": history, "candidates": candidates}
    content |= {"verdict": verdict, "best": best}
    plot_data.write_plot_data(content, folder)
    return folder


SMALL = {"activation": ["relu", "tanh"], "epochs": [5, 10], "batch_size": [8, 64]}
CASES = {
    "a grid": table(SMALL),
    "one cell": table({"a": [1]}),
    "one hyperparameter": table({"a": [1, 2, 10]}),
    "all equal": table(SMALL, score=lambda number: 0.5),
    "a failed candidate": table(
        SMALL, score=lambda number: np.nan if number == 3 else 0.1 * number
    ),
    "all failed but one": table({"a": [1, 2]}, score=lambda number: np.nan if number else 0.5),
    "lists, truth values, small numbers": table(
        {"a": ["[2]", "[3, 2]"], "b": [True, False], "c": [0.001, 1e-05]}
    ),
    "numbers below zero and large": table(SMALL, score=lambda number: -1234.5 * number),
    "parts of what was drawn": table(
        {"a": ["8 to 15", "16 to 32", "None"], "b": ["1e-05 to 0.001", "0.001 to 0.1", "not set"]}
    ),
    "hostile names": table({name: ["x"] for name in HOSTILE}),
    "hostile values": table({"a": HOSTILE, "b": ["None", "</script><script>hacked=1"]}),
}
