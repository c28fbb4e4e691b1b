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
from stages.study.params import Data, Model, Preprocess
from stages.study.preprocessing import Transformers
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


@pytest.fixture(params=FILES)
def study(request, eager, tmp_path, monkeypatch) -> Path:
    """A folder with a table and a winner of it, as ``dvc repro`` leaves them."""
    monkeypatch.chdir(tmp_path)
    path = Path("data/raw", request.param)
    path.parent.mkdir(parents=True)
    write, how = FILES[request.param]
    write(path)
    settings = {"task": "classification", "groups": "customer no", "positive": "501", **how}
    settings |= {"categorical": ["kind"], "dates": ["sold"], "exclude": [""]}
    data = preprocess.prepare(Data(path=str(path), target="y", **settings), Preprocess())
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


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_its_examples_run_as_they_stand(study, monkeypatch, capsys):
    card = Path("models/best/README.md").read_text()
    (command,) = re.findall(r"^\$ (.*)$", card, re.MULTILINE)
    monkeypatch.setattr(sys, "argv", shlex.split(command)[2:])
    predict.main()
    assert capsys.readouterr().err.splitlines() == [
        "passed over: what has no name, 'y' (what is predicted)",
        "missing, and treated as in the training: 'size (m²)' in 1 row, 'kind' in 1 row",
        f"{ROWS} rows predicted: predictions.csv",
    ]
    said = pd.read_csv("predictions.csv", dtype={"customer no": str, "predicted": str})
    names = ["customer no", "predicted", "probability_00501", "probability_501"]
    assert list(said) == names
    assert said["customer no"].tolist() == table()["customer no"].tolist()
    assert set(said["predicted"]) <= {"00501", "501"}
    code = card.rpartition("```python\n")[2].partition("```")[0]
    printed: list[Any] = []
    exec(code, {"print": printed.append})
    np.testing.assert_allclose(said["probability_501"], np.ravel(printed[0]), atol=1e-6)
    assert said["probability_501"].nunique() == ROWS
