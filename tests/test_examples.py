"""The examples: their data are scikit-learn's or made up, and each is a study that runs."""

import json
import math
import re
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from deliveries import deliveries
from ruamel.yaml import YAML
from sklearn.datasets import load_diabetes, load_wine
from tiny import ROOT, clone, run

from stages import preprocess
from stages.study import params
from stages.study.artifacts import write_csv

EXAMPLES = ROOT / "examples"


class Example(NamedTuple):
    target: str
    scoring: str
    least: float
    best_possible: float
    of_target: str
    rival: str


#: Scores well below scikit-learn's own linear models, far above one that learned nothing.
NAMES = {
    "wine": Example(
        "cultivar", "accuracy", 0.9, 1.0, "class_1: 71 rows, 39.9 %", "logistic_regression"
    ),
    "diabetes": Example("progression", "r2", 0.3, 0.6, "from 25.0 to 346.0", "ridge"),
    "deliveries": Example(
        "late", "roc_auc", 0.85, 1.0, "no: 255 rows, 51.0 %", "logistic_regression"
    ),
}


def table_of(name: str) -> pd.DataFrame:
    """Return the table of an example, scikit-learn's or made up."""
    if name == "deliveries":
        return deliveries()
    if name == "diabetes":
        table = load_diabetes(as_frame=True, scaled=False).frame
        return table.rename(columns={"target": "progression"})
    wine = load_wine(as_frame=True)
    labels = wine.target_names[wine.target]
    return wine.frame.drop(columns="target").assign(cultivar=labels)


#: What is left out of a table of new rows, besides the target.
LEFT_OUT = {"deliveries": ["parcel"]}


def test_every_example_is_tested() -> None:
    assert {path.name for path in EXAMPLES.iterdir()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_holds_only_what_a_user_changes(name: str) -> None:
    folder = EXAMPLES / name
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    files = {file for file in files if "__pycache__" not in file}
    own = {"params.yaml", f"data/raw/{name}.csv", f"data/raw/{name}.md"}
    assert own <= files <= own | {"stages/architecture.py"}


@pytest.mark.parametrize("name", NAMES)
def test_its_table_is_the_one_that_its_card_tells_of(name: str, tmp_path: Path) -> None:
    table = table_of(name)
    write_csv(table, tmp_path / "again.csv")
    path = EXAMPLES / f"{name}/data/raw/{name}.csv"
    assert path.read_bytes() == (tmp_path / "again.csv").read_bytes()
    pd.testing.assert_frame_equal(pd.read_csv(path), table, check_dtype=False, rtol=0, atol=0)


@pytest.mark.parametrize("name", NAMES)
def test_its_table_is_what_its_parameters_say(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES / name)
    settings = params.load()
    prepared = preprocess.prepare(settings.data, settings.preprocess)
    assert len(prepared.y) == len(table_of(name))
    card = Path(f"data/raw/{name}.md").read_text()
    assert f"{len(prepared.y)} " in card
    for item in prepared.profile.get("classes", []):
        assert f"{item['rows']} rows of {item['label']}" in card or (
            f"{item['rows']} of {item['label']}" in card
        )


@pytest.fixture(
    scope="module",
    params=[
        name if name == "wine" else pytest.param(name, marks=pytest.mark.soak) for name in NAMES
    ],
)
def study(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """A clone of this repository with an example laid over it, run by ``dvc repro``."""
    name = str(request.param)
    folder = clone(tmp_path_factory.mktemp(name))
    run("cp", "-r", f"examples/{name}/.", ".", cwd=folder)
    run("dvc", "repro", "--quiet", cwd=folder)
    return name, folder


@pytest.mark.xdist_group("study")
def test_it_runs_to_a_report_of_its_own(study: tuple[str, Path]) -> None:
    name, folder = study
    example = NAMES[name]
    page = (folder / "reports/report.html").read_text()
    assert example.target in page
    assert example.of_target in page
    figures = json.loads((folder / "reports/verdict.json").read_text())
    assert example.scoring in figures["cross_validate"]
    assert figures["compared"]["scoring"] == example.scoring
    assert f": {example.scoring} " in figures["in_words"][0]
    assert figures["grid_search"]["failed_fits"] == 0
    for score in (figures["nested_cv"]["mean"], figures["grid_search"]["best_mean"]):
        assert example.least < score <= example.best_possible
    assert figures["compared"]["models"][example.rival]["mean"] == pytest.approx(
        figures["nested_cv"]["mean"], abs=0.1
    )


@pytest.mark.xdist_group("study")
def test_its_tables_are_whole(study: tuple[str, Path]) -> None:
    name, folder = study
    results = pd.read_csv(folder / "data/grid_search/cv_results.csv")
    grid = YAML().load(folder / "params.yaml")["grid_search"]["param_grid"]
    assert set(results["hidden"]) == {str(list(hidden)) for hidden in grid["hidden"]}
    assert len(results) == math.prod(map(len, grid.values()))
    assert results["mean_test_score"].notna().all()
    predictions = pd.read_parquet(folder / "data/cross_validate/predictions.parquet")
    assert predictions["truth"].tolist() == table_of(name)[NAMES[name].target].tolist()


def by_hand(folder: Path, new: Path) -> np.ndarray[Any, Any]:
    """Return the outputs of the network, by the lines of the card instead of this project's."""
    code = (folder / "models/best/README.md").read_text().rpartition("```python\n")[2]
    code = code.partition("```")[0].replace("models/best", str(folder / "models/best"))
    code = re.sub(r'read_csv\("[^"]*"', f'read_csv("{new}"', code).replace("print(", "print_(")
    said: list[Any] = []
    exec(code, {"print_": said.append})
    return np.asarray(said[0])


@pytest.mark.xdist_group("study")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_its_winner_predicts_what_plain_keras_says(study: tuple[str, Path]) -> None:
    name, folder = study
    table = table_of(name)
    rows = table.drop(columns=[NAMES[name].target, *LEFT_OUT.get(name, [])])
    truth = table[NAMES[name].target]
    # In another order of columns and rows.
    new = rows.sample(frac=1, random_state=0)
    new[new.columns[::-1]].to_csv(folder / "new.csv", index=False)
    command = ("python", "-m", "stages.predict", "models/best", "new.csv", "--out", "said.csv")
    result = run(*command, cwd=folder)
    assert result.stdout == f"{len(rows)} rows predicted: said.csv\n"
    said, expected = pd.read_csv(folder / "said.csv"), by_hand(folder, folder / "new.csv")
    if name == "diabetes":
        np.testing.assert_allclose(said["predicted"], expected[:, 0], rtol=1e-5)
        assert np.corrcoef(said["predicted"], truth[new.index])[0, 1] > 0.6
        return
    labels = np.unique(truth)
    assert list(said) == ["predicted", *(f"probability_{label}" for label in labels)]
    if expected.shape[1] == 1:
        expected = np.hstack([1 - expected, expected])
    np.testing.assert_allclose(said.drop(columns="predicted"), expected, atol=1e-6)
    assert said["predicted"].tolist() == labels[expected.argmax(axis=1)].tolist()
    assert (said["predicted"].to_numpy() == truth[new.index].to_numpy()).mean() > 0.85


def last_code(text: str) -> list[str]:
    """Return the last block of Python without its blank lines, which are the formatter's."""
    return [line for line in text.rpartition("```python\n")[2].split("```")[0].split("\n") if line]


@pytest.mark.xdist_group("study")
def test_the_guide_has_the_lines_of_the_card(study: tuple[str, Path]) -> None:
    name, folder = study
    guide = (ROOT / "docs/your-data.md").read_text()
    card = (folder / "models/best/README.md").read_text()
    shown = [line.replace("wine", name) for line in last_code(guide)]
    if name != "deliveries":
        assert shown == last_code(card)


def test_the_guide_shows_the_network_of_the_example() -> None:
    guide = (ROOT / "docs/your-data.md").read_text()
    shown = guide.partition("```python\n")[2].partition("```")[0]
    code = (EXAMPLES / "diabetes/stages/architecture.py").read_text()
    for line in filter(None, shown.splitlines()):
        assert line in code or line.startswith("def create_model(meta, hidden, dropout):")
