"""Nested cross-validation: what it refuses, what it leaves, and that nothing leaks into it."""

import json

import numpy as np
import pandas as pd
import pytest
from made_up import report_in_words
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.model_selection import StratifiedKFold
from tiny import write_table

from stages import cross_validate, diagnose, grid_search, holdout, nested_cv, preprocess
from stages.study import artifacts
from stages.study.artifacts import CROSS_VALIDATE, GRID_SEARCH, NESTED_CV
from stages.study.prepared import read_prepared
from stages.study.preprocessing import Transformers

pytestmark = pytest.mark.usefixtures("traced")


@pytest.fixture
def prepared(workspace):
    preprocess.main()
    return workspace


REFUSED = [
    ("nested_cv.outer", 1, "params.yaml: nested_cv.outer: must be 0, which switches it off, or at least 2; found 1"),
    ("nested_cv.outer", -2, "nested_cv.outer: must be greater than or equal to 0; found -2"),
    ("nested_cv.outer", 269, "nested_cv.outer: must be at most 268, the rows of the rarest class, 1; found 269"),
    ("nested_cv.permutations", -1, "nested_cv.permutations: must be greater than or equal to 0"),
    ("nested_cv.folds", 3, "nested_cv.folds: unknown key"),
    ("grid_search.cv", 200, "grid_search.cv: must be at most 134, the rows of the rarest class, 1; found 200, in an outer fold of nested_cv.outer: 2"),
    ("grid_search.seeds", [1, 1], "params.yaml: grid_search.seeds: 1 is listed twice"),
    ("grid_search.seeds", [], "grid_search.seeds: "),
    ("grid_search.seeds", [-1], "grid_search.seeds[0]: must be greater than or equal to 0"),
    ("grid_search.param_grid", {"epochs": [1, 0]}, "grid_search.param_grid.epochs[1]"),
    ("grid_search.param_grid.random_state", [1, 2], "params.yaml: grid_search.param_grid.random_state: would choose the luckiest seed; grid_search.seeds: [0, 1] trains every"),
    ("grid_search.param_grid", [{"epochs": [1]}, {"seed": [1, 2]}], "params.yaml: grid_search.param_grid[1].seed: would choose the luckiest seed"),
    ("grid_search.param_grid", {"n_weights": [1]}, "a column of the results has this name"),
    ("grid_search.param_grid", {"score": [1]}, "a column of the results has this name"),
]  # fmt: skip


@pytest.mark.parametrize(("key_path", "value", "says"), REFUSED)
def test_what_is_refused(prepared, edit, complaint, key_path, value, says):
    edit(key_path, value)
    assert says in complaint(nested_cv)


def test_switched_off_it_leaves_a_summary(prepared, edit):
    edit("nested_cv", {"outer": 0, "permutations": 0})
    nested_cv.main()
    assert [path.name for path in NESTED_CV.iterdir()] == ["summary.json"]
    assert json.loads((NESTED_CV / "summary.json").read_text())["outer"] == 0


STUDY = pytest.mark.xdist_group("study")


@pytest.fixture
def finished(finished_study, monkeypatch):
    monkeypatch.chdir(finished_study)


@STUDY
def test_outer_scores_are_those_of_the_predictions(finished):
    outer = artifacts.read_csv(NESTED_CV / "outer.csv")
    said = pd.read_parquet(NESTED_CV / "predictions.parquet")
    right = (said["predicted"] == said["truth"]).groupby(said["fold"]).mean()
    np.testing.assert_allclose(outer["score"], right)
    assert said["row"].tolist() == list(range(768))
    summary = json.loads((NESTED_CV / "summary.json").read_text())
    assert summary["mean"] == pytest.approx(outer["score"].mean(), abs=1e-6)
    assert list(outer)[:5] == ["fold", "rows", "score", "inner_score", "candidate"]


@STUDY
def test_baselines_are_scored_on_the_same_folds(finished):
    for folder, folds in ((NESTED_CV, 2), (CROSS_VALIDATE, 2)):
        table = artifacts.read_csv(folder / "baselines.csv")
        assert table["fold"].tolist() == [0, 1] * 5
        table = read_prepared()
        splits = StratifiedKFold(folds, shuffle=True, random_state=7).split(table.X, table.y)
        said = pd.read_parquet(folder / "predictions.parquet")
        for fold, (_, test) in enumerate(splits):
            assert said["row"][said["fold"] == fold].tolist() == test.tolist()


@STUDY
def test_best_scores_by_chance(finished):
    table = artifacts.read_csv(NESTED_CV / "permutations.csv")
    assert table["permutation"].tolist() == [0, 1]
    assert table["best_score"].between(0.3, 0.7).all()


@STUDY
def test_predictions_of_all_candidates_give_their_scores(finished):
    said = pd.read_parquet(GRID_SEARCH / "predictions.parquet")
    results = artifacts.read_csv(GRID_SEARCH / "cv_results.csv")
    assert len(said) == len(results) * 768
    likeliest = (said["probability_1"] > said["probability_0"]).astype(int)
    scores = (likeliest == said["truth"]).groupby([said["candidate"], said["fold"]]).mean()
    splits = results[["split0_test_score", "split1_test_score"]]
    np.testing.assert_allclose(scores.to_numpy().reshape(-1, 2), splits)


def test_seeds_of_a_candidate_are_averaged(prepared, edit):
    edit("grid_search.seeds", [3, 4])
    grid_search.main()
    results = artifacts.read_csv(GRID_SEARCH / "cv_results.csv")
    of_seeds = results[["split0_seed3_test_score", "split0_seed4_test_score"]]
    np.testing.assert_allclose(results["split0_test_score"], of_seeds.mean(axis=1))
    assert len(results) == 2
    said = pd.read_parquet(GRID_SEARCH / "predictions.parquet")
    assert said.groupby(["candidate", "seed"]).size().tolist() == [768] * 4
    assert artifacts.read_json(GRID_SEARCH / "best.json")["seeds"] == [3, 4]


def test_nothing_is_a_value_on_the_grid(prepared, edit):
    """It is not a cell that is missing, from the table to the words of the report."""
    write_table(prepared, 200)
    edit("model.network.hidden", [2])
    edit("grid_search.param_grid", {"class_weight": [None, "balanced"], "epochs": [1, 2]})
    for stage in (preprocess, cross_validate, grid_search, nested_cv, diagnose, holdout):
        stage.main()
    report_in_words()
    results = artifacts.read_csv(GRID_SEARCH / "cv_results.csv")
    assert results["class_weight"].tolist() == ["None", "None", "balanced", "balanced"]
    found = json.loads((artifacts.REPORTS / "verdict.json").read_text())
    assert found["grid_search"]["cheapest"]["params"]["class_weight"] in ("None", "balanced")
    assert sum(
        own["folds"] for name, own in found["nested_cv"]["chosen"].items() if name == "class_weight"
    ) in (1, 2)


class Betrayer(TransformerMixin, BaseEstimator):
    """Turns rows that it was fitted on into their target, others into nothing."""

    def fit(self, X, y):
        self.known_ = dict(zip(map(str, np.asarray(X, float).tolist()), y, strict=True))
        return self

    def transform(self, X):
        rows = map(str, np.asarray(X, float).tolist())
        known = [8.0 * self.known_[row] - 4 if row in self.known_ else 0.0 for row in rows]
        return np.array(known)[:, None]

    def get_feature_names_out(self, names=None):
        return np.array(["told"])


def test_no_stage_lets_held_out_rows_into_a_transformer(prepared, edit, monkeypatch):
    """A column that betrays the target through statistics of held-out rows lifts no score."""
    monkeypatch.setattr(Transformers, "scaler", lambda *_: Betrayer())
    edit("model.network.optimizer__learning_rate", 0.05)
    edit("model.network.epochs", 12)
    edit("model.network.batch_size", 16)
    edit("model.network.validation_split", 0.2)
    edit("nested_cv", {"outer": 2, "permutations": 0})
    for stage in (cross_validate, grid_search, nested_cv):
        stage.main()
    majority = 500 / 768
    scores = [
        artifacts.read_json(CROSS_VALIDATE / "summary.json")["accuracy"]["mean"],
        artifacts.read_json(GRID_SEARCH / "best.json")["mean"],
        artifacts.read_json(NESTED_CV / "summary.json")["mean"],
        artifacts.read_csv(NESTED_CV / "baselines.csv")["score"].max(),
    ]
    # The detector does detect: on training rows the column is the target.
    curves = artifacts.read_csv(CROSS_VALIDATE / "curves.csv")
    assert curves["accuracy"].max() > 0.95
    assert max(scores) < majority + 0.01
    # Nor does early stopping get to see it.
    assert curves["val_accuracy"].max() < majority + 0.06
