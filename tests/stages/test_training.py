"""What cross_validate and grid_search refuse before they train, and what they leave."""

import json
import shutil
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from small_search import eagerly
from tiny import ROOT, run, tiny_params

from stages import architecture, cross_validate, grid_search, nested_cv, preprocess
from stages.study import artifacts
from stages.study.checks import check_network
from stages.study.errors import InputError
from stages.study.prepared import Prepared, read_prepared

pytestmark = pytest.mark.usefixtures("traced")
STAGES = pytest.mark.parametrize(
    "stage", [cross_validate, grid_search, nested_cv], ids=["folds", "grid", "nested"]
)


@pytest.fixture
def prepared(workspace):
    preprocess.main()
    return workspace


BOTH = [
    ("model.imputer", "none", "params.yaml: model.imputer: none, but column 'BMI' has 11 missing"),
    ("model.network.actvation", "relu", "params.yaml: model.network: parameter 'actvation' would reach nothing"),
    ("model.network.class_weight", "x", "params.yaml: model.network.class_weight: must be balanced, null, or a mapping of classes to weights; found 'x'"),
    ("model.network.callbacks", None, "'callbacks' would reach nothing"),
    ("model.network.preprocessing", {}, "'preprocessing' would reach nothing"),
    ("model.network.self", 1, "'self' would reach nothing"),
    ("model.network.epochs", 0, "params.yaml: model.network: epochs must be a whole number of at least 1; found 0"),
]  # fmt: skip


#: Each text once, and one of them by all stages, which look at a network with the same function.
BY_STAGE = [(cross_validate, *own) for own in BOTH]
BY_STAGE += [(stage, *BOTH[1]) for stage in (grid_search, nested_cv)]


@pytest.mark.parametrize(("stage", "key_path", "value", "says"), BY_STAGE)
def test_the_base_model_is_checked(prepared, edit, complaint, stage, key_path, value, says):
    edit(key_path, value)
    assert says in complaint(stage)


ONE = [
    (cross_validate, "cross_validate.folds", 269, "cross_validate.folds: must be at most 268, the rows of the rarest class, 1; found 269"),
    (cross_validate, "cross_validate.scoring", ["r2", "roc_auc_ovr", "f1_samples"], "cross_validate.scoring: 'f1_samples' cannot score this classification: "),
    (cross_validate, "model.network.optimizer", "adamm", "model.network.optimizer: Could not interpret optimizer identifier 'adamm': Keras has none of the name; did you mean 'adam'?"),
    (cross_validate, "model.network.callbacks__patience", 3, "callbacks__patience"),
    (cross_validate, "model.network.loss__delta", 2, "loss__delta"),
    (cross_validate, "model.network.fit__epochs", 0, "model.network: 'epochs' and 'fit__epochs' are the same parameter, given as 2 and 0; give one of them"),
    (cross_validate, "model.network", {"hidden": [2], "activation": "relu", "init": "zeros", "fit__epochs": 0}, "model.network: epochs must be a whole number of at least 1; found 0"),
    (cross_validate, "model.network.fit__callbacks", "EarlyStopping", "callbacks must be a keras.callbacks.Callback"),
    (cross_validate, "model.network.loss__0", 2, "loss__0"),
    (grid_search, "grid_search.cv", 300, "grid_search.cv: must be at most 268"),
    (grid_search, "grid_search.network", {"hiden": [2]}, "grid_search.network: parameter 'hiden' would reach nothing"),
    (grid_search, "grid_search.scoring", "jaccard_samples", "grid_search.scoring: 'jaccard_samples' cannot score"),
    (grid_search, "grid_search.param_grid", {"activatoin": ["relu"]}, "grid_search.param_grid.activatoin[0]: parameter 'activatoin' would reach nothing: neither create_model() nor the estimator takes it; did you mean 'activation'?"),
    (grid_search, "grid_search.param_grid", {"activation": ["relu", "rellu"]}, "params.yaml: grid_search.param_grid.activation[1]: Keras has no activation 'rellu'; did you mean 'relu'?"),
    (cross_validate, "model.network.activation", "rellu", "params.yaml: model.network.activation: Keras has no activation 'rellu'; did you mean 'relu'?"),
    (cross_validate, "model.network.activation", "leaky relu", "params.yaml: model.network.activation: Keras has no activation 'leaky relu'; did you mean 'leaky_relu'?"),
    (cross_validate, "model.network.loss", "BinaryCrosentropy", "Keras has none of the name; did you mean 'BinaryCrossentropy'?"),
    (cross_validate, "model.network.init", "glorot", "params.yaml: model.network.init: Keras has no initializer 'glorot'; did you mean 'glorot_normal'?"),
    (grid_search, "grid_search.param_grid", {"init": ["zeros"], "optimizer": ["adam", "adamm"]}, "grid_search.param_grid.optimizer[1]: Could not interpret optimizer identifier 'adamm': Keras has none of the name"),
    (grid_search, "grid_search.param_grid", {"candidate": [1]}, "param_grid.candidate: a column of the results has this name"),
    (grid_search, "grid_search.param_grid", {"epochs": [1, 0]}, "grid_search.param_grid.epochs[1]: epochs must be a whole number of at least 1; found 0"),
    (grid_search, "grid_search.param_grid", {"hidden": [[2], "3"]}, "grid_search.param_grid.hidden[1]: the network cannot be built"),
    (grid_search, "grid_search.param_grid", {"dropout": [0.1, 1]}, "params.yaml: grid_search.param_grid.dropout[1]: dropout must be a number from 0 to below 1; found 1"),
    (grid_search, "grid_search.param_grid", {"activation": ["tanh"], "units": [4, 8]}, "params.yaml: grid_search.param_grid.units[0]: hidden must be null where layers or units are given; grid_search.network.hidden: null leaves it to the grid"),
    (grid_search, "grid_search.param_grid", {"activation": ["tanh", "relu"], "l2": [-1]}, "params.yaml: grid_search.param_grid.l2[0]: l2 must be a number of at least 0; found -1"),
    (grid_search, "grid_search.param_grid", {"activation": ["tanh"], "optimizer": ["adamm"], "epochs": [1]}, "params.yaml: grid_search.param_grid.optimizer[0]: Could not interpret optimizer identifier 'adamm'"),
    (grid_search, "grid_search.param_grid", {"activation": ["tanh"], "l2": [-1], "dropout": [2]}, "params.yaml: grid_search.param_grid.l2[0]: l2 must be a number of at least 0; found -1"),
    (grid_search, "grid_search.network", {"hidden": [2], "dropout": 2}, "params.yaml: grid_search.network: dropout must be a number from 0 to below 1; found 2"),
    (cross_validate, "model.network.early_stopping", 3, "params.yaml: model.network.early_stopping: must be a mapping of monitor, patience, validation, restore_best, min_delta, or null; found 3"),
    (cross_validate, "model.network.early_stopping", {"patience": 3, "validation": 3}, "params.yaml: model.network.early_stopping.validation: must be less than 1; found 3"),
    (cross_validate, "model.network.early_stopping", {"patience": 3, "validation": -1}, "params.yaml: model.network.early_stopping.validation: must be greater than or equal to 0; found -1"),
    (cross_validate, "model.network.early_stopping", {"patience": 3, "monitor": "val_acc"}, "params.yaml: model.network.early_stopping.monitor: the network logs no 'val_acc'; did you mean 'val_accuracy'? It logs accuracy, loss, and with val_"),
    (grid_search, "grid_search.network.early_stopping", {"patience": 3, "monitor": "val_acc"}, "params.yaml: grid_search.network.early_stopping.monitor: the network logs no 'val_acc'"),
    (grid_search, "grid_search.param_grid", {"activation": ["tanh"], "early_stopping": [{"patience": 3, "monitor": "val_acc"}]}, "params.yaml: grid_search.param_grid.early_stopping[0].monitor: the network logs no 'val_acc'"),
    # Said before the base model is trained.
    (cross_validate, "grid_search.param_grid", {"activatoin": ["relu"]}, "params.yaml: grid_search.param_grid.activatoin[0]: parameter 'activatoin' would reach nothing"),
    (cross_validate, "grid_search.param_grid", {"early_stopping": [None, {"patience": "3"}]}, "params.yaml: grid_search.param_grid.early_stopping[1].patience: must be a whole number; found '3'"),
    (cross_validate, "grid_search.param_grid", {"dropout": [0.1, 1]}, "params.yaml: grid_search.param_grid.dropout[1]: dropout must be a number from 0 to below 1; found 1"),
    (cross_validate, "grid_search.cv", 300, "grid_search.cv: must be at most 268"),
    (cross_validate, "grid_search.scoring", "jaccard_samples", "grid_search.scoring: 'jaccard_samples' cannot score this classification: it scores neither two classes nor several; such as accuracy"),
    (grid_search, "grid_search.param_grid", {"optimizer__learning_rat": [0.1]}, "param_grid.optimizer__learning_rat[0]: parameter 'optimizer__learning_rat' would reach nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "key_path", "value", "says"), ONE)
def test_what_only_one_stage_uses_is_checked(
    prepared, edit, complaint, stage, key_path, value, says
):
    edit(key_path, value)
    assert says in complaint(stage)


class SpeechlessError(Exception):
    def __str__(self):
        raise ZeroDivisionError


def _speechless(meta, hidden, activation, init):
    raise SpeechlessError


def _raises(meta, hidden, activation, init):
    raise RuntimeError("no network\ntoday")


def _too_wide(meta, hidden, activation, init):
    return architecture_of({**meta, "target_type_": "multiclass", "n_classes_": 5}, [2])


architecture_of = architecture.create_model


def _ends(meta, hidden, activation, init):
    raise SystemExit(0)


FUNCTIONS = [
    (_ends, "create_model() raised SystemExit"),
    (_speechless, "create_model() raised SpeechlessError: (its text raises ZeroDivisionError)"),
    (_raises, "stages/architecture.py: create_model() raised RuntimeError: no network today"),
    (lambda meta, hidden, activation, init: None, "must return a Keras model; got None"),
    (_too_wide, "a binary target needs 1 or 2 unit(s) in the last layer"),
    (lambda hidden: None, "'activation' would reach nothing"),
    (3, "stages/architecture.py: create_model must be a function"),
]


FUNCTIONS_BY_STAGE = [(cross_validate, *own) for own in FUNCTIONS]
FUNCTIONS_BY_STAGE += [(stage, *FUNCTIONS[2]) for stage in (grid_search, nested_cv)]


@pytest.mark.parametrize(("stage", "function", "says"), FUNCTIONS_BY_STAGE)
def test_the_users_function_is_checked(prepared, monkeypatch, complaint, stage, function, says):
    monkeypatch.setattr(architecture, "create_model", function)
    assert says in complaint(stage)


def test_the_users_file_is_checked(prepared, monkeypatch, complaint):
    monkeypatch.delattr(architecture, "create_model")
    message = complaint(cross_validate)
    assert message.startswith("error: stages/architecture.py: AttributeError: ")


def test_a_network_is_built_on_few_rows_of_a_large_table(prepared):
    """To prepare all of 200,000 x 200 takes 10 s, for each value on a grid."""
    data = read_prepared()
    rows = np.resize(np.arange(len(data.y)), 100_000)
    rare = data.y.to_numpy()[rows]
    rare[-1] = 2
    large = Prepared(data.X.iloc[rows].reset_index(drop=True), pd.Series(rare), data.profile)
    seen = []

    class Estimator:
        held_out = float

        def prepare(self, X, y):
            seen.append((len(X), set(y)))
            raise ValueError("seen")

        def lane(self, rows):
            raise NotImplementedError

    with pytest.raises(InputError, match="seen"):
        check_network(Estimator(), large, "model.network")
    assert seen == [(1001, {0, 1, 2})]


@STAGES
def test_scores_that_are_no_numbers_end_in_words(prepared, edit, complaint, stage):
    edit("model.scaler", "none")
    edit("model.network.optimizer__learning_rate", 1e38)
    edit("cross_validate.scoring", ["neg_log_loss"])
    edit("grid_search.scoring", "neg_log_loss")
    message = complaint(stage)
    assert "training diverged" in message or "DivergedError" in message


def test_r2_needs_two_rows_in_a_fold(workspace, edit, complaint):
    Path("data/raw/small.csv").write_text("a,y\n" + "".join(f"{n},{n}\n" for n in range(8)))
    edit("data", {"path": "data/raw/small.csv", "target": "y", "task": "regression"})
    edit("cross_validate", {"folds": 8, "scoring": ["r2"]})
    edit("grid_search.scoring", "r2")
    preprocess.main()
    assert "'r2' is not defined on the 1 row of a fold" in complaint(cross_validate)


@STAGES
@pytest.mark.parametrize("name", ["profile.json", "table.parquet"])
def test_a_damaged_table_is_named(prepared, complaint, stage, name):
    (artifacts.PREPARED / name).write_bytes(b"{}")
    assert "damaged" in complaint(stage)


def test_a_function_may_compile_its_own_model(prepared, edit, monkeypatch):
    def compiled(meta, hidden, activation, init):
        model = architecture_of(meta, hidden, activation=activation, init=init)
        model.compile("sgd", "mse")
        return model

    monkeypatch.setattr(architecture, "create_model", compiled)
    edit("model.network.optimizer", ...)
    edit("grid_search.param_grid", {"activation": ["tanh"]})
    cross_validate.main()
    assert list(artifacts.read_csv(artifacts.CROSS_VALIDATE / "curves.csv")) == [
        "fold",
        "epoch",
        "loss",
    ]


@STAGES
def test_the_prepared_table_must_be_there(workspace, complaint, stage):
    assert "data/prepared/profile.json: no such file; `dvc repro` makes it" in complaint(stage)


CALLS = """
import os, runpy, sys
for stage in ("preprocess", "cross_validate", "grid_search", "nested_cv", "report"):
    for arguments in (["--help"], []):
        sys.argv = [stage, *arguments]
        try: runpy.run_module(f"stages.{stage}", run_name="__main__")
        except SystemExit as end: print(end.code)
        print("did", stage, *arguments, sorted({"tensorflow", "keras"} & {*sys.modules}))
os.chdir("off")
sys.argv = ["nested_cv"]
runpy.run_module("stages.nested_cv", run_name="__main__")
print("did off", sorted({"tensorflow", "keras"} & {*sys.modules}))
"""


def test_help_errors_and_what_is_switched_off_do_not_wait_for_tensorflow(prepared, edit, tmp_path):
    edit("nested_cv", {"outer": 0, "permutations": 0})
    (tmp_path / "off").mkdir()
    shutil.copytree("data", "off/data")
    shutil.copy("params.yaml", "off")
    edit("grid_search.param_grid", {"activatoin": ["relu"]})
    edit("model.network.actvation", "relu")
    result = run(sys.executable, "-c", CALLS, cwd=prepared, PYTHONPATH=str(ROOT))
    did = [line for line in result.stdout.splitlines() if line.startswith("did ")]
    stages = ("preprocess", "cross_validate", "grid_search", "nested_cv", "report")
    lines = [line for own in stages for line in (f"did {own} --help []", f"did {own} []")]
    assert did == [*lines, "did off []"]
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_other_data_need_only_params(workspace, edit, task):
    """The rest of such a study is that of the examples."""
    rows = np.random.default_rng(0).normal(size=(40, 2))
    target = rows.sum(axis=1) if task == "regression" else np.array(["a", "b", "c", "d"] * 10)
    table = pd.DataFrame({"p": rows[:, 0], "q": rows[:, 1], "y": target, "unused": "text"})
    table.to_csv("data/raw/other.csv", index=False)
    data = {"path": "data/raw/other.csv", "target": "y", "features": ["q", "p"], "task": task}
    edit("data", data)
    edit("preprocess", {})
    scorer = "r2" if task == "regression" else "accuracy"
    edit("cross_validate.scoring", [scorer])
    edit("grid_search.scoring", scorer)
    edit("data.missing", None)
    preprocess.main()
    cross_validate.main()
    predictions = pd.read_parquet("data/cross_validate/predictions.parquet")
    assert predictions["truth"].tolist() == target.tolist()


def test_text_labels_have_a_positive_class(workspace, edit, complaint, capsys):
    """And accuracy of a target that is nearly always the same is said to tell little."""
    rows = np.random.default_rng(0).normal(size=(120, 2))
    target = np.where(np.arange(120) % 12, "no", "yes")
    pd.DataFrame({"p": rows[:, 0], "q": rows[:, 1], "y": target}).to_csv("data/raw/other.csv")
    data = {"path": "data/raw/other.csv", "target": "y", "features": ["p", "q"]}
    edit("data", {**data, "task": "classification"})
    edit("preprocess", {})
    edit("cross_validate.scoring", ["f1", "accuracy"])
    preprocess.main()
    said = "cross_validate.scoring: 'f1' cannot score this classification: "
    assert said in (message := complaint(cross_validate))
    assert message.endswith("data.positive names the class to be scored")
    edit("data.positive", "no")
    preprocess.main()
    capsys.readouterr()
    cross_validate.main()
    assert (
        "accuracy says little here: 91.7% of the rows are of class 'no'" in capsys.readouterr().err
    )
    predictions = pd.read_parquet("data/cross_validate/predictions.parquet")
    scores = pd.read_csv("data/cross_validate/scores.csv")["f1"]
    for fold, own in predictions.groupby("fold"):
        expected = f1_score(own["truth"] == "no", own["predicted"] == "no")
        assert scores[fold] == pytest.approx(expected)


def test_classes_too_rare_for_the_folds_are_named(workspace, edit, complaint):
    rows = "".join(f"{n},{'abcdd'[n % 5] if n < 10 else 'ab'[n % 2]}\n" for n in range(60))
    Path("data/raw/other.csv").write_text("a,y\n" + rows)
    edit("data", {"path": "data/raw/other.csv", "target": "y", "task": "classification"})
    edit("preprocess", {})
    edit("cross_validate.folds", 5)
    preprocess.main()
    message = complaint(cross_validate)
    assert "must be at most 2, the rows of the rarest class, 'c'; found 5\n" in message
    assert message.endswith("min_class_rows: 5 leaves such classes out: 'c' (2), 'd' (4)")
    edit("preprocess", {"min_class_rows": 5})
    preprocess.main()
    data = read_prepared()
    assert sorted(set(data.y)) == ["a", "b"]
    assert data.profile["left_out"] == {"class 'c'": 2, "class 'd'": 4}


def test_a_failed_fit_is_a_failed_cell(prepared, edit, monkeypatch, capsys):
    def fails_in_company(meta, hidden, activation, init):
        if (activation, init) == ("tanh", "zeros"):
            raise RuntimeError("not together")
        return architecture_of(meta, hidden, activation=activation, init=init)

    monkeypatch.setattr(architecture, "create_model", fails_in_company)
    edit("grid_search.param_grid", {"activation": ["relu", "tanh"], "init": ["normal", "zeros"]})
    grid_search.main()
    said = capsys.readouterr().err
    assert said == "warning: 2 fits failed out of a total of 8. RuntimeError: not together\n"
    best = json.loads(Path("data/grid_search/best.json").read_text())
    assert best["failed_fits"] == 2
    results = artifacts.read_csv(artifacts.GRID_SEARCH / "cv_results.csv")
    assert results["mean_test_score"].isna().tolist() == [False, False, False, True]
    assert results["rank_test_score"].tolist()[-1] == 4


def test_a_search_in_which_all_fits_fail_ends_in_its_words(prepared, edit, monkeypatch, complaint):
    def fails_on_fewer_rows(meta, hidden, activation, init):
        if meta["X_shape_"][0] < 768:
            raise RuntimeError("too few rows")
        return architecture_of(meta, hidden, activation=activation, init=init)

    monkeypatch.setattr(architecture, "create_model", fails_on_fewer_rows)
    assert "RuntimeError: too few rows" in complaint(grid_search)
    assert "too few rows" in complaint(cross_validate)


@pytest.mark.xdist_group("study")
def test_scores_are_those_of_the_predictions(finished_study):
    folder = finished_study / "data/cross_validate"
    scores = pd.read_csv(folder / "scores.csv")
    predictions = pd.read_parquet(folder / "predictions.parquet")
    assert predictions["row"].tolist() == list(range(768))
    for fold, rows in predictions.groupby("fold"):
        row = scores.loc[fold]
        assert row["rows"] == len(rows)
        assert row["accuracy"] == pytest.approx(accuracy_score(rows["truth"], rows["predicted"]))
        auc = roc_auc_score(rows["truth"], rows["probability_1"])
        assert row["roc_auc"] == pytest.approx(auc)
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["accuracy"]["mean"] == pytest.approx(scores["accuracy"].mean(), abs=1e-6)
    assert summary["accuracy"]["sd"] == pytest.approx(np.std(scores["accuracy"]), abs=1e-6)
    curves = pd.read_csv(folder / "curves.csv")
    assert curves[["fold", "epoch"]].to_numpy().tolist() == [[0, 1], [0, 2], [1, 1], [1, 2]]


def plain_keras_fold(finished_study, activation):
    """Score the tiny study's candidates again with plain Keras and scikit-learn only."""
    import keras
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import MinMaxScaler

    table = pd.read_parquet(finished_study / "data/prepared/table.parquet")
    X, y = table.drop(columns="Outcome").to_numpy(float), table["Outcome"].to_numpy()
    scores = []
    for train, test in StratifiedKFold(2, shuffle=True, random_state=7).split(X, y):
        imputer = SimpleImputer(strategy="median").fit(X[train])
        scaler = MinMaxScaler().fit(imputer.transform(X[train]))
        rows = scaler.transform(imputer.transform(X)).astype("float32")
        keras.utils.set_random_seed(7)
        model = keras.Sequential(
            [
                keras.layers.Input((8,)),
                keras.layers.Dense(2, activation=activation, kernel_initializer="glorot_uniform"),
                keras.layers.Dense(1, activation="sigmoid", kernel_initializer="glorot_uniform"),
            ]
        )
        model.compile("adam", "binary_crossentropy")
        for epoch in range(2):
            order = train[np.random.default_rng([7, epoch]).permutation(len(train))]
            model.fit(rows[order], y[order], batch_size=128, shuffle=False, verbose=0)
        said = model.predict(rows[test], verbose=0)[:, 0] > 0.5
        scores.append(accuracy_score(y[test], said))
    return scores


@pytest.mark.xdist_group("study")
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_a_candidate_is_plain_keras(finished_study, activation):
    results = pd.read_csv(finished_study / "data/grid_search/cv_results.csv")
    row = results[results["activation"] == activation].iloc[0]
    expected = eagerly(lambda: plain_keras_fold(finished_study, activation))
    assert row[["split0_test_score", "split1_test_score"]].tolist() == pytest.approx(expected)


@pytest.mark.xdist_group("study")
def test_the_table_of_candidates_is_whole(finished_study):
    results = pd.read_csv(finished_study / "data/grid_search/cv_results.csv")
    grid = tiny_params()["grid_search"]["param_grid"]
    assert list(results) == [
        "candidate", *grid, "split0_test_score", "split1_test_score",
        "mean_test_score", "std_test_score", "rank_test_score", "n_weights", "n_steps",
    ]  # fmt: skip
    assert results["activation"].tolist() == grid["activation"]
    # Eight features, two hidden units, one output; three batches of 384 rows in two epochs.
    assert results["n_weights"].tolist() == [8 * 2 + 2 + 2 + 1] * 2
    assert results["n_steps"].tolist() == [3 * 2] * 2
    best = json.loads((finished_study / "data/grid_search/best.json").read_text())
    row = results.loc[best["candidate"]]
    assert row["rank_test_score"] == 1
    assert best["params"] == {name: row[name] for name in grid}
    assert best["mean"] == pytest.approx(row["mean_test_score"], abs=1e-6)


@pytest.mark.xdist_group("study")
def test_the_winner_loads_with_plain_keras_and_scikit_learn(finished_study):
    card = (finished_study / "models/best/README.md").read_text()
    code = card.partition("```python\n")[2].partition("\n```")[0].splitlines()
    assert len(code) == 17
    printed = code.pop().removeprefix("print(").removesuffix(")")
    # Before the rows are prepared.
    code.insert(-1, "assert rows['Glucose'].isna().sum() == 5")
    code += [
        "import sys; assert not {'gridlanes', 'stages'} & set(sys.modules)",
        f"assert {printed}.shape == (768, 1)",
    ]
    # From a folder in which this project cannot be imported by chance.
    lines = "\n".join(["import os; sys = __import__('sys'); sys.path.remove('')", *code])
    run("python", "-c", lines, cwd=finished_study, TF_CPP_MIN_LOG_LEVEL="3")


@pytest.mark.xdist_group("study")
def test_the_archive_of_the_winner_has_no_date(finished_study):
    with zipfile.ZipFile(finished_study / "models/best/model.keras") as archive:
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"1980-01-01" in archive.read("metadata.json")
    with zipfile.ZipFile(finished_study / "models/best/pipeline.skops") as archive:
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"gridlanes" not in archive.read("schema.json")
    assert (finished_study / "models/best/model.keras").stat().st_size < 100_000


def test_the_plan_of_the_search(prepared, capsys):
    grid_search.plan()
    printed = capsys.readouterr().out
    assert "4 lanes for 4 fits" in printed
    assert "activations relu, tanh" in printed


def test_an_audit_of_the_search(prepared, capsys):
    eagerly(lambda: grid_search.audit(2))
    assert "2 of 2 fits agree" in capsys.readouterr().out


def test_an_audit_of_nothing_is_refused(prepared):
    with pytest.raises(ValueError, match="must be at least 1; found 0"):
        grid_search.audit(0)
