"""A study that nobody trained: the tables that the stages leave, of any size, in a second."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tiny import tiny_params, write_params, write_table

from stages import preprocess, report
from stages.reporting.evidence.verdict import verdict
from stages.reporting.figures.illustration import Illustration
from stages.reporting.figures.report import illustrations
from stages.study import artifacts, params
from stages.study.prepared import read_prepared
from stages.study.search import as_written, cells
from stages.study.writing import writing

FOLDS = 3

#: Of the columns of predictions, as a search writes them.
SMALL = {"candidate": "int32", "row": "int32", "fold": "int16"} | {
    f"probability_{label}": "float32" for label in (0, 1)
}

#: Sections of the page whose figures show the search.
OF_THE_SEARCH = ("violins", "pairs", "effects", "curves")

#: 3 x 3 x 2 cells.
GRID = {"activation": ["relu", "tanh", "sigmoid"], "epochs": [5, 10, 25], "init": ["a", "b"]}


def make_up(
    folder: Path,
    grid: dict[str, list[Any]] | None = None,
    title: str = "Made up",
    failed: Any = (),
    search: dict[str, Any] | None = None,
    rows: int | None = None,
) -> Path:
    """Write a classification's tables into a folder, whose report can then be made.

    Parameters
    ----------
    folder : Path
        Has to be the current one.
    grid : dict
        All its combinations are cells.
    title : str
    failed : iterable of int
        Cells without a score.
    search : dict, optional
        Entries of ``grid_search`` whose candidates are the cells, in place of a grid.
    rows : int, optional
        So many of the table instead of all.
    """
    write_table(folder, rows)
    settings = tiny_params()
    settings["nested_cv"] = {"outer": 0, "permutations": 0}
    settings["diagnose"] = {"importance": 2, "learning_curve": [0.5, 1.0]}
    settings["report"]["title"] = title
    settings["grid_search"] |= search or {}
    write_params(settings, folder)
    preprocess.main()
    generator = np.random.default_rng(0)
    make_up_base(generator)
    if search is None:
        _grid_search(*_of_grid(GRID if grid is None else grid), set(failed), generator)
    else:
        written = as_written(params.load())
        table = pd.DataFrame([*map(cells, written)]).sort_index(axis="columns")
        _grid_search(written, table, set(failed), generator)
    artifacts.NESTED_CV.mkdir(parents=True)
    summary = {"outer": 0, "inner": FOLDS, "permutations": 0, "scoring": "accuracy"}
    artifacts.write_json(summary, artifacts.NESTED_CV / "summary.json")
    _diagnose(
        artifacts.read_json(artifacts.GRID_SEARCH / "best.json")["candidate"] is not None, generator
    )
    artifacts.HOLDOUT.mkdir(parents=True)
    artifacts.write_json({"rows": 0}, artifacts.HOLDOUT / "summary.json")
    return folder


def report_the_search() -> None:
    """Write what the stage `report` does, of the figures those that show the search.

    The others, of the base model and the data, are the same whatever was searched.
    """
    _report(lambda own: own.section in OF_THE_SEARCH)


def report_in_words() -> None:
    """Write what the stage `report` does without figures, which take most of its time."""
    _report(lambda own: False)


def _report(is_shown: Callable[[Illustration], bool]) -> None:
    content = report.read()
    content["verdict"] = verdict(content)
    shown = list(filter(is_shown, illustrations(content)))
    with writing(artifacts.REPORTS) as folder:
        report.write(folder, params.load(), content, shown)


def _predictions(truth: np.ndarray, generator: np.random.Generator) -> pd.DataFrame:
    said = np.clip(0.3 + 0.3 * truth + generator.normal(0, 0.2, len(truth)), 0.01, 0.99)
    table = pd.DataFrame({"row": range(len(truth)), "fold": np.arange(len(truth)) % FOLDS})
    return table.assign(truth=truth, probability_0=1 - said, probability_1=said)


def make_up_base(generator: np.random.Generator) -> None:
    """Write what the stage `cross_validate` leaves."""
    folder = artifacts.CROSS_VALIDATE
    folder.mkdir(parents=True)
    truth = read_prepared().y.to_numpy()
    own = _predictions(truth, generator)
    own.insert(3, "predicted", (own["probability_1"] > 0.5).astype(int))
    artifacts.write_parquet(own, folder / "predictions.parquet")
    right = (own["predicted"] == own["truth"]).groupby(own["fold"]).mean()
    scores = pd.DataFrame({"fold": range(FOLDS), "rows": 256, "accuracy": right})
    artifacts.write_csv(scores, folder / "scores.csv")
    mean, sd = scores["accuracy"].mean(), scores["accuracy"].std(ddof=0)
    summary = {"accuracy": {"mean": round(mean, 6), "sd": round(sd, 6)}}
    artifacts.write_json(summary, folder / "summary.json")
    models = ["majority_class", "logistic_regression"]
    rows = [
        (model, fold, 0.65 + 0.1 * place + 0.01 * fold)
        for place, model in enumerate(models)
        for fold in range(FOLDS)
    ]
    baselines = pd.DataFrame(rows, columns=["model", "fold", "accuracy"])
    artifacts.write_csv(baselines, folder / "baselines.csv")
    curves = pd.DataFrame(list(itertools.product(range(FOLDS), range(1, 6))))
    curves.columns = pd.Index(["fold", "epoch"])
    artifacts.write_csv(curves.assign(loss=1 / curves["epoch"]), folder / "curves.csv")


def _of_grid(grid: dict[str, list[Any]]) -> tuple[list[dict[str, Any]], pd.DataFrame]:
    """Return the cells of a grid, and the columns that tell them."""
    cells = [dict(zip(grid, own, strict=True)) for own in itertools.product(*grid.values())]
    table = pd.DataFrame([{name: str(own) for name, own in cell.items()} for cell in cells])
    for name, values in grid.items():
        if all(isinstance(own, (int, float)) for own in values):
            table[name] = [cell[name] for cell in cells]
    return cells, table


def _grid_search(
    cells: list[dict[str, Any]], table: pd.DataFrame, failed: set[int], generator: Any
) -> None:
    folder = artifacts.GRID_SEARCH
    folder.mkdir(parents=True)
    scores = generator.normal(0.7, 0.02, (len(cells), FOLDS)).round(6)
    scores += np.linspace(0, 0.1, len(cells))[:, None]
    scores[list(failed)] = np.nan
    for fold in range(FOLDS):
        table[f"split{fold}_test_score"] = scores[:, fold]
    table["mean_test_score"] = scores.mean(axis=1)
    table["std_test_score"] = scores.std(axis=1)
    rank = table["mean_test_score"].rank(ascending=False, method="min")
    table["rank_test_score"] = rank.fillna(rank.max() + 1 if rank.notna().any() else 1).astype(int)
    table["n_weights"], table["n_steps"] = 221.0, 1600.0
    table = table.rename_axis("candidate").reset_index()
    artifacts.write_csv(table, folder / "cv_results.csv")
    best = None if table["mean_test_score"].isna().all() else table["mean_test_score"].idxmax()
    artifacts.write_json(_best(table, cells, best), folder / "best.json")
    truth = read_prepared().y.to_numpy()
    said = [_predictions(truth, generator).assign(candidate=n) for n in range(min(len(cells), 20))]
    missing = [own for own in said if own["candidate"].iloc[0] in failed]
    for own in missing:
        own[["probability_0", "probability_1"]] = np.nan
    # A large search has as many predictions; what they say of a score is not looked at here.
    said = [own.astype(SMALL) for own in said]
    said += [said[-1].assign(candidate=np.int32(n)) for n in range(20, len(cells))]
    artifacts.write_parquet(pd.concat(said), folder / "predictions.parquet")
    known = [n for n in range(len(cells)) if n not in failed]
    curves = pd.DataFrame(list(itertools.product(known, range(FOLDS), range(1, 4))))
    curves = curves.set_axis(["candidate", "fold", "epoch"], axis=1) if known else pd.DataFrame()
    curves = curves.assign(loss=1 / curves["epoch"]) if known else curves
    artifacts.write_parquet(curves, folder / "curves.parquet")


def _diagnose(known: bool, generator: np.random.Generator) -> None:
    """Write what the stage `diagnose` leaves, of a winner if there is one."""
    folder, shares = artifacts.DIAGNOSE, [0.5, 1.0]
    folder.mkdir(parents=True)
    summary = {"importance": None, "learning_curve": None}
    if known:
        rows = len(read_prepared().y)
        cells = [*itertools.product(read_prepared().X, range(FOLDS), range(2))]
        table = pd.DataFrame(cells, columns=["feature", "fold", "repeat"])
        drops = np.repeat(np.linspace(0.1, -0.005, len(cells) // (2 * FOLDS)), 2 * FOLDS)
        drops = (drops + generator.normal(0, 0.005, len(cells))).round(6)
        artifacts.write_csv(table.assign(drop=drops), folder / "importance.csv")
        points = [*itertools.product(shares, range(FOLDS))]
        curve = pd.DataFrame(points, columns=["share", "fold"])
        curve.insert(1, "rows", (curve["share"] * rows * (1 - 1 / FOLDS)).astype(int))
        scores = (0.65 + 0.1 * curve["share"] + 0.01 * curve["fold"]).round(6)
        artifacts.write_csv(curve.assign(score=scores), folder / "learning_curve.csv")
        own = {"repeats": 2, "rows": rows, "scoring": "accuracy"}
        summary = {"importance": own, "learning_curve": shares}
    artifacts.write_json(summary, folder / "summary.json")


def _best(table: pd.DataFrame, cells: list[dict[str, Any]], row: int | None) -> dict[str, Any]:
    found = {"candidate": None, "params": {}, "mean": None, "sd": None}
    if row is not None:
        found = {
            "candidate": int(row),
            "params": cells[row],
            "mean": round(float(table["mean_test_score"][row]), 6),
            "sd": round(float(table["std_test_score"][row]), 6),
        }
    return found | {
        "scoring": "accuracy",
        "candidates": len(table),
        "folds": FOLDS,
        "seeds": None,
        "failed_fits": int(table.filter(regex=r"^split").isna().sum().sum()),
        "versions": {"gridlanes": "0", "keras": "0"},
    }
