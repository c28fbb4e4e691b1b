"""Random searches and lists of grids, from params.yaml to what the stages leave."""

import sys

import numpy as np
import pytest
from made_up import make_up_base
from sklearn import model_selection

from stages import diagnose, grid_search, holdout, nested_cv, preprocess, report
from stages.reporting.evidence.verdict import verdict
from stages.reporting.for_dvc.plot_data import violins
from stages.reporting.words.sentences import answer, sentences
from stages.study import artifacts, params
from stages.study.artifacts import GRID_SEARCH, NESTED_CV, read_csv, read_json
from stages.study.errors import run
from stages.study.prepared import read_prepared
from stages.study.routing import routing
from stages.study.search import as_written, cells, make_search

pytestmark = pytest.mark.usefixtures("traced", "eager")

GRID = {
    "hidden": [[2], [3]],
    "class_weight": [None, "balanced"],
    "batch_size": {"int": [100, 200]},
    "optimizer__learning_rate": {"loguniform": [1e-3, 1e-1]},
}


@pytest.fixture
def prepared(workspace):
    preprocess.main()
    return workspace


@pytest.fixture
def drawing(prepared, edit):
    """A random search of three candidates."""
    edit("grid_search.method", "random")
    edit("grid_search.n_iter", 3)
    edit("grid_search.param_grid", GRID)
    return params.load()


def as_told(candidates) -> list[dict[str, str]]:
    """Return candidates as a table tells them, without what they lack."""
    return [
        {name: str(value) for name, value in own.items() if str(value) != "nan"}
        for own in candidates
    ]


def told_of(*stages) -> list[str]:
    """Run stages beside a base model that nobody trained; return what the report says of them."""
    for stage in stages:
        stage.main()
    diagnose.main()
    holdout.main()
    make_up_base(np.random.default_rng(0))
    content = report.read()
    found = verdict(content)
    assert "missing" in found["shares"]
    return [*answer(found, content["best"]), *sentences(found, content["best"])]


def test_it_is_scikit_learns_random_search(drawing):
    """The same candidates, scores and ranks, by its own search and ``model.fit``."""
    data = read_prepared()
    with routing(data):
        ours = make_search(drawing, data).set_params(memory=None)
        known = model_selection.RandomizedSearchCV(
            ours.estimator,
            ours.param_distributions,
            n_iter=3,
            scoring=ours.scoring,
            cv=ours.cv,
            random_state=drawing.seed,
            refit=False,
        ).fit(data.X, data.y)
    grid_search.main()
    table = read_csv(GRID_SEARCH / "cv_results.csv")
    assert known.cv_results_["params"] == as_written(drawing)
    told = table[sorted(GRID)].to_dict("records")
    assert as_told(told) == as_told(map(cells, known.cv_results_["params"]))
    assert table["mean_test_score"].tolist() == pytest.approx(
        known.cv_results_["mean_test_score"], abs=1e-9
    )
    assert table["rank_test_score"].tolist() == known.cv_results_["rank_test_score"].tolist()
    best = read_json(GRID_SEARCH / "best.json")
    assert best["params"] == as_written(drawing)[best["candidate"]]


def test_each_outer_fold_chooses_among_the_same_candidates(drawing, edit, capsys, monkeypatch):
    edit("nested_cv", {"outer": 2, "permutations": 1})
    said = told_of(grid_search, nested_cv, holdout)
    written = as_written(drawing)
    outer = read_csv(NESTED_CV / "outer.csv")
    told = as_told(outer[sorted(GRID)].to_dict("records"))
    assert told == as_told(cells(written[number]) for number in outer["candidate"])
    assert (
        "What matters among the hyperparameters was not computed: shares of variance need a full "
        "grid, and candidates drawn at random are none."
    ) in said
    assert any("best of 3 drawn at random: " in own or "among 3 drawn" in own for own in said)
    capsys.readouterr()
    monkeypatch.setattr(sys, "argv", ["grid_search", "--audit", "2"])
    run(grid_search.main, "", grid_search.plan, grid_search.audit)
    assert "2 of 2 fits agree" in capsys.readouterr().out


def test_what_a_candidate_lacks_is_not_null(prepared, edit):
    edit("nested_cv", {"outer": 2, "permutations": 0})
    grids = [{"class_weight": [None, "balanced"]}, {"batch_size": [64, 128]}]
    edit("grid_search.param_grid", grids)
    said = told_of(grid_search, nested_cv, holdout)
    lines = (GRID_SEARCH / "cv_results.csv").read_text().splitlines()
    assert [line.split(",")[:3] for line in lines] == [
        ["candidate", "batch_size", "class_weight"],
        ["0", "", "None"],
        ["1", "", "balanced"],
        ["2", "64", ""],
        ["3", "128", ""],
    ]
    table = report.read()["candidates"]
    assert table["batch_size"].tolist() == ["not set", "not set", 64, 128]
    assert table["class_weight"].tolist() == ["None", "balanced", "not set", "not set"]
    assert "shares of variance need one full grid, and there are several." in " ".join(said)
    assert not any("not set" in sentence for sentence in said[1:])
    values = violins(table).drop_duplicates(["hyperparameter", "value"])
    shown = values.groupby("hyperparameter")["value"].agg(list).to_dict()
    assert shown == {
        "batch_size": ["64", "128", "not set"],
        "class_weight": ["None", "balanced", "not set"],
    }
    chosen = read_csv(NESTED_CV / "outer.csv")
    assert chosen.filter(["class_weight", "batch_size"]).notna().sum(axis=1).tolist() == [1, 1]


REFUSED = [
    ({"hidden": [[2]], "batch_size": {"int": [0, 9]}}, "param_grid.batch_size, at 0: batch_size must be"),
    ({"optimizer__learning_rat": {"uniform": [0.1, 0.2]}}, "param_grid.optimizer__learning_rat, at 0.1: parameter 'optimizer__learning_rat' would reach nothing"),
    ({"validation_split": {"uniform": [0.1, 1.5]}}, "param_grid.validation_split, at 1.5: "),
    ({"preprocessing__numbers__scaler": {"int": [1, 2]}}, "param_grid.preprocessing__numbers__scaler: must be none, minmax, standard, robust, quantile; found {int: [1, 2]}"),
    ({"candidate": {"int": [1, 2]}}, "param_grid.candidate: a column of the results has this name"),
    ([{"hidden": [[2]]}, {"activation": ["rellu"]}], "param_grid[1].activation[0]: Keras has no activation 'rellu'; did you mean 'relu'?"),
]  # fmt: skip


@pytest.mark.parametrize(("grid", "says"), REFUSED)
def test_what_cannot_be_drawn_is_refused(drawing, edit, complaint, grid, says):
    edit("grid_search.param_grid", grid)
    edit("grid_search.n_iter", 2)
    assert f"error: params.yaml: grid_search.{says}" in complaint(grid_search)


def test_a_share_that_is_watched_is_checked_where_it_is_drawn(drawing, edit, complaint):
    """Rows of a group stay together, also where a distribution holds rows out."""
    edit("data.groups", "Pregnancies")
    preprocess.main()
    edit("grid_search.param_grid", {"validation_split": {"uniform": [0, 0.2]}})
    assert "grid_search.param_grid.validation_split: holds out" in complaint(grid_search)


def test_numbers_of_a_search_over_seeds_are_the_same(drawing, edit):
    edit("grid_search.seeds", [1, 2])
    grid_search.main()
    table = artifacts.read_csv(GRID_SEARCH / "cv_results.csv")
    assert as_told(table[sorted(GRID)].to_dict("records")) == as_told(
        map(cells, as_written(drawing))
    )
    of_seeds = table.filter(regex="^split0_seed").mean(axis=1)
    np.testing.assert_allclose(table["split0_test_score"], of_seeds)
