"""params.yaml: what is accepted, and what each mistake is told."""

import inspect
import re
from pathlib import Path

import pytest
from dvc.utils.hydra import apply_overrides
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from tiny import ROOT, tiny_params, write_params

from stages import architecture
from stages.study import params
from stages.study.distributions import Distribution
from stages.study.errors import InputError
from stages.study.sections.data import Reading
from stages.study.training_forms import arguments, arguments_in


def load(content, folder: Path):
    write_params(content, folder)
    return params.load(folder / "params.yaml")


def test_the_default_study_is_the_tutorials():
    study = params.load(ROOT / "params.yaml")
    assert study.model.network["hidden"] == [30, 15]
    assert (study.model.network["epochs"], study.model.network["batch_size"]) == (10, 32)
    assert study.cross_validate.folds == 10
    assert study.grid_search.network == {"hidden": [12, 8]}
    assert [len(values) for values in study.grid_search.param_grid.values()] == [3, 3, 3, 3, 3]
    assert study.grid_search.cv == 3


def test_yaml_is_read_as_dvc_reads_it(tmp_path):
    content = tiny_params()
    content["grid_search"]["param_grid"] = {"a": [1], "b": [1], "c": [1]}
    write_params(content, tmp_path)
    path = tmp_path / "params.yaml"
    text = path.read_text().replace("a:\n    - 1\n    b:\n    - 1", "a: [1e-3, 1e-05]\n    b: [no]")
    path.write_text(text)
    grid = params.load(path).grid_search.param_grid
    assert grid == {"a": [0.001, 0.00001], "b": ["no"], "c": [1]}


def test_whole_floats_are_whole_numbers(tmp_path):
    content = tiny_params()
    content["cross_validate"]["folds"] = 3.0
    content["grid_search"]["param_grid"] = {"epochs": [16.0, 2], "hidden": [[4.0, 2]]}
    loaded = load(content, tmp_path)
    assert loaded.cross_validate.folds == 3
    grid = loaded.grid_search.param_grid
    assert repr(grid) == "{'epochs': [16, 2], 'hidden': [[4, 2]]}"


MISTAKES = [
    ("cross_validate.fold", 3, "cross_validate.fold: unknown key; did you mean 'folds'? Allowed:"),
    ("cross_validate.folds", "ten", "cross_validate.folds: must be a whole number; found 'ten'"),
    ("cross_validate.folds", 1, "cross_validate.folds: must be greater than or equal to 2; found 1"),
    ("cross_validate.folds", 2.5, "cross_validate.folds: must be a whole number; found 2.5"),
    ("cross_validate.folds", True, "cross_validate.folds: must be a whole number; found True"),
    ("cross_validate.scoring", ["acuracy"], "scoring[0]: not the name of a scikit-learn scorer; did you mean 'accuracy'"),
    ("cross_validate.scoring", [], "cross_validate.scoring: "),
    ("cross_validate.scoring", "accuracy", "cross_validate.scoring: must be a list; found 'accuracy'"),
    ("grid_search.param_grid", {}, "grid_search.param_grid: must have entries, at least 1"),
    ("grid_search.param_grid.activation", [], "param_grid.activation: must have entries, at least 1"),
    ("grid_search.param_grid.activation", "relu", "param_grid.activation: must be a list; found 'relu'"),
    ("grid_search.param_grid.activation", ["a", "a"], "param_grid.activation: 'a' is listed twice"),
    ("grid_search.param_grid.batch_size", [16, 16.0], "param_grid.batch_size: 16 is listed twice"),
    ("grid_search.scoring", ["accuracy", "acuracy"], "grid_search.scoring: entry 1, 'acuracy': not the name of a scikit-learn scorer; did you mean 'accuracy'"),
    ("grid_search.scoring", [], "grid_search.scoring: must be a scorer, or a list of at least one"),
    ("grid_search.scoring", ["f1", {"fbeta": 2}, {"fbeta": 2.0}], "grid_search.scoring: 'fbeta_2' is listed twice"),
    ("grid_search.scoring", "cost", "grid_search.scoring: cost needs its numbers: {cost: {fp: 1, fn: 5}}; found 'cost'"),
    ("cross_validate.scoring", ["RMSE"], "scoring[0]: not the name of a scikit-learn scorer; did you mean 'neg_root_mean_squared_error'?"),
    ("cross_validate.scoring", [{"fbta": 2}], "cross_validate.scoring[0]: not the name of a scikit-learn scorer; did you mean 'fbeta'"),
    ("cross_validate.scoring", [{"fbeta": "two"}], "cross_validate.scoring[0]: fbeta: beta must be a number of at least 0; found"),
    ("cross_validate.scoring", ["f1", {"cost": {"fp": 1, "fn": -5}}], "cross_validate.scoring[1]: cost: fn must be a number of at least 0; found"),
    ("cross_validate.scoring", [{"cost": {"fp": 0, "fn": 0}}], "cross_validate.scoring[0]: cost: fp and fn are both 0"),
    ("cross_validate.scoring", [{"cost": {"fp": 1}}], "cross_validate.scoring[0]: cost: fn is missing"),
    ("cross_validate.scoring", [{"f1": {"treshold": "tuned"}}], "cross_validate.scoring[0]: f1: unknown key 'treshold'; did you mean 'threshold'?"),
    ("cross_validate.scoring", [{"f1": {"threshold": 0.3}}], "cross_validate.scoring[0]: f1: threshold must be tuned, or left out"),
    ("cross_validate.scoring", [{"roc_auc": {"threshold": "tuned"}}], "cross_validate.scoring[0]: roc_auc has no threshold that could be tuned; those that have are accuracy, balanced_accuracy, f1"),
    ("cross_validate.scoring", [{"recall": {"threshold": "tuned"}}], "cross_validate.scoring[0]: recall is highest where every row is named positive"),
    ("grid_search.refit", "roc_auc", "grid_search.refit: must name one of the scorers, as results do, or a rule. Allowed: accuracy, one_standard_error; found 'roc_auc'"),
    ("grid_search.refit", "acuracy", "grid_search.refit: must name one of the scorers, as results do, or a rule; did you mean 'accuracy'?"),
    ("grid_search.param_grid", [], "grid_search.param_grid: must have entries, at least 1"),
    ("grid_search.param_grid", [{}], "grid_search.param_grid[0]: must have entries, at least 1"),
    ("grid_search.param_grid", [{"a": [1]}, {"b": 1}], "grid_search.param_grid[1].b: must be a list; found 1"),
    ("grid_search.param_grid.rate", {"uniform": [0, 1]}, "param_grid.rate: only grid_search.method: random draws; a grid needs a list of values; found {'uniform': [0, 1]}"),
    ("grid_search.n_iter", 3, "grid_search.n_iter: is for grid_search.method: random; a grid tries all candidates; found 3"),
    ("grid_search.method", "ranom", "grid_search.method: must be 'grid' or 'random'; found 'ranom'"),
    ("grid_search.method", "random", "grid_search.n_iter: must say how many candidates grid_search.method: random draws"),
    ("grid_search.cv", ..., "grid_search.cv: missing"),
    ("model.scaler", "min-max", "model.scaler: must be 'none', 'minmax', 'standard', 'robust' or 'quantile'; found 'min-max'; did you mean 'minmax'?"),
    ("model.imputer", "mode", "model.imputer.strategy: must be 'none', 'median', 'mean', 'most_frequent' or 'knn'; found 'mode'"),
    ("model.imputer", {"strategy": "none", "indicator": True}, "model.imputer: indicator says where"),
    ("model.categorical", {"encoder": "onehot", "min_frequency": 0}, "model.categorical.min_frequency: must be greater than 0; found 0"),
    ("model.categorical", {"encoder": "target", "min_frequency": 5}, "model.categorical: min_frequency is for onehot and ordinal"),
    ("model.target", "log", "model.target: must be 'none', 'standard', 'log1p' or 'yeo_johnson'; found 'log'"),
    ("data.categorical", "all", "data.categorical: must be a list; found 'all'"),
    ("data.categorical", ["a", "a"], "data.categorical: 'a' is listed twice"),
    ("data.booleans", {"a": ["x"]}, "data.booleans.a: must have entries, at least 2"),
    ("data.dates", {"a": "%Q"}, "data.dates.a: '%Q' is not the format of a date"),
    ("data.dates", ["a", "a"], "data.dates: 'a' is listed twice"),
    ("data.task", "regresion", "data.task: must be 'classification' or 'regression'; found 'regresion'"),
    ("data.features", "some", "data.features: "),
    ("data.features", [], "data.features: must have entries, at least 1"),
    ("data.missing", {"BMI": 0}, "data.missing.BMI: must be a list; found 0"),
    ("data.separator", ";;", "data.separator: must be one character between values, such as"),
    ("data.separator", "x", "data.separator: must be one character between values, such as"),
    ("data.decimal", ";", "data.decimal: must be '.' or ','; found ';'"),
    ("data.encoding", "utf-9", "data.encoding: not an encoding of text; for example utf-8, latin-1"),
    ("data.encoding", "base64", "data.encoding: not an encoding of text"),
    ("data.comment", "", "data.comment: must have characters, at least 1"),
    ("data.sheet", 1, "data.sheet: must be a text; found 1"),
    ("data.missing_default", "NA", "data.missing_default: must be a list; found 'NA'"),
    ("data.missing_target", "skip", "data.missing_target: must be 'error' or 'drop'; found 'skip'"),
    ("preprocess.min_class_rows", 0, "preprocess.min_class_rows: must be greater than or equal to 1"),
    ("preprocess.max_missing", 2, "preprocess.max_missing: must be less than or equal to 1; found 2"),
    ("preprocess.classes", [1], "preprocess.classes: must have entries, at least 2"),
    ("model.network.rate", float("inf"), "model.network: must be a finite number"),
    ("model.a\u2028b\nc", 1, "model.'a\\u2028b\\nc': unknown key"),
    ("seed", -1, "seed: must be greater than or equal to 0; found -1"),
    ("holdout", {"share": 0.5}, "holdout: unknown key; did you mean 'preprocess.holdout'? Allowed: seed, "),
    ("sead", 1, "sead: unknown key; did you mean 'seed'?"),
    ("grid_search.xyz", 1, "grid_search.xyz: unknown key. Allowed: network, cv, "),
    ("diagnose.importance", -1, "diagnose.importance: must be greater than or equal to 0; found -1"),
    ("diagnose.importance", 101, "diagnose.importance: must be less than or equal to 100; found 101"),
    ("diagnose.learning_curve", [0.5, 0.2], "diagnose.learning_curve: must increase; found [0.5, 0.2]"),
    ("diagnose.learning_curve", [0, 0.5], "diagnose.learning_curve[0]: must be greater than 0; found 0"),
    ("diagnose.learning_curve", [0.5, 1.5], "diagnose.learning_curve[1]: must be less than or equal to 1; found 1.5"),
    ("diagnose.learning_curve", [], "diagnose.learning_curve: must have entries, at least 1; found []"),
    ("diagnose.learning_curve", 0.5, "diagnose.learning_curve: must be a list; found 0.5"),
    ("diagnose", {"importances": 5}, "diagnose.importances: unknown key; did you mean 'importance'?"),
    ("preprocess.holdout", 0.2, "preprocess.holdout: must be a mapping of share, column, seed; found 0.2"),
    ("preprocess.holdout", {"share": 0.99}, "preprocess.holdout.share: must be less than or equal to 0.5; found 0.99"),
    ("grid_search.network", 3, "grid_search.network: must be a mapping; found 3"),
    ("data.time", ["a"], "data.time: must be a mapping; found"),
    ("model", None, "model: must be a mapping of imputer, scaler, categorical, target, network; found None"),
]  # fmt: skip


def test_how_a_file_is_read_can_be_said(tmp_path):
    content = tiny_params()
    said = {"separator": "\t", "decimal": ",", "encoding": "Latin1", "comment": "#", "sheet": "s"}
    content["data"] |= {**said, "missing_default": [None, float("nan"), -999, "?"]}
    data = load(content, tmp_path).data
    assert (data.separator, data.encoding) == ("\t", "iso8859-1")
    assert Reading(separator="\\t").separator == "\t"
    assert data.missing_default[0] is None
    assert data.missing_default[2:] == [-999, "?"]


@pytest.mark.parametrize(("key_path", "value", "says"), MISTAKES)
def test_a_mistake_is_named_by_its_path(workspace, edit, complaint, key_path, value, says):
    from stages import preprocess

    edit(key_path, value)
    message = complaint(preprocess)
    assert message.startswith("error: params.yaml: ")
    assert says in message


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("seed: [1", "line 1, column 9: not YAML: "),
        ("seed: 1\nseed: 2\n", "line 2, column 1: not YAML: found duplicate key"),
        ("a: 1\n b: 2", "not YAML: "),
        ("", "must hold seed, data, "),
        ("- 1", "found list"),
        ("\x00", "not YAML"),
        ("report: 2024-02-30", "not YAML: "),
        ("seed: !!bool x", "not YAML: "),
        ("seed: &a [*a]", "params.yaml: "),
        ("[" * 1000, "not YAML"),
        ("{[1]: 2}", "params.yaml: "),
        ("1: 2", "params.yaml: "),
        ("a: {b: [1, 2001-01-01]}", "a.b[1]: must be a text, a number, true, false, null, or"),
        ("a: !!binary aGVsbG8=", "a: must be a text"),
        ("a: !!set {b, c}", "a: must be a text"),
        ("a: {1: 2}", "a: a key must be a text; found 1"),
        ('a: ["\\ud800"]', "a[0]: must be a text without control characters; found '\\ud800'"),
        ('a: "\\e[31m"', "a: must be a text without control characters; found '\\x1b[31m'"),
    ],
    ids=lambda own: repr(own)[:40],
)
def test_what_is_no_mapping(workspace, complaint, text, says):
    from stages import preprocess

    Path("params.yaml").write_text(text)
    assert says in complaint(preprocess)


def test_no_file(workspace, complaint):
    from stages import preprocess

    Path("params.yaml").unlink()
    assert "params.yaml: no such file in" in complaint(preprocess)
    Path("params.yaml").mkdir()
    assert "params.yaml: cannot be read: Is a directory" in complaint(preprocess)
    Path("params.yaml").rmdir()
    Path("params.yaml").symlink_to("params.yaml")
    assert "params.yaml: cannot be read: Too many levels" in complaint(preprocess)
    Path("params.yaml").unlink()
    Path("params.yaml").write_bytes(b"\xff\xfe\xfa")
    assert "params.yaml: not" in complaint(preprocess)


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
SECTIONS = [(name, key) for name, section in tiny_params().items() if isinstance(section, dict) for key in section]  # fmt: skip


DRAWN = [
    ({"uniform": [1, 0]}, "uniform must go from a number to a larger one"),
    ({"uniform": [1, 1.0]}, "uniform must go from a number to a larger one"),
    ({"loguniform": [0, 1]}, "loguniform must begin above 0, to draw by orders of magnitude"),
    ({"int": [1, 2.5]}, "int must have two whole numbers"),
    ({"int": [0, 9], "log": True}, "int must begin above 0, to draw by orders of magnitude"),
    ({"int": [1, 9], "log": "yes"}, "log must be true or false, and is for int"),
    ({"uniform": [1, 9], "log": True}, "log must be true or false, and is for int"),
    ({"uniform": 3}, "uniform must have two numbers, the least and the largest"),
    ({"uniform": [False, 2]}, "uniform must have two numbers, the least and the largest"),
    ({"uniform": [0, 1e16]}, "uniform must stay within 1e+15"),
    ({"unifrom": [0, 1]}, "must be a list of values, {uniform: [a, b]}, {loguniform: [a, b]}, {int: [a, b]} or {int: [a, b], log: true}; did you mean 'uniform'?"),
    ({}, "must be a list of values, {uniform: [a, b]}"),
    ({"uniform": [1, 1.0000001]}, "uniform is drawn from with 6 digits, in which its ends are the same; a list may hold both"),
    ({"loguniform": [0.12345671, 0.12345674]}, "loguniform is drawn from with 6 digits"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "says"), DRAWN)
def test_a_distribution_that_cannot_be_is_named_by_its_path(tmp_path, written, says):
    content = tiny_params()
    content["grid_search"] |= {"method": "random", "n_iter": 2, "param_grid": {"rate": written}}
    with pytest.raises(InputError) as caught:
        load(content, tmp_path)
    (line,) = str(caught.value).splitlines()
    assert f"params.yaml: grid_search.param_grid.rate: {says}" in line
    assert "; found {" in line


def test_no_more_can_be_drawn_of_lists_than_there_are(tmp_path):
    content = tiny_params()
    grids = [{"a": [1, 2], "b": [1, 2]}, {"c": [None]}]
    content["grid_search"] |= {"method": "random", "n_iter": 6, "param_grid": grids}
    with pytest.raises(InputError, match=r"grid_search.n_iter: must be at most 5, the candidates"):
        load(content, tmp_path)
    content["grid_search"]["n_iter"] = 5
    assert load(content, tmp_path).grid_search.candidates == 5


def test_dvc_sets_a_random_search(tmp_path):
    """By the overrides that ``dvc exp run -S`` takes, on the study of this repository."""
    path = tmp_path / "params.yaml"
    path.write_text((ROOT / "params.yaml").read_text())
    said = [
        "grid_search.method=random",
        "grid_search.n_iter=20",
        "+grid_search.param_grid.learning_rate={loguniform: [1e-4, 1e-1]}",
        "~grid_search.param_grid.epochs",
        "+grid_search.param_grid.epochs={int: [1, 9], log: true}",
    ]
    apply_overrides(path, said)
    search = params.load(path).grid_search
    assert (search.method, search.candidates) == ("random", 20)
    assert search.grids[0]["learning_rate"] == Distribution("loguniform", 1e-4, 1e-1, log=True)
    assert search.grids[0]["epochs"] == Distribution("int", 1, 9, log=True)
    assert search.grids[0]["optimizer"] == ["rmsprop", "adam", "sgd"]
    apply_overrides(path, ["grid_search.n_iter=30", "grid_search.param_grid.epochs.int=[2, 5]"])
    search = params.load(path).grid_search
    assert search.candidates == 30
    assert search.grids[0]["epochs"] == Distribution("int", 2, 5, log=True)


def told(content, folder: Path) -> list[str]:
    """Return the lines of what is wrong."""
    with pytest.raises(InputError) as caught:
        load(content, folder)
    return [line.removeprefix(f"{folder}/params.yaml: ") for line in str(caught.value).splitlines()]


def test_a_misspelt_key_is_told_before_what_follows(tmp_path):
    content = tiny_params()
    content["grid_search"] |= {"metod": "random", "n_iter": 3}
    first, second = told(content, tmp_path)
    assert first.startswith("grid_search.metod: unknown key; did you mean 'method'?")
    assert second.startswith("grid_search.n_iter: is for grid_search.method: random")


def test_nothing_is_found_where_nothing_is(tmp_path):
    content = tiny_params()
    content["grid_search"]["method"] = "random"
    (line,) = told(content, tmp_path)
    assert line.startswith("grid_search.n_iter: must say how many candidates")
    assert "found" not in line


@given(st.sampled_from(SECTIONS), TREES)
def test_any_value_is_accepted_or_complained_about(tmp_path_factory, place, value):
    content = tiny_params()
    content[place[0]][place[1]] = value
    path = tmp_path_factory.mktemp("any") / "params.yaml"
    with path.open("w") as file:
        YAML(typ="safe", pure=True).dump(content, file)
    try:
        loaded = params.load(path)
    except InputError as error:
        assert 1 <= len(str(error).splitlines()) <= 3
        assert str(path) in str(error)
    else:
        assert loaded.model_dump()[place[0]][place[1]] is not ...


@given(st.text(max_size=40))
def test_any_text_is_accepted_or_complained_about(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("any") / "params.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="^") as caught:
        params.load(path)
    assert 1 <= len(str(caught.value).splitlines()) <= 3


@pytest.mark.parametrize("section", ["cross_validate", "grid_search"])
@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({"f1": {"threshold": "tuned"}}, "'f1_tuned' cannot score this regression: a tuned"),
        ({"cost": {"fp": 1, "fn": 5}}, "'neg_cost_fp1_fn5' cannot score this regression: neg_cost"),
        ({"fbeta": 2}, "'fbeta_2' cannot score this regression: fbeta_2 needs classes; such as r2"),
        ("roc_auc", "'roc_auc' cannot score this regression: it scores classes; such as r2 and"),
        ("accuracy", "'accuracy' cannot score this regression: it scores classes; such as r2"),
    ],
)
def test_a_scorer_of_classes_is_refused_before_a_table_is_read(tmp_path, section, entry, says):
    content = tiny_params()
    content["data"]["task"] = "regression"
    content["cross_validate"]["scoring"] = ["r2"]
    content["grid_search"]["scoring"] = "neg_mean_absolute_error"
    assert load(content, tmp_path).data.task == "regression"
    content[section]["scoring"] = ["r2", entry]
    (line,) = told(content, tmp_path)
    assert line.startswith(f"{section}.scoring: {says}")


KEYS = [
    ({"early_stopping__patience": [1, 2]}, {}, "grid_search.param_grid.early_stopping__patience[0]: would reach nothing, since early_stopping is null; patience is a key of the mapping that grid_search.network.early_stopping may be"),
    ({"learning_rate__initial": [1]}, {"learning_rate": 0.1}, "grid_search.param_grid.learning_rate__initial[0]: would reach nothing, since learning_rate is 0.1"),
    ([{"epochs": [1]}, {"reduce_on_plateau__factor": [0.1]}], {}, "grid_search.param_grid[1].reduce_on_plateau__factor[0]: would reach nothing"),
    ({"epochs": [1]}, {"early_stopping__patience": 2}, "grid_search.network.early_stopping__patience: would reach nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("grid", "network", "says"), KEYS)
def test_a_key_of_nothing_is_refused_before_a_table_is_read(tmp_path, grid, network, says):
    content = tiny_params()
    content["grid_search"] |= {"param_grid": grid, "network": network}
    (line,) = told(content, tmp_path)
    assert line.startswith(says)
    schedule = {"schedule": "cosine", "initial": 0.1}
    entries = {"early_stopping": {"patience": 1}, "reduce_on_plateau": {"patience": 1}}
    content["model"]["network"] |= {**entries, "learning_rate": schedule}
    if "learning_rate" not in network:
        load(content, tmp_path)


STOPPING, PIECES = (
    {"patience": -1},
    {"schedule": "piecewise", "epochs": [2, 5], "values": [3, 2, 0.5]},
)
FORMS = [
    ("model.network.early_stopping", STOPPING, "model.network.early_stopping.patience: must be greater than or equal to 0; found -1"),
    ("grid_search.network.reduce_on_plateau", 3, "grid_search.network.reduce_on_plateau: must be a mapping of monitor, "),
    ("grid_search.param_grid.learning_rate", [0.1, "fast"], "grid_search.param_grid.learning_rate[1]: must be a number above 0, or a mapping"),
    ("grid_search.param_grid.early_stopping", [None, STOPPING], "grid_search.param_grid.early_stopping[1].patience: must be greater"),
    ("model.network.learning_rate", PIECES, "model.network.learning_rate.epochs: the learning rate changes after epoch 5, and training ends with epoch 5, so that 0.5 would never be used"),
    ("grid_search.network.learning_rate", PIECES | {"epochs": [2], "values": [3]}, "grid_search.network.learning_rate"),
    ("grid_search.network.learning_rate", PIECES, "grid_search.param_grid: candidate 1, activation: relu, epochs: 5: the learning rate changes after epoch 5, and training ends with epoch 5"),
]  # fmt: skip


@pytest.mark.parametrize(("key_path", "value", "says"), FORMS)
def test_an_entry_of_training_is_checked_before_a_table_is_read(tmp_path, key_path, value, says):
    content = tiny_params()
    content["model"]["network"]["epochs"] = 5
    content["grid_search"] |= {
        "network": {},
        "param_grid": {"activation": ["relu"], "epochs": [6, 5]},
    }
    *path, last = key_path.split(".")
    section = content
    for key in path:
        section = section[key]
    load(content, tmp_path)
    section[last] = value
    (line,) = told(content, tmp_path)
    assert line.startswith(says)


def test_a_schedule_that_candidates_replace_or_come_to_the_end_of_is_none_of_theirs(tmp_path):
    content = tiny_params()
    content["model"]["network"] |= {"epochs": 6, "learning_rate": PIECES}
    grid = [
        {"epochs": [3], "optimizer__learning_rate": [0.1]},
        {"epochs": [3], "learning_rate": [0.1]},
    ]
    grid += [{"epochs": [3], "learning_rate__epochs": [[1, 2]]}, {"epochs": [6, 7]}]
    content["grid_search"] |= {"network": {}, "param_grid": grid}
    load(content, tmp_path)
    grid[2]["learning_rate__epochs"] = [[1, 2], [1, 3]]
    assert "candidate 3, epochs: 3, learning_rate__epochs: [1, 3]: " in told(content, tmp_path)[0]
    content["grid_search"] |= {
        "method": "random",
        "n_iter": 9,
        "param_grid": {"epochs": {"int": [4, 6]}},
    }
    assert re.match(
        r"grid_search.param_grid: candidate \d, epochs: [45]: ", told(content, tmp_path)[0]
    )


def test_keys_of_an_entry_are_checked_with_those_beside_them(tmp_path):
    content = tiny_params()
    content["model"]["network"] |= {"epochs": None, "fit__epochs": 9, "learning_rate": PIECES}
    content["grid_search"] |= {"network": {}}
    grid = {"learning_rate__epochs": [[3], [5]], "learning_rate__values": [[0.2, 0.1]]}
    content["grid_search"]["param_grid"] = grid
    load(content, tmp_path)
    grid["learning_rate__values"] = [[0.2]]
    (line,) = told(content, tmp_path)
    assert line.startswith("grid_search.param_grid.learning_rate__epochs[0]: ")


def test_a_seed_that_reaches_nothing_is_told(tmp_path):
    content = tiny_params()
    content["model"]["network"]["random_state"] = 3
    load(content, tmp_path)
    content["cross_validate"]["seeds"] = [0, 1]
    (line,) = told(content, tmp_path)
    assert line.startswith(
        "model.network.random_state: reaches nothing beside cross_validate.seeds"
    )


def test_what_the_users_function_asks_for_is_read_where_it_is_plain():
    assert arguments_in(b"import keras\ndef create_model(meta, /, a, *, early_stopping=None): 1") == {
        "meta", "a", "early_stopping",
    }  # fmt: skip
    assert arguments() == set(inspect.signature(architecture.create_model).parameters)
    for text in (
        b"from elsewhere import create_model",
        b"create_model = lambda meta, **own: None",
        b"@wrapped\ndef create_model(meta): ...",
        b"def create_model(meta:",
    ):
        assert arguments_in(text) is None


def test_the_rule_of_one_standard_error_is_not_for_folds_in_the_order_of_time(tmp_path):
    content = tiny_params()
    content["nested_cv"]["permutations"] = 0
    content["grid_search"]["refit"] = "one_standard_error"
    load(content, tmp_path)
    content["data"]["time"] = "day"
    (line,) = told(content, tmp_path)
    assert line.startswith(
        "grid_search.refit: one_standard_error takes folds to be alike, and those in"
    )
