"""The examples of a model card run as they stand, whatever the study's table is like."""

import gzip
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gridlanes import KerasClassifier
from stages import predict, preprocess
from stages.study.errors import InputError
from stages.study.estimator import make_estimator
from stages.study.preprocessing import Transformers
from stages.study.sections.data import Data, Preprocess
from stages.study.sections.model import Model
from stages.study.winner import write_winner

ROWS = 24
BEST = {"candidates": 1, "params": {}, "scoring": "-", "mean": 0.0, "sd": 0.0, "folds": 2}


def table() -> pd.DataFrame:
    """Return text, dates, gaps, groups, an unnamed column, and labels that are digits."""
    rng = np.random.default_rng(5)
    days = pd.Timestamp("2024-01-30") + pd.to_timedelta(rng.integers(0, 300, ROWS), "D")
    made = pd.DataFrame(
        {
            "": range(ROWS),
            "customer no": [f"{n // 2:05}" for n in range(ROWS)],
            "size (m²)": rng.uniform(20, 200, ROWS).round(2),
            "kind": np.array(["01", "1", "ü"])[rng.integers(0, 3, ROWS)],
            "new": np.arange(ROWS) % 3 == 0,
            "sold": days,
            "y": np.array(["00501", "501"])[np.arange(ROWS) % 2],
        }
    )
    made.loc[3, "size (m²)"] = np.nan
    made.loc[4, "kind"] = None
    return made


def written(**changes: Any) -> Any:
    """Return what writes the table as text."""
    options = {"index": False, "date_format": "%d.%m.%Y", **changes}
    return lambda path: table().to_csv(path, **options)


def commented(path: Path) -> None:
    """Write a line that is none, and the sign with which it begins in cells too."""
    rows = table().replace({"kind": {"ü": "C#"}}).to_csv(index=False, date_format="%d.%m.%Y")
    with gzip.open(path, "wt") as file:
        file.write(f"# made by hand\n{rows}")


def workbook(path: Path) -> None:
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        pd.DataFrame({"a note": [1]}).to_excel(book, sheet_name="notes", index=False)
        table().to_excel(book, sheet_name="the data", index=False)


#: The name of the file, what writes it, and what params.yaml says of it besides.
FILES: dict[str, tuple[Any, dict[str, Any]]] = {
    "my table.csv": (written(), {}),
    "german.csv": (written(sep=";", decimal=",", encoding="latin-1"), {"decimal": ",", "encoding": "latin-1"}),
    "packed.tsv.gz": (written(sep="\t", na_rep="?"), {}),
    "commented.csv.gz": (commented, {"comment": "#"}),
    "typed.parquet": (lambda path: table().to_parquet(path, index=False), {}),
    "book.xlsx": (workbook, {"sheet": "the data"}),
}  # fmt: skip


def odd(path: Path) -> None:
    """Write cells and names with blanks around them, one of blanks alone, and a last row of sums.

    Of that row the date is a word, and the target is missing.
    """
    text = table().astype(object).where(table().notna(), "  ").astype(str)
    text["sold"] = table()["sold"].dt.strftime("%d/%m/%y")
    text.loc[ROWS] = ["", "", "99", "", "", "Total", ""]
    lines = [list(text), *text.to_numpy().tolist()]
    path.write_text("\n".join(" , ".join(row) for row in lines) + "\n", encoding="utf-8")


def typed(path: Path) -> None:
    """Write times of a zone, durations, categories that are numbers with a gap, and an index with a name."""
    made = table().assign(
        sold=table()["sold"].dt.tz_localize("Europe/Berlin") + pd.Timedelta(hours=7)
    )
    made["kind"] = made["kind"].map({"01": 1.0, "1": 2.5, "ü": 3.0})
    made["size (m²)"] = made["size (m²)"].astype("float32")
    made["wait"] = pd.to_timedelta(made.index * 700, "ms")
    made.set_index("new").drop(columns="").to_parquet(path)


#: Tables on which pandas needs help to see what the study has seen.
ODD: dict[str, tuple[Any, dict[str, Any]]] = {
    "blanks and a total.csv": (
        odd, {"missing_target": "drop", "dates": {"sold": "%d/%m/%y"}, "missing": {"kind": ["1"]}},
    ),
    "numbers mean missing.csv": (written(na_rep="-9.0"), {"missing": {"size (m²)": [-9], "kind": ["-9.0"]}}),
    "a gap is a category.csv": (written(na_rep="NA"), {"missing": {"kind": []}}),
    "zones.parquet": (typed, {"exclude": []}),
}  # fmt: skip


def prepared(path: Path, how: dict[str, Any]) -> Any:
    settings = {"task": "classification", "groups": "customer no", "positive": "501"}
    settings |= {"categorical": ["kind"], "dates": ["sold"], "exclude": [""], **how}
    return preprocess.prepare(Data(path=str(path), target="y", **settings), Preprocess())


@pytest.fixture
def study(request, eager, tmp_path, monkeypatch) -> Path:
    """A folder with a table and a winner of it, as ``dvc repro`` leaves them."""
    monkeypatch.chdir(tmp_path)
    path = Path("data/raw", request.param)
    path.parent.mkdir(parents=True)
    write, how = (FILES | ODD)[request.param]
    write(path)
    data = prepared(path, how)
    model = Model(imputer="median", scaler="standard", network={})

    def build(meta):
        from keras import Input, Sequential
        from keras.layers import Dense

        layers = [Dense(3, "tanh"), Dense(1, "sigmoid")]
        return Sequential([Input((meta["n_features_in_"],)), *layers])

    before = Transformers(model, data, 3).before()
    estimator = KerasClassifier(build, random_state=3, epochs=2, preprocessing=before)
    estimator.fit(data.X, data.y)
    Path("models/best").mkdir(parents=True)
    write_winner(estimator, data, BEST, Path("models/best"))
    return path


def printed(card: str) -> Any:
    """Return what the Python code of a card prints."""
    code = card.rpartition("```python\n")[2].partition("```")[0]
    said: list[Any] = []
    exec(code, {"print": said.append})
    return np.ravel(said[0])


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("study", FILES, indirect=True)
def test_its_examples_run_as_they_stand(study, monkeypatch, capsys):
    card = Path("models/best/README.md").read_text()
    (command,) = re.findall(r"^\$ (.*)$", card, re.MULTILINE)
    monkeypatch.setattr(sys, "argv", shlex.split(command)[2:])
    predict.main()
    median = table()["size (m²)"].median()
    assert capsys.readouterr().err.splitlines() == [
        "passed over: what has no name, 'y' (what is predicted)",
        f"missing, and filled with the training's median: 'size (m²)' in 1 row ({median:.10g})",
        "missing, a category of its own as in the training: 'kind' in 1 row",
        f"{ROWS} rows predicted: predictions.csv",
    ]
    said = pd.read_csv("predictions.csv", dtype={"customer no": str, "predicted": str})
    names = ["customer no", "predicted", "probability_00501", "probability_501"]
    assert list(said) == names
    assert said["customer no"].tolist() == table()["customer no"].tolist()
    assert set(said["predicted"]) <= {"00501", "501"}
    np.testing.assert_allclose(said["probability_501"], printed(card), atol=1e-6)
    assert said["probability_501"].nunique() == ROWS


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("study", ODD, indirect=True)
def test_its_code_says_what_predict_says_of_the_odd(study):
    predict.predict(Path("models/best"), study, Path("out.csv"))
    said = pd.read_csv("out.csv")["probability_501"]
    assert len(said) == ROWS == said.nunique()
    # Of the last row that cannot be read it makes gaps.
    found = printed(Path("models/best/README.md").read_text())[:ROWS]
    np.testing.assert_allclose(said, found, atol=1e-6)


@pytest.mark.parametrize("study", ["blanks and a total.csv"], indirect=True)
@pytest.mark.parametrize("without", ["nothing", "y", "a date in line 3"])
def test_a_row_without_a_target_that_cannot_be_read_is_passed_over(study, capsys, without):
    lines = [[cell.strip() for cell in line.split(",")] for line in study.read_text().splitlines()]
    new = pd.DataFrame(lines[1:], columns=lines[0]).iloc[[*range(3, ROWS), ROWS]]
    if without == "nothing":
        new.loc[5, "y"] = ""
        new.to_csv("new.csv", index=False)
        assert (
            predict.predict(Path("models/best"), Path("new.csv"), Path("out.csv"), cells=40) == 21
        )
        said = "passed over: 1 row without 'y' that cannot be read (line 23); the study left out"
        assert said in capsys.readouterr().err
        return
    new = new.drop(columns="y") if without == "y" else new
    new.iloc[1, 5] = new.iloc[1, 5] if without == "y" else "soon"
    new.to_csv("new.csv", index=False)
    line, found = (23, "Total") if without == "y" else (3, "soon")
    with pytest.raises(InputError, match=f"line {line}, column 'sold': .*found '{found}'"):
        predict.predict(Path("models/best"), Path("new.csv"), Path("out.csv"))


@pytest.mark.parametrize("study", ["my table.csv"], indirect=True)
def test_rows_that_were_watched_are_told_from_those_that_it_learned_from(study):
    assert (
        "refitted on all 24 rows of the study's table.\n"
        in Path("models/best/README.md").read_text()
    )
    stopping = {"early_stopping": {"patience": 1, "validation": 0.25}}
    network = {"hidden": [3], "activation": "tanh", "init": "uniform", "epochs": 2, **stopping}
    model = Model(imputer="median", scaler="standard", network=network)
    data = prepared(study, FILES[study.name][1])
    estimator = make_estimator(model, data, 3).fit(data.X, data.y, groups=data.groups)
    write_winner(estimator, data, BEST, Path("models/best"))
    # Of 12 customers with two rows each a quarter is watched.
    says = "all 24 rows of the study's table: 18 to train on, and 6 held out to watch the training"
    assert says in Path("models/best/README.md").read_text()
