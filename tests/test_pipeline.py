"""DVC as its users use it: what runs again, what is restored, what is compared."""

import json
import shutil
from pathlib import Path

import pytest
from clusters import until
from tiny import run

pytestmark = pytest.mark.xdist_group("study")

SEARCHED = ["grid_search", "nested_cv", "diagnose", "holdout", "report"]
STAGES = ["preprocess", "cross_validate", *SEARCHED]


def executed(study: Path, *options: str) -> list[str]:
    """Run the pipeline and return the stages that it ran."""
    return stages_in(run("dvc", "repro", *options, cwd=study).stdout)


def stages_in(said: str) -> list[str]:
    return [stage for stage in STAGES if f"Running stage '{stage}'" in said]


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_nothing_runs_when_nothing_changed_or_only_a_comment(study: Path) -> None:
    assert executed(study) == []
    assert run("git", "status", "--porcelain", cwd=study).stdout == ""
    params = study / "params.yaml"
    params.write_text("# A comment\n\n" + params.read_text().replace("seed: 7", "seed:   7  # why"))
    assert executed(study) == []


CHANGES = pytest.mark.parametrize(
    ("old", "new", "stages"),
    [
        ("- adam", "- sgd", SEARCHED),
        ("folds: 2", "folds: 3", ["cross_validate", "holdout", "report"]),
        ("title: Tiny", "title: Small", ["report"]),
        ("max_missing: 0.5", "max_missing: 0.6", ["preprocess", "report"]),
        ("epochs: 2", "epochs: 1", ["cross_validate", *SEARCHED]),
        ("outer: 2", "outer: 0", ["nested_cv", "report"]),
        ("importance: 2", "importance: 0", ["diagnose", "report"]),
    ],
)


@pytest.fixture(scope="module")
def never_run(finished_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the finished study for what only asks DVC."""
    folder = tmp_path_factory.mktemp("never run") / "study"
    return Path(shutil.copytree(finished_study, folder, symlinks=True))


@CHANGES
def test_dvc_knows_what_depends_on_a_parameter(
    never_run: Path, finished_study: Path, old: str, new: str, stages: list[str]
) -> None:
    shutil.copy(finished_study / "params.yaml", never_run)
    replace(never_run / "params.yaml", old, new)
    asked = run("dvc", "status", "--json", cwd=never_run).stdout
    assert sorted(json.loads(asked)) == sorted(stages)


@pytest.mark.soak
@CHANGES
def test_a_parameter_runs_what_depends_on_it(
    study: Path, old: str, new: str, stages: list[str]
) -> None:
    replace(study / "params.yaml", old, new)
    assert executed(study) == stages


def test_an_output_that_stays_as_it_was_runs_nothing(study: Path) -> None:
    """Columns are left out by the same limit: the table is made again, and is the same."""
    replace(study / "params.yaml", "max_missing: 0.5", "max_missing: 0.6")
    assert executed(study, "cross_validate", "diagnose", "holdout") == ["preprocess"]


def test_a_reverted_parameter_is_restored_without_running(study: Path) -> None:
    before = (study / "dvc.lock").read_bytes()
    outer = (study / "data/nested_cv/outer.csv").read_bytes()
    replace(study / "params.yaml", "outer: 2", "outer: 0")
    assert executed(study, "nested_cv") == ["nested_cv"]
    assert not (study / "data/nested_cv/outer.csv").exists()
    replace(study / "params.yaml", "outer: 0", "outer: 2")
    assert executed(study) == []
    assert (study / "data/nested_cv/outer.csv").read_bytes() == outer
    assert (study / "dvc.lock").read_bytes() == before


def test_make_tells_a_mistake_before_dvc_takes_outputs_away(study: Path) -> None:
    replace(study / "params.yaml", "outer: 2", "outer: 1")
    # The environment is there.
    result = run("make", "repro", "RUN=", cwd=study, check=False)
    assert result.returncode
    assert "error: params.yaml: nested_cv.outer: must be 0, which switches it off" in result.stderr
    assert (study / "data/nested_cv/outer.csv").exists()


@pytest.mark.soak
def test_a_report_of_a_reverted_parameter_is_written_again(study: Path) -> None:
    """What git tracks of the report is in no cache of DVC."""
    before = (study / "dvc.lock").read_bytes()
    replace(study / "params.yaml", "title: Tiny", "title: Small")
    assert executed(study) == ["report"]
    replace(study / "params.yaml", "title: Small", "title: Tiny")
    assert executed(study) == ["report"]
    assert (study / "dvc.lock").read_bytes() == before


@pytest.mark.costs(9)
def test_two_clean_clones_agree_to_the_byte(first_run: tuple[Path, str], tmp_path: Path) -> None:
    """Whether their fits were trained or, when what trains is run again, found."""
    finished, first = first_run
    other = tmp_path / "other clone"
    run("git", "clone", "--quiet", str(finished), str(other), cwd=tmp_path)
    run("git", "reset", "--quiet", "--hard", "HEAD~1", cwd=other)
    again = ("--force", "--single-item", "cross_validate", "grid_search", "nested_cv")
    outputs = [first, *(run("dvc", "repro", *own, cwd=other).stdout for own in ((), again))]
    # The winners of two outer folds are refitted to the rows of what were two folds of the search.
    cold = ["2 fits: 0 found", "4 fits: 0 found", "nested: 10 fits: 2 found, 8 trained"]
    warm = ["2 fits: 2 found", "4 fits: 4 found", "nested: 10 fits: 10 found, 0 trained"]
    for output, said in zip(outputs, (cold, cold, warm), strict=True):
        assert all(fits in output for fits in said)
    assert (other / "dvc.lock").read_text() == (finished / "dvc.lock").read_text()


def test_a_failing_stage_is_reported_in_its_own_words(study: Path) -> None:
    replace(study / "params.yaml", "folds: 2", "folds: 1")
    result = run("dvc", "repro", cwd=study, check=False)
    assert result.returncode != 0
    assert "error: params.yaml: cross_validate.folds: must be greater than" in result.stderr
    assert "Traceback" not in result.stderr


def test_changes_are_compared_with_what_is_committed(experiments: tuple[Path, list[str]]) -> None:
    study, _ = experiments
    parameters = json.loads(run("dvc", "params", "diff", "--json", cwd=study).stdout)
    assert parameters["params.yaml"] == {
        "model.network.epochs": {"old": 2, "new": 1, "diff": -1},
        "grid_search.cv": {"old": 2, "new": 3, "diff": 1},
        "grid_search.param_grid.activation": {"old": "['tanh', 'relu']", "new": "['elu', 'relu']"},
        "grid_search.param_grid.optimizer": {"old": "['adam']", "new": "['adam', 'sgd']"},
        "nested_cv.outer": {"old": 2, "new": 0, "diff": -2},
        "nested_cv.permutations": {"old": 2, "new": 0, "diff": -2},
    }
    metrics = json.loads(run("dvc", "metrics", "diff", "--json", cwd=study).stdout)
    assert list(metrics) == ["reports/metrics.json"]
    moved = metrics["reports/metrics.json"]
    assert {"answer.expected", "base_model.accuracy"} <= set(moved)
    assert len(moved) <= 15
    plots = json.loads(run("dvc", "plots", "diff", "--json", cwd=study).stdout)["data"]
    assert set(plots) == {
        "What each revision is worth on new rows",
        "Candidates and their mean scores",
        "Mean score of the candidates by rank",
        "Mean scores of the candidates by hyperparameter",
        "Best scores of the candidates by two hyperparameters",
        "Scores of the base model by fold",
        "Training curves of the base model",
    }
    revisions = {name for plot in plots.values() for part in plot for name in part["revisions"]}
    assert revisions == {"HEAD", "workspace"}


def test_experiments_run_here(experiments: tuple[Path, list[str]]) -> None:
    study, (sgd, folds) = experiments
    assert stages_in(sgd) == SEARCHED
    assert "8 fits: 4 found, 4 trained in" in sgd
    assert stages_in(folds) == ["cross_validate", *SEARCHED]
    best = json.loads((study / "data/grid_search/best.json").read_text())
    assert (best["candidates"], best["folds"]) == (4, 3)
    shown = run("dvc", "exp", "show", "--csv", "--no-pager", cwd=study).stdout
    named = {field for line in shown.splitlines() for field in line.split(",")[:3]}
    assert {"sgd", "folds"} <= named


@pytest.mark.soak
def test_experiments_run_in_the_queue(study: Path) -> None:
    queued = "grid_search.param_grid.activation=[relu]"
    run("dvc", "exp", "run", "--queue", "--name", "one", "-S", queued, cwd=study)
    # Its worker keeps what it was given to write to open, until it has waited for more.
    run("bash", "-c", "dvc queue start > started 2>&1", cwd=study)
    until(lambda: "/one" in run("git", "for-each-ref", "refs/exps", cwd=study).stdout)
    logs = run("dvc", "queue", "logs", "one", cwd=study)
    run("dvc", "queue", "stop", cwd=study)
    # The queue works in a folder of its own, with the store of this one.
    assert "2 fits: 2 found, 0 trained in" in logs.stdout
    assert not list(study.glob("data/**/*.sqlite*"))
    assert "one" in run("dvc", "exp", "list", cwd=study).stdout


def test_the_default_remote_needs_no_account(study: Path, tmp_path: Path) -> None:
    run("dvc", "push", "--quiet", cwd=study)
    run("git", "clone", "--quiet", str(study), "elsewhere", cwd=tmp_path)
    elsewhere = tmp_path / "elsewhere"
    (study / ".dvc-remote").rename(elsewhere / ".dvc-remote")
    run("dvc", "pull", "--quiet", cwd=elsewhere)
    assert (elsewhere / "reports/report.html").read_bytes() == (
        study / "reports/report.html"
    ).read_bytes()
