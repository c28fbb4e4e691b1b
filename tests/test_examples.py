"""The examples: tables that are free to pass on, and each is a study that runs as it is."""

import hashlib
import json
import math
import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from example_tables import EXAMPLES, card_of, cells_of, digest_of, made, path_of, separator_of
from ruamel.yaml import YAML
from tiny import ROOT, clone, run

from stages import preprocess
from stages.study import params
from stages.study.artifacts import write_csv


class Example(NamedTuple):
    """What is known of a study: scores well above one that learned nothing, and its rival.

    ``right`` is the share of the rows that the winner names as they are, of a regression their
    correlation; ``no_features`` are the columns that new rows do without, besides the target.
    """

    target: str
    scoring: str
    least: float
    best_possible: float
    of_target: str
    rival: str
    right: float = 0.85
    no_features: tuple[str, ...] = ()


NAMES = {
    "wine": Example("cultivar", "accuracy", 0.9, 1.0, "class_1: 71 rows, 39.9 %", "logistic_regression"),
    "diabetes": Example("progression", "r2", 0.3, 0.6, "from 25 to 346", "ridge", 0.6),
    "deliveries": Example("late", "roc_auc", 0.85, 1.0, "no: 255 rows, 51.0 %", "logistic_regression", no_features=("parcel",)),
    "penguins": Example("Sex", "accuracy", 0.8, 1.0, "FEMALE: 165 rows, 49.5 %", "logistic_regression", no_features=("Region", "Stage", "Sample Number", "Individual ID", "Comments")),
    "travel": Example("choice", "roc_auc", 0.7, 1.0, "0: 630 rows, 75.0 %", "logistic_regression", 0.8, ("individual",)),
    "sunspots": Example("sunspots", "r2", 0.6, 1.0, "from 0 to 190.2", "ridge", 0.9, ("year",)),
    "random": Example("diagnosis", "roc_auc", 0.95, 1.0, "benign: 357 rows, 62.7 %", "logistic_regression"),
    "pumps": Example("broken", "average_precision", 0.6, 1.0, "yes: 42 rows, 6.0 %", "logistic_regression", 0.95, ("pump",)),
}  # fmt: skip


def rows_of(name: str) -> pd.DataFrame:
    """Return the rows of an example whose target is known, as text."""
    cells = cells_of(name)
    return cells[cells[NAMES[name].target] != "NA"]


def test_every_example_is_tested() -> None:
    assert {path.name for path in EXAMPLES.iterdir() if path.is_dir()} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_holds_only_what_a_user_changes(name: str) -> None:
    folder = EXAMPLES / name
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    files = {file for file in files if "__pycache__" not in file}
    table = str(path_of(name).relative_to(folder))
    own = {"params.yaml", table, table.replace(".csv", ".md")}
    assert own <= files <= own | {"stages/architecture.py"}


@pytest.mark.parametrize("name", NAMES)
def test_its_table_is_the_one_that_its_card_tells_of(name: str, tmp_path: Path) -> None:
    content = path_of(name).read_bytes()
    assert len(content) < 60_000
    digest = digest_of(name)
    if digest is not None:
        assert hashlib.sha256(content).hexdigest() == digest
        return
    write_csv(made(name), tmp_path / "again.csv")
    assert content == (tmp_path / "again.csv").read_bytes()


def test_the_sunspots_are_the_known_ones() -> None:
    spots = pd.read_csv(path_of("sunspots")).set_index("year")["sunspots"]
    assert (spots.idxmax(), spots.max()) == (1957, 190.2)
    # The Maunder minimum had just ended, and the Dalton minimum is known for few spots.
    assert spots[1711] == 0
    assert spots.loc[1798:1823].mean() < 0.6 * spots.mean()


def test_each_traveller_went_one_of_four_ways() -> None:
    travel = pd.read_csv(path_of("travel"), sep=";")
    assert (travel.groupby("individual")["choice"].agg(["size", "sum"]) == [4, 1]).all(axis=None)
    # As Greene's book has it: plane, train, bus, car.
    assert travel.groupby("mode")["choice"].sum().tolist() == [58, 63, 30, 59]


@pytest.mark.parametrize("name", NAMES)
def test_its_table_is_what_its_parameters_say(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(EXAMPLES / name)
    settings = params.load()
    prepared = preprocess.prepare(settings.data, settings.preprocess)
    assert len(prepared.y) == len(rows_of(name))
    assert f"{len(prepared.y)} " in card_of(name)
    for item in prepared.profile.get("classes", []):
        assert f"{item['rows']} rows of {item['label']}" in card_of(name) or (
            f"{item['rows']} of {item['label']}" in card_of(name)
        )


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.soak) for name in NAMES],
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
    assert f" in {example.scoring.replace('_', ' ')} " in figures["in_words"][0]
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
    search = YAML().load(folder / "params.yaml")["grid_search"]
    grid = search["param_grid"]
    if "n_iter" in search:
        assert len(results) == search["n_iter"]
        for column, values in grid.items():
            ends = values if isinstance(values, list) else next(iter(values.values()))
            assert results[column].between(min(ends), max(ends)).all()
    else:
        assert set(results["hidden"]) == {str(list(hidden)) for hidden in grid["hidden"]}
        assert len(results) == math.prod(map(len, grid.values()))
    assert results["mean_test_score"].notna().all()
    predictions = pd.read_parquet(folder / "data/cross_validate/predictions.parquet")
    truth = rows_of(name)[NAMES[name].target].iloc[predictions["row"]]
    assert predictions["truth"].tolist() == truth.astype(predictions["truth"].dtype).tolist()


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
    example, table = NAMES[name], rows_of(name)
    # In another order of columns and rows.
    rows = table.drop(columns=[example.target, *example.no_features]).sample(frac=1, random_state=0)
    rows[rows.columns[::-1]].to_csv(folder / "new.csv", index=False, sep=separator_of(name))
    truth = table[example.target][rows.index].to_numpy()
    command = ("python", "-m", "stages.predict", "models/best", "new.csv", "--out", "said.csv")
    result = run(*command, cwd=folder)
    assert result.stderr.endswith(f"{len(rows)} rows predicted: said.csv\n")
    assert "passed over" not in result.stderr
    said, expected = pd.read_csv(folder / "said.csv"), by_hand(folder, folder / "new.csv")
    predicted = said.pop("predicted")
    if said.empty:
        np.testing.assert_allclose(predicted, expected[:, 0], rtol=1e-5)
        assert np.corrcoef(predicted, truth.astype(float))[0, 1] > example.right
        return
    labels = np.unique(truth)
    assert list(said) == [f"probability_{label}" for label in labels]
    if expected.shape[1] == 1:
        expected = np.hstack([1 - expected, expected])
    np.testing.assert_allclose(said, expected, atol=1e-6)
    assert predicted.astype(str).tolist() == labels[expected.argmax(axis=1)].tolist()
    assert (predicted.astype(str) == truth).mean() > example.right


@pytest.mark.xdist_group("study")
def test_its_card_predicts_its_own_table(study: tuple[str, Path]) -> None:
    """By the command as it stands, also rows whose target is not known."""
    name, folder = study
    example, cells = NAMES[name], cells_of(name)
    card = (folder / "models/best/README.md").read_text()
    (command,) = re.findall(r"^\$ (.*)$", card, re.MULTILINE)
    said = run(*shlex.split(command), cwd=folder)
    assert said.stdout == ""
    kept = [own for own in example.no_features if own in shlex.split(command)]
    passed_over = {example.target, *example.no_features} - {*kept}
    first, *others, last = said.stderr.splitlines()
    assert {*re.findall(r"'([^']*)'", first)} == passed_over
    assert last == f"{len(cells)} rows predicted: predictions.csv"
    known = "missing, and filled ", "missing, a category of its own "
    assert all(line.startswith(known) for line in others)
    found = pd.read_csv(folder / "predictions.csv", dtype=str, keep_default_na=False)
    assert list(found)[: len(kept) + 1] == [*kept, "predicted"]
    assert found[kept].equals(cells[kept])
    assert bool(kept) == bool(example.no_features)


def test_the_guide_shows_the_network_of_the_example() -> None:
    guide = (ROOT / "docs/how-to/own-network.md").read_text()
    shown = guide.partition("```python\nLOWEST")[2].partition("```")[0]
    code = (EXAMPLES / "deliveries/stages/architecture.py").read_text()
    for line in filter(None, shown.splitlines()):
        assert line in code or line.startswith("def create_model(meta, hidden, columns, values):")
