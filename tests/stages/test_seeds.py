"""The base model with several seeds: what the stage leaves, and what the report makes of it."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import StratifiedKFold, cross_val_score
from tiny import write_table

from stages import cross_validate, diagnose, grid_search, holdout, nested_cv, preprocess, report
from stages.reporting.evidence.verdict import verdict
from stages.reporting.figures.report import illustrations
from stages.reporting.for_dvc.plot_data import curves
from stages.reporting.pages.report import page
from stages.study import params
from stages.study.artifacts import CROSS_VALIDATE, read_csv, read_parquet
from stages.study.estimator import make_estimator
from stages.study.prepared import read_prepared

pytestmark = pytest.mark.usefixtures("traced", "eager")

FOLDS, SEEDS, EPOCHS = 2, [11, 7], 2


@pytest.fixture
def prepared(workspace, edit):
    write_table(workspace, 300)
    preprocess.main()
    edit("cross_validate.folds", FOLDS)
    edit("model.network.epochs", EPOCHS)
    edit("nested_cv", {"outer": 0, "permutations": 0})
    edit("diagnose.importance", 0)
    return workspace


def test_a_folds_score_is_the_mean_over_seeds(prepared, edit, capsys):
    edit("cross_validate.scoring", ["accuracy", "roc_auc"])
    cross_validate.main()
    once = read_csv(CROSS_VALIDATE / "scores.csv")
    edit("cross_validate.seeds", SEEDS)
    capsys.readouterr()
    cross_validate.main()
    # The second is the seed of the study.
    said = capsys.readouterr().out
    assert "seed 11: 2 fits: 0 found, 2 trained" in said
    assert "seed 7: 2 fits: 2 found" in said
    scores = read_csv(CROSS_VALIDATE / "scores.csv")
    settings, data = params.load(), read_prepared()
    base = make_estimator(settings.model, data, settings.seed)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=settings.seed)
    plain = [
        cross_val_score(clone(base).set_params(random_state=seed), data.X, data.y, cv=folds)
        for seed in SEEDS
    ]
    assert np.ptp(plain, axis=0).max() > 0
    np.testing.assert_allclose(scores["accuracy"], np.mean(plain, axis=0), atol=1e-6)
    np.testing.assert_allclose(once["accuracy"], plain[1], atol=1e-6)
    assert list(scores) == list(once)


def test_predictions_and_curves_tell_seeds_apart(prepared, edit):
    edit("cross_validate.scoring", [{"f1": {"threshold": "tuned"}}, "accuracy"])
    edit("cross_validate.seeds", SEEDS)
    for stage in (cross_validate, grid_search, nested_cv, diagnose, holdout):
        stage.main()
    said = read_parquet(CROSS_VALIDATE / "predictions.parquet")
    scores = read_csv(CROSS_VALIDATE / "scores.csv")
    rows = len(read_prepared().y)
    assert said.groupby("seed", sort=False).size().to_dict() == dict.fromkeys(SEEDS, rows)
    by_fold = said.groupby(["fold", "seed"])
    tuned = by_fold.apply(lambda own: f1_score(own["truth"], own["predicted"]))
    np.testing.assert_allclose(scores["f1_tuned"], tuned.groupby("fold").mean(), atol=1e-6)
    likeliest = (said["probability_1"] > said["probability_0"]).astype(int)
    right = said.assign(named=likeliest).groupby(["fold", "seed"])
    right = right.apply(lambda own: accuracy_score(own["truth"], own["named"]))
    np.testing.assert_allclose(scores["accuracy"], right.groupby("fold").mean(), atol=1e-6)
    history = read_csv(CROSS_VALIDATE / "curves.csv")
    assert history.groupby(["seed", "fold"]).size().tolist() == [EPOCHS] * len(SEEDS) * FOLDS
    mean = curves(history).set_index(["measure", "epoch"])["mean"]
    assert mean["loss", EPOCHS] == pytest.approx(history["loss"][history["epoch"] == EPOCHS].mean())
    assert "seed" not in mean.index.get_level_values("measure")

    content = report.read()
    content["verdict"] = verdict(content)
    shown = {own.name: own for own in illustrations(content)}
    assert "on each fold, means over 2 seeds" in shown["folds"].caption
    assert "predictions with the first of 2 seeds" in shown["predictions"].caption
    assert f"of {rows} rows" in shown["predictions"].alternative
    assert "mean over folds and seeds" in shown["curves"].caption
    shown["curves"].draw()
    # A network with a tuned threshold is six.
    text = page(params.load(), content, [], Path())
    assert f"cross-validation {FOLDS * len(SEEDS) * 6}" in text
