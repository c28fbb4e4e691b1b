"""New rows through the winner: what the refitted estimator says of them, and what is refused."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from mutations import MUTATIONS, mutated
from sklearn.preprocessing import StandardScaler
from tiny import ROOT, run
from warm import folder as warm_commands

from gridlanes import KerasClassifier, KerasRegressor
from stages import predict, preprocess
from stages.study.archives import write_pipeline
from stages.study.errors import InputError
from stages.study.preprocessing import Transformers
from stages.study.sections import data as of_data
from stages.study.sections.data import Data, Preprocess
from stages.study.sections.model import Model
from stages.study.winner import write_winner

# Where the libraries of the command are loaded already; and its winners are trained once.
pytestmark = pytest.mark.xdist_group("study")

BEST = {"candidates": 1, "params": {}, "scoring": "-", "mean": 0.0, "sd": 0.0, "folds": 2}
MISSING = {"b": [0, "none"], "c": [-9]}


def dense(units: int, activation: str):
    def build(meta):
        from keras import Input, Sequential
        from keras.layers import Dense

        return Sequential([Input((3,)), Dense(4, "relu"), Dense(units, activation)])

    return build


def logits():
    import keras

    return keras.losses.BinaryCrossentropy(from_logits=True)


def own_loss():
    """A loss that a saved model names and nobody can find by its name."""
    import keras

    def cubed(truth, said):
        return keras.ops.mean(keras.ops.abs(truth - said) ** 3)

    return cubed


#: Target, units of the last layer, its activation, loss; and whether gaps are filled.
KINDS: dict[str, tuple[Any, ...]] = {
    "binary": (lambda n: n % 2, 1, "sigmoid", None, "median"),
    "two units": (lambda n: "no" if n % 2 else "yes", 2, "softmax", None, "median"),
    "logits": (lambda n: n % 2 + 5, 1, "linear", logits, "mean"),
    "multi-class": (lambda n: ["a,b", 'c"', "ü"][n % 3], 3, "softmax", None, "median"),
    "regression": (lambda n: n * 1.37, 1, "linear", None, "median"),
    "own loss": (lambda n: n * 0.1, 1, "linear", own_loss, "median"),
    "no imputer": (lambda n: n % 2, 1, "sigmoid", None, "none"),
}


def table(rows: int, seed: int = 0) -> pd.DataFrame:
    values = np.random.default_rng(seed).normal(size=(rows, 3)).round(3) + 5
    return pd.DataFrame(values, columns=["a", "b", "c"])


@pytest.fixture(scope="module")
def winners(eager: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Any]]:
    """Folders as grid_search writes them, with the estimator that each was made of."""
    return {kind: make_winner(kind, tmp_path_factory.mktemp("winner")) for kind in KINDS}


def make_winner(kind: str, folder: Path) -> tuple[Path, Any]:
    target, units, activation, loss, imputer = KINDS[kind]
    raw = folder / "raw.csv"
    gaps = {"b": ["0.0", "none", ""], "c": ["-9"]} if imputer != "none" else {}
    frame = table(40).astype(str).assign(y=[str(target(n)) for n in range(40)])
    frame["unused"] = "text"
    for name, cells in gaps.items():
        frame.loc[: len(cells) - 1, name] = cells
    frame.to_csv(raw, index=False)
    regression = kind in ("regression", "own loss")
    settings = {
        "task": "regression" if regression else "classification",
        "features": ["a", "b", "c"],
        "missing": {**MISSING, "unused": ["text"]},
    }
    data = preprocess.prepare(Data(path=str(raw), target="y", **settings), Preprocess())
    model = Model(imputer=imputer, scaler="standard", network={})
    estimator = (KerasRegressor if regression else KerasClassifier)(
        dense(units, activation),
        random_state=3,
        epochs=2,
        loss=loss and loss(),
        preprocessing=Transformers(model, data, 3).before(),
    ).fit(data.X, data.y)
    (folder / "best").mkdir()
    write_winner(estimator, data, BEST, folder / "best")
    return folder / "best", estimator


def new_file(frame: pd.DataFrame, folder: Path) -> Path:
    frame.to_csv(folder / "new.csv", index=False)
    return folder / "new.csv"


def compare(found: Path, estimator: Any, X: pd.DataFrame) -> None:
    answer = pd.read_csv(found)
    if not hasattr(estimator, "classes_"):
        assert list(answer) == ["predicted"]
        np.testing.assert_allclose(answer["predicted"], estimator.predict(X), rtol=1e-5)
        return
    labels = estimator.classes_
    assert list(answer) == ["predicted", *(f"probability_{label}" for label in labels)]
    assert answer["predicted"].tolist() == estimator.predict(X).tolist()
    said = answer.drop(columns="predicted")
    np.testing.assert_allclose(said, estimator.predict_proba(X), atol=2e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_it_says_what_the_estimator_says(winners, tmp_path, kind):
    folder, estimator = winners[kind]
    X = table(50, seed=1)
    new = new_file(X[["c", "a", "b"]], tmp_path)
    assert predict.predict(folder, new, tmp_path / "out.csv") == 50
    compare(tmp_path / "out.csv", estimator, X)


#: Of the table that the winners were trained on, without what means missing.
RANGES = {"a": [2.675, 6.802], "b": [3.741, 7.002], "c": [3.659, 6.96]}


def test_what_means_missing_travels_with_the_model(winners):
    """Of the columns that it takes, and no others."""
    assert json.loads((winners["binary"][0] / "signature.json").read_text()) == {
        "task": "classification",
        "columns": {name: {"kind": "number"} for name in "abc"},
        "features": ["a", "b", "c"],
        "ranges": RANGES,
        "others": ["y", "unused"],
        "inputs": {},
        "target": "y",
        "target_missing": [],
        "target_transformed": False,
        "classes": [0, 1],
        "missing": MISSING,
        "missing_default": list(of_data.MISSING),
        "reading": {},
        "logits": False,
    }


def test_missing_values_are_those_of_the_training(winners, tmp_path):
    """By column, without params.yaml, from a folder that was moved elsewhere."""
    folder, estimator = winners["multi-class"]
    moved = shutil.copytree(folder, tmp_path / "elsewhere")
    X = table(6, seed=2)
    cells = X.astype(str)
    cells["b"] = ["0", "0.00", "none", " ", "5.1", "-9"]
    cells["c"] = ["-9", "-9.0", "0", "", "4", "5"]
    X["b"], X["c"] = [np.nan] * 4 + [5.1, -9], [np.nan, np.nan, 0, np.nan, 4, 5]
    predict.predict(moved, new_file(cells, tmp_path), tmp_path / "out.csv")
    compare(tmp_path / "out.csv", estimator, X)


def _workbook(X: pd.DataFrame, path: Path) -> None:
    with path.open("wb") as file:
        X.to_excel(file, index=False, engine="openpyxl")


FORMATS = {
    "semicolons": lambda X, path: X.to_csv(path, index=False, sep=";"),
    "UTF-16 and tabs": lambda X, path: X.to_csv(path, index=False, sep="\t", encoding="utf-16"),
    "gzip": lambda X, path: X.to_csv(path, index=False, compression="gzip"),
    "zip": lambda X, path: X.to_csv(path, index=False, compression="zip"),
    "Parquet": lambda X, path: X.to_parquet(path, index=False),
    "Feather": lambda X, path: X.to_feather(path),
    "Excel": _workbook,
}


@pytest.mark.parametrize("name", FORMATS)
def test_new_rows_come_in_any_file_that_training_takes(winners, tmp_path, name):
    """Whatever that of the training was, in pieces of few rows."""
    folder, estimator = winners["regression"]
    X = table(9, seed=3)
    X.loc[2, "b"] = np.nan
    FORMATS[name](X, tmp_path / "new")
    assert predict.predict(folder, tmp_path / "new", tmp_path / "out.csv", cells=9) == 9
    compare(tmp_path / "out.csv", estimator, X)


CELLS = {"c": ["1", "2", "01", "None", "nan", " b ", "a"], "d": list("1234567")}
SEEN = pd.DataFrame({"c": CELLS["c"] * 6, "d": CELLS["d"] * 6, "a": range(42)})


def of_categories(folder: Path, encoder: str) -> tuple[Path, Any]:
    """Return a table of categories, some as pandas' markers or numbers, and a winner of it."""
    path = folder / "raw.csv"
    SEEN.assign(y=np.arange(42) % 3).to_csv(path, index=False)
    settings = {"task": "regression", "categorical": ["c", "d"]}
    settings["missing_default"] = ["NA"]
    data = preprocess.prepare(Data(path=str(path), target="y", **settings), Preprocess())
    model = Model(imputer="median", scaler="standard", categorical=encoder, network={})

    def build(meta):
        from keras import Input, Sequential
        from keras.layers import Dense

        return Sequential([Input((meta["n_features_in_"],)), Dense(3, "tanh"), Dense(1)])

    before = Transformers(model, data, 3).before()
    estimator = KerasRegressor(build, random_state=3, epochs=2, preprocessing=before)
    estimator.fit(data.X, data.y)
    (folder / "best").mkdir()
    write_winner(estimator, data, BEST, folder / "best")
    return folder / "best", estimator


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_the_code_of_the_card_reads_categories_as_they_stand(eager, tmp_path, monkeypatch):
    """Also those that pandas would take for missing, and with blanks around them."""
    folder, _ = of_categories(tmp_path, "onehot")
    SEEN.to_csv(tmp_path / "new.csv", index=False)
    predict.predict(folder, tmp_path / "new.csv", tmp_path / "out.csv")
    code = (folder / "README.md").read_text().rpartition("```python\n")[2].split("```")[0]
    monkeypatch.chdir(tmp_path)
    code = code.replace("models/best", "best").replace("print(", "print_(")
    printed: list[Any] = []
    exec(code, {"print_": printed.append})
    said = pd.read_csv(tmp_path / "out.csv")["predicted"]
    np.testing.assert_allclose(said, np.ravel(printed[0]), rtol=1e-5)
    assert said[:7].nunique() == 7


@pytest.mark.parametrize("encoder", ["onehot", "ordinal", "target"])
def test_categories_that_are_numbers_are_found_by_number(eager, tmp_path, capsys, encoder):
    """Where their spelling is unknown, and only one of the training's is such a number."""
    folder, estimator = of_categories(tmp_path, encoder)
    new = SEEN[:7].copy()
    new["c"] = ["1", "2.0", "01", "1.0", "None", "b", "3"]
    new["d"] = ["1.0", "2.00", "3", "4e0", "5.0", "8", ""]
    new.to_csv(tmp_path / "new.csv", index=False)
    predict.predict(folder, tmp_path / "new.csv", tmp_path / "out.csv")
    new["c"] = ["1", "2", "01", "1.0", "None", "b", "3"]
    new["d"] = ["1", "2", "3", "4", "5", "8", None]
    compare(tmp_path / "out.csv", estimator, new.astype({"c": "str", "d": "str"}))
    said = capsys.readouterr().err
    assert "unknown: 'c' in 2 rows ('1.0' 1, '3' 1; first in line 5), 'd' in 1 row ('8'; " in said


def test_a_sheet_of_several(winners, tmp_path):
    folder, estimator = winners["regression"]
    X, new, out = table(5, seed=6), tmp_path / "new.xlsx", tmp_path / "out.csv"
    with pd.ExcelWriter(new, engine="openpyxl") as book:
        table(3).to_excel(book, sheet_name="other", index=False)
        X.to_excel(book, sheet_name="rows", index=False)
    with pytest.raises(InputError, match=r"several sheets; .*--sheet.* of: other, rows"):
        predict.predict(folder, new, out)
    assert predict.predict(folder, new, out, how={"sheet": "rows"}) == 5
    compare(out, estimator, X)
    with pytest.raises(InputError, match="--sheet: reaches nothing, as .* is text"):
        predict.predict(folder, new_file(X, tmp_path), out, how={"sheet": "rows"})


def test_marks_of_the_training_are_those_of_new_rows(winners, tmp_path):
    """Of text; a file with types has its own."""
    folder, estimator = winners["regression"]
    folder = shutil.copytree(folder, tmp_path / "best")
    signature = json.loads((folder / "signature.json").read_text())
    signature["reading"] = {"decimal": ",", "comment": "#", "encoding": "latin-1"}
    (folder / "signature.json").write_text(json.dumps(signature))
    X = table(5, seed=4)
    X.loc[2, "b"] = np.nan
    new = tmp_path / "new"
    text = X.to_csv(index=False, sep=";", decimal=",", na_rep="NA")
    new.write_text("# größe\n" + text, encoding="latin-1")
    predict.predict(folder, new, tmp_path / "out.csv")
    compare(tmp_path / "out.csv", estimator, X)
    X.to_parquet(new)
    predict.predict(folder, new, tmp_path / "out.csv")
    compare(tmp_path / "out.csv", estimator, X)


def test_a_file_that_is_written_unlike_the_studys(winners, tmp_path):
    """Its separator is found; a decimal mark has to be said."""
    folder, estimator = winners["regression"]
    folder = shutil.copytree(folder, tmp_path / "best")
    signature(reading={"separator": ";", "encoding": "latin-1"})(folder)
    X, new, out = table(5, seed=4), tmp_path / "new.csv", tmp_path / "out.csv"
    for separator in (",", ";"):
        X.to_csv(new, index=False, sep=separator)
        predict.predict(folder, new, out)
        compare(out, estimator, X)
    text = X.assign(grün=1).to_csv(index=False, sep="\t", decimal=",")
    new.write_text(text, encoding="utf-8")
    signature(others=["y", "grün"])(folder)
    with pytest.raises(InputError, match=r"column 'grÃ¼n' \(is 'grün' meant\?\)"):
        predict.predict(folder, new, out, how={"encoding": "latin-1"})
    with pytest.raises(InputError, match=r"The decimal mark is '\.'; --decimal names another"):
        predict.predict(folder, new, out, how={"encoding": "utf-8"})
    predict.predict(folder, new, out, how={"encoding": "utf-8", "decimal": ","})
    compare(out, estimator, X)
    for how, says in [
        ({"decimal": ";"}, "--decimal: must be '.' or ','; found ';'"),
        ({"encoding": "none"}, "--encoding: not an encoding of text"),
        ({"separator": ";"}, "--separator: ';' is not in the first line of .*, which is text,"),
    ]:
        with pytest.raises(InputError, match=says):
            predict.predict(folder, new, out, how={"encoding": "utf-8", **how})


@pytest.mark.parametrize("rows", [3, 30_000])
@pytest.mark.parametrize("written", ["utf-8", "latin-1", "utf-8, packed"])
def test_utf_8_is_seen_where_the_study_had_another_encoding(
    winners, tmp_path, capsys, written, rows
):
    """Also where the first such letter stands far below."""
    folder = shutil.copytree(winners["regression"][0], tmp_path / "best")
    signature(reading={"encoding": "latin-1"}, others=["y", "place"])(folder)
    places = ["Ulm"] * (rows - 1) + ["Köln"]
    new, out = tmp_path / "new.csv", tmp_path / "out.csv"
    encoding, _, packed = written.partition(", ")
    made = table(rows, seed=4).assign(place=places)
    how = {"compression": "gzip"} if packed else {}
    made.to_csv(new, index=False, encoding=encoding, **how)
    predict.predict(folder, new, out, keep=["place"])
    assert pd.read_csv(out)["place"].tolist() == places
    said = "read as utf-8, which it is; the study's table was iso8859-1"
    assert (said in capsys.readouterr().err) == (encoding == "utf-8")


KEPT = ["00501", "1,50", 'a "b"', "", "NA", "=1+1", "line\nbreak", "-", "ü", "1e3", "01.02.2020"]


@pytest.mark.parametrize("cells", [1, 1000])
def test_kept_columns_stand_as_they_are(winners, tmp_path, cells):
    """Of any column, in the order in which they are named, beside the predictions."""
    folder, estimator = winners["multi-class"]
    X = table(len(KEPT), seed=8)
    frame = X.assign(new=KEPT, unused="x", y=KEPT)
    out = tmp_path / "out.csv"
    keep = ["y", "new", "b", "new"]
    predict.predict(folder, new_file(frame, tmp_path), out, cells, keep=keep)
    said = pd.read_csv(out, dtype=str, keep_default_na=False)
    assert list(said)[:4] == ["y", "new", "b", "predicted"]
    assert said["new"].tolist() == said["y"].tolist() == KEPT
    assert said["b"].tolist() == X["b"].astype(str).tolist()
    said.drop(columns=["y", "new", "b"]).to_csv(out, index=False)
    compare(out, estimator, X)


def test_what_was_done_is_said_apart_from_what_was_made(winners, tmp_path, capsys):
    new, out = tmp_path / "new.csv", tmp_path / "out.csv"
    new.write_text("unused,y,c,b,a\nx,1,5,0,5\nx,0,9,,1\nx,0,9,4,5\n")
    predict.predict(winners["binary"][0], new, out)
    said = capsys.readouterr()
    assert said.out == ""
    # The first three are missing in the training.
    median = table(40)["b"][3:].median()
    trained_on = (
        "'a' in 1 row (trained on 2.675 to 6.802), 'c' in 2 rows (trained on 3.659 to 6.96)"
    )
    assert said.err.splitlines() == [
        "passed over: 'unused', 'y' (what is predicted)",
        f"missing, and filled with the training's median: 'b' in 2 rows ({median:.10g})",
        f"outside of what the training had: {trained_on}",
    ]


@hypothesis_settings(max_examples=hypothesis_settings().max_examples // 5)
@given(st.integers(1, 20), st.integers(1, 40), st.sampled_from(["\n", "\n\n", "\r\n"]))
def test_the_pieces_do_not_change_the_outcome(winners, tmp_path_factory, rows, cells, ending):
    folder, estimator = winners["regression"]
    tmp_path = tmp_path_factory.mktemp("pieces")
    X = table(rows, seed=rows)
    X.to_csv(tmp_path / "new.csv", index=False, lineterminator=ending)
    assert predict.predict(folder, tmp_path / "new.csv", tmp_path / "out.csv", cells) == rows
    compare(tmp_path / "out.csv", estimator, X)


def complaint(folder: Path, content: str, tmp_path: Path, cells: int = 1000) -> str:
    """Return what is said of a table, and check that all is left as it was."""
    new, out = tmp_path / "new.csv", tmp_path / "out.csv"
    new.write_text(content, encoding="utf-8")
    out.write_text("as it was")
    with pytest.raises(InputError) as caught:
        predict.predict(folder, new, out, cells)
    assert out.read_text() == "as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.csv", "out.csv"]
    message = str(caught.value)
    assert 1 <= len(message.splitlines()) <= 3
    return message.replace(f"{tmp_path}/", "")


ROWS = [
    ("a,b\n1,2\n", "new.csv: line 1: no column 'c'\nThe model takes: 'a', 'b', 'c'"),
    ("a,b,C,d\n", "line 1: no column 'c'"),
    ("a,bb,c\n1,2,3\n", "line 1: no column 'b' (is 'bb' meant?)\nThe model takes: "),
    ("a,b,c,d\n1,2,3,4\n", "line 1: not in the study's table: column 'd'\nLeave out what nobody needs"),
    ("a,b,c,a\n1,2,3,4\n", "line 1: columns 1 and 4 are both 'a'"),
    ("", "line 1: no header"),
    ("a,b,c\n", "a header with no rows below it"),
    ("a,b,c\n1,2\n", "line 2: must have 3 values, as the header has; found 2"),
    ("c,b,a\n1,x,3\n", "line 2, column 'b': must be a finite number; found 'x'\nMissing is an empty cell, or 0 or 'none'; in any column also NaN, nan, .nan, NA,"),
    ("a,b,c\n1,2,3\n\nnone,2,3\n", "line 4, column 'a': must be a finite number; found 'none'\nMissing is an empty cell; in any column also NaN,"),
    ("a,b,c\n1,2,inf\n", "line 2, column 'c': must be a finite number; found 'inf'"),
    ("a,b,c\n1,2,1e39\n", "line 2, column 'c': must be a finite number up to 3.4e+38, the largest of float32; found '1e39'"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "says"), ROWS)
def test_a_table_that_is_not_the_models(winners, tmp_path, content, says):
    assert says in complaint(winners["binary"][0], content, tmp_path)


def test_a_fault_in_a_later_piece(winners, tmp_path):
    good = "a,b,c\n" + "1,2,3\n" * 20
    message = complaint(winners["binary"][0], good + "1,2,x\n", tmp_path, cells=3)
    assert "new.csv: line 22, column 'c': must be a finite number; found 'x'" in message


def test_a_gap_that_nothing_fills(winners, tmp_path):
    message = complaint(winners["no imputer"][0], "c,b,a\n1,2,3\n1,none,\n", tmp_path)
    assert message == (
        "new.csv: line 3, column 'a': missing, and the model has no imputer that could fill it"
    )


def test_an_answer_that_is_no_number(winners, tmp_path):
    message = complaint(winners["regression"][0], "a,b,c\n1,2,3\n1,2,3e38\n", tmp_path)
    assert "new.csv: line 3: the network's answer is not a finite number" in message


def spoil(name: str, content: bytes | None) -> Any:
    def change(folder: Path) -> None:
        if content is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(content)

    return change


def signature(**changes: Any) -> Any:
    def change(folder: Path) -> None:
        path = folder / "signature.json"
        content = json.loads(path.read_text()) | changes
        path.write_text(
            json.dumps({name: value for name, value in content.items() if value is not ...})
        )

    return change


def other_pipeline(folder: Path) -> None:
    pipeline = StandardScaler().fit(table(9)[["a"]])
    write_pipeline(pipeline, folder / "pipeline.skops")


def wide_pipeline(folder: Path) -> None:
    from sklearn.preprocessing import PolynomialFeatures

    write_pipeline(PolynomialFeatures(2).fit(table(9)), folder / "pipeline.skops")


def pipeline_with_code(folder: Path) -> None:
    from sklearn.preprocessing import FunctionTransformer

    write_pipeline(FunctionTransformer(os.system).fit(table(9)), folder / "pipeline.skops")


FOLDERS = [
    (shutil.rmtree, "best: no such folder; `dvc repro` makes models/best"),
    (spoil("signature.json", None), "best/signature.json: no such file; `dvc repro` makes it"),
    (spoil("signature.json", b"{"), "best/signature.json: damaged (JSONDecodeError)"),
    (spoil("signature.json", b"[]"), "best/signature.json: content: Input should be"),
    (signature(missing=...), "best/signature.json: missing: Field required\nThe folder is not one"),
    (signature(epochs=1), "best/signature.json: epochs: Extra inputs"),
    (signature(features=[]), "best/signature.json: features: "),
    (signature(features=["a", "b"]), "best/signature.json: content: Value error, features and ranges"),
    (signature(ranges={"d": [0, 1]}), "best/signature.json: content: Value error, features and"),
    (signature(ranges={"a": [0]}), "best/signature.json: ranges.a: "),
    (signature(classes=[0, 1, 2, 3]), "best: model.keras gives outputs of shape (1,), signature.json tells of 4"),
    (spoil("pipeline.skops", None), "best/pipeline.skops: no such file; `dvc repro` makes it"),
    (spoil("pipeline.skops", b""), "best/pipeline.skops: damaged (BadZipFile)"),
    (spoil("pipeline.skops", b"garbage"), "best/pipeline.skops: damaged ("),
    (pipeline_with_code, "best/pipeline.skops: not loaded, as it could run code: "),
    (other_pipeline, "best: pipeline.skops does not take what signature.json names: "),
    (wide_pipeline, "best: model.keras does not take what pipeline.skops gives: "),
    (spoil("model.keras", None), "best/model.keras: no such file; `dvc repro` makes it"),
    (spoil("model.keras", b"PK"), "best/model.keras: damaged (no archive)"),
    (spoil("model.keras", b"PK\x05\x06" + b"\0" * 18), "best/model.keras: Keras cannot load it: "),
]  # fmt: skip


@pytest.mark.parametrize(("change", "says"), FOLDERS)
def test_a_folder_that_is_no_winner(winners, tmp_path, change, says):
    folder = shutil.copytree(winners["binary"][0], tmp_path / "best")
    change(folder)
    (tmp_path / "new.csv").write_text("a,b,c\n1,2,3\n")
    with pytest.raises(InputError) as caught:
        predict.predict(folder, tmp_path / "new.csv", tmp_path / "out.csv")
    message = str(caught.value)
    assert message.replace(f"{tmp_path}/", "").startswith(says)
    assert 1 <= len(message.splitlines()) <= 3
    assert not (tmp_path / "out.csv").exists()


def test_where_to_write(winners, tmp_path):
    folder = shutil.copytree(winners["binary"][0], tmp_path / "best")
    new = new_file(table(3), tmp_path)
    (tmp_path / "link.csv").symlink_to(new)
    (tmp_path / "hard.csv").hardlink_to(new)
    for out, says in [
        (tmp_path / "none/out.csv", "the folder .* does not exist"),
        (tmp_path, "must be a file"),
        (new, "is .*new.csv, which is read"),
        (tmp_path / "link.csv", "which is read"),
        (tmp_path / "hard.csv", "which is read"),
        (folder / "model.keras", "which is read"),
    ]:
        with pytest.raises(InputError, match=says):
            predict.predict(folder, new, out)
    with pytest.raises(InputError, match="none.csv: no such file"):
        predict.predict(folder, tmp_path / "none.csv", tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_file_that_is_linked_is_written_where_it_lies(winners, tmp_path):
    (tmp_path / "there").mkdir()
    goal, link = tmp_path / "there/out.csv", tmp_path / "out.csv"
    goal.write_text("old")
    link.symlink_to(goal)
    predict.predict(winners["binary"][0], new_file(table(3), tmp_path), link)
    assert link.is_symlink()
    assert len(goal.read_text().splitlines()) == 4


CALLS = """
import sys
from stages import predict
for line in sys.stdin.read().splitlines():
    sys.argv = ["predict", *line.split()]
    try: predict.main()
    except SystemExit as end: print(end.code)
print("tensorflow" in sys.modules or "keras" in sys.modules)
"""


def test_help_and_errors_do_not_wait_for_tensorflow(winners, tmp_path):
    folder = shutil.copytree(winners["binary"][0], tmp_path / "best")
    gaps = shutil.copytree(winners["no imputer"][0], tmp_path / "gaps")
    for name, content in {"x": "a,b,c\n1,2,x\n", "y": "a,b\n1,2\n", "gap": "a,b,c\n1,,3\n"}.items():
        (tmp_path / f"{name}.csv").write_text(content)
    lines = ["--help", "best", "none x.csv --out o", "best x.csv --out o", "best y.csv --out o"]
    lines += ["gaps gap.csv --out o", "best none.csv --out o", "best x.csv --out none/o"]
    result = subprocess.run(
        [sys.executable, "-c", CALLS],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
    )
    said = result.stdout.splitlines()
    assert said[-1] == "False"
    assert said.count("2") == 1
    assert sum(line.startswith("error: ") for line in said) == 6, said
    assert folder.exists()
    assert gaps.exists()


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "stages.predict", *map(str, arguments)]


def warm(*arguments: object) -> list[str]:
    """Return the command for a process that has loaded its libraries before."""
    return ["python", *command(*arguments)[1:]]


def test_the_command_says_one_line(winners, tmp_path):
    """Here with a network whose layer is in the user's own file, in a folder of its own."""
    new = new_file(table(5), tmp_path)
    shutil.copytree(ROOT / "stages", tmp_path / "stages")
    shutil.copytree(ROOT / "gridlanes", tmp_path / "gridlanes")
    with (tmp_path / "stages/architecture.py").open("a") as file:
        file.write(
            "\nimport keras\n\n\n@keras.saving.register_keras_serializable()\n"
            "class Twice(keras.layers.Layer):\n    def call(self, x):\n        return 2 * x\n"
        )
    folder = shutil.copytree(winners["regression"][0], tmp_path / "best")
    (tmp_path / "stages/twice.py").write_text(
        "import keras\nfrom stages.architecture import Twice\n"
        "old = keras.saving.load_model('best/model.keras')\n"
        "keras.Sequential([old, Twice()]).save('best/model.keras')\n"
    )
    run("python", "-m", "stages.twice", cwd=tmp_path)
    result = run(*warm("best", new, "--out", "out.csv"), cwd=tmp_path)
    assert result.stdout == ""
    assert result.stderr == "5 rows predicted: out.csv\n"
    estimator = winners["regression"][1]
    found = pd.read_csv(tmp_path / "out.csv")["predicted"]
    np.testing.assert_allclose(found, 2 * estimator.predict(table(5)), rtol=1e-5)
    shutil.copy(ROOT / "stages/architecture.py", tmp_path / "stages")
    result = run(*warm(folder, new, "--out", "out.csv"), cwd=tmp_path, check=False)
    assert result.returncode == 1
    (message,) = result.stderr.splitlines()
    assert "model.keras: Keras cannot load it: TypeError: Could not locate class 'Twice'" in message
    assert "register_keras_serializable" in message


def test_a_bar_on_a_terminal(winners, tmp_path):
    new = new_file(table(5), tmp_path)
    ours, theirs = pty.openpty()
    python, *arguments = warm(winners["binary"][0], new, "--out", tmp_path / "out.csv")
    process = subprocess.Popen(
        [warm_commands() / python, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"},
    )
    os.close(theirs)
    shown = b""
    # Reading from a terminal that was closed at the other end is an error.
    with suppress(OSError):
        while piece := os.read(ours, 1024):
            shown += piece
    os.close(ours)
    assert process.communicate()[0] == b""
    assert process.returncode == 0
    size = new.stat().st_size
    assert f"{size}/{size} bytes" in shown.decode()
    assert shown.decode().splitlines()[-1].endswith(f"5 rows predicted: {tmp_path / 'out.csv'}")


def test_an_interrupt_leaves_all_as_it_was(winners, tmp_path):
    """The table is a pipe on which nothing follows the header, so that there is time."""
    pipe, out = tmp_path / "new.csv", tmp_path / "out.csv"
    os.mkfifo(pipe)
    out.write_text("as it was")
    process = subprocess.Popen(
        command(winners["binary"][0], pipe, "--out", out),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with pipe.open("w") as file:
        file.write("a,b,c\n")
        file.flush()
        while not list(tmp_path.glob(".partial-*")) and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said = process.communicate()
    assert process.returncode == 128 + signal.SIGINT
    assert said == ("", "interrupted; no file is half written\n")
    assert out.read_text() == "as it was"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.csv", "out.csv"]


@given(MUTATIONS)
@hypothesis_settings(max_examples=hypothesis_settings().max_examples // 4)
def test_whatever_is_wrong_with_new_rows_ends_in_words(winners, mutations):
    folder, _ = winners["binary"]
    path, out = folder.parent / "mutated.csv", folder.parent / "mutated_out.csv"
    text = mutated(table(5).to_csv(index=False), mutations)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    out.unlink(missing_ok=True)
    try:
        rows = predict.predict(folder, path, out)
    except InputError as error:
        assert 1 <= len(str(error).splitlines()) <= 3
        assert not out.exists()
    else:
        assert len(pd.read_csv(out)) == rows


def test_a_pipe_is_read_and_the_mode_of_a_file_is_kept(winners, tmp_path):
    out = tmp_path / "out.csv"
    out.write_text("old")
    out.chmod(0o600)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=["a,b,c\n1,2,3\n"])
    writer.start()
    folder, _ = next(iter(winners.values()))
    assert predict.predict(folder, pipe, out) == 1
    writer.join()
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_text().startswith("predicted")


def test_a_name_that_no_file_can_have(winners, tmp_path):
    folder, _ = next(iter(winners.values()))
    loop = tmp_path / "loop.csv"
    loop.symlink_to(loop)
    for out in (tmp_path / ("x" * 300), loop):
        with pytest.raises(InputError, match="cannot be written|must be"):
            predict.predict(folder, tmp_path / "new.csv", out)


def test_names_that_no_file_can_have_are_said_so(tmp_path):
    (tmp_path / "out.csv").touch()
    with pytest.raises(InputError, match="no such folder"):
        predict.predict(tmp_path / ("n" * 300), tmp_path / ("t" * 300), tmp_path / "out.csv")
    with pytest.raises(InputError, match="must be the folder of a winner, such as models/best"):
        predict.predict(tmp_path / "out.csv", tmp_path, tmp_path / "new.csv")
