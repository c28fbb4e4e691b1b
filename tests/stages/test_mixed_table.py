"""A table of numbers, categories, booleans and dates, with gaps, from its file to new rows."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML
from tiny import tiny_params, write_params

from stages import (
    cross_validate,
    diagnose,
    grid_search,
    holdout,
    nested_cv,
    predict,
    preprocess,
    report,
)
from stages.reporting.evidence.verdict import verdict
from stages.reporting.figures.report import illustrations
from stages.reporting.words.target import transformed
from stages.study import artifacts, params
from stages.study.artifacts import BEST, CROSS_VALIDATE, GRID_SEARCH, NESTED_CV
from stages.study.prepared import read_prepared
from stages.study.search import make_search

pytestmark = [
    pytest.mark.usefixtures("traced"),
    pytest.mark.xdist_group("mixed table"),
]

ROWS = 60
GRID = {
    "preprocessing__numbers__scaler": ["minmax", "standard"],
    "preprocessing__categories": ["onehot", "target"],
    "target_transformer": ["standard", "yeo_johnson"],
}


def table() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    size = rng.uniform(20, 200, ROWS).round(1)
    kind = np.array(["flat", "house", "loft"])[rng.integers(0, 3, ROWS)].astype(object)
    days = pd.Timestamp("2019-12-30") + pd.to_timedelta(rng.integers(0, 900, ROWS), "D")
    made = pd.DataFrame(
        {
            "id": [f"no. {n}" for n in range(ROWS)],
            "size": size,
            "kind": kind,
            "garden": np.where(rng.random(ROWS) > 0.5, "Yes", "No"),
            "sold": days.strftime("%d.%m.%Y"),
            "price": (size * 3000 + (kind == "house") * 90000).round(),
        }
    )
    # A category that most folds lack, and gaps.
    made.loc[0, "kind"] = "castle"
    made.loc[[3, 9, 40], "size"] = np.nan
    made.loc[[4, 41], "kind"] = np.nan
    made.loc[7, "garden"] = np.nan
    return made


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A regression on it, run by all stages."""
    folder = tmp_path_factory.mktemp("mixed")
    (folder / "data/raw").mkdir(parents=True)
    table().to_csv(folder / "data/raw/flats.csv", index=False)
    settings = tiny_params()
    settings["data"] = {
        "path": "data/raw/flats.csv",
        "target": "price",
        "task": "regression",
        "categorical": ["kind"],
        "dates": ["sold"],
        "exclude": ["id"],
    }
    settings["preprocess"] = {}
    settings["model"] |= {
        "imputer": {"strategy": "median", "indicator": True},
        "scaler": "standard",
        "target": "standard",
    }
    settings["model"]["network"] |= {
        "epochs": 20,
        "batch_size": 10,
        "optimizer": "adam",
        "optimizer__learning_rate": 0.05,
    }
    settings["cross_validate"]["scoring"] = ["r2", "neg_mean_absolute_error"]
    settings["grid_search"] |= {"scoring": "r2", "param_grid": GRID}
    settings["nested_cv"] = {"outer": 2, "permutations": 0}
    write_params(settings, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for stage in (preprocess, cross_validate, grid_search, nested_cv, diagnose, holdout):
            stage.main()
    return folder


@pytest.fixture
def here(study, monkeypatch):
    monkeypatch.chdir(study)


def r2(own: pd.DataFrame) -> float:
    errors = (own["truth"] - own["predicted"]).pow(2).sum()
    return float(1 - errors / (own["truth"] - own["truth"].mean()).pow(2).sum())


@pytest.mark.usefixtures("here")
def test_scores_and_predictions_are_in_the_unit_of_the_table():
    said = artifacts.read_parquet(CROSS_VALIDATE / "predictions.parquet")
    scores = artifacts.read_csv(CROSS_VALIDATE / "scores.csv")["r2"]
    again = [r2(said[said["fold"] == fold]) for fold in range(2)]
    np.testing.assert_allclose(scores, again, rtol=1e-7)
    assert min(again) > 0.3
    results = artifacts.read_csv(GRID_SEARCH / "cv_results.csv")
    said = artifacts.read_parquet(GRID_SEARCH / "predictions.parquet")
    for number, row in results.iterrows():
        own = said[(said["candidate"] == number) & (said["fold"] == 1)]
        assert r2(own) == pytest.approx(row["split1_test_score"], rel=1e-5)
    outer = artifacts.read_csv(NESTED_CV / "outer.csv")
    said = artifacts.read_parquet(NESTED_CV / "predictions.parquet")
    again = [r2(said[said["fold"] == fold]) for fold in range(2)]
    np.testing.assert_allclose(outer["score"], again, rtol=1e-5)


@pytest.mark.usefixtures("here")
def test_tables_of_results_name_transformers_as_params_yaml_does():
    results = artifacts.read_csv(GRID_SEARCH / "cv_results.csv")
    assert len(results) == 8
    outer = artifacts.read_csv(NESTED_CV / "outer.csv")
    for name, values in GRID.items():
        assert set(results[name]) == set(values)
        assert set(outer[name]) <= set(values)
    best = json.loads((GRID_SEARCH / "best.json").read_text())["params"]
    assert best == results.loc[results["rank_test_score"].idxmin(), list(GRID)].to_dict()
    # Each of them counts.
    for name in GRID:
        apart = results.groupby([own for own in GRID if own != name])["mean_test_score"]
        assert (apart.nunique() == 2).all(), name


@pytest.mark.usefixtures("here")
def test_folds_of_other_widths_train_side_by_side():
    data = read_prepared()
    plan = make_search(params.load(), data).set_params(memory=None).plan(data.X, data.y)
    assert not plan.reasons
    widths = re.findall(r"(\d+) weights each", str(plan))
    assert len(set(widths)) > 1


@pytest.mark.usefixtures("here")
def test_an_audit_names_its_fits_as_params_yaml_does(capsys):
    grid_search.audit(1)
    said = capsys.readouterr().out
    assert "1 of 1 fits agree" in said
    assert re.search(r"'preprocessing__categories': '(onehot|target)'", said)


@pytest.mark.usefixtures("here")
def test_the_report_says_what_was_decided(tmp_path):
    content = report.read()
    report.write(tmp_path, params.load(), content | {"verdict": verdict(content)}, [])
    page = (tmp_path / "report.html").read_text()
    for says in (
        "1 boolean (garden: no is 0, yes is 1), 1 category (kind: 4 values)",
        "left out: id",
        "4 values, most often",
        "Networks are trained on <code>price</code> after standard in the base model, in the",
        "in the search by target_transformer: standard, yeo_johnson: losses and metrics",
    ):
        assert says in page, says


@pytest.mark.usefixtures("here")
def test_curves_of_different_units_are_told_apart():
    content = report.read()
    content["verdict"] = verdict(content)
    (shown,) = [own for own in illustrations(content) if own.name == "cells"]
    assert "candidates of different transformations" in shown.caption
    figure = shown.draw()
    results = artifacts.read_csv(GRID_SEARCH / "cv_results.csv").set_index("candidate")
    legends = [axes.get_legend() for axes in figure.axes if axes.get_legend()]
    # The best and the worst.
    assert len(legends) == 2
    for label in (label for own in legends for label in own.get_texts()):
        candidate, unit = re.fullmatch(r"(\d+) \((.*)\)", label.get_text()).groups()
        assert unit == results.loc[int(candidate), "target_transformer"]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("grid", "says"),
    [
        ({"epochs": [1]}, "after standard"),
        ({"target_transformer": ["none", "log1p"]}, "after standard in the base model, in the"),
        ({"target_transformer": ["standard"]}, "after standard"),
    ],
)
def test_in_which_unit_networks_are_trained(grid, says):
    own = params.load()
    search = own.grid_search.model_copy(update={"param_grid": grid})
    found = transformed(own.model_copy(update={"grid_search": search}))
    assert found.startswith(says)
    assert (found == "after standard") == (says == "after standard")


NEW = pd.DataFrame(
    {
        "kind": ["house", "cave", "", "flat"],
        "sold": ["01.02.2020", "", "31.12.2021", "05.05.2020"],
        "size": [100, "", 55, 80],
        "garden": ["YES", "no", "", "No"],
    }
)


@pytest.mark.usefixtures("here")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_new_rows_are_what_those_of_the_training_were(tmp_path, capsys):
    NEW.to_csv(tmp_path / "new.csv", index=False)
    assert predict.predict(BEST, tmp_path / "new.csv", tmp_path / "said.csv") == 4
    said = capsys.readouterr().err
    filled = "'size' in 1 row (112.9), 'garden' in 1 row (yes), 'sold' in 1 row (2021-02-01)"
    assert said.splitlines() == [
        f"missing, and filled with the training's median: {filled}",
        "missing, a category of its own as in the training: 'kind' in 1 row",
        "never seen in the training, and taken as unknown: 'kind' in 1 row ('cave'; first in line 3)",
    ]
    found = pd.read_csv(tmp_path / "said.csv")["predicted"]
    assert found.between(1e4, 1e7).all()
    # Plain Keras, as the model card shows it, on the same rows.
    code = (BEST / "README.md").read_text().rpartition("```python\n")[2].split("```")[0]
    code = code.replace("data/raw/flats.csv", str(tmp_path / "new.csv")).replace(
        "print(", "print_("
    )
    printed = []
    exec(code, {"print_": printed.append})
    np.testing.assert_allclose(found, np.ravel(printed[0]), rtol=1e-5)
    truth = table().drop(columns=["id", "price"])
    truth.to_csv(tmp_path / "new.csv", index=False)
    predict.predict(BEST, tmp_path / "new.csv", tmp_path / "said.csv")
    again = pd.read_csv(tmp_path / "said.csv")["predicted"]
    assert np.corrcoef(again, table()["price"])[0, 1] > 0.8


MISTAKES = [
    ("garden", "perhaps", "line 2, column 'garden': must be no or yes; found 'perhaps'"),
    ("sold", "2020-13-01", "line 2, column 'sold': must be a date written as %d.%m.%Y"),
    ("size", "big", "line 2, column 'size': must be a finite number; found 'big'"),
]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("name", "value", "says"), MISTAKES)
def test_a_cell_of_another_kind_is_named(tmp_path, name, value, says):
    NEW.astype(object).assign(**{name: value}).to_csv(tmp_path / "new.csv", index=False)
    with pytest.raises(artifacts.InputError, match=re.escape(says)):
        predict.predict(BEST, tmp_path / "new.csv", tmp_path / "said.csv")


@pytest.mark.usefixtures("here")
def test_a_winner_without_what_undoes_its_target_is_not_asked(tmp_path):
    import shutil

    folder = Path(shutil.copytree(BEST, tmp_path / "best"))
    signature = json.loads((folder / "signature.json").read_text())
    (folder / "signature.json").write_text(json.dumps(signature | {"target_transformed": True}))
    (folder / "target.skops").unlink(missing_ok=True)
    NEW.to_csv(tmp_path / "new.csv", index=False)
    with pytest.raises(artifacts.InputError, match=r"target\.skops: no such file"):
        predict.predict(folder, tmp_path / "new.csv", tmp_path / "said.csv")


WRONG = [
    ("preprocessing__numbers__imputr", ["mean"], "did you mean 'preprocessing__numbers__imputer'"),
    (
        "preprocessing__numbers__imputer",
        ["media"],
        "[0]: must be none, median, mean, most_frequent, knn; found 'media'; did you mean 'median'?",
    ),
    ("preprocessing__numbers__imputer", ["none"], "[0]: none, but column 'size' has 3 missing"),
    (
        "preprocessing__numbers__imputer__strategy",
        ["mode"],
        "strategy[0]: The 'strategy' parameter",
    ),
]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("name", "values", "says"), WRONG)
def test_a_grid_of_transformers_is_checked_before_training(
    tmp_path, monkeypatch, name, values, says
):
    settings = YAML(typ="safe").load(Path("params.yaml"))
    settings["grid_search"]["param_grid"] = {name: values}
    (tmp_path / "data").mkdir()
    (tmp_path / "data/prepared").symlink_to(Path("data/prepared").resolve())
    write_params(settings, tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(artifacts.InputError) as caught:
        grid_search.main()
    assert str(caught.value).startswith(f"params.yaml: grid_search.param_grid.{name}")
    assert says in str(caught.value)
