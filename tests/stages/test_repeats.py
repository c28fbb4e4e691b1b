"""Folds that are drawn several times: what the stages leave, and that evidence does not shrink."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.model_selection import StratifiedKFold, cross_val_score

from stages import cross_validate, diagnose, grid_search, holdout, nested_cv, preprocess, report
from stages.reporting.evidence.verdict import verdict
from stages.reporting.figures.report import illustrations
from stages.reporting.for_dvc.plot_data import write_plot_data
from stages.reporting.pages.report import page
from stages.reporting.words.sentences import answer, sentences
from stages.study import params
from stages.study.artifacts import (
    CROSS_VALIDATE,
    GRID_SEARCH,
    NESTED_CV,
    read_csv,
    read_json,
    read_parquet,
)
from stages.study.estimator import make_estimator
from stages.study.prepared import read_prepared
from stages.study.search_scores import judging

pytestmark = [pytest.mark.usefixtures("traced", "eager"), pytest.mark.xdist_group("rows")]

ROWS, STAGES = 90, (cross_validate, grid_search, nested_cv, diagnose, holdout)


def write_table(edit, outer=2, **columns) -> None:
    draw = np.random.default_rng(4)
    a, b = draw.normal(size=(2, ROWS)).round(3)
    labels = (a + draw.normal(size=ROWS) > 0).astype(int)
    raw = pd.DataFrame({"a": a, "b": b, "y": labels, **columns})
    raw.to_csv("data/raw/table.csv", index=False)
    roles = {role: role for role in columns}
    edit("data", {"path": "data/raw/table.csv", "target": "y", "task": "classification", **roles})
    edit("preprocess", {})
    edit("nested_cv", {"outer": outer, "permutations": 0})
    edit("diagnose.importance", 0)
    edit("cross_validate.folds", 3)
    preprocess.main()


def told() -> dict:
    content = report.read()
    content["verdict"] = verdict(content)
    return content


def corrected(scores: np.ndarray, ratio: float) -> tuple[float, float]:
    """Nadeau and Bengio's interval, by hand."""
    n = len(scores)
    half = stats.t.ppf(0.975, n - 1) * np.sqrt((1 / n + ratio) * scores.var(ddof=1))
    return scores.mean() - half, scores.mean() + half


def test_a_study_with_repeats(workspace, edit, capsys, tmp_path):
    write_table(edit)
    cross_validate.main()
    grid_search.main()
    once = read_csv(CROSS_VALIDATE / "scores.csv")
    for section, repeats in (("cross_validate", 3), ("grid_search", 2), ("nested_cv", 2)):
        edit(f"{section}.split", {"repeats": repeats})
    capsys.readouterr()
    for stage in STAGES:
        stage.main()
    # The first repeat is the study without repeats, found in the store.
    said = capsys.readouterr().out
    assert "9 fits: 3 found, 6 trained" in said
    assert "8 fits: 4 found, 4 trained" in said
    scores = read_csv(CROSS_VALIDATE / "scores.csv")
    assert scores["fold"].tolist() == [*range(9)]
    assert scores["repeat"].tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    pd.testing.assert_frame_equal(scores[:3][list(once)], once)
    settings, data = params.load(), read_prepared()
    estimator = make_estimator(settings.model, data, settings.seed)
    plain = [
        cross_val_score(estimator, data.X, data.y, cv=own)
        for own in (StratifiedKFold(3, shuffle=True, random_state=7 + n) for n in range(3))
    ]
    np.testing.assert_allclose(scores["accuracy"], np.concatenate(plain), atol=1e-6)
    predicted = read_parquet(CROSS_VALIDATE / "predictions.parquet")
    assert predicted.groupby(["repeat", "row"]).size().tolist() == [1] * 3 * ROWS
    assert read_json(GRID_SEARCH / "best.json")["repeats"] == 2
    assert read_json(GRID_SEARCH / "best.json")["folds"] == 4
    of_cells = read_parquet(GRID_SEARCH / "predictions.parquet")
    assert of_cells.groupby(["candidate", "repeat", "row"]).size().tolist() == [1] * 4 * ROWS
    outer = read_csv(NESTED_CV / "outer.csv")
    assert outer["repeat"].tolist() == [0, 0, 1, 1]

    content = told()
    found = content["verdict"]
    base = found["base_model"]["roc_auc"]
    low, high = corrected(scores["roc_auc"].to_numpy(), 1 / 2)
    assert (base["low"], base["high"]) == pytest.approx((low, min(high, 1)), abs=1e-6)
    # Of accuracy from rows: each scores the mean of its repeats, and there are 90 of them.
    own = content["outer_predictions"]
    right = (own["predicted"] == own["truth"]).groupby(own["row"]).mean()
    half = stats.norm.ppf(0.975) * np.sqrt(right.var(ddof=1) / ROWS * (1 + 1 / 2))
    assert found["nested_cv"]["mean"] == pytest.approx(right.mean(), abs=1e-6)
    assert found["nested_cv"]["low"] == pytest.approx(right.mean() - half, abs=1e-6)
    words = " ".join(sentences(found, content["best"]) + answer(found, content["best"]))
    assert "2 repeats of 2 folds" in words
    assert "inside 2 repeats of 2 outer folds" in words
    text = page(settings, content, [], Path())
    assert "Mean scores over 3 repeats of 3 folds" in text
    shown = next(own for own in illustrations(content) if own.name == "predictions")
    assert "predictions of the first of 3 repeats" in shown.caption
    assert f"of {ROWS} rows" in shown.alternative
    shown.draw()
    write_plot_data(content, tmp_path / "plots")
    assert set(read_csv(tmp_path / "plots/folds.csv")["scorer"]) == {"accuracy", "roc_auc"}


def test_folds_of_groups_have_the_sizes_of_one_repeat(workspace, edit):
    groups = [f"g{own}" for own in np.sort(np.random.default_rng(1).integers(0, 12, ROWS))]
    write_table(edit, outer=0, groups=groups)
    for section in ("cross_validate", "grid_search"):
        edit(f"{section}.split", {"kind": "group", "repeats": 2})
    for stage in STAGES:
        stage.main()
    content = told()
    scores = content["scores"]
    ratio = np.mean(scores["rows"] / (ROWS - scores["rows"]))
    low, high = corrected(scores["accuracy"].to_numpy(), ratio)
    base = content["verdict"]["base_model"]["accuracy"]
    assert (base["low"], base["high"]) == pytest.approx((max(low, 0), min(high, 1)), abs=1e-6)
    sizes = content["predictions"][content["predictions"]["candidate"] == 0].groupby("fold").size()
    expected = np.mean(sizes / (ROWS - sizes))
    assert content["verdict"]["test_by_training_rows"] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("scoring", ["accuracy", ["accuracy", "roc_auc"]], ids=["one", "several"])
def test_the_cheapest_that_a_search_takes_is_by_the_standard_error_of_one_repeat(
    workspace, edit, scoring
):
    write_table(edit)
    edit("grid_search.scoring", scoring)
    edit("grid_search.refit", "one_standard_error")
    edit("grid_search.split", {"repeats": 20})
    section, data = params.load().grid_search, read_prepared()
    rule = judging(section, section.scorers, data, noted=False)["refit"]
    # 0.04 is less than the standard error of one repeat, and more than that of all folds together.
    scores = np.tile([[0.7, 0.9], [0.76, 0.76]], 20)
    name = "score" if scoring == "accuracy" else "accuracy"
    results = {f"split{n}_test_{name}": own for n, own in enumerate(scores.T)}
    assert rule({**results, "n_weights": np.array([2, 1]), "n_steps": np.ones(2)}) == 1
